# ruff: noqa: RUF005 - what looks like joining lists adds vectors
"""Delivery robots, which take the lift by themselves: a cabinet with a face, an open rack, a low one with a flag.

They have no label: as a bag one that waits for the lift would be luggage that somebody has left.
"""

from itertools import pairwise
from typing import Final

import numpy as np

from . import looks
from .kit import Floats, Look, Mesh, Part, Rgb, Thing, box, curve, ellipsoid, lathe, plate, ring, skin, tube, turn
from .looks import BLACK, CARTON, GREY, LAMP, RUBBER

KIND: Final = "delivery robot"
_SHELLS: Final[tuple[Rgb, ...]] = (
    (0.78, 0.78, 0.77),
    (0.72, 0.74, 0.76),
    (0.8, 0.79, 0.75),
    (0.3, 0.31, 0.33),
    (0.03, 0.03, 0.035),
    (0.1, 0.25, 0.45),
    (0.7, 0.3, 0.04),
)
_LIGHTS: Final[tuple[Rgb, ...]] = (
    (0.1, 0.5, 0.9),
    (0.15, 0.8, 0.4),
    (0.9, 0.5, 0.1),
    (0.8, 0.8, 0.85),
    (0.5, 0.2, 0.9),
)
Rng = np.random.Generator


def robot(rng: Rng) -> Thing:
    """Any, as often as each kind is met in lifts."""
    roll = rng.random()
    return cabinet(rng) if roll < 0.62 else (rack(rng) if roll < 0.82 else six_wheeled(rng))


def _glow(rng: Rng, strength: float = 1.6) -> Look:
    return Look(looks.pick(rng, _LIGHTS), 0.3, emission=float(rng.uniform(0.7, 1.3)) * strength)


def _shell(rng: Rng) -> Look:
    return Look(looks.pick(rng, _SHELLS), float(rng.uniform(0.2, 0.5)))


def _column(heights: Floats, halves: Floats, power: float) -> Mesh:
    """Upright bodywork: superellipses of half sizes (n, 2) at heights (n,)."""
    a = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    c = np.sign(np.cos(a)) * np.abs(np.cos(a)) ** (2 / power)
    s = np.sign(np.sin(a)) * np.abs(np.sin(a)) ** (2 / power)
    rings = np.stack(
        [np.stack([c * hx, s * hy, np.full(28, z)], axis=1) for z, (hx, hy) in zip(heights, halves, strict=True)]
    )
    return skin(rings)


def cabinet(rng: Rng) -> Thing:
    """A box about 0.5 x 0.5 x 1.1 m: drawers in front, a screen, lights, wheels that hardly show."""
    half = rng.uniform([0.22, 0.2], [0.29, 0.27])
    high, power = float(rng.uniform(0.92, 1.25)), float(rng.choice([3.0, 4.5, 8.0]))
    shell, dark = _shell(rng), BLACK if rng.random() < 0.7 else GREY
    low = float(rng.uniform(0.06, 0.1))
    waist = float(rng.uniform(0.16, 0.26))
    taper = float(rng.uniform(0.82, 1.0))
    body = np.array([waist, waist + 0.03, high * 0.6, high - 0.05, high - 0.01, high])
    widths = np.array([0.95, 1.0, (1 + taper) / 2, taper, taper * 0.95, taper * 0.8])
    parts = [Part(_column(body, widths[:, None] * half, power), shell)]
    base = np.array([low, low + 0.02, waist - 0.04, waist])
    parts.append(Part(_column(base, np.array([0.97, 1.02, 1.02, 0.92])[:, None] * half, power), dark))
    strip = np.array([waist - 0.012, waist + 0.006])
    parts.append(Part(_column(strip, np.ones((2, 1)) * half * 1.015, power), _glow(rng)))
    parts += _wheels(half) + _doors(rng, half, waist, high, shell) + _face(rng, half * taper, high)
    return Thing(KIND, None, tuple(parts))


def _wheels(half: Floats) -> list[Part]:
    """Two that drive, four casters, mostly under the base."""
    wheels = [((0.0, s * (half[1] - 0.01), 0.085), 0.06) for s in (-1, 1)]
    wheels += [((x * (half[0] - 0.07), s * (half[1] - 0.07), 0.04), 0.02) for x in (-1, 1) for s in (-1, 1)]
    return [Part(ring(at, radius, 0.022, sides=16), RUBBER) for at, radius in wheels]


def _doors(rng: Rng, half: Floats, waist: float, high: float, shell: Look) -> list[Part]:
    """Seams and handles of two to four drawers in front, or of one door on each side."""
    count, top = int(rng.integers(2, 5)), high * float(rng.uniform(0.62, 0.74))
    edges, lid = np.linspace(waist + 0.06, top, count + 1), Look(shell.rgb, 0.25)
    if rng.random() < 0.5:
        lid = Look(looks.pick(rng, _SHELLS), 0.3)
    parts: list[Part] = []
    for low, upper in pairwise(edges.tolist()):
        middle, size = (low + upper) / 2, upper - low
        parts.append(Part(box([half[0], 0, middle], [0.012, half[1] * 1.6, size + 0.008]), BLACK))
        parts.append(Part(box([half[0] + 0.004, 0, middle], [0.014, half[1] * 1.56, size - 0.012], 0.005), lid))
        parts.append(Part(box([half[0] + 0.014, 0, upper - 0.035], [0.012, 0.12, 0.014]), GREY))
    if rng.random() < 0.5:
        name = box([0.0, 0.0, (waist + top) / 2], [half[0] * 0.9, half[1] * 2.03, 0.09])
        parts.append(Part(name, Look(looks.pick(rng, looks.PAINTS), 0.5)))
    return parts


def _face(rng: Rng, half: Floats, high: float) -> list[Part]:
    """The screen: sloping on top, upright in front, or on a head of its own; and the laser's turret."""
    screen, eye = Look((0.01, 0.012, 0.016), 0.08), _glow(rng, 2.2)
    roll = rng.random()
    tilt = float(rng.uniform(0.0, 0.06)) if roll < 0.4 else float(rng.uniform(0.1, 0.2))
    low, upper, front = high - 0.21, high - 0.04, half[0] + 0.012
    outline = [[front, low], [front + 0.018, low], [front + 0.018 - tilt, upper], [front - tilt, upper]]
    parts = [Part(plate(outline, 0, half[1] * 1.5), screen)]
    for s in (-1, 1):
        at = [front + 0.016 - tilt / 2, s * half[1] * 0.34, (low + upper) / 2]
        parts.append(Part(ellipsoid(at, (0.012 + tilt * 0.1, 0.032, float(rng.uniform(0.018, 0.045)))), eye))
    if roll > 0.7:
        parts.append(Part(box([-0.02, 0, high + 0.08], [0.12, half[1] * 1.4, 0.19], 0.05), screen))
        parts += [Part(ellipsoid([0.04, s * 0.08, high + 0.09], (0.012, 0.028, 0.034)), eye) for s in (-1, 1)]
    elif rng.random() < 0.5:
        puck = [(0.001, 0.0), (0.05, 0.0), (0.055, 0.03), (0.05, 0.06), (0.001, 0.065)]
        parts.append(Part(lathe(puck, (0, 0, high), "z"), BLACK))
    return parts


def rack(rng: Rng) -> Thing:
    """An open one as restaurants have it: trays between two posts, a head with a screen, parcels on the trays."""
    half, high = rng.uniform([0.2, 0.2], [0.27, 0.25]), float(rng.uniform(1.0, 1.3))
    shell, trim = _shell(rng), _glow(rng)
    foot = np.array([0.05, 0.08, 0.18, 0.22])
    parts = [Part(_column(foot, np.array([0.95, 1.04, 1.04, 0.9])[:, None] * half, 3.5), shell), *_wheels(half)]
    for s in (-1.0, 1.0):
        post = curve(
            [
                [-half[0] * 0.6, s * half[1] * 0.9, 0.2],
                [-half[0] * 0.8, s * half[1], high * 0.6],
                [0, s * half[1] * 0.9, high],
            ]
        )
        parts += [Part(tube(post, 0.026), shell), Part(tube(post + [0.022, 0, 0], 0.008, 6), trim)]
    for z in np.linspace(0.34, high - 0.48, int(rng.integers(2, 4))):
        parts.append(
            Part(_column(np.array([z, z + 0.02]), np.ones((2, 1)) * half, 3.5), GREY if rng.random() < 0.5 else shell)
        )
        if rng.random() < 0.6:
            size = rng.uniform([0.14, 0.14, 0.07], [0.28, 0.3, 0.2])
            parts.append(
                Part(
                    box([0.0, 0, z + 0.02 + size[2] / 2], size, 0.01),
                    CARTON if rng.random() < 0.5 else looks.paint(rng),
                )
            )
    top = np.array([high - 0.19, high - 0.15, high + 0.04, high + 0.06])
    parts.append(Part(_column(top, np.array([0.85, 0.95, 0.95, 0.8])[:, None] * half, 3.0), shell))
    return Thing(KIND, None, (*parts, *_face(rng, half * 0.95, high + 0.06)))


def six_wheeled(rng: Rng) -> Thing:
    """The low one of pavements: a lidded tub on six wheels, lamps and cameras around it, a flag on a whip."""
    shell, radius = _shell(rng), float(rng.uniform(0.1, 0.13))
    half = rng.uniform([0.29, 0.21], [0.36, 0.26])
    high = float(rng.uniform(0.5, 0.66))
    tub = np.array([radius, radius + 0.05, high * 0.62, high * 0.66])
    parts = [Part(_column(tub, np.array([0.8, 0.92, 1.0, 0.98])[:, None] * half, 3.2), shell)]
    parts.append(Part(_column(np.array([0.66, 0.72]) * high, np.ones((2, 1)) * half * 0.985, 3.2), BLACK))
    lid = np.array([0.72, 0.76, 0.93, 1.0]) * high
    parts.append(Part(_column(lid, np.array([0.98, 0.99, 0.86, 0.6])[:, None] * half, 3.0), shell))
    for x in (-0.78, 0.0, 0.78):
        for s in (-1.0, 1.0):
            at = (x * half[0], s * (half[1] + 0.03), radius)
            hub = lathe([(0.001, -0.03), (radius * 0.55, -0.028), (radius * 0.55, 0.028), (0.001, 0.03)], at, sides=14)
            parts += [Part(ring(at, radius - 0.035, 0.035, flat=1.1, sides=18), RUBBER), Part(hub, GREY)]
    parts += [Part(ellipsoid([half[0] * 0.97, s * 0.11, high * 0.5], (0.02, 0.04, 0.022)), LAMP) for s in (-1, 1)]
    parts.append(Part(box([half[0] * 0.98, 0, high * 0.5], [0.012, 0.12, 0.014]), _glow(rng)))
    return Thing(KIND, None, (*parts, *_flag(rng, half, high)))


def _flag(rng: Rng, half: Floats, high: float) -> list[Part]:
    tip = np.array([-half[0] * 0.85, half[1] * 0.6, float(rng.uniform(1.0, 1.4))])
    foot = np.array([tip[0] + 0.02, tip[1], high * 0.7])
    bright = Look(((0.8, 0.2, 0.02), (0.75, 0.55, 0.02), (0.7, 0.03, 0.03))[int(rng.integers(3))], 0.7)
    x, z = float(tip[0]), float(tip[2])
    outline = [[x, z], [x - float(rng.uniform(0.2, 0.3)), z - 0.09], [x, z - 0.18]]
    blown = turn((0, 0, 1), float(rng.uniform(-80, 80)), tip)
    lamp = ellipsoid(tip + [0, 0, 0.015], (0.014, 0.014, 0.02))
    return [
        Part(tube([foot, tip], 0.009, 6), bright if rng.random() < 0.4 else BLACK),
        Part(plate(outline, float(tip[1]), 0.008).moved(blown), bright),
        Part(lamp, LAMP),
    ]
