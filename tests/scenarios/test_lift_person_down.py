"""Somebody who lies in a lift: boxes as a camera in a corner of the ceiling has them."""

from collections.abc import Callable, Sequence

import pytest

from edgeguard.scenarios.lift_person_down import LiftPersonDownConfig
from edgeguard.types import Phase
from tests.support.zone_rule import Camera, Case, Row, ZoneRuleTests

CONFIG = LiftPersonDownConfig(dwell_s=15, clear_s=10)
Box = tuple[float, float, float, float]
LYING: Box = (200, 320, 360, 410)
UPRIGHT: Box = (240, 160, 320, 400)
SUNK: Box = (225, 280, 325, 400)
SQUATS: Box = (235, 240, 325, 400)
FAR: Box = (250, 60, 300, 180)
CUT_OFF: Box = (200, 390, 340, 480)
HIDDEN_BELOW: Box = (240, 160, 320, 290)


def person(box: Box, track: int = 1) -> Row:
    return ("person", box, track)


class TestCommon(ZoneRuleTests):
    case = Case(CONFIG, "LIFT.PERSON.DOWN", [person(LYING)])


def then(*stretches: tuple[Box, float]) -> Callable[[float], Sequence[Row]]:
    """One and the same person, in each box for so long, the last one for ever."""

    def scene(at_s: float) -> Sequence[Row]:
        for box, seconds in stretches:
            if at_s < seconds:
                return [person(box)]
            at_s -= seconds
        return [person(stretches[-1][0])]

    return scene


@pytest.mark.parametrize("fps", [2, 8, 25])
@pytest.mark.parametrize(
    ("stretches", "told"),
    [
        ([(UPRIGHT, 60)], 0),
        ([(UPRIGHT, 10), (LYING, 30)], 1),
        ([(UPRIGHT, 10), (SUNK, 30)], 1),
        # A squat is a third lower, not half; tying a shoe takes less than 15 s.
        ([(UPRIGHT, 10), (SQUATS, 60)], 0),
        ([(UPRIGHT, 10), (SUNK, 10), (UPRIGHT, 30)], 0),
        # Smaller, because farther off, or behind somebody, or under the camera.
        ([(UPRIGHT, 10), (FAR, 60)], 0),
        ([(UPRIGHT, 10), (HIDDEN_BELOW, 60)], 0),
        ([(UPRIGHT, 10), (CUT_OFF, 60)], 0),
    ],
)
def test_who_lies_and_who_does_not(stretches: list[tuple[Box, float]], told: int, fps: float) -> None:
    assert len(Camera(CONFIG).play(then(*stretches), 60, fps).told(Phase.NEW)) == told


def test_getting_up_ends_it() -> None:
    camera = Camera(CONFIG).play(then((UPRIGHT, 5), (SUNK, 25), (UPRIGHT, 30)), 60)
    assert camera.story() == ["confirmed", "left"]


def test_helpers_do_not_hide_it() -> None:
    helpers = [person((380, 150, 460, 400), 2), person((60, 150, 140, 400), 3)]
    assert Camera(CONFIG).play([person(LYING), *helpers], 30).told(Phase.NEW)


def test_whoever_walks_about_bent_is_none() -> None:
    def crawling(at_s: float) -> Sequence[Row]:
        x = 40 * at_s % 400
        return [person((x, 320, x + 160, 410))]

    assert Camera(CONFIG).play(crawling, 60).log == []
