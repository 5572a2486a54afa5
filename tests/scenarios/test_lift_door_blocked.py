"""Somebody in the doorway of a lift whose door does not close."""

from collections.abc import Sequence

import pytest

from edgeguard.scenarios.lift_door_blocked import LiftDoorBlockedConfig
from edgeguard.types import DoorState, Phase
from tests.support.zone_rule import Camera, Case, Row, ZoneRuleTests

DOORWAY = ((0.2, 0.5), (0.8, 0.5), (0.8, 1.0), (0.2, 1.0))
CONFIG = LiftDoorBlockedConfig(zone=DOORWAY, dwell_s=20, clear_s=5)
STANDS: Row = ("person", (280, 200, 360, 440), 1)
BAG: Row = ("bag", (300, 380, 350, 440), 2)
OPEN, CLOSED, UNKNOWN = DoorState.OPEN, DoorState.CLOSED, DoorState.UNKNOWN


class TestCommon(ZoneRuleTests):
    case = Case(CONFIG, "LIFT.DOOR.BLOCKED", [STANDS])


def one_after_the_other(at_s: float) -> Sequence[Row]:
    """Every 5 s somebody else steps in at one side of the doorway, and is gone after 4 s."""
    number = int(at_s // 5)
    x = 150 if number % 2 else 380
    return [("person", (x, 200, x + 80, 440), number)] if at_s % 5 < 4 else []


def test_the_zone_is_a_strip_of_floor() -> None:
    """However high whoever stands on it is; not who stands before it, whose legs hide it."""
    strip = CONFIG.model_copy(update={"zone": ((0.2, 0.85), (0.8, 0.85), (0.8, 0.93), (0.2, 0.93))})
    assert Camera(strip, door=OPEN).play([STANDS], 30).told(Phase.NEW)
    assert not Camera(strip, door=OPEN).play([("person", (280, 200, 360, 478), 1)], 30).told(Phase.NEW)


@pytest.mark.parametrize(("door", "told"), [(OPEN, 1), (UNKNOWN, 0), (CLOSED, 0)])
def test_others_keep_an_open_door_from_closing_too(door: DoorState, told: int) -> None:
    assert len(Camera(CONFIG, door=door).play(one_after_the_other, 60).told(Phase.NEW)) == told


@pytest.mark.parametrize(("door", "told"), [(OPEN, 1), (UNKNOWN, 1), (CLOSED, 0)])
def test_a_bag_between_the_leaves(door: DoorState, told: int) -> None:
    assert len(Camera(CONFIG, door=door).play([BAG], 60).told(Phase.NEW)) == told


def test_an_open_door_with_nobody_in_it_is_nothing() -> None:
    assert Camera(CONFIG, door=OPEN).play([], 120).log == []


def test_whoever_steps_into_a_door_that_was_open_long_is_passing() -> None:
    camera = Camera(CONFIG, door=OPEN).play([], 60).play([STANDS], 2).play([], 20)
    assert camera.log == []


def test_a_door_that_closes_ends_it_and_the_time_begins_anew() -> None:
    camera = Camera(CONFIG, door=OPEN).play([STANDS], 25)
    assert camera.told(Phase.NEW)
    camera.door = CLOSED
    camera.play([STANDS], 10)
    assert camera.story() == ["confirmed", "left"]
    camera.door = OPEN
    camera.play([STANDS], 15)
    assert camera.story() == ["confirmed", "left"]


def test_the_event_tells_how_long_the_door_was_kept() -> None:
    (new,) = Camera(CONFIG, door=OPEN).play([], 10).play([STANDS], 14).reports()
    assert new.dwell_s == pytest.approx(20, abs=1)
