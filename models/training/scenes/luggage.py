# ruff: noqa: RUF005 - what looks like joining lists adds vectors
"""Luggage trolleys: the bird cage of hotels, the airport's, both laden. A bag to the detector, as carts are."""

from typing import Final

import numpy as np

from . import looks
from .cycle_parts import basket
from .goods import BAG
from .kit import Floats, Look, Part, Rgb, Thing, box, curve, ellipsoid, join, lathe, plate, pose, ring, tube, turn
from .looks import BLACK, CARTON, CHROME, GREY, RUBBER, STEEL

KIND: Final = "luggage trolley"
BRASS: Final = Look((0.62, 0.42, 0.13), 0.2, 1.0)
_CARPETS: Final[tuple[Rgb, ...]] = (
    (0.3, 0.02, 0.03),
    (0.02, 0.05, 0.2),
    (0.03, 0.03, 0.035),
    (0.04, 0.15, 0.07),
    (0.25, 0.17, 0.1),
)
Rng = np.random.Generator


def luggage_trolley(rng: Rng) -> Thing:
    """Either, mostly with luggage on it; its grips are at the rear."""
    return bird_cage(rng) if rng.random() < 0.55 else airport_trolley(rng)


def bird_cage(rng: Rng) -> Thing:
    """A hotel's: a carpeted platform on four casters, bent posts that meet in a crown, a rail for coats."""
    metal = BRASS if rng.random() < 0.65 else (CHROME if rng.random() < 0.6 else BLACK)
    half = rng.uniform([0.44, 0.27], [0.54, 0.31])
    deck, high = float(rng.uniform(0.22, 0.28)), float(rng.uniform(1.62, 1.85))
    carpet = Look(looks.pick(rng, _CARPETS), 0.95)
    parts = [Part(box([0, 0, deck], [*(half * 2), 0.035], 0.012), carpet), *_bumper(half, deck, metal)]
    for x in (-1.0, 1.0):
        for s in (-1.0, 1.0):
            parts += _caster(x * (half[0] - 0.1), s * (half[1] - 0.07), float(rng.uniform(0.075, 0.1)), deck)
    shoulder = high - float(rng.uniform(0.2, 0.32))
    posts = []
    for x in (-1.0, 1.0):
        for s in (-1.0, 1.0):
            foot = half * [x, s] * 0.93
            bent = [[*foot, deck], [*foot, shoulder * 0.8], [*(foot * 0.92), shoulder], [*(foot * 0.5), high - 0.03]]
            posts.append(tube(curve([*bent, [0.02 * x, 0.0, high]], 5), 0.016))
    posts += [tube([[-half[0] * 0.8, 0, shoulder], [half[0] * 0.8, 0, shoulder]], 0.013)]
    posts += [
        tube([[x * half[0] * 0.87, -half[1] * 0.87, shoulder], [x * half[0] * 0.87, half[1] * 0.87, shoulder]], 0.013)
        for x in (-1, 1)
    ]
    parts += [Part(join(posts), metal), Part(ellipsoid([0, 0, high + 0.02], (0.035, 0.035, 0.04)), metal)]
    parts += _laden(rng, half * 0.86, deck + 0.02, int(rng.choice([0, 2, 3, 4, 5], p=[0.1, 0.2, 0.3, 0.25, 0.15])))
    if rng.random() < 0.35:
        parts += _coats(rng, half, shoulder)
    grips = tuple(np.array([-half[0] * 0.93, s * half[1] * 0.93, 1.05]) for s in (1, -1))
    return Thing(KIND, BAG, tuple(parts), grips)


def _caster(x: float, y: float, radius: float, top_m: float) -> list[Part]:
    disc = lathe(
        [(0.001, -0.012), (radius - 0.02, -0.012), (radius - 0.02, 0.012), (0.001, 0.012)], (x, y, radius), sides=14
    )
    fork = tube([[x, y + 0.03, radius], [x, y + 0.03, 1.9 * radius], [x, y, top_m]], 0.01, 6)
    return [Part(ring((x, y, radius), radius - 0.02, 0.02, sides=18), RUBBER), Part(join([disc, fork]), GREY)]


def _bumper(half: Floats, z: float, metal: Look) -> list[Part]:
    around = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]]) * (half + 0.012)
    edge = np.c_[around, np.full(5, z)]
    return [Part(join([tube(edge[k : k + 2], 0.018) for k in range(4)]), metal if z > 0.25 else RUBBER)]


def _laden(rng: Rng, half: Floats, floor: float, count: int) -> list[Part]:
    """Suitcases beside one another, bags and cartons on and between them, within `half` (2,) of the middle."""
    parts: list[Part] = []
    x = -half[0]
    for _ in range(count):
        long, deep = float(rng.uniform(0.2, 0.3)), float(min(rng.uniform(0.34, 0.52), half[1] * 2))
        if x + long > half[0]:
            break
        at = np.array([x + long / 2, rng.uniform(-1, 1) * (half[1] - deep / 2), floor])
        parts += _case(rng, at, np.array([long, deep, rng.uniform(0.45, 0.74)]))
        x += long + float(rng.uniform(0.01, 0.08))
    if count and rng.random() < 0.6:
        size = rng.uniform([0.2, 0.14, 0.12], [0.3, 0.2, 0.17])
        parts.append(Part(ellipsoid([rng.uniform(-0.15, 0.15), 0, floor + 0.72], size), looks.cloth(rng)))
    if half[0] - x > 0.25:
        size = rng.uniform([0.2, 0.26, 0.18], [0.26, 0.4, 0.32])
        look = CARTON if rng.random() < 0.5 else looks.cloth(rng)
        parts.append(Part(box([half[0] - 0.14, 0, floor + size[2] / 2], size, 0.02), look))
    return parts


def _case(rng: Rng, foot: Floats, size: Floats) -> list[Part]:
    """A suitcase that stands on `foot` (3,), ribbed or of cloth, with handle and wheels."""
    shell = (
        Look(looks.pick(rng, looks.PAINTS), float(rng.uniform(0.2, 0.6))) if rng.random() < 0.7 else looks.cloth(rng)
    )
    middle = foot + [0, 0, size[2] / 2]
    parts = [Part(box(middle, size, 0.05), shell)]
    trim = Look((shell.rgb[0] * 0.5, shell.rgb[1] * 0.5, shell.rgb[2] * 0.5), 0.5)
    ribs = [box(middle + [0, y * size[1], 0], [size[0] * 1.02, 0.012, size[2] * 0.86]) for y in (-0.3, -0.1, 0.1, 0.3)]
    top = foot + [0, 0, size[2]]
    handle = curve([top + [0, -0.07, 0], top + [0, -0.06, 0.035], top + [0, 0.06, 0.035], top + [0, 0.07, 0]], 4)
    return [*parts, Part(join(ribs), trim), Part(tube(handle, 0.01, 6), BLACK)]


def _coats(rng: Rng, half: Floats, rail: float) -> list[Part]:
    """Garment bags on the rail."""
    parts: list[Part] = []
    for x in np.linspace(-0.5, 0.5, int(rng.integers(1, 4))) * half[0]:
        low = float(rng.uniform(0.7, 1.0))
        shape = [[x - 0.02, rail - 0.02], [x + 0.02, rail - 0.02], [x + 0.045, low], [x - 0.045, low]]
        parts.append(Part(plate(shape, 0, float(rng.uniform(0.38, 0.46))), looks.cloth(rng)))
    return parts


def airport_trolley(rng: Rng) -> Thing:
    """An airport's: a low sloping frame on three wheels, a back with a bar and a small basket, cases in a heap."""
    metal = STEEL if rng.random() < 0.6 else (CHROME if rng.random() < 0.5 else GREY)
    half, deck = float(rng.uniform(0.24, 0.29)), float(rng.uniform(0.16, 0.22))
    rear, front, bar = -0.42, float(rng.uniform(0.4, 0.5)), float(rng.uniform(0.98, 1.06))
    frame = [tube([[front, s * 0.06, deck - 0.03], [rear, s * half, deck + 0.03]], 0.016) for s in (-1, 1)]
    frame += [
        tube(curve([[rear, s * half, deck], [rear - 0.01, s * half, 0.7], [rear - 0.1, s * half, bar]], 4), 0.017)
        for s in (-1, 1)
    ]
    frame += [
        tube([[x, -w, deck + 0.015], [x, w, deck + 0.015]], 0.01, 6)
        for x, w in ((rear, half), (-0.2, half * 0.8), (0.05, half * 0.55))
    ]
    sheet = plate(
        [[front - 0.03, deck - 0.02], [front, deck + 0.06], [front + 0.02, deck + 0.06], [front, deck - 0.03]], 0, 0.2
    )
    parts = [Part(join(frame), metal), Part(sheet, metal)]
    for x, y in ((front - 0.06, 0.0), (rear + 0.05, -half), (rear + 0.05, half)):
        parts += _caster(x, y, float(rng.uniform(0.06, 0.085)), deck)
    parts.append(Part(tube([[rear - 0.1, -half - 0.03, bar], [rear - 0.1, half + 0.03, bar]], 0.02), looks.paint(rng)))
    parts += basket(np.array([rear + 0.08, 0, bar - 0.16]), np.array([0.18, half * 2, 0.16]), metal)
    board = box([rear - 0.02, 0, 0.55], [0.012, half * 1.8, float(rng.uniform(0.18, 0.34))])
    parts += [Part(board, Look(looks.pick(rng, looks.PAINTS), 0.4)), *_heap(rng, rear, front, half, deck)]
    grips = tuple(np.array([rear - 0.1, s * half * 0.8, bar]) for s in (1, -1))
    return Thing(KIND, BAG, tuple(parts), grips)


def _heap(rng: Rng, rear: float, front: float, half: float, deck: float) -> list[Part]:
    """One to three cases lying on one another or standing against the back, now and then a bag on top."""
    parts: list[Part] = []
    z = deck + 0.035
    for _ in range(int(rng.choice([0, 1, 2, 3], p=[0.08, 0.25, 0.42, 0.25]))):
        length, deep, thick = rng.uniform([0.52, 0.38, 0.2], [0.74, min(0.5, half * 2), 0.29])
        lying = turn((0, 1, 0), 90.0)
        place = pose(rear + 0.03, float(rng.uniform(-0.04, 0.04)), float(rng.normal(0, 4)), z_m=z + thick / 2) @ lying
        case = _case(rng, np.zeros(3), np.array([thick, deep, length]))
        parts += [Part(part.mesh.moved(place), part.look) for part in case]
        z += thick
    if parts and z < 0.8 and rng.random() < 0.5:
        size = rng.uniform([0.16, 0.16, 0.1], [0.24, 0.22, 0.15])
        parts.append(Part(ellipsoid([(rear + front) / 2 - 0.1, 0, z + size[2] * 0.9], size), looks.cloth(rng)))
    return parts
