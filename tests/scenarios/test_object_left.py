"""A bag with nobody near it."""

from collections.abc import Sequence

from edgeguard.scenarios.object_left import ObjectLeftConfig
from edgeguard.types import Phase
from tests.support.zone_rule import Camera, Case, Row, ZoneRuleTests

CONFIG = ObjectLeftConfig(dwell_s=20, clear_s=6)
BAG: Row = ("bag", (200, 360, 250, 400), 1)
OWNER: Row = ("person", (260, 250, 320, 400), 2)
FAR: Row = ("person", (560, 250, 620, 400), 2)


class TestCommon(ZoneRuleTests):
    case = Case(CONFIG, "CONDUCT.LITTER", [BAG])


def test_with_its_owner_it_is_not_left() -> None:
    assert Camera(CONFIG).play([BAG, OWNER], 60).log == []


def test_the_time_counts_from_when_the_owner_has_gone() -> None:
    camera = Camera(CONFIG).play([BAG, OWNER], 10).play([BAG, FAR], 30)
    assert [round(new_s) for new_s, _ in camera.told(Phase.NEW)] == [30]


def test_a_passer_by_does_not_reset_it() -> None:
    camera = Camera(CONFIG).play([BAG], 12).play([BAG, OWNER], 3).play([BAG], 12)
    assert [round(new_s) for new_s, _ in camera.told(Phase.NEW)] == [20]


def test_it_is_over_when_somebody_takes_it() -> None:
    camera = Camera(CONFIG).play([BAG], 25).play([BAG, OWNER], 3).play([OWNER], 10)
    assert camera.story() == ["confirmed", "left"]


def test_carried_through_it_is_nothing() -> None:
    def carried(at_s: float) -> Sequence[Row]:
        x = 15 * (at_s % 40)
        return [("bag", (x, 300, x + 50, 340), int(at_s // 40)), ("person", (x, 200, x + 60, 400), 9)]

    assert Camera(CONFIG).play(carried, 80).log == []
