"""What a sieve finds reaches the rules, in whatever thread they are told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np

from edgeguard.detectors import ScriptedDetector
from edgeguard.motion import SeldomGate
from edgeguard.pipeline import CameraPipeline, ChainConfig, Model, build_pipeline
from edgeguard.pipeline.siftings import NoSieve
from edgeguard.scenarios import Thresholds
from edgeguard.sources.picture import picture_from_array
from edgeguard.trackers import GreedyTracker
from edgeguard.types import Detections, Flight, Frame, Observation, Picture, Verdict
from tests.support.falls import flight

START = datetime(2026, 1, 31, 8, tzinfo=UTC)
LABELS = ("person", "e-bike", "bicycle")


@dataclass
class Table:
    """A sieve that knows when something comes down; `left` is still under way at the end."""

    at_s: Sequence[float]
    left: tuple[Flight, ...] = ()
    asked: int = 0

    def update(self, picture: Picture, monotonic_s: float) -> tuple[Flight, ...]:
        self.asked += 1
        return (flight(),) if monotonic_s in self.at_s else ()

    def finish(self) -> tuple[Flight, ...]:
        return self.left


@dataclass
class Notebook:
    told: list[Observation] = field(default_factory=list)

    def update(self, observation: Observation) -> Verdict:
        self.told.append(observation)
        return Verdict()


def frame(at_s: float) -> Frame:
    picture = picture_from_array(np.full((48, 64), 90, np.uint8), "gray")
    return Frame("facade", round(at_s * 8), at_s, START + timedelta(seconds=at_s), picture)


def chain(sieve: Table | None) -> tuple[CameraPipeline, Notebook]:
    notebook = Notebook()
    detector, tracker = ScriptedDetector.constant(LABELS, Detections.empty()), GreedyTracker(LABELS)
    return CameraPipeline(SeldomGate(100), detector, tracker, [notebook], "facade", sieve=sieve), notebook


def test_every_frame_is_sifted_and_a_find_is_judged_at_once() -> None:
    sieve = Table((2.0,))
    pipeline, notebook = chain(sieve)
    for at_s in np.arange(0, 4, 0.5):
        pipeline.look(frame(float(at_s)))
    found = [now for now in notebook.told if now.flights]
    assert [now.monotonic_s for now in found] == [2.0]
    # The detector looked at the first frame, and at that one.
    assert [now.monotonic_s for now in notebook.told if now.tracks is not None] == [0.0, 2.0]
    assert sieve.asked == 8


def test_what_was_found_is_told_once_also_on_a_tick() -> None:
    pipeline, notebook = chain(Table((1.0,)))
    pipeline.sift(frame(0.5))
    pipeline.sift(frame(1.0))
    pipeline.tick(1.1, START)
    pipeline.tick(1.2, START)
    first, second = (now.flights for now in notebook.told)
    assert first is not None
    assert len(first) == 1
    # No frame came meanwhile.
    assert second is None


def test_what_is_under_way_at_the_end_is_told_with_it() -> None:
    pipeline, notebook = chain(Table((), left=(flight(),)))
    pipeline.sift(frame(0.5))
    pipeline.close(1.0, START, "end_of_recording")
    (last,) = notebook.told
    assert last.ending == "end_of_recording"
    assert last.flights is not None
    assert len(last.flights) == 1


def test_other_cameras_have_none() -> None:
    pipeline, notebook = chain(None)
    pipeline.look(frame(0))
    pipeline.close(1, START, "stopped")
    assert [now.flights for now in notebook.told] == [None, None]


def test_who_is_told_by_flights_gets_a_sieve_and_who_is_not_gets_none() -> None:
    thresholds = {label: Thresholds(0.25, 0.4) for label in LABELS}
    model = Model(ScriptedDetector.constant(LABELS, Detections.empty()), LABELS, thresholds, "scripted")

    def built(*kinds: str) -> CameraPipeline:
        config = ChainConfig.model_validate({"scenarios": [{"kind": kind} for kind in kinds]})
        return build_pipeline(config, "cam", model, str)

    assert isinstance(built("lift_ebike")._siftings, NoSieve)
    alone, both = built("conduct_thrown"), built("conduct_thrown", "lift_ebike")
    assert not isinstance(alone._siftings, NoSieve)
    assert not isinstance(both._siftings, NoSieve)
    assert isinstance(alone._gate, SeldomGate)
    assert not isinstance(both._gate, SeldomGate)
