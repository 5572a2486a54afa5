# ruff: noqa: RUF005 - what looks like joining lists adds vectors
"""Parts that two-wheelers and other wheeled things share: wheels, bars, baskets, mirrors."""

import numpy as np

from .kit import Floats, Look, Mesh, Part, box, curve, ellipsoid, join, lathe, loft, ring, tube, turn
from .looks import BLACK, CHROME, MIRROR, RUBBER

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


def steered(parts: list[Part], angle_deg: float, head: Floats, foot: Floats) -> list[Part]:
    matrix = turn(head - foot, angle_deg, head)
    return [Part(p.mesh.moved(matrix), p.look) for p in parts]
