import io
import json
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import pairwise

import pytest

from edgeguard.contract import Event
from edgeguard.detectors import ScriptedDetector
from edgeguard.errors import SourceError
from edgeguard.pipeline import ChainConfig, Model, Scene, build_pipeline
from edgeguard.replay.clip import EPOCH
from edgeguard.replay.eventlog import EventLog
from edgeguard.replay.player import event_ids, paced, play
from edgeguard.scenarios import Thresholds
from edgeguard.sources import Clock
from edgeguard.types import Detections
from tests.support.scripted import BIKE, LABELS, frames, steady, time_of

NOTHING = Detections.empty()


def replayed(
    times_s: list[float], table: dict[float, Detections], breaks: bool = False
) -> tuple[EventLog, str, SourceError | None]:
    thresholds = {"e-bike": Thresholds(0.2, 0.5)}
    model = Model(ScriptedDetector(LABELS, table, time_of), LABELS, thresholds, "scripted")
    out = io.StringIO()
    log = EventLog(Scene(), out)
    broken = play(frames(times_s, breaks), build_pipeline(ChainConfig(), "lift-1", model, event_ids()), log)
    return log, out.getvalue(), broken


COMES_AND_GOES = {2.0: BIKE, 8.0: NOTHING}


def test_nothing_to_play() -> None:
    log, text, broken = replayed([], {})
    assert (log.episodes, text, broken) == ((), "", None)


def test_an_episode_with_its_times() -> None:
    log, _, _ = replayed(steady(30), COMES_AND_GOES)
    (episode,) = log.episodes
    assert episode.code == "LIFT.EBIKE.ENTER"
    assert 2 < episode.new_s <= 2.5
    assert 22 < episode.end_s <= 23.5
    assert (episode.outcome, episode.end_reason, episode.max_score) == ("unknown", "left", 0.9)


def test_every_run_gives_the_same_bytes() -> None:
    first, second = (replayed(steady(30), COMES_AND_GOES)[1] for _ in range(2))
    assert first == second
    assert first


def test_the_log_holds_events_of_the_contract_and_what_was_said() -> None:
    lines = [json.loads(line) for line in replayed(steady(30), COMES_AND_GOES)[1].splitlines()]
    assert [next(iter(line.keys() - {"t_s"})) for line in lines] == ["say", "event", "hush", "event", "event"]
    events = [Event.from_json(json.dumps(line["event"])) for line in lines if "event" in line]
    assert [event.data.seq for event in events] == [1, 2, 3]
    assert [event.data.rev for event in events] == [0, 1, 2]
    assert lines[0]["say"] == {"phrase": "ebike_leave", "priority": "warning", "event_id": events[0].subject}
    assert events[0].time == EPOCH + timedelta(seconds=lines[1]["t_s"])


def test_the_end_of_the_recording_closes_what_is_open() -> None:
    log, _, broken = replayed(steady(5), {2.0: BIKE})
    assert [(episode.end_s, episode.end_reason) for episode in log.episodes] == [(4.875, "end_of_recording")]
    assert broken is None


def test_a_damaged_recording_loses_nothing_seen_before() -> None:
    log, _, broken = replayed(steady(5), {2.0: BIKE}, breaks=True)
    assert [episode.end_reason for episode in log.episodes] == ["recording_damaged"]
    assert str(broken) == "cut off"


def test_time_goes_on_in_a_gap() -> None:
    """Phrases are due in a gap of the recording, and an episode nobody sees any more closes after a minute."""
    _, text, _ = replayed([*steady(3), 63.5], {2.0: BIKE, 63.0: NOTHING})
    lines = [json.loads(line) for line in text.splitlines()]
    said_s = [line["t_s"] for line in lines if "say" in line]
    assert [round(later - earlier, 3) for earlier, later in pairwise(said_s)] == pytest.approx([12.0] * 5, abs=0.3)
    assert [line["event"]["data"].get("end_reason") for line in lines if "event" in line][-1] == "blind"


@dataclass
class Wall:
    """A wall clock that only moves when somebody sleeps."""

    now_s: float = 100.0
    slept: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds


def test_paced_as_recorded() -> None:
    wall = Wall()
    clock = Clock(monotonic_s=lambda: wall.now_s, sleep_s=wall.sleep)
    played = list(paced(frames([0, 0.25, 1.0]), clock))
    assert [frame.monotonic_s for frame in played] == [0, 0.25, 1.0]
    assert wall.slept == [0.25, 0.75]


def test_a_slow_machine_does_not_sleep() -> None:
    wall = Wall()
    clock = Clock(monotonic_s=lambda: wall.now_s, sleep_s=wall.sleep)
    for frame in paced(frames([0, 0.25]), clock):
        wall.now_s += 1 + frame.monotonic_s
    assert wall.slept == []
