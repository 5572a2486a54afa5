"""The light commuter e-bike with pedals, basket and battery box."""

import numpy as np

from . import looks
from .accessories import child_seat, delivery_box, helmet, leg_quilt
from .cycle_parts import basket, fat_wheel, fender, handlebar, mirrors, steered
from .kit import Floats, Look, Part, Thing, box, curve, ellipsoid, join, loft, tube
from .looks import BLACK, CHROME, LAMP, STEEL, TAIL, VINYL
from .scooters import E_BIKE

Rng = np.random.Generator


def commuter(rng: Rng, box_size: float = 0.0) -> Thing:
    """The light Chinese commuter: step-through frame, battery box, pedals, basket, thick tyres."""
    colour = looks.paint(rng)
    radius = rng.uniform(0.19, 0.25)
    base = rng.uniform(1.0, 1.18)
    rear, front = -base / 2, base / 2
    head = np.array([front - 0.2, 0.0, rng.uniform(0.86, 0.95)])
    seat_z = rng.uniform(0.7, 0.8)
    rim = BLACK if rng.random() < 0.6 else STEEL
    frame = [
        tube(curve([[head[0], 0, head[2] - 0.18], [head[0] - 0.14, 0, 0.45], [0.05, 0, 0.3], [-0.16, 0, 0.3]]), 0.04),
        tube([[-0.12, 0, 0.3], [-0.2, 0, seat_z - 0.05]], 0.028),
        tube([[-0.12, 0.08, 0.3], [rear, 0.08, radius]], 0.018),
        tube([[-0.12, -0.08, 0.3], [rear, -0.08, radius]], 0.018),
        tube([[-0.19, 0.06, 0.6], [rear, 0.09, radius]], 0.014),
        tube([[-0.19, -0.06, 0.6], [rear, -0.09, radius]], 0.014),
        box([(head[0] - 0.1 - 0.16) / 2, 0, 0.3], [0.3, 0.2, 0.06], 0.02),
    ]
    battery = (
        box([-0.27, 0, 0.5], [0.13, 0.17, 0.34], 0.03)
        if rng.random() < 0.6
        else box([0.0, 0, 0.37], [0.26, 0.16, 0.14], 0.03)
    )
    parts = fat_wheel(rear, radius, rng.uniform(0.03, 0.038), int(rng.integers(3, 7)), rim)
    parts += [Part(join(frame), colour), Part(battery, BLACK if rng.random() < 0.6 else colour)]
    parts += [
        Part(fender(rear, radius, 0.055, 30, 175), BLACK),
        Part(ellipsoid([rear - 0.24, 0, 0.6], (0.02, 0.06, 0.03)), TAIL),
    ]
    parts += _commuter_seat(rng, rear, seat_z)
    for s in (-1, 1):
        crank = [[-0.1, s * 0.1, 0.29], [-0.1 + s * 0.13, s * 0.11, 0.25]]
        pedal = box([-0.1 + s * 0.13, s * 0.16, 0.25], [0.08, 0.09, 0.025])
        parts += [Part(tube(crank, 0.012), CHROME), Part(pedal, BLACK)]
    rack = [tube([[rear + 0.3, s, 0.62], [rear - 0.25, s, 0.62]], 0.01, 6) for s in (-0.08, 0.08)]
    parts.append(Part(join([*rack, tube([[rear - 0.2, 0.08, 0.62], [rear, 0.09, radius]], 0.008, 6)]), BLACK))
    front_parts = _commuter_front(rng, front, radius, head, rim, colour)
    parts += steered(front_parts, float(rng.uniform(-30, 30)), head, np.array([front, 0, radius]))
    if box_size > 0:
        parts += delivery_box(rng, rear - 0.05, 0.66, box_size)
    if rng.random() < 0.2:
        parts += leg_quilt(rng, head)
    if rng.random() < 0.25:
        parts += helmet(np.array([head[0] + 0.2, 0, head[2] - 0.02]), looks.paint(rng))
    grips = tuple(np.array([head[0] - 0.12, s * 0.28, head[2] + 0.2]) for s in (-1, 1))
    return Thing("e-bike", E_BIKE, tuple(parts), grips)


def _commuter_seat(rng: Rng, rear: float, seat_z: float) -> list[Part]:
    look = VINYL if rng.random() < 0.75 else looks.paint(rng)
    saddle = loft(
        curve([[0.0, 0, seat_z], [-0.12, 0, seat_z + 0.01], [-0.3, 0, seat_z + 0.03]]),
        np.linspace(0.05, 0.14, 13),
        0.045,
        2.5,
    )
    parts = [Part(saddle, look)]
    if rng.random() < 0.75:
        cushion = box([rear + 0.02, 0, seat_z - 0.04], [0.34, 0.22, 0.09], 0.04)
        back = tube(
            curve(
                [
                    [rear - 0.12, -0.11, seat_z],
                    [rear - 0.18, -0.1, seat_z + 0.16],
                    [rear - 0.18, 0.1, seat_z + 0.16],
                    [rear - 0.12, 0.11, seat_z],
                ]
            ),
            0.014,
        )
        parts += [Part(cushion, look), Part(back, CHROME)]
    elif rng.random() < 0.3:
        parts += child_seat(rng, rear + 0.05, seat_z - 0.08)
    return parts


def _commuter_front(rng: Rng, front: float, radius: float, head: Floats, rim: Look, colour: Look) -> list[Part]:
    z, half = head[2] + 0.08, rng.uniform(0.28, 0.33)
    parts = fat_wheel(front, radius, 0.033, 5, rim)
    parts += [Part(tube([[front, s, radius], [front - 0.08, s, 0.52]], 0.014), CHROME) for s in (-0.06, 0.06)]
    parts.append(Part(tube([[front - 0.08, 0, 0.52], [head[0], 0, head[2] + 0.06]], 0.024), colour))
    parts.append(Part(fender(front, radius, 0.05, 10, 150), BLACK))
    parts.append(Part(ellipsoid([head[0] + 0.1, 0, head[2] + 0.02], (0.05, 0.07, 0.06)), BLACK))
    parts.append(Part(ellipsoid([head[0] + 0.125, 0, head[2] + 0.02], (0.035, 0.06, 0.05)), LAMP))
    parts.append(Part(box([head[0], 0, z + 0.06], [0.08, 0.14, 0.03], 0.01), BLACK))
    parts += handlebar(head[0], z, half, 0.12, BLACK)
    if rng.random() < 0.8:
        parts += basket(
            np.array([head[0] + 0.26, 0, head[2] - 0.12]),
            np.array([0.26, 0.34, 0.24]),
            BLACK if rng.random() < 0.6 else STEEL,
        )
    if rng.random() < 0.5:
        parts += mirrors(rng, head[0], z + 0.1, half)
    return parts
