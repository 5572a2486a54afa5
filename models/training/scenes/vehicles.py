"""Two-wheelers of all kinds: which e-bike is met how often."""

from typing import TYPE_CHECKING

import numpy as np

from .accessories import rain_covered
from .bicycles import BICYCLE, bicycle, child_bicycle
from .commuters import commuter
from .kit import Thing
from .scooters import E_BIKE, scooter

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["BICYCLE", "E_BIKE", "bicycle", "child_bicycle", "commuter", "e_bike", "rain_covered", "scooter"]

Rng = np.random.Generator


def e_bike(rng: Rng) -> Thing:
    """Any e-bike, as often as each kind is met."""
    build: Callable[[Rng, float], Thing] = scooter if rng.random() < 0.6 else commuter
    delivery = float(rng.uniform(0.4, 0.52)) if rng.random() < 0.15 else 0.0
    bike = build(rng, delivery).scaled(float(rng.uniform(0.93, 1.06)))
    return rain_covered(rng, bike) if rng.random() < 0.07 and not delivery else bike
