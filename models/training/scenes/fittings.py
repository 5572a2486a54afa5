"""What is fixed inside a cabin: rails, mirror, posters, button panel, screen, lamps."""

from dataclasses import dataclass

import numpy as np

from . import looks
from .kit import Look, Part, box, quad, tube
from .looks import BLACK, CHROME, STEEL
from .surfaces import poster

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Lamp:
    """A downward area light: centre (x, y, z) m, size (x, y) m, radiant power W, colour linear rgb."""

    centre: tuple[float, float, float]
    size_m: tuple[float, float]
    power_w: float
    rgb: tuple[float, float, float]


def fittings(rng: Rng, w: float, d: float, door: float) -> list[Part]:
    parts: list[Part] = []
    if rng.random() < 0.55:
        z = rng.uniform(0.85, 0.95)
        sides = (w / 2 - 0.06, 0.06 - w / 2) if rng.random() < 0.7 else ()
        parts += [Part(tube([[x, 0.25, z], [x, d - 0.15, z]], 0.019), CHROME) for x in sides]
        parts.append(Part(tube([[-w / 2 + 0.15, d - 0.06, z], [w / 2 - 0.15, d - 0.06, z]], 0.019), CHROME))
    if rng.random() < 0.3:
        low = rng.uniform(0.3, 1.0)
        parts.append(
            Part(
                quad(
                    [
                        [-w / 2 + 0.1, d - 0.01, low],
                        [w / 2 - 0.1, d - 0.01, low],
                        [w / 2 - 0.1, d - 0.01, 2.0],
                        [-w / 2 + 0.1, d - 0.01, 2.0],
                    ]
                ),
                looks.MIRROR,
            )
        )
    for s in (-1, 1):
        parts += _posters(rng, s, w, d)
    side = 1 if rng.random() < 0.7 else -1
    parts += _buttons(rng, side, w, door)
    if rng.random() < 0.5:
        parts.append(_screen(rng, w, d))
    return parts


def notices(rng: Rng, w: float, d: float) -> list[Part]:
    """Small papers, plates and stickers on the side walls."""
    parts = []
    for _ in range(int(rng.choice([0, 1, 2, 4]))):
        side = float(rng.choice([-1, 1]))
        y, z = rng.uniform(0.15, d - 0.4), rng.uniform(1.0, 1.9)
        long, high, x = rng.uniform(0.06, 0.28), rng.uniform(0.06, 0.25), side * (w / 2 - 0.008)
        ends = (y, y + long) if side < 0 else (y + long, y)
        face = quad([[x, ends[0], z], [x, ends[1], z], [x, ends[1], z + high], [x, ends[0], z + high]])
        parts.append(Part(face, Look((0.5,) * 3, 0.5, image=poster(rng))))
    return parts


def _posters(rng: Rng, side: int, w: float, d: float) -> list[Part]:
    parts = []
    x = side * (w / 2 - 0.015)
    for k in range(int(rng.choice([0, 1, 1, 2, 3]))):
        y0, z0 = 0.2 + 0.6 * k, rng.uniform(0.95, 1.3)
        width, high = rng.uniform(0.4, 0.55), rng.uniform(0.5, 0.8)
        if y0 + width > d - 0.1:
            break
        ends = (y0, y0 + width) if side < 0 else (y0 + width, y0)
        frame = box([x, y0 + width / 2, z0 + high / 2], [0.02, width + 0.04, high + 0.04])
        face = quad(
            [
                [x - side * 0.012, ends[0], z0],
                [x - side * 0.012, ends[1], z0],
                [x - side * 0.012, ends[1], z0 + high],
                [x - side * 0.012, ends[0], z0 + high],
            ]
        )
        parts += [
            Part(frame, STEEL if rng.random() < 0.5 else BLACK),
            Part(face, Look((0.5,) * 3, 0.35, image=poster(rng))),
        ]
    return parts


def _buttons(rng: Rng, side: int, w: float, door: float) -> list[Part]:
    """The car operating panel beside the door, or on the side wall near it."""
    parts = []
    on_front = (w - door) / 2 > 0.24
    rows = int(rng.integers(6, 13))
    glow = Look((0.9, 0.6, 0.3), 0.4, emission=2.0)
    for row in range(rows):
        for column in range(2):
            z, across = 0.9 + 0.055 * row, 0.05 * (column - 0.5)
            at = (
                [side * (door / 2 + (w - door) / 4) + across, 0.012, z]
                if on_front
                else [side * (w / 2 - 0.016), 0.3 + across, z]
            )
            size = [0.03, 0.01, 0.03] if on_front else [0.01, 0.03, 0.03]
            parts.append(Part(box(at, size), glow if rng.random() < 0.12 else looks.GREY))
    size = [0.16, 0.012, 1.1] if on_front else [0.012, 0.18, 1.1]
    at = [side * (door / 2 + (w - door) / 4), 0.006, 1.35] if on_front else [side * (w / 2 - 0.006), 0.3, 1.35]
    parts.append(Part(box(at, size), STEEL if rng.random() < 0.5 else BLACK))
    digit = [at[0], 0.015, 1.75] if on_front else [side * (w / 2 - 0.016), 0.3, 1.75]
    parts.append(
        Part(
            box(digit, [0.09, 0.008, 0.06] if on_front else [0.008, 0.09, 0.06]),
            Look((0.8, 0.05, 0.02), 0.3, emission=1.5),
        )
    )
    return parts


def _screen(rng: Rng, w: float, d: float) -> Part:
    """An advertising screen that glows."""
    look = Look((0.5,) * 3, 0.2, emission=float(rng.uniform(0.8, 2.5)), image=poster(rng, bright=True))
    z, width, high = rng.uniform(1.35, 1.55), 0.36, 0.6
    if rng.random() < 0.5:
        return Part(
            quad(
                [
                    [-width / 2, d - 0.02, z],
                    [width / 2, d - 0.02, z],
                    [width / 2, d - 0.02, z + high],
                    [-width / 2, d - 0.02, z + high],
                ]
            ),
            look,
        )
    y = rng.uniform(0.3, d - 0.6)
    return Part(
        quad(
            [
                [w / 2 - 0.03, y + width, z],
                [w / 2 - 0.03, y, z],
                [w / 2 - 0.03, y, z + high],
                [w / 2 - 0.03, y + width, z + high],
            ]
        ),
        look,
    )


def lights(rng: Rng, w: float, d: float, h: float) -> tuple[list[Part], list[Lamp]]:
    """One to four luminous ceiling panels; warm to cold white."""
    warm = rng.uniform(0.0, 1.0)
    rgb = (1.0, 0.85 + 0.13 * warm, 0.66 + 0.36 * warm)
    total = rng.uniform(18, 34) * w * d / 2.4
    layout = [
        [(0.0, 0.5, 0.6, 0.5)],
        [(0.0, 0.3, 0.7, 0.12), (0.0, 0.7, 0.7, 0.12)],
        [(-0.25, 0.5, 0.1, 0.8), (0.25, 0.5, 0.1, 0.8)],
        [(-0.25, 0.25, 0.12, 0.1), (0.25, 0.25, 0.12, 0.1), (-0.25, 0.75, 0.12, 0.1), (0.25, 0.75, 0.12, 0.1)],
    ][int(rng.integers(4))]
    parts, lamps = [], []
    for x, y, sx, sy in layout:
        centre, size = (x * w, y * d, h - 0.02), (sx * w, sy * d)
        parts.append(
            Part(box([centre[0], centre[1], h - 0.005], [size[0], size[1], 0.008]), Look(rgb, 0.5, emission=4.0))
        )
        lamps.append(Lamp((centre[0], centre[1], h - 0.03), size, float(total / len(layout)), rgb))
    return parts, lamps
