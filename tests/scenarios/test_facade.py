"""Which floor a thing fell from, and what gravity is in a picture."""

import numpy as np
import pytest

from edgeguard.scenarios.ballistics import Fit, free_fall
from edgeguard.scenarios.facade import Facade
from edgeguard.types import Floors

HEIGHT = 1000
FIVE = Facade(top_y=0.0, ground_y=1.0, floors=5)


def fit_of(from_y: float, first: float = 0.0, gain: float = 0.5) -> Fit:
    """A fall in pictures of 1000 lines that is seen from `from_y` on."""
    t = np.arange(30) / 25
    y = HEIGHT * (from_y + first * t + gain * t * t / 2)
    return free_fall(t, np.stack([np.full(30, 300.0), y], 1))


@pytest.mark.parametrize(
    ("facade", "fit", "floors"),
    [
        (Facade(), fit_of(0.3), None),
        (FIVE, fit_of(0.9), Floors(1, 1, 1)),
        (FIVE, fit_of(0.3), Floors(4, 4, 4)),
        # First seen at 0.5, falling already: it stood still at 0.41, or was thrown down between.
        (FIVE, fit_of(0.5, first=0.3), Floors(3, 3, 3)),
        (FIVE, fit_of(0.45, first=0.4), Floors(3, 4, 4)),
        # Seen rising: let go a little below.
        (FIVE, fit_of(0.5, first=-0.2), Floors(2, 3, 3)),
        # From above the picture: anything up to the top.
        (Facade(top_y=-1.0, floors=10), fit_of(0.01, first=0.1), Floors(5, 6, 10)),
        (Facade(floor_lines_y=(0.9, 0.6, 0.4, 0.3), first_floor=2), fit_of(0.5), Floors(3, 3, 3)),
    ],
)
def test_where_it_fell_from(facade: Facade, fit: Fit, floors: Floors | None) -> None:
    assert facade.floors_of(fit, HEIGHT) == floors


@pytest.mark.parametrize(
    ("facade", "gravity"),
    [
        (Facade(), None),
        (Facade(height_m=9.81), 1.0),
        (Facade(floors=10), 0.327),
        (Facade(top_y=0.2, ground_y=0.7, floors=10), 0.1635),
        (Facade(floor_lines_y=(0.9, 0.6, 0.3)), 0.981),
    ],
)
def test_what_a_stone_gains(facade: Facade, gravity: float | None) -> None:
    assert facade.gravity_heights_s2 == (None if gravity is None else pytest.approx(gravity))
