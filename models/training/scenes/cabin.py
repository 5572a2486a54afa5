"""Lift cabins: walls, floor, doors in any position, a lit lobby behind them.

World frame: the door sill runs along x at y = 0, the cabin lies at y > 0, the lobby at y < 0, z up.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from . import looks
from .fittings import Lamp, fittings, lights, notices
from .kit import Look, Part, Thing, box, quad
from .looks import BLACK, STEEL
from .surfaces import STYLES, floor_image, peeled, wall_look

Rng = np.random.Generator
DOOR_GAP_M: Final = 0.06


@dataclass(frozen=True, slots=True)
class Cabin:
    """Inner size, door width and height in metres, and everything but the doors."""

    width_m: float
    depth_m: float
    height_m: float
    door_m: float
    door_height_m: float
    shell: Thing
    lamps: tuple[Lamp, ...]
    door_look: Look
    centre_opening: bool


def cabin(
    rng: Rng,
    style: str | None = None,
    size_m: tuple[float, float, float] | None = None,
    door_m: float | None = None,
    *,
    worn: bool = True,
) -> Cabin:
    """A cabin at random, 1.25 to 1.9 m wide, 1.4 to 2.2 m deep; `size_m` is width, depth, height.

    `worn` lets some cabins show peeling film, dirt and notices.
    """
    style = style or str(rng.choice(STYLES))
    w, d, h = size_m or (float(rng.uniform(1.25, 1.9)), float(rng.uniform(1.4, 2.2)), float(rng.uniform(2.3, 2.7)))
    door = door_m or float(np.clip(w - rng.uniform(0.3, 0.7), 0.8, 1.15))
    door_h = float(rng.uniform(2.05, 2.15))
    wall = wall_look(rng, style)
    rear = wall if rng.random() < 0.7 else wall_look(rng, str(rng.choice(STYLES)))
    front = wall if rng.random() < 0.6 else wall_look(rng, "steel")
    old = rng.spawn(1)[0]
    if worn and old.random() < 0.4:
        wall, rear = peeled(old, wall), peeled(old, rear)
    parts = _walls(w, d, h, wall, rear) + _front_wall(w, h, door, door_h, front)
    parts.append(
        Part(
            quad([[-w / 2, 0, 0], [w / 2, 0, 0], [w / 2, d, 0], [-w / 2, d, 0]]),
            Look((0.3,) * 3, float(rng.uniform(0.3, 0.8)), image=floor_image(rng)),
        )
    )
    ceiling = Look((0.6, 0.6, 0.6), 0.5, float(rng.random() < 0.3))
    parts.append(Part(quad([[-w / 2, d, h], [w / 2, d, h], [w / 2, 0, h], [-w / 2, 0, h]]), ceiling))
    parts += fittings(rng, w, d, door)
    panels, lamps = lights(rng, w, d, h)
    lobby_parts, lobby_lamp = lobby(rng)
    if worn:
        parts += notices(old, w, d)
    shell = Thing("cabin", None, tuple(parts + panels + lobby_parts))
    return Cabin(
        w,
        d,
        h,
        door,
        door_h,
        shell,
        (*lamps, lobby_lamp),
        front if rng.random() < 0.5 else wall_look(rng, "steel"),
        bool(rng.random() < 0.65),
    )


def _walls(w: float, d: float, h: float, wall: Look, rear: Look) -> list[Part]:
    left = quad([[-w / 2, 0, 0], [-w / 2, d, 0], [-w / 2, d, h], [-w / 2, 0, h]])
    right = quad([[w / 2, d, 0], [w / 2, 0, 0], [w / 2, 0, h], [w / 2, d, h]])
    back = quad([[-w / 2, d, 0], [w / 2, d, 0], [w / 2, d, h], [-w / 2, d, h]])
    parts = [Part(left, wall), Part(right, wall), Part(back, rear)]
    seams = np.linspace(-w / 2, w / 2, 4)[1:-1]
    parts += [Part(box([x, d - 0.002, h / 2], [0.008, 0.006, h]), BLACK) for x in seams]
    for s in (-1, 1):
        parts += [Part(box([s * (w / 2 - 0.002), y, h / 2], [0.006, 0.008, h]), BLACK) for y in (d / 3, 2 * d / 3)]
        parts.append(Part(box([s * (w / 2 - 0.006), d / 2, 0.05], [0.012, d, 0.1]), STEEL))
    parts.append(Part(box([0, d - 0.006, 0.05], [w, 0.012, 0.1]), STEEL))
    return parts


def _front_wall(w: float, h: float, door: float, door_h: float, look: Look) -> list[Part]:
    parts = []
    side = (w - door) / 2
    for s in (-1, 1):
        x0, x1 = sorted((s * door / 2, s * w / 2))
        parts.append(Part(quad([[x1, 0, 0], [x0, 0, 0], [x0, 0, h], [x1, 0, h]]), look))
        parts.append(Part(box([s * (door / 2 + 0.01), -0.09, door_h / 2], [0.02, 0.18, door_h]), STEEL))
    if side > 0:
        parts.append(
            Part(quad([[door / 2, 0, door_h], [-door / 2, 0, door_h], [-door / 2, 0, h], [door / 2, 0, h]]), look)
        )
    parts.append(Part(box([0, -0.08, 0.0], [door, 0.16, 0.012]), STEEL))
    return parts


def lobby(rng: Rng) -> tuple[list[Part], Lamp]:
    """The landing behind the doors: floor, walls, ceiling, its own lamp."""
    wall = wall_look(rng, "painted")
    floor = Look((0.4,) * 3, float(rng.uniform(0.2, 0.6)), image=floor_image(rng))
    far, half, high = -float(rng.uniform(2.6, 4.0)), float(rng.uniform(2.0, 3.2)), 2.8
    parts = [
        Part(quad([[-half, far, 0], [half, far, 0], [half, -0.17, 0], [-half, -0.17, 0]], (2, 2)), floor),
        Part(quad([[half, far, 0], [-half, far, 0], [-half, far, high], [half, far, high]]), wall),
        Part(quad([[-half, far, 0], [-half, -0.17, 0], [-half, -0.17, high], [-half, far, high]]), wall),
        Part(quad([[half, -0.17, 0], [half, far, 0], [half, far, high], [half, -0.17, high]]), wall),
        Part(
            quad([[-half, -0.17, high], [half, -0.17, high], [half, far, high], [-half, far, high]]),
            Look((0.7,) * 3, 0.8),
        ),
        Part(box([rng.uniform(-0.5, 0.5), far + 0.03, 1.0], [0.9, 0.05, 2.0]), looks.paint(rng)),
    ]
    return parts, Lamp((0.0, far / 2, high - 0.05), (half, 0.5), float(rng.uniform(25, 70)), (1.0, 0.96, 0.9))


def doors(room: Cabin, opening: float) -> Thing:
    """The sliding leaves; `opening` 0 closed .. 1 open."""
    if not 0 <= opening <= 1:
        raise ValueError(f"opening {opening} is outside 0..1")
    high, parts = room.door_height_m, []
    edge = Look((0.02, 0.02, 0.02), 0.6)
    half = room.door_m / 2
    leaves = (
        [(-half / 2 - opening * half, half), (half / 2 + opening * half, half)]
        if room.centre_opening
        else [(-half / 2 - opening * half, half), (half / 2 - 2 * opening * half, half)]
    )
    for k, (x, width) in enumerate(leaves):
        y = -DOOR_GAP_M - (0.0 if room.centre_opening else 0.03 * k)
        x0, x1 = x - width / 2 + 0.002, x + width / 2 - 0.002
        inner = quad([[x1, y, 0], [x0, y, 0], [x0, y, high], [x1, y, high]])
        parts += [Part(inner, room.door_look), Part(box([x, y - 0.015, high / 2], [width - 0.004, 0.028, high]), STEEL)]
        parts += [Part(box([xe, y + 0.002, high / 2], [0.008, 0.004, high]), edge) for xe in (x0, x1)]
    return Thing("doors", None, tuple(parts))
