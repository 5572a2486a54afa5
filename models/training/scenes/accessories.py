# ruff: noqa: RUF005 - what looks like joining lists adds vectors
"""What hangs on e-bikes: helmets, courier boxes, child seats, wind aprons, rain covers."""

import numpy as np

from . import looks
from .kit import Floats, Look, Part, Thing, box, curve, ellipsoid, loft, plate, tube
from .looks import BLACK, LAMP

Rng = np.random.Generator


def helmet(at: Floats, look: Look) -> list[Part]:
    """A half-shell helmet hung somewhere."""
    shell = ellipsoid(at, (0.14, 0.115, 0.11))
    peak = ellipsoid(np.asarray(at) + [0.1, 0, -0.03], (0.09, 0.09, 0.02))
    return [Part(shell, look), Part(peak, BLACK)]


def delivery_box(rng: Rng, x: float, z: float, size: float) -> list[Part]:
    """The cube of a food courier."""
    colour = looks.pick(
        rng, ((0.75, 0.5, 0.02), (0.02, 0.25, 0.65), (0.03, 0.03, 0.035), (0.55, 0.03, 0.03), (0.1, 0.4, 0.1))
    )
    cube = box([x, 0, z + size / 2], [size * rng.uniform(0.8, 1.1), size, size], 0.02)
    strap = box([x, 0, z + size * 0.7], [size * 1.11, size * 1.01, 0.03])
    return [Part(cube, Look(colour, 0.6)), Part(strap, LAMP)]


def child_seat(rng: Rng, x: float, z: float) -> list[Part]:
    look = looks.cloth(rng)
    back = plate([[x - 0.2, z], [x - 0.15, z], [x - 0.18, z + 0.38], [x - 0.23, z + 0.38]], 0, 0.28)
    arms = tube(
        curve(
            [
                [x - 0.18, -0.15, z + 0.2],
                [x + 0.08, -0.15, z + 0.2],
                [x + 0.12, 0, z + 0.2],
                [x + 0.08, 0.15, z + 0.2],
                [x - 0.18, 0.15, z + 0.2],
            ]
        ),
        0.016,
    )
    return [Part(back, look), Part(arms, BLACK), Part(box([x, 0, z + 0.04], [0.3, 0.28, 0.06], 0.02), look)]


def leg_quilt(rng: Rng, head: Floats) -> list[Part]:
    """The padded wind apron that hangs over bars and leg shield in winter."""
    look = looks.cloth(rng)
    spine = curve(
        [
            [head[0] + 0.06, 0, head[2] + 0.1],
            [head[0] - 0.1, 0, head[2] + 0.12],
            [head[0] - 0.2, 0, head[2] - 0.15],
            [head[0] - 0.26, 0, head[2] - 0.5],
        ]
    )
    return [Part(loft(spine, np.interp(np.arange(19), [0, 6, 18], [0.3, 0.42, 0.3]), 0.04, 2.2), look)]


def rain_covered(rng: Rng, bike: Thing) -> Thing:
    """The e-bike under its rain cover: a draped hood with the wheels showing below."""
    low, high = bike.plan()
    look = Look(looks.pick(rng, looks.CLOTHES), float(rng.uniform(0.25, 0.6)), bump=0.4)
    x0, x1 = float(low[0]) + 0.03, float(high[0]) - 0.1
    along = np.array([0.0, 0.12, 0.4, 0.58, 0.7, 0.85, 1.0])
    top = np.array([0.66, 0.84, 0.86, 0.98, 1.18, 1.0, 0.62]) * rng.uniform(0.95, 1.03)
    half = np.array([0.1, 0.19, 0.21, 0.3, 0.36, 0.27, 0.08])
    hem = float(rng.uniform(0.12, 0.4))
    x = np.linspace(0, 1, 25)
    ridge = np.interp(x, along, top) + rng.normal(0, 0.012, 25)
    spine = np.stack([x0 + (x1 - x0) * x, np.zeros(25), (ridge + hem) / 2], axis=1)
    width = np.interp(x, along, half) * (1 + rng.normal(0, 0.05, 25))
    hood = loft(spine, width, (ridge - hem) / 2, 2.4, 20)
    return Thing(bike.kind, bike.label, (*bike.parts, Part(hood, look)), bike.grips)


def aproned(rng: Rng, bike: Thing) -> Thing:
    """The e-bike behind a big winter apron: quilted cloth over bars and mirrors, sleeves at the grips, down to the
    board."""
    x, z = float(bike.grips[0][0]), float(bike.grips[0][2])
    look = looks.cloth(rng)
    low = float(rng.uniform(0.3, 0.6))
    spine = curve([[x + 0.3, 0, z - 0.3], [x + 0.22, 0, z], [x + 0.04, 0, z + 0.07], [x - 0.16, 0, z - 0.08]])
    spine = np.concatenate([spine, curve([[x - 0.2, 0, z - 0.15], [x - 0.3, 0, z - 0.35], [x - 0.34, 0, low]])])
    n = np.arange(len(spine))
    size = float(rng.uniform(0.85, 1.2))
    half = np.interp(n, [0, 8, 18, 24, n[-1]], [0.2, 0.38, 0.44, 0.42, 0.28]) * size
    half *= 1 + rng.normal(0, 0.06, len(n))
    high = 0.05 + np.abs(rng.normal(0, 0.02, len(n)))
    sleeves = [
        ellipsoid(grip + [0.04, 0, -0.02], rng.uniform([0.1, 0.09, 0.08], [0.17, 0.13, 0.12])) for grip in bike.grips
    ]
    cloth = [Part(loft(spine, half, high, 2.2), look), *(Part(sleeve, look) for sleeve in sleeves)]
    return Thing(bike.kind, bike.label, (*bike.parts, *cloth), bike.grips)


def cloth_over(rng: Rng, along_m: tuple[float, float], half_m: float, top_m: float, hem_m: float) -> list[Part]:
    """A cloth thrown over something between two x, hanging down to `hem_m` on both sides."""
    n = 16
    x = np.linspace(*along_m, n)
    top = top_m + rng.normal(0, 0.025, n)
    spine = np.stack([x, np.zeros(n), (top + hem_m) / 2], axis=1)
    half = half_m * (1 + rng.normal(0, 0.08, n)) * np.interp(np.arange(n), [0, 2, n - 3, n - 1], [0.75, 1, 1, 0.75])
    return [Part(loft(spine, half, (top - hem_m) / 2, 2.8, 20), looks.cloth(rng))]


def blanketed(rng: Rng, bike: Thing) -> Thing:
    """The e-bike with a blanket, a coat or a raincoat over seat and tail."""
    begins = float(bike.plan()[0, 0]) + 0.05
    span = (begins, begins + float(rng.uniform(0.5, 1.0)))
    cloth = cloth_over(rng, span, float(rng.uniform(0.17, 0.3)), 0.86, float(rng.uniform(0.25, 0.6)))
    return Thing(bike.kind, bike.label, (*bike.parts, *cloth), bike.grips)
