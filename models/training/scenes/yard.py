"""A yard between houses as one camera on a wall sees it: a fire lane, a square, a closed lawn, a parapet.

World frame: the camera hangs over the origin and looks along +y, x to the right, z up, metres. The lane runs along x.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from . import looks
from .kit import Floats, Look, Part, Thing, box, ellipsoid, quad, tube
from .mounts import Mount
from .surfaces import image_noise, wall_look
from .truth import LABELS, VISIBLE_ENOUGH

Rng = np.random.Generator
Ground = tuple[tuple[float, float], ...]
Box = tuple[str, float, float, float, float]

SIZE_PX: Final = (480, 270)
LANE_Y: Final = (8.2, 10.9)
SQUARE: Final[Ground] = ((-4.3, 4.2), (-0.6, 4.2), (-0.6, 7.6), (-4.3, 7.6))
LAWN: Final[Ground] = ((0.9, 4.2), (4.3, 4.2), (4.3, 7.6), (0.9, 7.6))
# Where one comes onto the square from the side; who passes behind it does not cross this.
ENTRY: Final[Ground] = ((-4.5, 4.2), (-4.5, 7.1))
FIRE_LANE: Final[Ground] = ((-3.2, 7.9), (3.2, 7.9), (3.2, 11.2), (-3.2, 11.2))
LANE: Final[Ground] = ((-9.0, 7.9), (9.0, 7.9), (9.0, 11.2), (-9.0, 11.2))
PARAPET: Final = ((4.9, 7.4), (7.0, 7.4))
PARAPET_M: Final = 0.85
# Where the door is; what is left there stands in the way.
DOORWAY: Final[Ground] = ((-0.6, 5.2), (0.9, 5.2), (0.9, 7.8), (-0.6, 7.8))
# Yards from this number on are seen at night, by the camera's own infrared; a wall divides lawn and lane.
NIGHT_FROM: Final = 100
WALL_M: Final = 1.7
WALL_TOP: Final = [(1.0, 7.9, WALL_M), (6.6, 7.9, WALL_M)]
WALL: Final[Ground] = ((-7.0, 7.0), (-2.6, 7.0), (-2.6, 10.5), (-7.0, 10.5))


@dataclass(frozen=True, slots=True)
class Yard:
    """`sun` is the way its light goes, None at night; `side` -1: left and right are changed over."""

    number: int
    shell: Thing
    view: Mount
    sun: Floats | None
    sun_w_m2: float
    sky: float
    side: float

    @property
    def night(self) -> bool:
        """Whether it is dark."""
        return self.sun is None

    def outline(self, ground: Ground) -> list[list[float]]:
        """A polygon on the ground in 0..1 of the picture."""
        return self.seen([(x, y, 0.0) for x, y in ground])

    def box(self, thing: Thing) -> Box | None:
        """Label and box in pixels of a thing as far as it is in the picture, whatever hides it; None: mostly not."""
        if thing.label is None:
            return None
        pixels, _ = self.view.project(np.concatenate([part.mesh.vertices for part in thing.parts]))
        low, high = np.nanmin(pixels, axis=0), np.nanmax(pixels, axis=0)
        (x0, y0), (x1, y1) = np.clip([low, high], 0, [self.view.width_px, self.view.height_px])
        if (x1 - x0) * (y1 - y0) < VISIBLE_ENOUGH * float(np.prod(high - low)):
            return None
        left, top, right, bottom = (round(float(edge), 1) for edge in (x0, y0, x1, y1))
        return LABELS[thing.label], left, top, right, bottom

    def seen(self, points: list[tuple[float, float, float]]) -> list[list[float]]:
        """Points in 0..1 of the picture, those beside it at its edge."""
        pixels, _ = self.view.project(np.array(points) * [self.side, 1, 1])
        shares = np.clip(pixels / [self.view.width_px, self.view.height_px], 0, 1)
        return [[round(float(x), 4), round(float(y), 4)] for x, y in shares]


def yard(number: int) -> Yard:
    """Yard `number`: surfaces, light, camera by chance; what is where stays."""
    rng = np.random.default_rng([number, 12])
    side = 1.0 if number % 2 == 0 else -1.0
    height = float(rng.uniform(3.2, 4.2))
    target = (float(rng.uniform(-0.4, 0.4)), 7.0, float(rng.uniform(0.3, 0.9)))
    roll, fov = float(rng.normal(0, 1)), float(rng.uniform(78, 88))
    view = Mount("yard", (0.0, 0.0, height), target, roll, fov, False, *SIZE_PX)
    clear = rng.random() < 0.6
    sun = np.array([rng.uniform(-0.8, 0.8), rng.uniform(-0.2, 0.9), -1.0])
    night = number >= NIGHT_FROM
    parts = _ground(rng, side) + _behind(rng) + _furniture(rng, side) + (_wall(rng, side) if night else [])
    shell = Thing("yard", None, tuple(parts))
    if night:
        return Yard(number, shell, view, None, 0.0, 0.01, side)
    return Yard(number, shell, view, sun, 3.5 if clear else 0.6, 0.5 if clear else 0.9, side)


def _wall(rng: Rng, side: float) -> list[Part]:
    (x0, y, _), (x1, _, _) = WALL_TOP
    middle, long, brick = side * (x0 + x1) / 2, x1 - x0, wall_look(rng, "painted")
    body = Part(box([middle, y, WALL_M / 2], [long, 0.24, WALL_M]), brick)
    return [body, Part(box([middle, y, WALL_M - 0.03], [long + 0.1, 0.34, 0.06]), Look((0.3, 0.3, 0.3), 0.9))]


def _flat(ground: Ground, look: Look, z_m: float, side: float, repeat: tuple[float, float] = (1, 1)) -> Part:
    (x0, y0), (x1, y1) = ground[0], ground[2]
    x0, x1 = sorted((side * x0, side * x1))
    return Part(quad([[x0, y0, z_m], [x1, y0, z_m], [x1, y1, z_m], [x0, y1, z_m]], repeat), look)


def _covering(rng: Rng, base: tuple[float, float, float], grain: int) -> Look:
    return Look(base, 0.9, image=image_noise(rng, base, (256, 256), (grain, grain), 0.08))


def _ground(rng: Rng, side: float) -> list[Part]:
    tone = float(rng.uniform(0.12, 0.24))
    paving, asphalt = _covering(rng, (tone, tone * 0.97, tone * 0.9), 2), _covering(rng, (tone * 0.5,) * 3, 1)
    everywhere = ((-30.0, -2.0), (30.0, -2.0), (30.0, 30.0), (-30.0, 30.0))
    (y0, y1), white = LANE_Y, Look((0.6, 0.6, 0.55), 0.8)
    parts = [_flat(everywhere, paving, 0.0, side, (12, 8))]
    parts.append(_flat(((-30, y0), (30, y0), (30, y1), (-30, y1)), asphalt, 0.01, side, (20, 1)))
    lines = [((-30, y), (30, y), (30, y + 0.1), (-30, y + 0.1)) for y in (y0 + 0.1, y1 - 0.2)]
    parts += [_flat(line, white, 0.02, side) for line in lines]
    yellow = Look((0.6, 0.42, 0.02), 0.8)
    for x in np.arange(-3.0, 3.0, 0.8):
        bar = [[x, y0 + 0.3, 0.02], [x + 0.15, y0 + 0.3, 0.02], [x + 1.15, y1 - 0.3, 0.02], [x + 1.0, y1 - 0.3, 0.02]]
        parts.append(Part(quad(bar), yellow))
    parts.append(_flat(LAWN, _covering(rng, (0.05, 0.12, 0.03), 1), 0.02, side))
    parts.append(_flat(SQUARE, _covering(rng, (tone * 1.4, tone * 1.2, tone), 3), 0.01, side))
    return parts


def _behind(rng: Rng) -> list[Part]:
    """A house with windows and doors beyond the lane, hedges before it."""
    wall, y, high = wall_look(rng, str(rng.choice(["painted", "clad"]))), float(rng.uniform(13.5, 16)), 9.0
    parts = [Part(quad([[-30, y, 0], [30, y, 0], [30, y, high], [-30, y, high]], (8, 2)), wall)]
    frame = Look((0.5, 0.5, 0.5), 0.5)
    step = float(rng.uniform(2.2, 3.4))
    for x in np.arange(-18, 18, step):
        for z in (1.0, 4.2):
            parts.append(Part(box([x, y - 0.03, z + 0.75], [1.4, 0.06, 1.6]), frame))
            parts.append(Part(box([x, y - 0.06, z + 0.75], [1.2, 0.04, 1.4]), Look((0.03, 0.04, 0.05), 0.1)))
    green = Look((0.03, 0.07, 0.02), 0.95, pattern="noise", rgb2=(0.06, 0.12, 0.03), scale=9.0)
    for x in np.arange(-18, 18, 1.1):
        if rng.random() < 0.8:
            size = rng.uniform([0.5, 0.35, 0.4], [0.8, 0.5, 0.7])
            parts.append(Part(ellipsoid([x, y - 1.0, size[2] * 0.8], size), green))
    return parts


def _furniture(rng: Rng, side: float) -> list[Part]:
    """The parapet with what a child climbs upon, a rail around the lawn, a lamp post, a bin."""
    (x0, y), (x1, _) = PARAPET
    middle = side * (x0 + x1) / 2
    stone, steel = Look((0.35, 0.33, 0.3), 0.85), looks.GREY
    parts = [Part(box([middle, y, PARAPET_M / 2], [x1 - x0, 0.2, PARAPET_M]), stone)]
    parts.append(Part(box([middle, y - 0.4, 0.3], [x1 - x0 - 0.2, 0.5, 0.6], 0.02), Look((0.2, 0.12, 0.06), 0.8)))
    (left, _), (right, _), (_, far), _ = LAWN
    rail = [tube([[side * left, far, z], [side * right, far, z]], 0.015) for z in (0.25, 0.5)]
    rail += [tube([[side * x, far, 0], [side * x, far, 0.5]], 0.02) for x in np.linspace(left, right, 5)]
    parts += [Part(one, steel) for one in rail]
    post = side * float(rng.uniform(-6.2, -5.6))
    parts += [Part(tube([[post, 8.0, 0], [post, 8.0, 5.0]], 0.05), steel)]
    parts.append(Part(box([side * -5.2, 7.2, 0.45], [0.4, 0.4, 0.9], 0.04), looks.paint(rng)))
    return parts
