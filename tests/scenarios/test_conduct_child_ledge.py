"""Small people and a ledge: adults are 300 px high there, the ledge runs at half of the picture's height."""

import pytest
from pydantic import ValidationError

from edgeguard.scenarios.conduct_child_ledge import ConductChildLedgeConfig
from edgeguard.types import Phase
from tests.support.zone_rule import Camera, Case, Row, ZoneRuleTests

CONFIG = ConductChildLedgeConfig(ledge=((0.2, 0.5), (0.8, 0.5)), adult_height=300 / 480, dwell_s=2, clear_s=5)


def person(middle_y: float, height: float, x: float = 320) -> Row:
    return ("person", (x - 30, middle_y - height / 2, x + 30, middle_y + height / 2), 1)


class TestCommon(ZoneRuleTests):
    case = Case(CONFIG, "CONDUCT.CHILD.LEDGE", [person(200, 200)])


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (person(200, 200), 1),
        # On the floor before it, reaching up with a hand.
        (person(300, 200), 0),
        # An adult who leans on it.
        (person(200, 290), 0),
        # A head, a hand.
        (person(200, 60), 0),
        # Beside the window.
        (person(200, 200, x=80), 0),
        (person(200, 200, x=560), 0),
    ],
)
def test_a_child_above_the_ledge(row: Row, told: int) -> None:
    assert len(Camera(CONFIG).play([row], 10).told(Phase.NEW)) == told


def test_a_ledge_that_slopes() -> None:
    sloping = CONFIG.model_copy(update={"ledge": ((0.9, 0.2), (0.1, 0.8))})
    assert Camera(sloping).play([person(200, 200, x=200)], 10).told(Phase.NEW)
    assert Camera(sloping).play([person(200, 200, x=480)], 10).log == []


def test_an_upright_ledge_has_no_above() -> None:
    with pytest.raises(ValidationError, match=r"an above, met one that is upright at x 0\.5"):
        ConductChildLedgeConfig(ledge=((0.5, 0), (0.5, 1)), adult_height=0.5)
