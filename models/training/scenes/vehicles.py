# ruff: noqa: RUF005 - what looks like joining lists adds vectors
"""Two-wheelers: e-bikes of the kinds met in lifts, and the bicycles that must not be taken for them."""

from typing import TYPE_CHECKING, Final

import numpy as np

from . import looks
from .kit import Floats, Look, Mesh, Part, Thing, box, curve, ellipsoid, join, lathe, loft, plate, ring, tube, turn
from .looks import BLACK, CHROME, GREY, LAMP, MIRROR, RUBBER, STEEL, TAIL, VINYL

if TYPE_CHECKING:
    from collections.abc import Callable

E_BIKE: Final = 1
BICYCLE: Final = 2
Rng = np.random.Generator


def fat_wheel(x: float, radius: float, thick: float, spokes: int, rim: Look) -> list[Part]:
    """Cast wheel of an e-bike: fat tyre, thick spokes, a hub motor's drum."""
    c = (x, 0.0, radius)
    inner = radius - 2 * thick
    arms = []
    for k in range(spokes):
        a = 2 * np.pi * k / spokes + 0.3
        end = np.array([x + inner * np.cos(a), 0, radius + inner * np.sin(a)])
        arms.append(tube([np.array(c), end], 0.016, 6))
    hub = lathe([(0.001, -0.06), (0.075, -0.055), (0.08, 0), (0.075, 0.055), (0.001, 0.06)], c)
    return [
        Part(ring(c, radius - thick, thick, flat=0.95), RUBBER),
        Part(join([ring(c, inner, 0.018, flat=1.6), hub, *arms]), rim),
    ]


def spoked_wheel(x: float, radius: float, thick: float, rim: Look, spokes: int = 18) -> list[Part]:
    """Wheel of a bicycle: thin tyre, narrow rim, wire spokes."""
    c = np.array([x, 0.0, radius])
    wires = []
    for k in range(spokes):
        a = 2 * np.pi * k / spokes
        end = c + (radius - 2 * thick) * np.array([np.cos(a), 0, np.sin(a)])
        wires.append(tube([c + [0, 0.025 * (-1) ** k, 0], end], 0.0018, 3))
    rims = ring(c, radius - 2.2 * thick, 0.009, flat=1.2, sides=32)
    hub = tube([c - [0, 0.05, 0], c + [0, 0.05, 0]], 0.02)
    return [Part(ring(c, radius - thick, thick, sides=32), RUBBER), Part(join([rims, hub, *wires]), rim)]


def _arc(x: float, radius: float, start_deg: float, end_deg: float, z: float, steps: int = 9) -> Floats:
    a = np.radians(np.linspace(start_deg, end_deg, steps))
    return np.stack([x + radius * np.cos(a), np.zeros(steps), z + radius * np.sin(a)], axis=1)


def fender(x: float, radius: float, width: float, start_deg: float, end_deg: float) -> Mesh:
    """A mudguard over the wheel at `x`."""
    spine = _arc(x, radius + 0.03, start_deg, end_deg, radius)
    taper = np.sin(np.linspace(0.35, np.pi - 0.35, len(spine))) ** 0.5
    return loft(spine, width * taper, 0.014, power=2.5)


def basket(centre: Floats, size: Floats, look: Look) -> list[Part]:
    """A wire basket open at the top, sides of crossing wires."""
    meshes: list[Mesh] = []
    low, high = 0.8, 1.0

    def rim(z: float, k: float) -> Floats:
        s = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * size[:2] / 2 * k
        return np.asarray(np.c_[s, np.full(4, z)] + [centre[0], centre[1], 0])

    heights = np.linspace(centre[2] - size[2] / 2, centre[2] + size[2] / 2, 6)
    for i, z in enumerate(heights):
        p = rim(z, low + (high - low) * i / 5)
        path = np.concatenate([p, p[:1]])
        meshes += [tube(path[k : k + 2], 0.0045 if i == 5 else 0.0025, 4) for k in range(4)]
    bottom, top = rim(heights[0], low), rim(heights[-1], high)
    for k in range(4):
        for t in np.linspace(0, 1, 9)[:-1]:
            a = bottom[k] * (1 - t) + bottom[(k + 1) % 4] * t
            b = top[k] * (1 - t) + top[(k + 1) % 4] * t
            meshes.append(tube([a, b], 0.0025, 3))
    sheet = box([centre[0], centre[1], heights[0]], [size[0] * low, size[1] * low, 0.004])
    return [Part(join(meshes), look), Part(sheet, look)]


def handlebar(x: float, z: float, half: float, rise: float, look: Look) -> list[Part]:
    """Bar with grips, brake levers; the grips' centres are where hands go."""
    parts = []
    path = curve(
        [
            [x - 0.16, -half, z + rise],
            [x - 0.07, -half * 0.6, z + rise],
            [x, -0.06, z],
            [x, 0.06, z],
            [x - 0.07, half * 0.6, z + rise],
            [x - 0.16, half, z + rise],
        ],
        4,
    )
    parts.append(Part(tube(path, 0.013), look))
    for s in (-1.0, 1.0):
        grip = [[x - 0.08, s * half * 0.66, z + rise], [x - 0.165, s * half * 1.02, z + rise]]
        lever = [[x - 0.05, s * half * 0.62, z + rise - 0.01], [x - 0.08, s * half * 0.98, z + rise - 0.02]]
        parts += [Part(tube(grip, 0.019), RUBBER), Part(tube(lever, 0.006, 6), CHROME)]
    return parts


def mirrors(rng: Rng, x: float, z: float, half: float) -> list[Part]:
    """Rear-view mirrors on stalks."""
    parts = []
    for s in (-1.0, 1.0):
        foot = np.array([x - 0.06, s * half * 0.55, z + 0.02])
        head = foot + [rng.uniform(0, 0.06), s * rng.uniform(0.08, 0.14), rng.uniform(0.13, 0.22)]
        parts.append(Part(tube(curve([foot, (foot + head) / 2 + [0.02, 0, 0.02], head]), 0.006, 6), BLACK))
        parts.append(Part(ellipsoid(head, (0.022, 0.065, 0.045)), BLACK))
        parts.append(Part(ellipsoid(head - [0.014, 0, 0], (0.012, 0.057, 0.038)), MIRROR))
    return parts


def helmet(at: Floats, look: Look) -> list[Part]:
    """A half-shell helmet hung somewhere."""
    shell = ellipsoid(at, (0.14, 0.115, 0.11))
    peak = ellipsoid(np.asarray(at) + [0.1, 0, -0.03], (0.09, 0.09, 0.02))
    return [Part(shell, look), Part(peak, BLACK)]


def _steer(parts: list[Part], angle_deg: float, head: Floats, foot: Floats) -> list[Part]:
    matrix = turn(head - foot, angle_deg, head)
    return [Part(p.mesh.moved(matrix), p.look) for p in parts]


def scooter(rng: Rng, box_size: float = 0.0, colour: Look | None = None) -> Thing:
    """A moped-like electric scooter: leg shield, floorboard, closed tail, long seat."""
    colour, second = colour or looks.paint(rng), (looks.paint(rng) if rng.random() < 0.35 else BLACK)
    base, radius = rng.uniform(1.1, 1.3), rng.uniform(0.195, 0.235)
    seat_z, width = rng.uniform(0.69, 0.78), rng.uniform(0.11, 0.15)
    rear, front = -base / 2, base / 2
    head = np.array([front - 0.27, 0.0, rng.uniform(0.9, 0.98)])
    rim = looks.paint(rng) if rng.random() < 0.3 else (BLACK if rng.random() < 0.6 else STEEL)
    fixed = fat_wheel(rear, radius, 0.042, int(rng.integers(3, 7)), rim)
    shield_x = head[0] - 0.06
    fixed += [
        Part(
            loft(
                curve(
                    [
                        [shield_x + 0.03, 0, 0.92],
                        [shield_x - 0.005, 0, 0.75],
                        [shield_x + 0.03, 0, 0.5],
                        [shield_x - 0.03, 0, 0.3],
                    ]
                ),
                np.interp(np.arange(19), [0, 8, 18], [0.15, 0.21, 0.16]),
                0.03,
            ),
            colour,
        ),
        Part(
            loft(
                curve([[head[0] + 0.03, 0, 0.93], [head[0] + 0.1, 0, 0.72], [head[0] + 0.08, 0, 0.45]]),
                np.linspace(0.09, 0.12, 13),
                np.linspace(0.04, 0.06, 13),
                2.4,
            ),
            colour if rng.random() < 0.7 else second,
        ),
        Part(box([(shield_x + rear + 0.38) / 2, 0, 0.285], [shield_x - rear - 0.3, 0.29, 0.075], 0.025), second),
        Part(box([(shield_x + rear + 0.38) / 2, 0, 0.327], [shield_x - rear - 0.42, 0.25, 0.012]), RUBBER),
        Part(
            loft(
                curve(
                    [
                        [rear + 0.42, 0, 0.36],
                        [rear + 0.36, 0, 0.52],
                        [rear + 0.1, 0, 0.58],
                        [rear - 0.12, 0, 0.63],
                        [rear - 0.3, 0, 0.7],
                    ]
                ),
                np.interp(np.arange(25), [0, 9, 18, 24], [width * 0.8, width * 1.05, width * 1.1, 0.05]),
                np.interp(np.arange(25), [0, 9, 18, 24], [0.08, 0.15, 0.11, 0.04]),
                2.8,
            ),
            colour,
        ),
        Part(
            loft(
                curve(
                    [
                        [rear + 0.48, 0, seat_z - 0.03],
                        [rear + 0.3, 0, seat_z - 0.01],
                        [rear + 0.08, 0, seat_z],
                        [rear - 0.12, 0, seat_z + 0.05],
                        [rear - 0.24, 0, seat_z + 0.05],
                    ]
                ),
                np.interp(np.arange(25), [0, 4, 10, 20, 24], [0.04, 0.09, 0.14, 0.12, 0.06]),
                0.05,
                2.6,
            ),
            VINYL if rng.random() < 0.8 else looks.cloth(rng),
        ),
        Part(ellipsoid([rear - 0.31, 0, 0.69], (0.03, 0.08, 0.03)), TAIL),
        Part(fender(rear, radius, 0.07, 70, 185), BLACK),
        Part(tube([[rear, 0.1, radius], [rear + 0.12, 0.1, 0.5]], 0.024), CHROME),
        Part(
            plate([[rear - 0.33, 0.5], [rear - 0.3, 0.5], [rear - 0.31, 0.62], [rear - 0.34, 0.62]], 0, 0.18),
            Look((0.8, 0.8, 0.8)),
        ),
    ]
    if rng.random() < 0.75:
        rail = curve(
            [
                [rear, -0.13, 0.73],
                [rear - 0.3, -0.1, 0.82],
                [rear - 0.36, 0, 0.83],
                [rear - 0.3, 0.1, 0.82],
                [rear, 0.13, 0.73],
            ]
        )
        fixed.append(Part(tube(rail, 0.012), CHROME if rng.random() < 0.5 else BLACK))
    steered = _scooter_front(rng, front, radius, head, colour, second, rim)
    foot = np.array([front, 0, radius])
    parts = fixed + _steer(steered, float(rng.uniform(-30, 30)), head, foot)
    parts += _scooter_extras(rng, rear, head, seat_z, box_size)
    grips = tuple(np.array([head[0] - 0.12, s * 0.3, head[2] + 0.12]) for s in (-1, 1))
    return Thing("e-bike", E_BIKE, tuple(parts), grips)


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
    steered = _commuter_front(rng, front, radius, head, rim, colour)
    parts += _steer(steered, float(rng.uniform(-30, 30)), head, np.array([front, 0, radius]))
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


def bicycle(rng: Rng) -> Thing:
    """A plain bicycle: diamond, step-through or folding frame, thin tyres, small saddle."""
    colour = looks.paint(rng)
    folding = rng.random() < 0.25
    radius = rng.uniform(0.2, 0.26) if folding else rng.uniform(0.31, 0.35)
    base = rng.uniform(0.98, 1.08)
    rear, front = -base / 2, base / 2
    bottom = np.array([-0.08, 0, 0.28])
    saddle = np.array([-0.24, 0, rng.uniform(0.82, 0.96)])
    head = np.array([front - 0.17, 0, rng.uniform(0.86, 0.96)])
    lower = head - [-0.04, 0, 0.2]
    step = rng.random() < 0.5 or folding
    top = (
        [head - [0, 0, 0.06], saddle * 0.85] if not step else [lower + [0, 0, 0.08], bottom + (saddle - bottom) * 0.35]
    )
    tubes = [tube(top, 0.015), tube([lower, bottom], 0.019), tube([bottom, saddle], 0.015), tube([head, lower], 0.019)]
    for s in (-0.06, 0.06):
        axle = np.array([rear, s, radius])
        tubes += [tube([bottom, axle], 0.009, 6), tube([bottom + (saddle - bottom) * 0.7, axle], 0.008, 6)]
    parts = spoked_wheel(rear, radius, rng.uniform(0.014, 0.026), STEEL)
    parts.append(Part(join(tubes), colour))
    parts.append(
        Part(
            loft(
                [saddle + [0.15, 0, 0.03], saddle + [0.03, 0, 0.035], saddle + [-0.11, 0, 0.04]],
                [0.02, 0.05, 0.085],
                0.025,
                2.4,
            ),
            VINYL,
        )
    )
    parts.append(
        Part(lathe([(0.001, -0.005), (0.09, -0.004), (0.09, 0.004), (0.001, 0.005)], bottom + [0, -0.07, 0]), CHROME)
    )
    for s in (-1, 1):
        parts.append(Part(tube([bottom + [0, s * 0.08, 0], bottom + [s * 0.12, s * 0.09, -0.11]], 0.009, 6), CHROME))
        parts.append(Part(box(bottom + [s * 0.12, s * 0.14, -0.11], [0.08, 0.09, 0.02]), BLACK))
    steered = _bicycle_front(rng, front, radius, head, lower, colour)
    parts += _steer(steered, float(rng.uniform(-30, 30)), head, np.array([front, 0, radius]))
    if rng.random() < 0.4:
        rack = [
            tube([[rear + 0.25, s, 2 * radius + 0.05], [rear - 0.18, s, 2 * radius + 0.05]], 0.006, 5)
            for s in (-0.06, 0.06)
        ]
        rack += [tube([[rear - 0.1, s, 2 * radius + 0.05], [rear, s, radius]], 0.005, 5) for s in (-0.06, 0.06)]
        parts.append(Part(join(rack), BLACK))
    if rng.random() < 0.5:
        parts += [
            Part(fender(x, radius, 0.026, 10, 170), colour if rng.random() < 0.5 else CHROME) for x in (rear, front)
        ]
    grips = tuple(np.array([head[0] - 0.1, s * 0.27, head[2] + 0.14]) for s in (-1, 1))
    return Thing("bicycle", BICYCLE, tuple(parts), grips)


def _bicycle_front(rng: Rng, front: float, radius: float, head: Floats, lower: Floats, colour: Look) -> list[Part]:
    parts = spoked_wheel(front, radius, 0.018, STEEL)
    parts += [Part(tube([[front, s, radius], [lower[0], s, lower[2]]], 0.01, 6), colour) for s in (-0.05, 0.05)]
    parts.append(Part(tube([head, head + [-0.02, 0, 0.09]], 0.013), CHROME))
    parts += handlebar(head[0] - 0.01, head[2] + 0.09, rng.uniform(0.25, 0.31), rng.choice([0.0, 0.06]), CHROME)
    if rng.random() < 0.4:
        parts += basket(np.array([head[0] + 0.2, 0, head[2] - 0.08]), np.array([0.22, 0.3, 0.22]), GREY)
    return parts


def child_bicycle(rng: Rng) -> Thing:
    """A bicycle at child scale, often with stabilisers."""
    bike = bicycle(rng)
    factor = float(rng.uniform(0.48, 0.68))
    small = bike.scaled(factor)
    if rng.random() < 0.6:
        x = -0.5 * factor
        side = [Part(ring((x, s, 0.06), 0.045, 0.014), RUBBER) for s in (-0.16, 0.16)]
        side += [Part(tube([[x, s, 0.06], [x, s * 0.3, 0.16]], 0.008, 5), STEEL) for s in (-0.16, 0.16)]
        small = Thing(small.kind, small.label, (*small.parts, *side), small.grips)
    return small


def e_bike(rng: Rng) -> Thing:
    """Any e-bike, as often as each kind is met."""
    build: Callable[[Rng, float], Thing] = scooter if rng.random() < 0.6 else commuter
    delivery = float(rng.uniform(0.4, 0.52)) if rng.random() < 0.15 else 0.0
    bike = build(rng, delivery).scaled(float(rng.uniform(0.93, 1.06)))
    return rain_covered(rng, bike) if rng.random() < 0.07 and not delivery else bike
