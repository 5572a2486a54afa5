"""What else rolls or stands in a lift and must never be taken for an e-bike."""

from typing import Final

import numpy as np

from . import looks
from .accessories import cloth_over
from .cycle_parts import basket, handlebar
from .kit import Look, Part, Thing, box, curve, ellipsoid, join, lathe, loft, plate, ring, tube, turn
from .looks import BLACK, CARTON, CHROME, GREY, LAMP, RUBBER, STEEL, VINYL

WHEELCHAIR: Final = 3
PRAM: Final = 4
DOG: Final = 5
BAG: Final = 7
Rng = np.random.Generator


def _caster(x: float, y: float, radius: float, thick: float) -> list[Part]:
    wheel = ring((x, y, radius), radius - thick, thick, sides=16)
    fork = tube([[x, y, radius], [x + 0.03, y, 2.4 * radius]], 0.012, 6)
    disc = lathe(
        [(0.001, -0.008), (radius - thick, -0.008), (radius - thick, 0.008), (0.001, 0.008)], (x, y, radius), sides=14
    )
    return [Part(wheel, RUBBER), Part(join([fork, disc]), GREY)]


def wheelchair(rng: Rng) -> Thing:
    """Folding wheelchair: big hand-rimmed wheels behind (or small ones for a companion), slung seat and back."""
    metal = CHROME if rng.random() < 0.5 else (looks.paint(rng) if rng.random() < 0.5 else BLACK)
    sling = VINYL if rng.random() < 0.6 else looks.paint(rng)
    half, seat, big = rng.uniform(0.22, 0.26), 0.48, (0.3 if rng.random() < 0.75 else 0.15)
    parts: list[Part] = []
    for s in (-1.0, 1.0):
        y = s * half
        wheel = (-0.18, s * (half + 0.05), big)
        spokes = [
            tube([wheel, [wheel[0] + (big - 0.03) * np.cos(a), wheel[1], big + (big - 0.03) * np.sin(a)]], 0.002, 3)
            for a in np.linspace(0, 2 * np.pi, 14)
        ]
        hub = lathe([(0.001, -0.03), (0.03, -0.03), (0.03, 0.03), (0.001, 0.03)], wheel, sides=10)
        parts += [Part(ring(wheel, big - 0.014, 0.014, sides=32), RUBBER), Part(join([*spokes, hub]), CHROME)]
        if big > 0.2:
            parts.append(Part(ring((wheel[0], wheel[1] + s * 0.035, big), big - 0.05, 0.008, sides=32), CHROME))
        parts += _caster(0.24, y, 0.09, 0.016)
        frame = [
            tube(curve([[-0.36, y, 0.93], [-0.24, y, 0.91], [-0.2, y, 0.86], [-0.18, y, 0.2]], 4), 0.012),
            tube(curve([[-0.2, y, 0.7], [0.1, y, 0.7], [0.18, y, 0.66], [0.22, y, 0.2]], 4), 0.012),
            tube([[-0.18, y, seat], [0.22, y, seat], [0.36, y, 0.16]], 0.012),
            tube([[-0.18, y, 0.2], [0.24, y, 0.2]], 0.012),
            tube([[-0.1, y, 0.2], [0.12, -y, seat]], 0.01),
        ]
        parts.append(Part(join(frame), metal))
        parts.append(Part(tube([[-0.36, y, 0.93], [-0.26, y, 0.91]], 0.018), RUBBER))
        parts.append(Part(box([-0.02, y, 0.715], [0.26, 0.05, 0.03], 0.012), BLACK))
        parts.append(Part(box([0.42, s * 0.1, 0.14], [0.14, 0.15, 0.02]), BLACK))
    parts.append(Part(loft([[-0.18, 0, seat], [0, 0, seat - 0.02], [0.22, 0, seat]], half, 0.02), sling))
    parts.append(Part(plate([[-0.22, seat], [-0.19, seat], [-0.21, 0.9], [-0.24, 0.9]], 0, 2 * half - 0.02), sling))
    grips = tuple(np.array([-0.34, s * half, 0.93]) for s in (1, -1))
    return Thing("wheelchair", WHEELCHAIR, tuple(parts), grips)


def sports_chair(rng: Rng) -> Thing:
    """A sports wheelchair: leaning wheels with bright rims, a low back, a bar around the feet."""
    metal, sling = looks.paint(rng), VINYL if rng.random() < 0.7 else looks.paint(rng)
    half, lean, big = rng.uniform(0.2, 0.24), rng.uniform(8, 20), rng.uniform(0.29, 0.33)
    parts: list[Part] = []
    for s in (-1.0, 1.0):
        hub = np.array([-0.06, s * (half + 0.08), big])
        rim = [ring(tuple(hub), big - 0.014, 0.016, sides=32), ring(tuple(hub), big - 0.06, 0.009, sides=32)]
        disc = lathe([(0.001, -0.01), (big - 0.06, -0.006), (big - 0.06, 0.006), (0.001, 0.01)], tuple(hub), sides=20)
        leaning = turn((1, 0, 0), s * lean, hub)
        parts += [Part(rim[0].moved(leaning), RUBBER), Part(rim[1].moved(leaning), CHROME)]
        if rng.random() < 0.5:
            parts.append(Part(disc.moved(leaning), looks.paint(rng)))
        parts += _caster(0.3, s * half * 0.8, 0.05, 0.016)
        frame = tube(
            curve([[-0.2, s * half, 0.78], [-0.18, s * half, 0.44], [0.24, s * half, 0.42], [0.4, s * 0.1, 0.14]], 4),
            0.016,
        )
        parts.append(Part(frame, metal))
    bumper = curve(
        [[0.2, -half, 0.2], [0.46, -half * 0.9, 0.14], [0.54, 0, 0.13], [0.46, half * 0.9, 0.14], [0.2, half, 0.2]], 4
    )
    parts += [Part(tube(bumper, 0.018), metal), Part(box([0.02, 0, 0.45], [0.4, 2 * half, 0.05], 0.02), sling)]
    parts.append(Part(plate([[-0.2, 0.46], [-0.17, 0.46], [-0.2, 0.78], [-0.23, 0.78]], 0, 2 * half), sling))
    return Thing("sports chair", WHEELCHAIR, tuple(parts), tuple(np.array([-0.24, s * half, 0.78]) for s in (1, -1)))


def laden(rng: Rng, chair: Thing) -> Thing:
    """The chair with what people hang on it: a bag at the back, a box or a tray, a blanket over the knees."""
    parts = list(chair.parts)
    back = float(chair.grips[0][0])
    if rng.random() < 0.6:
        parts.append(
            Part(
                ellipsoid([back - 0.08, 0, 0.66], rng.uniform([0.1, 0.14, 0.15], [0.16, 0.22, 0.24])), looks.cloth(rng)
            )
        )
    if rng.random() < 0.4:
        parts.append(Part(box([back - 0.02, 0, 0.3], rng.uniform([0.2, 0.3, 0.15], [0.34, 0.44, 0.3]), 0.03), BLACK))
    if rng.random() < 0.5:
        parts += cloth_over(rng, (0.02, float(rng.uniform(0.4, 0.6))), 0.25, 0.7, float(rng.uniform(0.2, 0.45)))
    return Thing(chair.kind, chair.label, tuple(parts), chair.grips)


def covered(rng: Rng, thing: Thing) -> Thing:
    """A pram or a cart with a quilt or a coat over it."""
    low, high = thing.plan()
    top = 0.8 if thing.label == PRAM else 0.95
    span = (float(low[0]) + 0.12, float(high[0]) - float(rng.uniform(0.0, 0.25)))
    cloth = cloth_over(rng, span, float(high[1] - low[1]) / 2 * 1.05, top, float(rng.uniform(0.3, 0.6)))
    return Thing(thing.kind, thing.label, (*thing.parts, *cloth), thing.grips)


def power_chair(rng: Rng) -> Thing:
    """Electric wheelchair: seat on a box with four smaller wheels, joystick on one armrest."""
    sling, metal = (
        (VINYL if rng.random() < 0.7 else looks.paint(rng)),
        (BLACK if rng.random() < 0.6 else looks.paint(rng)),
    )
    half, seat = rng.uniform(0.24, 0.28), rng.uniform(0.48, 0.54)
    parts: list[Part] = []
    for s in (-1.0, 1.0):
        y = s * half
        wheel = (-0.16, y + s * 0.03, 0.17)
        hub = lathe([(0.001, -0.04), (0.1, -0.035), (0.1, 0.035), (0.001, 0.04)], wheel, sides=14)
        parts += [Part(ring(wheel, 0.14, 0.032, flat=1.2), RUBBER), Part(hub, GREY)]
        parts += _caster(0.3, y * 0.9, 0.1, 0.025)
        frame = [
            tube(curve([[-0.38, y, 0.98], [-0.26, y, 0.95], [-0.2, y, 0.3]], 4), 0.015),
            tube(curve([[-0.22, y, 0.72], [0.2, y, 0.72], [0.22, y, seat]], 4), 0.014),
            tube([[-0.2, y, 0.3], [0.3, y, 0.3], [0.42, y, 0.14]], 0.016),
        ]
        parts.append(Part(join(frame), metal))
        parts.append(Part(box([0.02, y, 0.735], [0.32, 0.07, 0.035], 0.015), BLACK))
    parts.append(Part(box([-0.02, 0, 0.29], [0.36, 2 * half - 0.08, 0.2], 0.03), metal))
    parts.append(Part(box([0.02, 0, seat], [0.46, 2 * half - 0.03, 0.09], 0.04), sling))
    parts.append(
        Part(loft([[-0.2, 0, seat + 0.03], [-0.24, 0, seat + 0.3], [-0.28, 0, seat + 0.55]], half - 0.03, 0.05), sling)
    )
    if rng.random() < 0.4:
        parts.append(Part(ellipsoid([-0.3, 0, seat + 0.68], (0.05, 0.12, 0.07)), sling))
    side = half if rng.random() < 0.8 else -half
    parts += [
        Part(box([0.2, side, 0.77], [0.1, 0.07, 0.04], 0.01), BLACK),
        Part(tube([[0.2, side, 0.78], [0.21, side, 0.85]], 0.01), RUBBER),
    ]
    parts.append(Part(box([0.46, 0, 0.12], [0.18, 0.34, 0.025]), BLACK))
    grips = tuple(np.array([-0.38, s * half, 0.98]) for s in (1, -1))
    return Thing("power chair", WHEELCHAIR, tuple(parts), grips)


def mobility_scooter(rng: Rng) -> Thing:
    """Four small wheels, an armchair and a tiller: an old person's vehicle, not an e-bike."""
    colour, sling = looks.paint(rng), VINYL
    parts: list[Part] = []
    for x, half in ((-0.36, 0.24), (0.38, 0.2)):
        for s in (-1.0, 1.0):
            wheel = (x, s * half, 0.12)
            hub = lathe([(0.001, -0.035), (0.07, -0.03), (0.07, 0.03), (0.001, 0.035)], wheel, sides=12)
            parts += [Part(ring(wheel, 0.095, 0.025, flat=1.4, sides=18), RUBBER), Part(hub, GREY)]
    parts.append(Part(box([0.05, 0, 0.2], [0.95, 0.42, 0.07], 0.03), BLACK))
    parts.append(
        Part(loft(curve([[-0.1, 0, 0.3], [-0.35, 0, 0.33], [-0.56, 0, 0.28]]), np.linspace(0.2, 0.27, 13), 0.1), colour)
    )
    parts.append(Part(tube([[-0.28, 0, 0.3], [-0.28, 0, 0.5]], 0.04), BLACK))
    parts.append(Part(box([-0.22, 0, 0.56], [0.44, 0.46, 0.11], 0.05), sling))
    parts.append(Part(loft([[-0.42, 0, 0.6], [-0.46, 0, 0.85], [-0.52, 0, 1.05]], [0.23, 0.22, 0.17], 0.06), sling))
    parts += [Part(box([-0.22, s * 0.27, 0.78], [0.34, 0.06, 0.04], 0.015), BLACK) for s in (-1, 1)]
    parts.append(
        Part(loft(curve([[0.38, 0, 0.25], [0.36, 0, 0.5], [0.26, 0, 0.85]]), np.linspace(0.19, 0.08, 13), 0.05), colour)
    )
    parts += handlebar(0.24, 0.9, 0.24, 0.02, BLACK)
    parts.append(Part(ellipsoid([0.36, 0, 0.75], (0.05, 0.06, 0.05)), LAMP))
    if rng.random() < 0.7:
        parts += basket(np.array([0.46, 0, 0.68]), np.array([0.22, 0.34, 0.22]), BLACK)
    return Thing(
        "mobility scooter", WHEELCHAIR, tuple(parts), (np.array([0.12, 0.22, 0.93]), np.array([0.12, -0.22, 0.93]))
    )


def _cot(stuff: Look, hood: Look) -> list[Part]:
    """The lying part of a pram, with its apron."""
    hull = curve([[-0.34, 0, 0.62], [-0.1, 0, 0.56], [0.2, 0, 0.56], [0.42, 0, 0.62]])
    half = np.interp(np.arange(19), [0, 4, 14, 18], [0.1, 0.21, 0.21, 0.1])
    apron = curve([[0.4, 0, 0.7], [0.1, 0, 0.72], [0.0, 0, 0.7]])
    return [Part(loft(hull, half, 0.12), stuff), Part(loft(apron, 0.2, 0.03), hood)]


def _buggy_seat(rng: Rng, stuff: Look) -> list[Part]:
    """The seat of a buggy with its bar, often with a child in it."""
    sling = curve([[0.28, 0, 0.34], [0.24, 0, 0.5], [0.0, 0, 0.48], [-0.16, 0, 0.6], [-0.24, 0, 0.85]])
    bar = curve([[0.1, -0.21, 0.62], [0.26, -0.15, 0.68], [0.28, 0, 0.69], [0.26, 0.15, 0.68], [0.1, 0.21, 0.62]])
    parts = [Part(loft(sling, 0.19, 0.05), stuff), Part(tube(bar, 0.018), RUBBER)]
    if rng.random() < 0.6:
        skin = Look(looks.pick(rng, looks.SKINS), 0.6)
        parts.append(Part(ellipsoid([0.04, 0, 0.78], (0.085, 0.08, 0.09)), skin))
        parts.append(Part(ellipsoid([0.06, 0, 0.6], (0.12, 0.12, 0.14)), looks.cloth(rng)))
    return parts


def pram(rng: Rng) -> Thing:
    """A pram or a buggy: seat or cot with a hood, light frame, small wheels, a handle across."""
    stuff, hood, metal = looks.cloth(rng), looks.cloth(rng), (CHROME if rng.random() < 0.5 else BLACK)
    radius, cot = rng.uniform(0.075, 0.14), rng.random() < 0.4
    parts: list[Part] = []
    for s in (-1.0, 1.0):
        y = s * 0.24
        parts += _caster(0.34, y * 0.85, radius, 0.02) + _caster(-0.3, y, radius * 1.1, 0.02)
        frame = [
            tube([[0.34, y * 0.85, radius], [-0.36, y, 0.92], [-0.46, y, 1.02]], 0.013),
            tube([[-0.3, y, radius], [0.1, y, 0.55]], 0.013),
        ]
        parts.append(Part(join(frame), metal))
    parts.append(Part(tube([[-0.46, -0.24, 1.02], [-0.46, 0.24, 1.02]], 0.018), RUBBER))
    parts += _cot(stuff, hood) if cot else _buggy_seat(rng, stuff)
    front = 0.05 if rng.random() < 0.7 else -0.1
    shade = curve([[-0.3, 0, 0.78], [-0.24, 0, 0.98], [-0.08, 0, 1.06], [front, 0, 1.03], [front + 0.08, 0, 0.95]])
    parts.append(Part(loft(shade, 0.22, 0.025, 2.5), hood))
    parts.append(Part(box([0.0, 0, 0.24], [0.4, 0.34, 0.1], 0.03), BLACK))
    if rng.random() < 0.3:
        parts.append(Part(ellipsoid([-0.5, 0, 0.8], (0.08, 0.16, 0.16)), looks.cloth(rng)))
    return Thing("pram", PRAM, tuple(parts), (np.array([-0.46, 0.14, 1.02]), np.array([-0.46, -0.14, 1.02])))


def shopping_cart(rng: Rng) -> Thing:
    """A supermarket trolley, or the canvas one that is pulled on two wheels."""
    if rng.random() < 0.5:
        return pulled_trolley(rng)
    parts = basket(np.array([0.05, 0, 0.68]), np.array([0.75, 0.46, 0.4]), CHROME)
    for s in (-1.0, 1.0):
        y = s * 0.2
        parts += _caster(0.36, y * 0.8, 0.06, 0.014) + _caster(-0.36, y, 0.06, 0.014)
        parts.append(Part(tube([[0.36, y * 0.8, 0.15], [-0.36, y, 0.2], [-0.42, y, 0.98]], 0.012), CHROME))
    parts.append(Part(tube([[-0.46, -0.23, 1.0], [-0.46, 0.23, 1.0]], 0.02), looks.paint(rng)))
    for _ in range(int(rng.integers(0, 6))):
        at = rng.uniform([-0.2, -0.12, 0.58], [0.28, 0.12, 0.75])
        parts.append(Part(box(at, rng.uniform(0.1, 0.26, 3)), CARTON if rng.random() < 0.5 else looks.cloth(rng)))
    return Thing("shopping cart", BAG, tuple(parts), (np.array([-0.46, 0.16, 1.0]), np.array([-0.46, -0.16, 1.0])))


def pulled_trolley(rng: Rng) -> Thing:
    parts: list[Part] = [Part(box([0.0, 0, 0.42], [0.24, 0.34, 0.6], 0.06), looks.cloth(rng))]
    for s in (-1.0, 1.0):
        parts.append(Part(ring((-0.14, s * 0.2, 0.09), 0.07, 0.018), RUBBER))
        parts.append(
            Part(tube([[-0.13, s * 0.13, 0.08], [-0.15, s * 0.13, 0.8], [-0.28, s * 0.06, 1.0]], 0.009, 6), CHROME)
        )
    parts.append(Part(tube([[-0.28, -0.07, 1.0], [-0.28, 0.07, 1.0]], 0.016), RUBBER))
    return Thing("trolley", BAG, tuple(parts), (np.array([-0.28, 0.05, 1.0]),) * 2)


def suitcase(rng: Rng) -> Thing:
    """A cabin or a large suitcase with its handle out."""
    high = rng.uniform(0.5, 0.76)
    shell = Look(looks.pick(rng, looks.PAINTS), float(rng.uniform(0.2, 0.6)))
    parts = [Part(box([0, 0, 0.05 + high / 2], [0.27, high * 0.66, high], 0.06), shell)]
    parts += [
        Part(box([0.138, y, 0.05 + high / 2], [0.012, 0.012, high * 0.85]), BLACK) for y in np.linspace(-0.12, 0.12, 4)
    ]
    out = rng.uniform(0.05, 0.4)
    parts += [Part(tube([[-0.1, s * 0.09, high], [-0.1, s * 0.09, high + out]], 0.008, 6), STEEL) for s in (-1, 1)]
    parts.append(Part(tube([[-0.1, -0.1, high + out], [-0.1, 0.1, high + out]], 0.014), BLACK))
    parts += [Part(ellipsoid([x, y, 0.03], (0.03, 0.02, 0.03)), RUBBER) for x in (-0.09, 0.09) for y in (-0.15, 0.15)]
    return Thing(
        "suitcase", BAG, tuple(parts), (np.array([-0.1, 0.03, high + out]), np.array([-0.1, -0.03, high + out]))
    )


def boxes(rng: Rng) -> Thing:
    """Cartons on the floor or on a hand truck."""
    parts: list[Part] = []
    z, truck = 0.0, rng.random() < 0.4
    if truck:
        z = 0.17
        parts += [Part(ring((-0.26, s * 0.22, 0.13), 0.1, 0.03), RUBBER) for s in (-1, 1)]
        parts += [
            Part(
                tube([[-0.24, s * 0.18, 0.1], [-0.27, s * 0.18, 1.1], [-0.33, s * 0.14, 1.2]], 0.015), looks.paint(rng)
            )
            for s in (-1, 1)
        ]
        parts.append(Part(box([0, 0, 0.15], [0.5, 0.42, 0.02]), STEEL))
    for _ in range(int(rng.integers(1, 4))):
        size = rng.uniform([0.3, 0.35, 0.2], [0.5, 0.55, 0.45])
        look = Look(looks.pick(rng, (CARTON.rgb, CARTON.rgb, (0.6, 0.6, 0.6), (0.2, 0.3, 0.5))), 0.85)
        parts.append(Part(box([rng.uniform(-0.03, 0.03), rng.uniform(-0.03, 0.03), z + size[2] / 2], size), look))
        parts.append(
            Part(box([0, 0, z + size[2] / 2], [0.06, size[1] + 0.004, size[2] + 0.004]), Look((0.55, 0.45, 0.3), 0.4))
        )
        z += float(size[2])
    return Thing(
        "boxes", BAG, tuple(parts), (np.array([-0.32, 0.14, 1.15]), np.array([-0.32, -0.14, 1.15])) if truck else ()
    )


def dog(rng: Rng) -> Thing:
    """A dog on four legs, small to large."""
    fur = Look(
        looks.pick(
            rng, ((0.4, 0.25, 0.12), (0.02, 0.02, 0.02), (0.75, 0.7, 0.6), (0.3, 0.28, 0.27), (0.55, 0.35, 0.15))
        ),
        0.95,
        bump=0.5,
    )
    parts = [
        Part(
            loft(
                curve([[-0.3, 0, 0.48], [-0.1, 0, 0.46], [0.15, 0, 0.47], [0.28, 0, 0.52]]),
                np.interp(np.arange(19), [0, 4, 14, 18], [0.06, 0.1, 0.12, 0.07]),
                np.interp(np.arange(19), [0, 4, 14, 18], [0.07, 0.11, 0.14, 0.09]),
                2.0,
            ),
            fur,
        ),
        Part(tube([[0.24, 0, 0.52], [0.38, 0, 0.68]], [0.09, 0.07]), fur),
        Part(ellipsoid([0.42, 0, 0.72], (0.1, 0.075, 0.08)), fur),
        Part(ellipsoid([0.52, 0, 0.69], (0.07, 0.035, 0.035)), fur),
        Part(ellipsoid([0.585, 0, 0.7], (0.012, 0.015, 0.012)), BLACK),
        Part(tube(curve([[-0.3, 0, 0.5], [-0.4, 0, 0.58], [-0.42, 0, 0.72]]), np.linspace(0.03, 0.012, 13)), fur),
    ]
    for s in (-1.0, 1.0):
        parts.append(Part(ellipsoid([0.38, s * 0.06, 0.77], (0.03, 0.02, 0.06)), fur))
        for x in (-0.24, 0.2):
            leg = curve([[x, s * 0.07, 0.45], [x - 0.03, s * 0.07, 0.24], [x, s * 0.07, 0.02]])
            parts.append(Part(tube(leg, np.linspace(0.055, 0.025, 13)), fur))
    return Thing("dog", DOG, tuple(parts)).scaled(float(rng.uniform(0.45, 1.05)))


def rider_seat_m(thing: Thing) -> float | None:
    """Seat height of what can be sat in, else None."""
    return {"wheelchair": 0.5, "sports chair": 0.48, "power chair": 0.55, "mobility scooter": 0.62}.get(thing.kind)
