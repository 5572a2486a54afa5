"""Near and far are measured in people: 150 pixels high here, so two heights are 300 pixels."""

from collections.abc import Sequence

import pytest

from edgeguard.scenarios.conduct_dog import ConductDogConfig
from edgeguard.types import Phase
from tests.support.zone_rule import Camera, Case, Row, ZoneRuleTests

CONFIG = ConductDogConfig(dwell_s=10, clear_s=5)
DOG: Row = ("dog", (80, 340, 140, 400), 1)


def owner(x: float, y: float = 400, score: float = 0.9) -> Row:
    """Feet at (x, y)."""
    return ("person", (x - 30, y - 150, x + 30, y), 2, score)


class TestCommon(ZoneRuleTests):
    case = Case(CONFIG, "CONDUCT.DOG.ALONE", [DOG])


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([], 0),
        ([owner(110)], 0),
        ([DOG, owner(150)], 0),
        ([DOG, owner(400)], 0),
        ([DOG, owner(420)], 1),
        # Far behind, in a wide hall: the same distance up the picture.
        ([DOG, owner(110, y=160)], 0),
        ([DOG, owner(500), owner(200)], 0),
        # Perhaps a person: the dog has the benefit of the doubt.
        ([DOG, owner(150, score=0.3)], 0),
        # A child is smaller, and so is its reach.
        ([DOG, ("person", (280, 330, 310, 400), 3)], 1),
    ],
)
def test_alone_is_far_from_everybody(rows: Sequence[Row], told: int) -> None:
    assert len(Camera(CONFIG).play(rows, 20).told(Phase.NEW)) == told


def test_the_owner_may_stand_outside_the_zone() -> None:
    config = CONFIG.model_copy(update={"zone": ((0, 0), (0.25, 0), (0.25, 1), (0, 1))})
    assert Camera(config).play([DOG, owner(300)], 20).log == []
    assert len(Camera(config).play([DOG, owner(600)], 20).told(Phase.NEW)) == 1


def test_a_passer_by_is_not_its_owner() -> None:
    camera = Camera(CONFIG).play([DOG], 6).play([DOG, owner(200)], 2).play([DOG], 6)
    assert [round(new_s) for new_s, _ in camera.told(Phase.NEW)] == [10]


def test_it_is_over_when_somebody_has_come() -> None:
    camera = Camera(CONFIG).play([DOG], 15).play([DOG, owner(200)], 10)
    assert camera.story() == ["confirmed", "left"]


def test_one_of_two_dogs_alone_is_enough() -> None:
    other: Row = ("dog", (560, 340, 620, 400), 5)
    (new,) = Camera(CONFIG).play([DOG, other, owner(150)], 15).reports()
    assert new.sighting is not None
    assert new.sighting.track_id == 5
