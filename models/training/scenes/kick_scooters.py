# ruff: noqa: RUF005 - what looks like joining lists adds vectors
"""Kick scooters: a deck to stand on, small wheels, a stem with a T-bar; for adults, for children, with a motor.

They have no label: a hard negative without a box. No e-bike, for nobody sits on them, and what lifts are closed to is
the two-wheeled moped or e-bike; an electric one is a kind of its own, so that a site which wants it kept out may have
it learnt one day. No bicycle either: pictures of others do not call them so, and the rule for bicycles would speak of
one. Where no box is, an e-bike is as wrong as where a rival's box is.
"""

from typing import Final

import numpy as np

from . import looks
from .kit import Floats, Look, Mesh, Part, Rgb, Thing, box, curve, ellipsoid, join, lathe, loft, ring, tube, turn
from .looks import BLACK, CHROME, GREY, LAMP, RUBBER, STEEL, TAIL

KICK: Final = "kick scooter"
ELECTRIC: Final = "electric kick scooter"
CHILDS: Final = "child's kick scooter"
DECK_M: Final = 0.09
"""How high one stands on a child's, about."""

_BRIGHT: Final[tuple[Rgb, ...]] = (
    (0.75, 0.08, 0.3),
    (0.02, 0.35, 0.7),
    (0.1, 0.5, 0.12),
    (0.8, 0.4, 0.02),
    (0.45, 0.12, 0.55),
    (0.75, 0.05, 0.04),
    (0.1, 0.6, 0.6),
)
Rng = np.random.Generator


def kick_scooter(rng: Rng, *, folded: bool = False) -> Thing:
    """An adult's, pushed by foot: two wheels of 20 cm, a narrow low deck, a thin stem up to a metre."""
    metal = looks.paint(rng) if rng.random() < 0.6 else (STEEL if rng.random() < 0.5 else BLACK)
    radius, length = float(rng.uniform(0.085, 0.115)), float(rng.uniform(0.46, 0.58))
    rear, front, high = -length / 2 - radius, length / 2 + radius, float(rng.uniform(0.07, 0.1))
    base = _small_wheel(rear, 0.0, radius, 0.022, rng) + _small_wheel(front, 0.0, radius, 0.022, rng)
    base += _deck(length, float(rng.uniform(0.1, 0.14)), 0.035, high, metal)
    neck = curve([[length / 2 - 0.04, 0, high], [length / 2 + 0.02, 0, high + 0.12], [front - 0.06, 0, 0.3]], 4)
    base += [Part(tube(neck, 0.02), metal), *_guard(rear, radius, BLACK if rng.random() < 0.5 else metal)]
    base += [Part(_fork(front, radius, 0.3), metal)]
    hinge, top = np.array([front - 0.05, 0, 0.31]), np.array([front - 0.16, 0, float(rng.uniform(0.88, 1.04))])
    half = float(rng.uniform(0.2, 0.26))
    column = [Part(tube([hinge, top], [0.02, 0.016]), metal), *_bar(top, half, BLACK, RUBBER)]
    if rng.random() < 0.4:
        strap = curve([hinge + [0.02, 0, 0.2], hinge + [0.12, 0.02, 0.3], top * 0.5 + hinge * 0.5 + [0.02, 0, 0.1]])
        column.append(Part(tube(strap, 0.008, 5), looks.cloth(rng)))
    return _whole(KICK, base, column, hinge, top, half, folded=folded)


def electric(rng: Rng, *, folded: bool = False) -> Thing:
    """With a motor in the hub of a wheel, a thick stem with a display and a lamp, a deck that holds the battery."""
    shell = (BLACK, BLACK, GREY, looks.paint(rng), Look((0.7, 0.7, 0.7), 0.3))[int(rng.integers(5))]
    accent = Look(looks.pick(rng, looks.PAINTS), 0.4)
    radius, length = float(rng.uniform(0.1, 0.13)), float(rng.uniform(0.5, 0.62))
    rear, front, high = -length / 2 - radius + 0.02, length / 2 + radius, float(rng.uniform(0.1, 0.13))
    base = _small_wheel(rear, 0.0, radius, 0.03, rng, 0.06) + _small_wheel(front, 0.0, radius, 0.03, rng, 0.075)
    base += _deck(length, float(rng.uniform(0.14, 0.18)), float(rng.uniform(0.055, 0.085)), high, shell)
    base += [Part(box([0, 0, high - 0.045], [length * 0.96, 0.19, 0.012], 0.004), accent)]
    neck = curve([[length / 2 - 0.04, 0, high], [length / 2 + 0.05, 0, high + 0.1], [front - 0.05, 0, 0.36]], 4)
    base += [Part(tube(neck, 0.034, 10), shell), *_guard(rear, radius, shell)]
    base += [Part(_fork(front, radius, 0.36), shell)]
    base.append(Part(ellipsoid([rear - radius - 0.01, 0, radius + 0.1], (0.015, 0.03, 0.02)), TAIL))
    hinge, top = np.array([front - 0.04, 0, 0.37]), np.array([front - 0.17, 0, float(rng.uniform(1.02, 1.2))])
    half = float(rng.uniform(0.21, 0.28))
    column = [Part(tube([hinge, top], float(rng.uniform(0.023, 0.032)), 10), shell), *_bar(top, half, BLACK, RUBBER)]
    column += [Part(box(top + [-0.01, 0, 0.02], [0.09, 0.06, 0.03], 0.01), BLACK)]
    column += [Part(ellipsoid(top + [0.04, 0, -0.08], (0.025, 0.03, 0.03)), LAMP)]
    column += [Part(tube([top + [0.02, 0.12, 0], top + [0.03, 0.2, -0.03]], 0.005, 5), CHROME)]
    cable = curve([top + [0.03, 0.1, 0], top + [0.1, 0.03, -0.15], hinge + [0.05, 0, 0.25], hinge + [0.03, 0, 0.02]])
    column.append(Part(tube(cable, 0.005, 5), accent if rng.random() < 0.3 else BLACK))
    return _whole(ELECTRIC, base, column, hinge, top, half, folded=folded)


def childs(rng: Rng, *, folded: bool = False) -> Thing:
    """A small child's: two wheels in front and one behind, a broad deck, bright colours."""
    first, second = (Look(looks.pick(rng, _BRIGHT), 0.35) for _ in range(2))
    metal = CHROME if rng.random() < 0.6 else second
    radius, length = float(rng.uniform(0.05, 0.065)), float(rng.uniform(0.3, 0.38))
    rear, front, apart = -length / 2, length / 2 + 0.04, float(rng.uniform(0.1, 0.14))
    wheel = second if rng.random() < 0.5 else BLACK
    base = [Part(_roller(front, s * apart, radius, 0.02), wheel) for s in (-1.0, 1.0)]
    base += [Part(_roller(rear, 0.0, radius * 0.8, 0.028), wheel)]
    spine = [[rear - 0.05, 0, 0.075], [0, 0, 0.07], [front - 0.03, 0, 0.085]]
    base += [Part(loft(spine, [0.05, 0.075, 0.06], 0.018, 3.0), first)]
    base += [Part(box([-0.02, 0, 0.09], [length * 0.7, 0.1, 0.006]), BLACK)]
    base += [Part(tube([[front, -apart, radius], [front, 0, 0.09], [front, apart, radius]], 0.018), first)]
    base += [*_guard(rear, radius, second)]
    hinge = np.array([front, 0, 0.11])
    top = np.array([front - 0.05, 0, float(rng.uniform(0.55, 0.8))])
    half = float(rng.uniform(0.12, 0.17))
    column = [Part(tube([hinge, hinge * 0.6 + top * 0.4], 0.022), first), Part(tube([hinge, top], 0.015), metal)]
    column += _bar(top, half, metal, second)
    if rng.random() < 0.4:
        column.append(Part(ellipsoid(top + [0.06, 0, -0.06], (0.05, 0.08, 0.06)), first))
    return _whole(CHILDS, base, column, hinge, top, half, folded=folded)


def any_kick_scooter(rng: Rng, *, folded: bool = False) -> Thing:
    """Any for those who have grown up."""
    return (electric if rng.random() < 0.55 else kick_scooter)(rng, folded=folded)


def _whole(
    kind: str, base: list[Part], column: list[Part], hinge: Floats, top: Floats, half_m: float, *, folded: bool
) -> Thing:
    """`column` turns about `hinge`; `top`: the middle of the bar. Folded the stem lies along the deck, its grips are
    where it is carried."""
    if not folded:
        grips = tuple(top + [-0.02, s * half_m * 0.85, 0.0] for s in (-1, 1))
        return Thing(kind, None, (*base, *column), grips)
    lean_deg = float(np.degrees(np.arctan2(top[0] - hinge[0], top[2] - hinge[2])))
    down = turn((0, 1, 0), -88.0 - lean_deg, hinge)
    laid = [Part(part.mesh.moved(down), part.look) for part in column]
    held = down[:3, :3] @ (hinge + (top - hinge) * 0.5) + down[:3, 3]
    return Thing(kind, None, (*base, *laid), (held, held))


def _small_wheel(x: float, y: float, radius: float, thick: float, rng: Rng, hub_m: float = 0.0) -> list[Part]:
    """Tyre and rim; `hub_m`: radius of a motor's drum."""
    c, inner = (x, y, radius), radius - 1.6 * thick
    rim = STEEL if rng.random() < 0.4 else (BLACK if rng.random() < 0.6 else looks.paint(rng))
    disc = [(0.001, -0.012), (inner, -0.01), (inner, 0.01), (0.001, 0.012)]
    parts = [Part(ring(c, radius - thick, thick, sides=20), RUBBER), Part(lathe(disc, c, sides=18), rim)]
    if hub_m:
        drum = [(0.001, -0.04), (hub_m, -0.032), (hub_m, 0.032), (0.001, 0.04)]
        parts.append(Part(lathe(drum, c, sides=16), GREY))
    return parts


def _roller(x: float, y: float, radius: float, half_m: float) -> Mesh:
    """A wheel of plastic."""
    profile = [(0.001, -half_m), (radius * 0.8, -half_m), (radius, -half_m * 0.5), (radius, half_m * 0.5)]
    return lathe([*profile, (radius * 0.8, half_m), (0.001, half_m)], (x, y, radius), sides=18)


def _deck(length: float, width: float, thick: float, z: float, look: Look) -> list[Part]:
    tape = box([-0.02, 0, z + thick / 2 + 0.002], [length * 0.8, width * 0.85, 0.004])
    return [Part(box([0, 0, z], [length, width, thick], 0.018), look), Part(tape, RUBBER)]


def _guard(x: float, radius: float, look: Look) -> list[Part]:
    """Mudguard and foot brake over the rear wheel."""
    a = np.radians(np.linspace(50, 150, 7))
    spine = np.stack([x + (radius + 0.018) * np.cos(a), np.zeros(7), radius + (radius + 0.018) * np.sin(a)], axis=1)
    return [Part(loft(spine, 0.032, 0.006, 2.5), look)]


def _fork(x: float, radius: float, top_m: float) -> Mesh:
    sides = [tube([[x, s, radius], [x - 0.01, s, 2 * radius + 0.02]], 0.012, 6) for s in (-0.045, 0.045)]
    crown = box([x - 0.01, 0, 2 * radius + 0.03], [0.04, 0.11, 0.02])
    return join([*sides, crown, tube([[x - 0.01, 0, 2 * radius + 0.03], [x - 0.05, 0, top_m]], 0.022)])


def _bar(top: Floats, half_m: float, look: Look, grip: Look) -> list[Part]:
    parts = [Part(tube([top + [0, -half_m, 0], top + [0, half_m, 0]], 0.013), look)]
    parts += [Part(tube([top + [0, s * half_m * 0.6, 0], top + [0, s * half_m, 0]], 0.02), grip) for s in (-1, 1)]
    return parts
