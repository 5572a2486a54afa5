"""What the network says is scripted: what the rule makes of it."""

from dataclasses import replace

import pytest

from edgeguard.bodies import ScriptedBodies
from edgeguard.scenarios.conduct_fight import ConductFightConfig
from edgeguard.types import Bodies, Phase, Picture, Tracks
from tests.support.zone_rule import Camera, Case, Row, ZoneRuleTests

CONFIG = ConductFightConfig(min_score=None, dwell_s=1)
ONE: Row = ("person", (100, 150, 180, 400), 1)
OTHER: Row = ("person", (170, 150, 260, 400), 2)


class TestCommon(ZoneRuleTests):
    case = Case(CONFIG, "CONDUCT.FIGHT", [ONE, OTHER])


def said(camera: Camera, fight: float | None) -> Camera:
    camera.bodies = ScriptedBodies(fight=fight)
    return camera


@pytest.mark.parametrize(("fight", "told"), [(None, 0), (0.1, 0), (0.9, 1)])
def test_from_its_threshold_on_it_is_a_fight(fight: float | None, told: int) -> None:
    assert len(said(Camera(CONFIG), fight).play([ONE, OTHER], 8).told(Phase.NEW)) == told


@pytest.mark.parametrize(("fight", "told"), [(0.78, 0), (0.82, 1)])
def test_as_shipped_half_a_second_is_enough(fight: float, told: int) -> None:
    """Nothing is judged before people were seen for 1.5 s: a long dwell would cost most of a short fight."""
    assert len(said(Camera(ConductFightConfig()), fight).play([ONE, OTHER], 0.5).told(Phase.NEW)) == told


def test_the_group_is_told_as_one_with_its_number() -> None:
    (new,) = said(Camera(CONFIG), 0.9).play([ONE, OTHER], 4).reports()
    assert new.sighting is not None
    assert new.sighting.count == 2
    assert new.sighting.box == pytest.approx((100 / 640, 150 / 480, 260 / 640, 400 / 480))


def test_a_moment_of_wrestling_is_no_fight() -> None:
    camera = said(Camera(CONFIG), 0.05).play([ONE, OTHER], 2)
    for _ in range(10):
        said(camera, 0.95).play([ONE, OTHER], CONFIG.dwell_s / 2)
        said(camera, 0.05).play([ONE, OTHER], 3)
    assert camera.log == []


def test_a_judgement_counts_for_a_second() -> None:
    """Groups are judged less often than a camera is looked at."""
    camera = Camera(CONFIG)
    for _ in range(12):
        said(camera, 0.9).play([ONE, OTHER], 0.125)
        camera.bodies = None
        camera.play([ONE, OTHER], 0.5)
    assert len(camera.told(Phase.NEW)) == 1


def test_a_group_outside_the_zone_is_nothing() -> None:
    config = CONFIG.model_copy(update={"zone": ((0.8, 0), (1, 0), (1, 1), (0.8, 1))})
    apart: Row = ("person", (560, 150, 630, 400), 3)
    camera = Camera(config)
    camera.bodies = _Group()
    assert camera.play([ONE, OTHER, apart], 8).log == []


class _Group:
    """Only the two on the left are one."""

    def read(self, picture: Picture, tracks: Tracks, monotonic_s: float) -> Bodies:
        whole = ScriptedBodies(fight=0.9).read(picture, tracks, monotonic_s)
        return replace(whole, group=(100, 150, 260, 400))
