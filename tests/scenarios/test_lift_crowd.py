"""One more than the lift carries."""

import pytest

from edgeguard.scenarios.lift_crowd import LiftCrowdConfig
from edgeguard.types import Phase
from tests.support.zone_rule import Camera, Case, Row, ZoneRuleTests

CONFIG = LiftCrowdConfig(most=3, dwell_s=4, clear_s=3)


def people(count: int) -> list[Row]:
    return [("person", (20 + 60 * n, 150, 60 + 60 * n, 300), n) for n in range(count)]


class TestCommon(ZoneRuleTests):
    case = Case(CONFIG, "LIFT.CROWD.OVER", people(4))


@pytest.mark.parametrize(("count", "told"), [(0, 0), (3, 0), (4, 1), (8, 1)])
def test_one_too_many(count: int, told: int) -> None:
    assert len(Camera(CONFIG).play(people(count), 10).told(Phase.NEW)) == told


def test_it_is_over_when_one_has_got_out() -> None:
    camera = Camera(CONFIG).play(people(4), 10).play(people(3), 10)
    assert camera.story() == ["confirmed", "left"]


def test_somebody_who_only_looks_in_is_not_in() -> None:
    landing: Row = ("person", (560, 150, 620, 300), 9)
    cabin = CONFIG.model_copy(update={"zone": ((0, 0), (0.8, 0), (0.8, 1), (0, 1))})
    assert Camera(cabin).play([*people(3), landing], 10).log == []


def test_a_mirror_does_not_count() -> None:
    mirrored = CONFIG.model_copy(update={"holes": (((0, 0), (0.1, 0), (0.1, 1), (0, 1)),)})
    assert Camera(mirrored).play(people(4), 10).log == []


def test_every_frame_is_wanted_while_there_are_too_many() -> None:
    assert Camera(CONFIG).play(people(4), 10).attentive
    assert not Camera(CONFIG).play(people(3), 10).attentive
