from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from edgeguard.detectors import ScriptedDetector
from edgeguard.doors import UnknownDoor
from edgeguard.pipeline import CameraPipeline
from edgeguard.pipeline.door import LATELY_S, DoorWatch
from edgeguard.sources.picture import picture_from_array
from edgeguard.trackers import GreedyTracker
from edgeguard.types import Detections, DoorState, Frame, Observation, Picture, Verdict

DOORS = {"o": DoorState.OPEN, "c": DoorState.CLOSED, "?": DoorState.UNKNOWN}
START = datetime(2026, 1, 31, 8, tzinfo=UTC)


@dataclass
class Scripted:
    """Stands as the letter of the second says; `pictures`: how many frames it was shown."""

    letters: str
    pictures: int = 0

    def state(self, monotonic_s: float, picture: Picture | None = None) -> DoorState:
        self.pictures += picture is not None
        return DOORS[self.letters[int(monotonic_s)]]


@pytest.mark.parametrize(
    ("letters", "cycles"),
    [
        ("", 0),
        ("?", 0),
        ("???", 0),
        ("ccc", 0),
        ("o", 0),
        ("oc", 1),
        ("cocococ", 3),
        ("co??c", 1),
        ("c??c", 0),
        ("?c?o?c?o", 1),
        ("oooccc", 1),
    ],
)
def test_cycles(letters: str, cycles: int) -> None:
    watch = DoorWatch(Scripted(letters))
    states = [watch.update(float(second)) for second in range(len(letters))]
    assert states == [DOORS[letter] for letter in letters]
    assert watch.cycles == cycles


@pytest.mark.parametrize(
    ("letters", "until_s"),
    [("c", None), ("co", 1), ("coooooooo", 1), ("c?o", 2), ("o", 0), ("coc", 1), ("coco", 3), ("?" * 9, None)],
)
def test_opened_lately(letters: str, until_s: float | None) -> None:
    watch = DoorWatch(Scripted(letters))
    for second in range(len(letters)):
        watch.update(float(second))
    now_s = 0.0 if until_s is None else until_s + LATELY_S
    assert watch.opened_lately(now_s) is (until_s is not None)
    assert not watch.opened_lately(now_s + 0.1)


@dataclass
class Gate:
    """Opens for those who hold it."""

    held: list[bool] = field(default_factory=list)

    def update(self, picture: Picture, monotonic_s: float, held: bool) -> bool:
        self.held.append(held)
        return held


@dataclass
class Notebook:
    told: list[Observation] = field(default_factory=list)

    def update(self, observation: Observation) -> Verdict:
        self.told.append(observation)
        return Verdict()


def chain(door: Scripted | UnknownDoor, gate: Gate, notebook: Notebook) -> CameraPipeline:
    detector = ScriptedDetector.constant(("e-bike",), Detections.empty())
    return CameraPipeline(gate, detector, GreedyTracker(("e-bike",)), [notebook], "lift-1", door=door)


def frame(at_s: float) -> Frame:
    picture = picture_from_array(np.full((48, 64), 90, np.uint8), "gray")
    return Frame("lift-1", round(at_s), at_s, START + timedelta(seconds=at_s), picture)


def test_every_observation_has_the_door_of_its_moment() -> None:
    door, notebook = Scripted("c?oc"), Notebook()
    pipeline = chain(door, Gate(), notebook)
    pipeline.look(frame(0))
    pipeline.look(frame(1))
    pipeline.tick(2, START)
    pipeline.close(3, START, "end_of_recording")
    assert [told.door for told in notebook.told] == [DOORS[letter] for letter in "c?oc"]
    # A frame that the gate keeps back is shown to the door all the same.
    assert (door.pictures, pipeline.door.cycles) == (2, 1)
    assert notebook.told[1].tracks is None


def test_an_opening_door_holds_the_gate_and_never_closes_it() -> None:
    gate = Gate()
    pipeline = chain(Scripted("cccooooooooccc"), gate, Notebook())
    for second in range(14):
        pipeline.look(frame(float(second)))
    opened = [3, 4, 5, 6, 7, 8]
    assert [second for second, held in enumerate(gate.held) if held] == [0, *opened]


def test_without_a_door_it_is_unknown() -> None:
    notebook = Notebook()
    pipeline = chain(UnknownDoor(), Gate(), notebook)
    pipeline.look(frame(0))
    assert notebook.told[0].door is DoorState.UNKNOWN
    assert pipeline.door.cycles == 0
