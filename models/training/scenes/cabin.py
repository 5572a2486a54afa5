"""Lift cabins: walls, floor, doors in any position, a lit lobby behind them, fittings, lamps.

World frame: the door sill runs along x at y = 0, the cabin lies at y > 0, the lobby at y < 0, z up.
"""

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from . import looks
from .kit import Look, Part, Rgb, Thing, box, quad, tube
from .looks import BLACK, CHROME, STEEL

Rng = np.random.Generator
Image = NDArray[np.uint8]
STYLES: Final = ("steel", "steel", "dark", "wood", "painted", "clad")
DOOR_GAP_M: Final = 0.06


@dataclass(frozen=True, slots=True)
class Lamp:
    """A downward area light: centre (x, y, z) m, size (x, y) m, radiant power W, colour linear rgb."""

    centre: tuple[float, float, float]
    size_m: tuple[float, float]
    power_w: float
    rgb: tuple[float, float, float]


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


def image_noise(rng: Rng, base: Rgb, size: tuple[int, int], stretch: tuple[int, int], depth: float) -> Image:
    """Blotches over a linear colour, as an sRGB picture (h, w, 3); `stretch` (x, y) sets the grain."""
    h, w = size
    field = np.zeros((h, w), np.float32)
    for octave in (1, 2, 4):
        small = (max(2, w * octave // (stretch[0] * 4)), max(2, h * octave // (stretch[1] * 4)))
        coarse = rng.normal(size=small[::-1]).astype(np.float32)
        field += np.asarray(cv2.resize(coarse, (w, h), interpolation=cv2.INTER_CUBIC), np.float32) / octave
    shade = np.clip(1 + depth * field, 0.2, 1.8)[..., None] * np.asarray(base, np.float32)
    return np.asarray(255 * np.clip(shade, 0, 1) ** (1 / 2.2), np.uint8)


def poster(rng: Rng, *, bright: bool = False) -> Image:
    """An advertisement of blocks, discs and bars: nobody's brand, but as loud as a real one."""
    h, w = 256, 180
    grounds = (
        (245, 245, 240),
        (200, 30, 40),
        (30, 90, 190),
        (250, 200, 60),
        (240, 240, 245),
        (20, 30, 60),
        (60, 150, 80),
        (225, 225, 230),
    )
    ground = list(grounds[int(rng.integers(len(grounds)))])
    out = np.full((h, w, 3), ground, np.uint8)
    for _ in range(int(rng.integers(3, 9))):
        colour = rng.integers(0, 256, 3).tolist()
        x, y = int(rng.integers(0, w)), int(rng.integers(0, h))
        if rng.random() < 0.5:
            cv2.circle(out, (x, y), int(rng.integers(10, 70)), colour, -1, cv2.LINE_AA)
        else:
            cv2.rectangle(
                out, (x - int(rng.integers(10, 80)), y - int(rng.integers(8, 50))), (x + 40, y + 20), colour, -1
            )
    ink = (255, 255, 255) if sum(ground) < 380 else (20, 20, 20)
    for row in range(int(rng.integers(2, 9))):
        y = int(rng.integers(10, h - 10))
        cv2.line(
            out, (int(rng.integers(5, 40)), y), (int(rng.integers(80, w - 5)), y), ink, int(rng.integers(1, 3 + row))
        )
    return np.asarray(np.clip(out.astype(int) + (40 if bright else 0), 0, 255), np.uint8)


def floor_image(rng: Rng) -> Image:
    """Floor covering: speckled rubber, chequer plate, tiles with a border, stone, carpet, bare steel."""
    kind = str(rng.choice(["speckle", "chequer", "tiles", "stone", "carpet"]))
    base = looks.pick(
        rng,
        (
            (0.3, 0.29, 0.26),
            (0.12, 0.12, 0.13),
            (0.45, 0.42, 0.36),
            (0.2, 0.22, 0.24),
            (0.28, 0.2, 0.14),
            (0.5, 0.5, 0.5),
        ),
    )
    n = 384
    out = image_noise(rng, base, (n, n), (1, 1), 0.12 if kind != "stone" else 0.3)
    if kind == "speckle":
        dots = rng.random((n, n)) < 0.06
        out[dots] = rng.integers(20, 230)
    elif kind == "chequer":
        for y in range(0, n, 16):
            for x in range(0, n, 16):
                a = 45 if (x + y) // 16 % 2 else 135
                cv2.ellipse(
                    out, (x + 8, y + 8), (7, 2), a, 0, 360, tuple(int(min(255, v * 1.35 + 12)) for v in out[y, x]), -1
                )
    elif kind == "tiles":
        step = int(rng.choice([48, 64, 96, 128]))
        for k in range(0, n, step):
            cv2.line(out, (k, 0), (k, n), (60, 58, 55), 2)
            cv2.line(out, (0, k), (n, k), (60, 58, 55), 2)
        if rng.random() < 0.5:
            cv2.rectangle(out, (30, 30), (n - 30, n - 30), rng.integers(30, 200, 3).tolist(), 14)
    elif kind == "carpet":
        cv2.rectangle(out, (24, 24), (n - 24, n - 24), rng.integers(20, 160, 3).tolist(), -1)
        grain = rng.normal(0, 10, (n, n, 1))
        out = np.clip(out + grain, 0, 255).astype(np.uint8)
    for _ in range(int(rng.integers(0, 12))):
        at = tuple(int(v) for v in rng.integers(0, n, 2))
        cv2.ellipse(
            out,
            at,
            (int(rng.integers(4, 40)), int(rng.integers(2, 14))),
            float(rng.uniform(0, 180)),
            0,
            360,
            [int(v) for v in out[at[1], at[0]] * 0.8],
            -1,
        )
    return cv2.GaussianBlur(out, (3, 3), 0).astype(np.uint8)


def wall_look(rng: Rng, style: str) -> Look:
    """One wall covering; steel is brushed and slightly stained."""
    if style == "wood":
        base = looks.pick(rng, ((0.25, 0.13, 0.06), (0.4, 0.25, 0.12), (0.12, 0.06, 0.03)))
        return Look(base, 0.4, image=image_noise(rng, base, (256, 256), (1, 40), 0.14))
    if style == "painted":
        base = looks.pick(rng, ((0.6, 0.6, 0.56), (0.45, 0.5, 0.5), (0.7, 0.68, 0.6), (0.25, 0.3, 0.35)))
        return Look(base, 0.5, image=image_noise(rng, base, (256, 256), (30, 30), 0.03))
    if style == "clad":
        base = looks.pick(rng, ((0.45, 0.3, 0.16), (0.5, 0.46, 0.38), (0.3, 0.27, 0.22)))
        return Look(base, 0.8, image=image_noise(rng, base, (256, 256), (4, 4), 0.16))
    tone = float(rng.uniform(0.05, 0.16) if style == "dark" else rng.uniform(0.32, 0.6))
    tint = (tone, tone * rng.uniform(0.96, 1.0), tone * rng.uniform(0.88, 1.04))
    image = image_noise(rng, tint, (256, 256), (1, 60), 0.035)
    return Look(tint, float(rng.uniform(0.25, 0.45)), float(rng.uniform(0.75, 1.0)), image=image)


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
    parts += _fittings(rng, w, d, door)
    panels, lamps = _lights(rng, w, d, h)
    lobby_parts, lobby_lamp = lobby(rng)
    if worn:
        parts += _notices(old, w, d)
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


def peeled(rng: Rng, look: Look) -> Look:
    """The same wall with patches where the film has come off or dirt has settled."""
    if look.image is None:
        return look
    h, w = look.image.shape[:2]
    coarse = cv2.resize(rng.normal(size=(7, 7)), (w, h), interpolation=cv2.INTER_CUBIC)
    fine = cv2.resize(rng.normal(size=(24, 24)), (w, h), interpolation=cv2.INTER_CUBIC)
    bare = (np.asarray(coarse) + 0.4 * np.asarray(fine) > rng.uniform(0.8, 1.7))[..., None]
    tone = rng.uniform(0.4, 0.8) if rng.random() < 0.7 else rng.uniform(1.1, 1.4)
    image = np.where(bare, np.clip(look.image * tone, 0, 255), look.image)
    return replace(look, image=np.asarray(image, np.uint8))


def _notices(rng: Rng, w: float, d: float) -> list[Part]:
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


def _fittings(rng: Rng, w: float, d: float, door: float) -> list[Part]:
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


def _lights(rng: Rng, w: float, d: float, h: float) -> tuple[list[Part], list[Lamp]]:
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
