"""Cars as they stand in compounds: hatchbacks, saloons and tall ones, put together from a few shells.

Local frame: forward +x, left +y, origin on the ground under the middle.
"""

from typing import Final

import numpy as np

from . import looks
from .kit import Floats, Look, Mesh, Part, Thing, box, ellipsoid, join, lathe, loft, ring, skin, tube

CAR: Final = 6
Rng = np.random.Generator

GLASS: Final = Look((0.015, 0.018, 0.02), 0.06)
# Shares of the length, from the rear bumper to the front one: where the greenhouse begins, its roof, where it ends.
_SHAPES: Final = {
    "hatchback": ((-0.49, -0.4, 0.08, 0.27), (1.45, 1.52)),
    "saloon": ((-0.4, -0.2, 0.08, 0.28), (1.42, 1.47)),
    "tall": ((-0.49, -0.42, 0.1, 0.27), (1.62, 1.72)),
}


def car(rng: Rng) -> Thing:
    """A car at random, 3.7 to 4.8 m long."""
    kind = str(rng.choice(list(_SHAPES)))
    (rear, roof_rear, roof_front, front), heights = _SHAPES[kind]
    long, half = float(rng.uniform(*((4.5, 4.8) if kind == "saloon" else (3.7, 4.5)))), float(rng.uniform(0.85, 0.93))
    high, belt, radius = float(rng.uniform(*heights)), 0.92 if kind != "tall" else 1.02, float(rng.uniform(0.3, 0.35))
    coat = looks.paint(rng)
    parts = [Part(_hull(long, half, belt), coat)]
    parts += _greenhouse(np.array([rear, roof_rear, roof_front, front]) * long, half, belt, high, coat)
    parts += _wheels(long, half, radius)
    parts += _ends(long, half, belt)
    return Thing("car", CAR, tuple(parts))


def _hull(long: float, half: float, belt: float) -> Mesh:
    along = np.array([-0.5, -0.485, -0.43, -0.25, 0.0, 0.25, 0.4, 0.475, 0.5]) * long
    top = belt + np.array([-0.22, -0.06, 0.0, 0.01, 0.0, -0.03, -0.12, -0.2, -0.32])
    low = np.array([0.4, 0.28, 0.22, 0.2, 0.2, 0.2, 0.22, 0.26, 0.36])
    wide = half * np.array([0.8, 0.93, 0.99, 1.0, 1.0, 1.0, 0.98, 0.9, 0.72])
    spine = np.c_[along, np.zeros(len(along)), (top + low) / 2]
    return loft(spine, wide, (top - low) / 2, power=5.0, sides=24)


def _greenhouse(along: Floats, half: float, belt: float, high: float, coat: Look) -> list[Part]:
    """Dark glass all around, the roof and its pillars in the colour of the hull."""
    rear, roof_rear, roof_front, front = along
    parts, inner = [], half - 0.16
    panes = [[rear, belt - 0.06], [roof_rear, high - 0.03], [roof_front, high - 0.03], [front, belt - 0.06]]
    for side in (-1, 1):
        for k in range(3):
            (x0, z0), (x1, z1) = panes[k], panes[k + 1]
            y0, y1 = (side * (inner if z > belt else half - 0.05) for z in (z0, z1))
            parts.append(Part(tube([[x0, y0, z0], [x1, y1, z1]], 0.035), coat))
        post = [[(roof_rear + roof_front) / 2, side * y, z] for y, z in ((inner, high - 0.04), (half - 0.05, belt))]
        parts.append(Part(tube(post, 0.03), coat))
    low = np.array([[rear, -half + 0.06], [front, -half + 0.06], [front, half - 0.06], [rear, half - 0.06]])
    top = np.array([[roof_rear, -inner], [roof_front, -inner], [roof_front, inner], [roof_rear, inner]])
    ends = [np.c_[low, np.full(4, belt - 0.06)], np.c_[top, np.full(4, high - 0.03)]]
    parts.append(Part(skin(np.stack(ends), smooth=False), GLASS))
    size = [roof_front - roof_rear + 0.12, 2 * inner + 0.06, 0.06]
    parts.append(Part(box([(roof_rear + roof_front) / 2, 0, high - 0.02], size, 0.03), coat))
    return parts


def _wheels(long: float, half: float, radius: float) -> list[Part]:
    parts: list[Part] = []
    for x in (-0.31 * long, 0.31 * long):
        for side in (-1, 1):
            y = side * (half - 0.1)
            arch = lathe([[0.01, side * 0.105], [radius + 0.06, side * 0.1], [radius + 0.06, 0.0]], [x, y, radius])
            parts.append(Part(arch, looks.BLACK))
            parts.append(Part(ring([x, y, radius], radius - 0.07, 0.075, flat=1.5), looks.RUBBER))
            disc = lathe([[0.01, side * 0.1], [radius - 0.13, side * 0.115], [radius - 0.11, 0.0]], [x, y, radius])
            parts.append(Part(disc, looks.STEEL))
    return parts


def _ends(long: float, half: float, belt: float) -> list[Part]:
    """Lamps, plates, the grille, bumpers, mirrors."""
    parts: list[Part] = []
    for side in (-1, 1):
        parts.append(Part(ellipsoid([0.46 * long, side * (half - 0.2), belt - 0.3], (0.12, 0.14, 0.07)), looks.LAMP))
        parts.append(Part(ellipsoid([-0.48 * long, side * (half - 0.14), belt - 0.16], (0.07, 0.12, 0.1)), looks.TAIL))
        parts.append(Part(ellipsoid([0.2 * long, side * (half + 0.08), belt + 0.05], (0.09, 0.09, 0.07)), looks.BLACK))
    blue, ends = Look((0.05, 0.12, 0.5), 0.4), (-0.5 * long, 0.5 * long)
    parts.append(Part(join([box([x, 0, 0.34], [0.06, 1.5 * half, 0.12], 0.02) for x in ends]), looks.GREY))
    parts.append(Part(box([0.495 * long, 0, 0.45], [0.05, 1.0, 0.16], 0.02), looks.BLACK))
    parts.append(Part(box([0.0, 0, 0.2], [0.9 * long, 1.7 * half, 0.08]), looks.BLACK))
    parts += [Part(box([1.02 * x, 0, 0.52], [0.02, 0.44, 0.14]), blue) for x in ends]
    return parts
