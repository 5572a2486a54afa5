"""Postures are scripted: what a rule makes of them, not how well they are read."""

import math

import pytest

from edgeguard.bodies import ScriptedBodies
from edgeguard.scenarios.conduct_fall import ConductFallConfig
from edgeguard.types import Phase
from tests.support.zone_rule import Camera, Case, Row, ZoneRuleTests

CONFIG = ConductFallConfig(min_score=None)
LIES: Row = ("person", (100, 320, 300, 400), 1)
STANDS: Row = ("person", (400, 150, 460, 400), 2)


class TestCommon(ZoneRuleTests):
    case = Case(CONFIG, "CONDUCT.FALL", [LIES])


def postures(camera: Camera, *lying: float) -> Camera:
    """Track 1 has the first probability, track 2 the second ..."""
    camera.bodies = ScriptedBodies(lambda track_id: lying[track_id - 1])
    return camera


@pytest.mark.parametrize(
    ("lying", "told"),
    [
        ((0.1, 0.1), []),
        ((0.39, 0.1), []),
        ((0.9, 0.1), [1]),
        ((0.1, 0.9), [2]),
        ((0.7, 0.9), [2]),
    ],
)
def test_whoever_lies_is_told(lying: tuple[float, ...], told: list[int]) -> None:
    camera = postures(Camera(CONFIG), *lying).play([LIES, STANDS], CONFIG.dwell_s + 2)
    assert [r.sighting.track_id for r in camera.reports() if r.sighting is not None] == told


def test_who_gets_up_in_time_is_nobodys_business() -> None:
    camera = postures(Camera(CONFIG), 0.9).play([LIES], CONFIG.dwell_s - 3)
    postures(camera, 0.05).play([LIES], 30)
    assert camera.log == []


def test_one_reading_of_somebody_who_bends_is_nothing() -> None:
    camera = postures(Camera(CONFIG), 0.05).play([LIES], 2)
    for _ in range(20):
        postures(camera, 0.9).play([LIES], 0.125)
        postures(camera, 0.05).play([LIES], 0.875)
    assert camera.log == []


def test_who_was_looked_at_for_something_else_was_not_read() -> None:
    camera = postures(Camera(CONFIG), math.nan).play([LIES], 1)
    assert len(postures(camera, 0.9).play([LIES], CONFIG.dwell_s + 2).told(Phase.NEW)) == 1


def test_who_gets_up_ends_it() -> None:
    camera = postures(Camera(CONFIG), 0.9).play([LIES], CONFIG.dwell_s + 2)
    postures(camera, 0.05).play([LIES], CONFIG.clear_s + 3)
    assert camera.story() == ["confirmed", "left"]


def test_it_is_seldom_read_and_that_is_enough() -> None:
    """Somebody still is read every 1.2 s, and of several each has to wait: what was read counts for a while."""
    camera = Camera(CONFIG)
    for _ in range(6):
        postures(camera, 0.9).play([LIES], 0.125)
        camera.bodies = None
        camera.play([LIES], 2.0)
    assert [code for _, code in camera.told(Phase.NEW)] == ["CONDUCT.FALL"]


def test_what_nobody_reads_is_nothing() -> None:
    camera = Camera(CONFIG)
    camera.bodies = None
    assert camera.play([LIES], 30).log == []


def test_a_box_that_a_detector_hardly_believes_is_enough_by_default() -> None:
    weak: Row = ("person", (100, 320, 300, 400), 1, 0.27)
    assert len(Camera(ConductFallConfig()).play([weak], 10).told(Phase.NEW)) == 1
