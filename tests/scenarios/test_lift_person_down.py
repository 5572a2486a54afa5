"""Somebody who lies in a lift: bodies whose readings are scripted, and boxes as a camera in a corner has them."""

from collections.abc import Callable, Sequence

import pytest

from edgeguard.bodies import ScriptedBodies
from edgeguard.scenarios.lift_person_down import LiftPersonDownConfig
from edgeguard.types import BodyAsk, Phase
from tests.support.zone_rule import Camera, Case, Row, ZoneRuleTests

CONFIG = LiftPersonDownConfig(dwell_s=15, clear_s=10, min_score=None)
BOX = CONFIG.model_copy(update={"posture": "box"})
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


class TestByTheBody(ZoneRuleTests):
    case = Case(CONFIG, "LIFT.PERSON.DOWN", [person(UPRIGHT)])


class TestByTheBox(ZoneRuleTests):
    case = Case(BOX, "LIFT.PERSON.DOWN", [person(LYING)])


def read(camera: Camera, *lying: float) -> Camera:
    """Track 1 lies with the first probability, track 2 with the second ..."""
    camera.bodies = ScriptedBodies(lambda track_id: lying[track_id - 1])
    return camera


def test_bodies_are_looked_at_unless_the_site_wants_the_box() -> None:
    assert CONFIG.asks == {BodyAsk.POSTURE}
    assert not CONFIG.by_boxes
    assert BOX.asks == frozenset()
    assert BOX.by_boxes


@pytest.mark.parametrize(
    ("box", "lying", "told"),
    [
        # Whoever lies seen from a corner has a box like somebody who stands.
        (UPRIGHT, 0.9, 1),
        (UPRIGHT, 0.75, 1),
        (UPRIGHT, 0.45, 0),
        # A body that is read is believed, whatever its box.
        (LYING, 0.1, 0),
        (SUNK, 0.1, 0),
        (CUT_OFF, 0.9, 1),
    ],
)
def test_the_body_tells_who_lies(box: Box, lying: float, told: int) -> None:
    camera = read(Camera(CONFIG), lying).play(then((UPRIGHT, 5), (box, 60)), 40)
    assert len(camera.told(Phase.NEW)) == told


def test_of_several_the_one_who_lies_is_told() -> None:
    camera = read(Camera(CONFIG), 0.1, 0.9, 0.1)
    camera.play([person(UPRIGHT), person((380, 150, 460, 400), 2), person((60, 150, 140, 400), 3)], 20)
    assert [report.sighting.track_id for report in camera.reports() if report.sighting is not None] == [2]


def test_a_body_that_gets_up_in_time_is_nobodys_business() -> None:
    camera = read(Camera(CONFIG), 0.9).play([person(UPRIGHT)], 12)
    assert read(camera, 0.05).play([person(UPRIGHT)], 40).log == []


def test_one_reading_of_somebody_who_bends_is_nothing() -> None:
    camera = read(Camera(CONFIG), 0.05).play([person(UPRIGHT)], 2)
    for _ in range(10):
        read(camera, 0.9).play([person(UPRIGHT)], 0.125)
        read(camera, 0.05).play([person(UPRIGHT)], 1.875)
    assert camera.log == []


@pytest.mark.parametrize("box", [LYING, UPRIGHT])
def test_whom_nobody_reads_is_told_by_the_box(box: Box) -> None:
    camera = Camera(CONFIG)
    camera.bodies = None
    assert len(camera.play([person(box)], 30).told(Phase.NEW)) == (box is LYING)


def test_a_reading_that_is_old_is_none() -> None:
    camera = read(Camera(CONFIG), 0.9).play([person(UPRIGHT)], 12)
    camera.bodies = None
    assert camera.play([person(UPRIGHT)], 20).log == []


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
    assert len(Camera(BOX).play(then(*stretches), 60, fps).told(Phase.NEW)) == told


def test_getting_up_ends_it() -> None:
    camera = Camera(BOX).play(then((UPRIGHT, 5), (SUNK, 25), (UPRIGHT, 30)), 60)
    assert camera.story() == ["confirmed", "left"]


def test_helpers_do_not_hide_it() -> None:
    helpers = [person((380, 150, 460, 400), 2), person((60, 150, 140, 400), 3)]
    assert Camera(BOX).play([person(LYING), *helpers], 30).told(Phase.NEW)


def test_whoever_walks_about_bent_is_none() -> None:
    def crawling(at_s: float) -> Sequence[Row]:
        x = 40 * at_s % 400
        return [person((x, 320, x + 160, 410))]

    assert Camera(BOX).play(crawling, 60).log == []
