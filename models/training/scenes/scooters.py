"""The moped-like electric scooter with leg shield and floorboard."""

from typing import Final

import numpy as np

from . import looks
from .accessories import child_seat, delivery_box, helmet, leg_quilt
from .cycle_parts import basket, fat_wheel, fender, handlebar, mirrors, steered
from .kit import Floats, Look, Part, Thing, box, curve, ellipsoid, loft, plate, tube
from .looks import BLACK, CHROME, LAMP, RUBBER, STEEL, TAIL, VINYL

E_BIKE: Final = 1
Rng = np.random.Generator


def scooter(rng: Rng, box_size: float = 0.0, colour: Look | None = None) -> Thing:
    """A moped-like electric scooter: leg shield, floorboard, closed tail, long seat."""
    colour, second = colour or looks.paint(rng), (looks.paint(rng) if rng.random() < 0.35 else BLACK)
    base, radius = rng.uniform(1.1, 1.3), rng.uniform(0.195, 0.235)
    seat_z, width = rng.uniform(0.69, 0.78), rng.uniform(0.11, 0.15)
    rear, front = -base / 2, base / 2
    head = np.array([front - 0.27, 0.0, rng.uniform(0.9, 0.98)])
    rim = looks.paint(rng) if rng.random() < 0.3 else (BLACK if rng.random() < 0.6 else STEEL)
    fixed = fat_wheel(rear, radius, 0.042, int(rng.integers(3, 7)), rim)
    fixed += _shield_and_floor(rng, rear, head, colour, second)
    fixed += _tail(rng, rear, radius, seat_z, width, colour)
    front_parts = _scooter_front(rng, front, radius, head, colour, second, rim)
    foot = np.array([front, 0, radius])
    parts = fixed + steered(front_parts, float(rng.uniform(-30, 30)), head, foot)
    parts += _scooter_extras(rng, rear, head, seat_z, box_size)
    grips = tuple(np.array([head[0] - 0.12, s * 0.3, head[2] + 0.12]) for s in (-1, 1))
    return Thing("e-bike", E_BIKE, tuple(parts), grips)


def _shield_and_floor(rng: Rng, rear: float, head: Floats, colour: Look, second: Look) -> list[Part]:
    """Leg shield, nose and floorboard."""
    x = head[0] - 0.06
    middle, length = (x + rear + 0.38) / 2, x - rear
    shield = curve([[x + 0.03, 0, 0.92], [x - 0.005, 0, 0.75], [x + 0.03, 0, 0.5], [x - 0.03, 0, 0.3]])
    shield_half = np.interp(np.arange(19), [0, 8, 18], [0.15, 0.21, 0.16])
    nose = curve([[head[0] + 0.03, 0, 0.93], [head[0] + 0.1, 0, 0.72], [head[0] + 0.08, 0, 0.45]])
    return [
        Part(loft(shield, shield_half, 0.03), colour),
        Part(
            loft(nose, np.linspace(0.09, 0.12, 13), np.linspace(0.04, 0.06, 13), 2.4),
            colour if rng.random() < 0.7 else second,
        ),
        Part(box([middle, 0, 0.285], [length - 0.3, 0.29, 0.075], 0.025), second),
        Part(box([middle, 0, 0.327], [length - 0.42, 0.25, 0.012]), RUBBER),
    ]


def _tail(rng: Rng, rear: float, radius: float, seat_z: float, width: float, colour: Look) -> list[Part]:
    """Bodywork under the seat, the seat itself, lamp, shock absorber, plate and grab rail."""
    n = np.arange(25)
    hull = ((0.42, 0.36), (0.36, 0.52), (0.1, 0.58), (-0.12, 0.63), (-0.3, 0.7))
    hull_half = np.interp(n, [0, 9, 18, 24], [width * 0.8, width * 1.05, width * 1.1, 0.05])
    seat = ((0.48, -0.03), (0.3, -0.01), (0.08, 0.0), (-0.12, 0.05), (-0.24, 0.05))
    seat_half = np.interp(n, [0, 4, 10, 20, 24], [0.04, 0.09, 0.14, 0.12, 0.06])
    plate_outline = [[rear - 0.33, 0.5], [rear - 0.3, 0.5], [rear - 0.31, 0.62], [rear - 0.34, 0.62]]
    hull_high = np.interp(n, [0, 9, 18, 24], [0.08, 0.15, 0.11, 0.04])
    parts = [
        Part(loft(curve([[rear + x, 0, z] for x, z in hull]), hull_half, hull_high, 2.8), colour),
        Part(
            loft(curve([[rear + x, 0, seat_z + z] for x, z in seat]), seat_half, 0.05, 2.6),
            VINYL if rng.random() < 0.8 else looks.cloth(rng),
        ),
        Part(ellipsoid([rear - 0.31, 0, 0.69], (0.03, 0.08, 0.03)), TAIL),
        Part(fender(rear, radius, 0.07, 70, 185), BLACK),
        Part(tube([[rear, 0.1, radius], [rear + 0.12, 0.1, 0.5]], 0.024), CHROME),
        Part(plate(plate_outline, 0, 0.18), Look((0.8, 0.8, 0.8))),
    ]
    if rng.random() < 0.75:
        rail = ((0, -0.13, 0.73), (-0.3, -0.1, 0.82), (-0.36, 0, 0.83), (-0.3, 0.1, 0.82), (0, 0.13, 0.73))
        bent = curve([[rear + x, y, z] for x, y, z in rail])
        parts.append(Part(tube(bent, 0.012), CHROME if rng.random() < 0.5 else BLACK))
    return parts


def _scooter_front(
    rng: Rng, front: float, radius: float, head: Floats, colour: Look, second: Look, rim: Look
) -> list[Part]:
    half, z = rng.uniform(0.31, 0.36), head[2] + 0.06
    parts = fat_wheel(front, radius, 0.042, 5, rim)
    for s in (-0.075, 0.075):
        parts.append(Part(tube([[front, s, radius], [front - 0.13, s, 0.52]], 0.02), CHROME))
    parts.append(Part(tube(np.array([[front - 0.13, 0, 0.52], [*head]]), 0.03), BLACK))
    parts.append(Part(fender(front, radius, 0.075, 20, 160), colour if rng.random() < 0.7 else second))
    parts.append(
        Part(
            loft(
                curve([[head[0] + 0.09, 0, z - 0.03], [head[0] + 0.03, 0, z + 0.02], [head[0] - 0.07, 0, z + 0.05]]),
                np.linspace(0.09, 0.13, 13),
                np.linspace(0.05, 0.07, 13),
                2.3,
            ),
            colour,
        )
    )
    lamp = (0.045, rng.uniform(0.05, 0.1), rng.uniform(0.04, 0.07))
    parts.append(Part(ellipsoid([head[0] + 0.12, 0, z - 0.02], lamp), LAMP))
    parts.append(Part(box([head[0] - 0.1, 0, z + 0.085], [0.07, 0.13, 0.02], 0.008), BLACK))
    parts += handlebar(head[0], z, half, 0.05, BLACK)
    if rng.random() < 0.85:
        parts += mirrors(rng, head[0], z + 0.05, half)
    if rng.random() < 0.35:
        parts += basket(np.array([head[0] + 0.27, 0, 0.78]), np.array([0.24, 0.32, 0.22]), BLACK)
    return parts


def _scooter_extras(rng: Rng, rear: float, head: Floats, seat_z: float, box_size: float) -> list[Part]:
    parts: list[Part] = []
    if box_size > 0:
        parts += delivery_box(rng, rear - 0.12, seat_z + 0.06, box_size)
    elif rng.random() < 0.35:
        look = BLACK if rng.random() < 0.6 else looks.paint(rng)
        parts.append(Part(box([rear - 0.27, 0, seat_z + 0.2], [0.32, 0.36, 0.26], 0.07), look))
    elif rng.random() < 0.2:
        parts += child_seat(rng, rear - 0.02, seat_z)
    if rng.random() < 0.25:
        parts += leg_quilt(rng, head)
    if rng.random() < 0.3:
        at = (
            np.array([rear + 0.2, 0, seat_z + 0.12])
            if rng.random() < 0.6
            else np.array([head[0] - 0.1, 0.3, head[2] + 0.1])
        )
        parts += helmet(at, looks.paint(rng))
    if rng.random() < 0.25:
        bag = ellipsoid([head[0] - 0.22, 0, 0.45], (0.1, 0.15, 0.13))
        parts.append(Part(bag, looks.cloth(rng)))
    return parts
