"""The cases a lift sees, as one letter per frame at 8 frames a second.

.  nothing            E  an e-bike, strong          e  an e-bike, weak (a wheel in a half-open door)
p  a person           P  an e-bike behind a person  W  an e-bike better read as a wheelchair
L  an e-bike on the landing                         R  an e-bike in the mirror
b  a bicycle          w  a wheelchair               -  a tick: nobody looked
x  a covered camera: frames, empty, blind since the first x
"""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from edgeguard.errors import ConfigError
from edgeguard.scenarios import LiftEbike, LiftEbikeConfig, State, Thresholds, build
from edgeguard.schedule import Schedule, Window
from edgeguard.types import (
    Detections,
    Hush,
    Observation,
    OpenEpisode,
    Outcome,
    Phase,
    Report,
    Say,
    Severity,
    Sighting,
    Signal,
    SpeechPriority,
    Tracks,
)

LABELS = ("person", "e-bike", "bicycle", "wheelchair", "pram", "bag")
THRESHOLDS = {"e-bike": Thresholds(0.2, 0.5), "bicycle": Thresholds(0.3, 0.6)}
FPS = 8
START = datetime(2026, 1, 31, 8, tzinfo=UTC)
WIDTH, HEIGHT = 640, 480
MIDDLE = (200, 150, 400, 400)
CONFIG = LiftEbikeConfig(
    cabin=((0, 0), (0.8, 0), (0.8, 1), (0, 1)),
    mirrors=(((0, 0), (0.2, 0), (0.2, 1), (0, 1)),),
)

Row = tuple[str, tuple[int, int, int, int], float]
BOXES: dict[str, list[Row]] = {
    ".": [],
    "x": [],
    "E": [("e-bike", MIDDLE, 0.9)],
    "e": [("e-bike", (200, 150, 240, 400), 0.3)],
    "p": [("person", MIDDLE, 0.9)],
    "P": [("person", MIDDLE, 0.95), ("bag", MIDDLE, 0.99), ("e-bike", MIDDLE, 0.6)],
    "W": [("wheelchair", MIDDLE, 0.8), ("e-bike", (205, 150, 400, 400), 0.6)],
    "w": [("wheelchair", MIDDLE, 0.8), ("pram", (10, 10, 90, 90), 0.9), ("person", MIDDLE, 0.9)],
    "L": [("e-bike", (520, 150, 630, 400), 0.9)],
    "R": [("e-bike", (10, 150, 120, 400), 0.9)],
    "b": [("bicycle", MIDDLE, 0.9)],
}


def tracks(rows: list[Row]) -> Tracks:
    n = len(rows)
    boxes = Detections(
        np.array([box for _, box, _ in rows], np.float32).reshape(n, 4),
        np.array([score for *_, score in rows], np.float32),
        np.array([LABELS.index(name) for name, *_ in rows], np.int16),
    )
    return Tracks(boxes, np.arange(n, dtype=np.int64), np.zeros(n, np.float32))


def observation(letter: str, at_s: float, blind_for_s: float = 0.0, ending: str | None = None) -> Observation:
    seen = None if letter == "-" else tracks(BOXES[letter])
    return Observation(at_s, START + timedelta(seconds=at_s), WIDTH, HEIGHT, seen, blind_for_s, ending)


class Lift:
    """A rule and what it has said so far, as (second, signal)."""

    def __init__(self, config: LiftEbikeConfig = CONFIG, resume: tuple[OpenEpisode, ...] = (), at_s: float = 0) -> None:
        ids = count(1)
        self.rule = LiftEbike(config, "lift-1", LABELS, THRESHOLDS, lambda _: f"id{next(ids)}", resume)
        self.at_s = at_s
        self.log: list[tuple[float, Signal]] = []
        self.attentive: list[bool] = []
        self.states: list[State] = []

    def play(self, letters: str, fps: float = FPS) -> "Lift":
        blind_s = 0.0
        for letter in letters:
            blind_s = blind_s + 1 / fps if letter == "x" else 0.0
            self.tell(observation(letter, self.at_s, blind_s))
            self.at_s += 1 / fps
        return self

    def end(self, reason: str) -> "Lift":
        self.tell(observation("-", self.at_s, ending=reason))
        return self

    def tell(self, now: Observation) -> None:
        verdict = self.rule.update(now)
        self.log += [(now.monotonic_s, signal) for signal in verdict.signals]
        self.attentive.append(verdict.attentive)
        self.states.append(self.rule.state)

    def reports(self) -> Iterator[tuple[float, Report]]:
        return ((at_s, signal) for at_s, signal in self.log if isinstance(signal, Report))

    def story(self) -> list[str]:
        return [report.end_reason or report.decision or "" for _, report in self.reports()]

    def said(self) -> list[str]:
        return [signal.phrase for _, signal in self.log if isinstance(signal, Say)]

    def said_at(self) -> list[float]:
        return [at_s for at_s, signal in self.log if isinstance(signal, Say)]


SECOND = FPS
GONE = "." * 16 * SECOND

STORIES = [
    pytest.param("", [], id="empty"),
    pytest.param(".p.p" * 40, [], id="people only"),
    pytest.param("w" * 80, [], id="a wheelchair and a pram"),
    pytest.param("W" * 80, [], id="an e-bike better read as a wheelchair"),
    pytest.param("L" * 80, [], id="an e-bike on the landing"),
    pytest.param("R" * 80, [], id="a reflection in the masked mirror"),
    pytest.param("e" * 80 + GONE, [], id="half-open door, only a wheel"),
    pytest.param("E" + GONE, [], id="one strong frame"),
    pytest.param("E.....E.....E....." + GONE, [], id="flicker too rare to believe"),
    pytest.param("eeeeeeeEE" + GONE, ["confirmed", "cleared", "left"], id="a wheel first hides nothing behind it"),
    pytest.param("EE" + GONE, ["confirmed", "cleared", "left"], id="already inside at start-up"),
    pytest.param("eE" + GONE, ["confirmed", "cleared", "left"], id="a wheel, then all of it"),
    pytest.param("Ee" + GONE, ["confirmed", "cleared", "left"], id="all of it, then half hidden"),
    pytest.param("e" + "." * 7 + "E" + GONE, [], id="two looks far apart"),
    pytest.param("..PPPP" + GONE, ["confirmed", "cleared", "left"], id="people and bags in front do not hide it"),
    pytest.param("..EppE" + GONE, ["confirmed", "cleared", "left"], id="two people in front: gaps"),
    pytest.param(
        "EE" + "E.......e......." * 4 + GONE, ["confirmed", "cleared", "left"], id="flicker within an episode"
    ),
    pytest.param("eeEeEe" + GONE, ["confirmed", "cleared", "left"], id="pushed in backwards: weak and strong"),
    pytest.param("EE" + "e" * 80 + GONE, ["confirmed", "cleared", "left"], id="a weak sight keeps an episode"),
    pytest.param("EE" + "." * 64 + "e" * 64, ["confirmed", "cleared", "left"], id="a weak sight brings none back"),
    pytest.param(
        "EE" + "." * 64 + "EE" + GONE, ["confirmed", "cleared", "seen_again", "cleared", "left"], id="leaves, re-enters"
    ),
    pytest.param(
        "EE" + GONE + "EE" + GONE, ["confirmed", "cleared", "left"] * 2, id="comes back later: another episode"
    ),
    pytest.param(
        "E" * 65 * SECOND + GONE,
        ["confirmed", "present", "escalated", "cleared", "left"],
        id="left inside alone",
    ),
    pytest.param("EE" + "x" * 62 * SECOND, ["confirmed", "blind", "blind", "blind"], id="camera covered, for good"),
    pytest.param(
        "EE" + "x" * 20 * SECOND + "E" + GONE,
        ["confirmed", "blind", "cleared", "left"],
        id="camera covered for a while",
    ),
    pytest.param("EE" + "-" * 5 * SECOND + "E" + GONE, ["confirmed", "cleared", "left"], id="ticks are not absence"),
    pytest.param("EE" + "-" * 62 * SECOND, ["confirmed", "blind", "blind", "blind"], id="stream dead, nobody says so"),
    pytest.param("x" * 70 * SECOND, [], id="covered while nothing is open"),
    pytest.param("b" * 80 + GONE, ["confirmed", "cleared", "left"], id="a bicycle is logged"),
]


@pytest.mark.parametrize(("letters", "story"), STORIES)
def test_stories(letters: str, story: list[str]) -> None:
    assert Lift().play(letters).story() == story


@pytest.mark.parametrize("fps", [1, 2, 5, 8, 25])
def test_two_strong_frames_confirm_at_any_frame_rate(fps: int) -> None:
    lift = Lift().play("..EE", fps)
    assert [round(at_s, 6) for at_s, _ in lift.reports()] == [round(3 / fps, 6)]


@pytest.mark.parametrize(
    ("strong_min", "letters", "confirmed"),
    [(1, "eE", True), (2, "eE", False), (2, "eEE", True), (2, "EeE", True), (2, "Eeeeeeee", False)],
)
def test_a_site_may_ask_for_more_strong_looks(strong_min: int, letters: str, confirmed: bool) -> None:
    lift = Lift(CONFIG.model_copy(update={"strong_min": strong_min})).play(letters + GONE)
    assert ("confirmed" in lift.story()) is confirmed


def test_an_episode_tells_what_it_saw() -> None:
    lift = Lift().play("eEE" + "E" * 5 + GONE)
    told_at = [at_s for at_s, _ in lift.reports()]
    assert told_at[0] == 1 / FPS
    (_, new), (cleared_s, cleared), (end_s, end) = lift.reports()
    seen = new.sighting
    assert seen is not None
    assert (new.phase, new.code, new.event_id) == (Phase.NEW, "LIFT.EBIKE.ENTER", "id1")
    assert (new.severity, new.camera_id, new.rule, new.zones) == (Severity.CRITICAL, "lift-1", "lift_ebike", ("cabin",))
    assert (seen.label, seen.frames_seen, round(seen.score, 3)) == ("e-bike", 2, 0.9)
    assert seen.box == pytest.approx((0.3125, 0.3125, 0.625, 0.8333), abs=1e-4)
    assert seen.first_seen == START
    assert (cleared.phase, cleared.outcome) == (Phase.UPDATE, None)
    assert cleared_s == pytest.approx(7 / FPS + 5)
    assert (end.phase, end.outcome, end.event_id, end.dwell_s) == (Phase.END, Outcome.UNKNOWN, "id1", 7 / FPS)
    assert end_s == pytest.approx(7 / FPS + 15)
    assert end.sighting is not None
    assert end.sighting.last_seen == START + timedelta(seconds=7 / FPS)


def test_the_voice_comes_first_repeats_and_escalates() -> None:
    lift = Lift().play("E" * 80 * SECOND)
    assert isinstance(lift.log[0][1], Say)
    assert lift.said() == ["ebike_leave"] + ["ebike_again"] * 4 + ["ebike_escalate"] * 2
    first = lift.said_at()[0]
    assert [round(at_s - first, 3) for at_s in lift.said_at()] == [0, 12, 24, 36, 48, 60, 72]
    says = [signal for _, signal in lift.log if isinstance(signal, Say)]
    assert [say.priority for say in says[4:6]] == [SpeechPriority.WARNING, SpeechPriority.ESCALATION]
    assert {say.event_id for say in says} == {"id1"}
    last = list(lift.reports())[-1][1]
    assert (last.decision, last.severity) == ("escalated", Severity.CRITICAL)


def test_repeats_do_not_hang_on_a_stream() -> None:
    assert Lift().play("EE" + "-" * 25 * SECOND).said() == ["ebike_leave", "ebike_again", "ebike_again"]


def test_once_means_once_and_again_after_a_return_or_escalation() -> None:
    config = CONFIG.model_copy(update={"repeat_s": 0.0})
    assert Lift(config).play("E" * 30 * SECOND).said() == ["ebike_leave"]
    assert Lift(config).play("EE" + "." * 64 + "E" * 70 * SECOND).said() == [
        "ebike_leave",
        "ebike_again",
        "ebike_escalate",
    ]


def test_clearing_hushes_the_voice_once() -> None:
    lift = Lift().play("EE" + GONE)
    assert [signal for _, signal in lift.log if isinstance(signal, Hush)] == [Hush("id1")]


def test_a_return_speaks_again_but_not_too_soon() -> None:
    lift = Lift().play("EE" + "." * 48 + "E" * 80)
    assert lift.said() == ["ebike_leave", "ebike_again"]
    assert lift.said_at()[1] - lift.said_at()[0] == pytest.approx(12)


def test_every_frame_is_wanted_from_suspicion_to_end() -> None:
    lift = Lift().play("..e" + "." * 9 + "...EE" + GONE)
    assert not any(lift.attentive[:2])
    assert lift.attentive[2:11] == [True] * 9
    assert not lift.attentive[12]
    assert lift.rule.dismissed == 1
    wanted = [state is not State.IDLE for state in lift.states]
    assert lift.attentive == wanted


@pytest.mark.parametrize(
    ("letters", "story"),
    [
        ("", []),
        ("..", []),
        ("e", []),
        ("EE", ["confirmed", "end_of_recording"]),
        ("EE" + "." * 48, ["confirmed", "cleared", "end_of_recording"]),
    ],
)
def test_an_ending_closes_what_is_open(letters: str, story: list[str]) -> None:
    lift = Lift().play(letters).end("end_of_recording")
    assert lift.story() == story
    assert not lift.attentive[-1]


def opened(code: str = "LIFT.EBIKE.ENTER", camera_id: str = "lift-1", ago_s: float = 0) -> OpenEpisode:
    first = START - timedelta(seconds=ago_s)
    sighting = Sighting("e-bike", 7, (0, 0, 1, 1), 0.7, 40, first, first)
    return OpenEpisode("old", code, camera_id, "lift_ebike", first, sighting)


@pytest.mark.parametrize(
    ("before", "after", "story"),
    [
        ("", "." * 90, []),
        ("..", "EE" + GONE, ["confirmed", "cleared", "left"]),
        ("e", "EE" + GONE, ["confirmed", "cleared", "left"]),
        ("EE", "." * 90, ["confirmed", "restart"]),
        ("EE", "E" + GONE, ["confirmed", "seen_again", "cleared", "left"]),
        ("EE" + "." * 48, "." * 90, ["confirmed", "cleared", "restart"]),
        ("EE" + "." * 48, "EE" + GONE, ["confirmed", "cleared", "seen_again", "cleared", "left"]),
        ("EE" + GONE, "." * 90, ["confirmed", "cleared", "left"]),
    ],
    ids=["idle", "idle, then it comes", "suspect", "confirmed, gone", "confirmed", "cleared, gone", "cleared", "ended"],
)
def test_a_restart_in_every_state(before: str, after: str, story: list[str]) -> None:
    first = Lift().play(before)
    reports = [report for _, report in first.reports()]
    ended = {report.event_id for report in reports if report.phase is Phase.END}
    left_open = tuple(
        OpenEpisode(report.event_id, report.code, report.camera_id, report.rule, report.at, report.sighting)
        for report in reports
        if report.phase is Phase.NEW and report.event_id not in ended
    )
    second = Lift(resume=left_open, at_s=first.at_s + 3).play(after)
    assert first.story() + second.story() == story


def test_a_resumed_episode_keeps_its_id_its_beginning_and_its_pace() -> None:
    lift = Lift(resume=(opened(ago_s=5),)).play("E" * 10 * SECOND)
    (_, again), *_ = lift.reports()
    assert again.event_id == "old"
    assert again.sighting is not None
    assert (again.sighting.frames_seen, again.dwell_s) == (41, 5)
    assert lift.said() == ["ebike_again"]
    assert lift.said_at() == [7]
    assert lift.attentive[0]


def test_a_resumed_episode_before_a_blind_camera_closes_unknown() -> None:
    lift = Lift(resume=(opened(),)).play("x" * 61 * SECOND)
    assert lift.story() == ["blind", "blind"]
    assert list(lift.reports())[-1][1].outcome is Outcome.UNKNOWN


def test_open_episodes_nobody_watches_any_more_are_ended_once() -> None:
    config = CONFIG.model_copy(update={"bicycle": "ignore"})
    lift = Lift(config, resume=(opened("LIFT.BICYCLE.ENTER"),)).play("b" * 90)
    assert lift.story() == ["restart"]


def test_build_resumes_only_what_is_its_own() -> None:
    other = opened(camera_id="lift-2")
    (rule,) = build((CONFIG,), "lift-1", LABELS, THRESHOLDS, lambda _: "id", (other,))
    assert not rule.update(observation("-", 0)).attentive


def test_the_schedule_decides_what_may_begin_not_what_ends() -> None:
    begin = START.time()
    end = (START + timedelta(seconds=20)).time()
    config = CONFIG.model_copy(update={"armed": Schedule(windows=(Window(start=begin, end=end),))})
    assert Lift(config).play("E" * 25 * SECOND + GONE).story() == ["confirmed", "cleared", "left"]
    assert Lift(config).play("." * 20 * SECOND + "E" * 80).story() == []


@pytest.mark.parametrize(
    ("mode", "severity", "said"),
    [("ignore", [], []), ("log", [Severity.INFO], []), ("warn", [Severity.WARNING], ["bicycle_notice"])],
)
def test_bicycles(mode: str, severity: list[Severity], said: list[str]) -> None:
    lift = Lift(LiftEbikeConfig.model_validate({"bicycle": mode})).play("bb")
    assert [report.severity for _, report in lift.reports()] == severity
    assert {report.code for _, report in lift.reports()} <= {"LIFT.BICYCLE.ENTER"}
    assert lift.said() == said


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"clear_s": 7.5}, "less than or equal to 7"),
        ({"window_s": 1.5}, "less than or equal to 1"),
        ({"strong_min": 3}, "strong_min at or below n_min, met strong_min 3, n_min 2"),
        ({"n_min": 0}, "greater than or equal to 1"),
        ({"c_lo": 0.6, "c_hi": 0.5}, "c_lo at or below c_hi"),
        ({"bicycle": "shoot"}, "'ignore', 'log' or 'warn'"),
        ({"cabin": [[0, 0], [1, 1]]}, "at least 3 corners"),
        ({"repeats": 3}, "Extra inputs are not permitted"),
    ],
)
def test_a_wrong_setting_is_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        LiftEbikeConfig.model_validate(wrong)


def test_a_model_without_e_bikes_is_refused() -> None:
    with pytest.raises(ConfigError, match="met a model with the labels person; accepted one with e-bike"):
        LiftEbike(CONFIG, "lift-1", ("person",), THRESHOLDS, str)


def test_a_floor_above_the_models_ceiling_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"c_lo: met 0\.7"):
        LiftEbike(LiftEbikeConfig(c_lo=0.7), "lift-1", LABELS, THRESHOLDS, str)


def test_dismissed_suspicions_are_logged_rarely(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="edgeguard.scenarios.lift_ebike"):
        lift = Lift().play(("e" + "." * 15) * 60)
    assert lift.rule.dismissed == 60
    assert len(caplog.records) == 1


def test_every_setting_is_on_its_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "scenarios" / "lift_ebike.md").read_text("utf-8")
    settings = LiftEbikeConfig.model_fields.keys() | Schedule.model_fields.keys() | Window.model_fields.keys()
    assert [name for name in sorted(settings) if f"`{name}`" not in page and name != "kind"] == []
