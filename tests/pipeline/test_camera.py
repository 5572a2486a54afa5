from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from edgeguard.bodies import ScriptedBodies
from edgeguard.detectors import ScriptedDetector
from edgeguard.errors import ModelError
from edgeguard.motion import MotionGate
from edgeguard.pipeline import CameraPipeline
from edgeguard.pipeline.camera import Beat
from edgeguard.sources.picture import picture_from_array
from edgeguard.trackers import GreedyTracker
from edgeguard.types import Detections, Frame, Hush, Observation, Picture, Shown, Verdict

START = datetime(2026, 1, 31, 8, tzinfo=UTC)
BIKE = Detections(np.array([[10, 10, 50, 40]], np.float32), np.array([0.9], np.float32), np.zeros(1, np.int16))


@dataclass
class Notebook:
    """A scenario that writes down what it is told and answers as it was set."""

    attentive: bool = False
    told: list[Observation] = field(default_factory=list)

    def update(self, observation: Observation) -> Verdict:
        self.told.append(observation)
        return Verdict((Hush(f"step {len(self.told)}"),), self.attentive)


@dataclass
class Door:
    """A gate that opens for nobody but those who hold it."""

    held: list[bool] = field(default_factory=list)

    def update(self, picture: Picture, monotonic_s: float, held: bool) -> bool:
        assert picture.luma.shape == (48, 64)
        self.held.append(held)
        return held


def frame(at_s: float) -> Frame:
    picture = picture_from_array(np.full((48, 64), 90, np.uint8), "gray")
    return Frame("lift-1", round(at_s * 8), at_s, START + timedelta(seconds=at_s), picture)


def chain(*scenarios: Notebook, gate: Door | None = None) -> CameraPipeline:
    detector = ScriptedDetector.constant(("e-bike",), BIKE)
    return CameraPipeline(gate or Door(), detector, GreedyTracker(("e-bike",)), scenarios, "lift-1")


def test_a_frame_that_passes_is_looked_at() -> None:
    notebook = Notebook(attentive=True)
    pipeline = chain(notebook)
    assert pipeline.look(frame(0)) == (Hush("step 1"),)
    (told,) = notebook.told
    assert (told.width_px, told.height_px, told.captured_at) == (64, 48, START)
    assert told.tracks is not None
    assert told.tracks.id.tolist() == [1]
    assert pipeline.last is not None
    assert pipeline.last.tracks is told.tracks
    assert (pipeline.frames_seen, pipeline.frames_looked_at) == (1, 1)


def test_the_first_frame_and_then_attention_hold_the_gate() -> None:
    gate, notebook = Door(), Notebook()
    pipeline = chain(notebook, gate=gate)
    pipeline.look(frame(0))
    pipeline.look(frame(1))
    notebook.attentive = True
    pipeline.tick(1.5, START)
    pipeline.look(frame(2))
    assert gate.held == [True, False, True]
    assert [told.tracks is not None for told in notebook.told] == [True, False, False, True]
    assert (pipeline.frames_seen, pipeline.frames_looked_at) == (3, 2)


def test_ticks_and_blindness_are_passed_on() -> None:
    notebook = Notebook(attentive=True)
    pipeline = chain(notebook)
    pipeline.tick(1, START)
    pipeline.look(frame(2), blind_for_s=0.5)
    pipeline.tick(3, START, blind_for_s=1.5)
    assert [(told.monotonic_s, told.blind_for_s) for told in notebook.told] == [(1, 0), (2, 0.5), (3, 1.5)]
    assert [(told.width_px, told.height_px) for told in notebook.told] == [(0, 0), (64, 48), (64, 48)]


def test_closing_tells_the_reason() -> None:
    notebook = Notebook()
    chain(notebook).close(9, START, "stop")
    assert notebook.told[0].ending == "stop"


def test_signals_of_all_scenarios_in_order_and_one_attentive_is_enough() -> None:
    pipeline = chain(Notebook(attentive=True), Notebook())
    assert pipeline.tick(0, START) == (Hush("step 1"), Hush("step 1"))
    assert pipeline.attentive


@pytest.mark.parametrize("held", [False, True])
def test_the_real_gate_fits(held: bool) -> None:
    notebook = Notebook(attentive=held)
    detector = ScriptedDetector.constant(("e-bike",), BIKE)
    pipeline = CameraPipeline(MotionGate(), detector, GreedyTracker(("e-bike",)), [notebook], "lift-1")
    for index in range(120):
        pipeline.look(frame(index / 8))
    assert (pipeline.frames_looked_at == 120) is held


@pytest.mark.parametrize(
    ("fps", "detect_hz", "looks_in_2_s"),
    [(5, 10, 10), (10, 10, 20), (25, 10, 20), (25, 5, 10), (15, 5, 10), (12, 5, 10), (25, 60, 50)],
)
def test_a_fast_camera_is_looked_at_only_so_often(fps: float, detect_hz: float, looks_in_2_s: int) -> None:
    gate, notebook = Door(), Notebook(attentive=True)
    detector = ScriptedDetector.constant(("e-bike",), BIKE)
    pipeline = CameraPipeline(gate, detector, GreedyTracker(("e-bike",)), [notebook], "lift-1", detect_hz)
    for index in range(int(2 * fps)):
        pipeline.look(frame(index / fps))
    assert pipeline.frames_looked_at == looks_in_2_s
    assert len(gate.held) == pipeline.frames_seen == 2 * fps


@dataclass
class Queue:
    """Turns as they were asked for and given back."""

    asked: list[tuple[str, float, bool]] = field(default_factory=list)
    given_back: int = 0

    @contextmanager
    def turn(self, camera_id: str, captured_s: float, *, urgent: bool) -> Iterator[None]:
        self.asked.append((camera_id, captured_s, urgent))
        try:
            yield
        finally:
            self.given_back += 1


def queued(queue: Queue, notebook: Notebook, gate: Door) -> CameraPipeline:
    detector = ScriptedDetector.constant(("e-bike",), BIKE)
    return CameraPipeline(gate, detector, GreedyTracker(("e-bike",)), [notebook], "lift-1", turns=queue)


def test_only_frames_that_pass_wait_for_a_turn_and_attention_makes_them_urgent() -> None:
    queue, notebook, gate = Queue(), Notebook(), Door()
    pipeline = queued(queue, notebook, gate)
    pipeline.look(frame(0))
    pipeline.look(frame(1))
    pipeline.attentive = True
    pipeline.look(frame(2))
    assert queue.asked == [("lift-1", 0, True), ("lift-1", 2, True)]
    assert queue.given_back == 2


def test_a_frame_that_came_while_another_waited_is_looked_at_instead() -> None:
    queue, notebook, gate = Queue(), Notebook(attentive=True), Door()
    pipeline = queued(queue, notebook, gate)
    assert pipeline.sift(frame(0))
    assert pipeline.sift(frame(0.25))
    pipeline.judge(frame(0), newer=lambda: frame(0.25))
    assert pipeline.last is not None
    assert pipeline.last.frame.monotonic_s == 0.25
    assert [told.monotonic_s for told in notebook.told] == [0.25]
    # The gate has seen both.
    assert (len(gate.held), pipeline.frames_seen, pipeline.frames_looked_at) == (2, 2, 1)


def test_a_frame_that_is_no_longer_due_when_its_turn_comes_is_a_tick() -> None:
    notebook = Notebook(attentive=True)
    detector = ScriptedDetector.constant(("e-bike",), BIKE)
    pipeline = CameraPipeline(Door(), detector, GreedyTracker(("e-bike",)), [notebook], "lift-1", detect_hz=5)
    assert pipeline.sift(frame(0))
    assert pipeline.sift(frame(0.125))  # the detector still looks at the one before
    pipeline.judge(frame(0))
    pipeline.judge(frame(0.125))
    assert [told.tracks is not None for told in notebook.told] == [True, False]
    assert not pipeline.sift(frame(0.17))
    assert pipeline.sift(frame(0.2))
    assert (pipeline.frames_seen, pipeline.frames_looked_at) == (4, 1)


def test_a_look_that_came_late_does_not_put_the_next_one_off() -> None:
    beat = Beat(5)
    looks: list[float] = []
    for at_s in np.arange(0, 2, 1 / 15):
        late_s = 0.1 if len(looks) % 2 else 0.0  # every other look takes a newer frame
        if beat.due(at_s - late_s):
            beat.take(at_s)
            looks.append(at_s)
    assert len(looks) == 10


def test_after_a_pause_the_beat_begins_anew() -> None:
    beat = Beat(5)
    beat.take(0.0)
    assert not beat.due(0.17)
    beat.take(7.05)
    assert not beat.due(7.2)
    assert beat.due(7.25)
    assert beat.due(1.0)  # a clock set back
    beat.take(1.0)
    assert not beat.due(1.17)
    assert beat.due(1.2)


def test_a_turn_is_given_back_when_the_detector_fails() -> None:
    queue = Queue()

    class Broken:
        def detect(self, _: object) -> Detections:
            raise ModelError("the network failed")

    pipeline = CameraPipeline(Door(), Broken(), GreedyTracker(("e-bike",)), [Notebook()], "lift-1", turns=queue)
    with pytest.raises(ModelError):
        pipeline.look(frame(0))
    assert queue.given_back == 1


def test_bodies_are_read_of_what_was_looked_at_and_only_where_somebody_asks() -> None:
    detector = ScriptedDetector.constant(("e-bike",), BIKE)
    notebook, other = Notebook(attentive=True), Notebook(attentive=True)
    tracker = GreedyTracker(("e-bike",))
    pipeline = CameraPipeline(Door(), detector, tracker, (notebook,), "a", bodies=ScriptedBodies(lambda _: 0.8))
    plain = CameraPipeline(Door(), detector, GreedyTracker(("e-bike",)), (other,), "b")
    for chain_ in (pipeline, plain):
        chain_.look(frame(0.0))
        chain_.tick(0.5, START)
    looked, ticked = (observation.bodies for observation in notebook.told)
    assert looked is not None
    assert looked.lying.tolist() == pytest.approx([0.8])
    assert ticked is None
    assert [observation.bodies for observation in other.told] == [None, None]


class Showcase:
    """Sees a code in every frame."""

    def read(self, frame: Frame) -> Shown:
        return Shown(code=str(frame.index))


def test_what_is_shown_at_a_gate_comes_with_the_look_and_with_nothing_else() -> None:
    notebook = Notebook(attentive=True)
    detector = ScriptedDetector.constant(("e-bike",), BIKE)
    pipeline = CameraPipeline(Door(), detector, GreedyTracker(("e-bike",)), (notebook,), "gate", shown=Showcase())
    pipeline.look(frame(1))
    pipeline.tick(1.5, START)
    look, tick = (told.shown for told in notebook.told)
    assert look is not None
    assert (look.code, tick) == ("8", None)
    assert pipeline.last is not None
    assert pipeline.last.shown is look
