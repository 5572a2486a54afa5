# ruff: noqa: RUF005 - what looks like joining lists adds vectors
"""The folding e-bike, folded in half: small wheels side by side, battery and hub motor in sight."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from . import looks
from .cycle_parts import fat_wheel, fender, spoked_wheel
from .kit import Floats, Look, Part, Thing, box, curve, ellipsoid, join, lathe, loft, pose, tube, turn
from .looks import BLACK, CHROME, GREY, LAMP, RUBBER, STEEL, TAIL, VINYL
from .scooters import E_BIKE

KIND: Final = "folded e-bike"
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class _Frame:
    """What both halves share, in metres: the rear wheel rolls in the plane y = -`apart`, the front one at +`apart`."""

    colour: Look
    radius: float
    apart: float
    rear: float
    hinge: Floats
    thick: float


def folded_e_bike(rng: Rng) -> Thing:
    """A small-wheeled e-bike folded about the hinge of its main tube, upright on both wheels.

    Its grips: the saddle, and the hinge, by which it is carried.
    """
    radius, apart = float(rng.uniform(0.175, 0.255)), float(rng.uniform(0.075, 0.11))
    rear = float(rng.uniform(-0.24, -0.18))
    hinge = np.array([rear + radius + rng.uniform(0.25, 0.31), 0.0, radius + rng.uniform(0.13, 0.24)])
    frame = _Frame(looks.paint(rng), radius, apart, rear, hinge, float(rng.uniform(0.026, 0.05)))
    pulled_out = rng.random() < 0.6
    height = float(rng.uniform(0.74, 0.92) if pulled_out else rng.uniform(0.6, 0.68))
    saddle = np.array([rear + 0.22, -apart, height])
    parts = _rear_half(rng, frame, saddle) + _battery(rng, frame, saddle) + _front_half(rng, frame)
    return Thing(KIND, E_BIKE, tuple(parts), (saddle + [0.08, 0, 0.04], hinge + [0, 0, frame.thick]))


def _wheel(rng: Rng, frame: _Frame, *, motor: bool) -> list[Part]:
    """Cast or spoked, at x = 0; with a brake disc, and with the drum of a hub motor."""
    rim = BLACK if rng.random() < 0.6 else STEEL
    thick = float(rng.uniform(0.02, 0.03))
    if rng.random() < 0.5:
        parts = fat_wheel(0.0, frame.radius, thick, int(rng.integers(3, 7)), rim)
    else:
        parts = spoked_wheel(0.0, frame.radius, thick, rim, 14)
    if motor:
        drum = float(rng.uniform(0.065, 0.09))
        profile = [(0.001, -0.05), (drum * 0.8, -0.045), (drum, -0.025), (drum, 0.025), (drum * 0.8, 0.045)]
        hub = lathe([*profile, (0.001, 0.05)], (0, 0, frame.radius))
        parts.append(Part(hub, (BLACK, GREY, STEEL)[int(rng.integers(3))]))
    disc = lathe([(0.02, 0.052), (0.062, 0.052), (0.062, 0.056), (0.02, 0.056)], (0, 0, frame.radius), closed=True)
    return [*parts, Part(disc, CHROME)] if rng.random() < 0.7 else parts


def _at(parts: list[Part], x_m: float, y_m: float) -> list[Part]:
    place = pose(x_m, y_m)
    return [Part(part.mesh.moved(place), part.look) for part in parts]


def _rear_half(rng: Rng, frame: _Frame, saddle: Floats) -> list[Part]:
    """Rear wheel, stays, bottom bracket with cranks, seat post, saddle, half of the main tube."""
    y, r = -frame.apart, frame.radius
    bottom = np.array([frame.rear + 0.34, y, r + 0.05])
    neck = np.array([saddle[0] + 0.02, y, r + 0.28])
    stays = [tube([bottom, [frame.rear, y + s, r]], 0.011, 6) for s in (-0.06, 0.06)]
    stays += [tube([neck - [0, 0, 0.03], [frame.rear, y + s, r]], 0.009, 6) for s in (-0.06, 0.06)]
    main = tube([bottom + [-0.02, 0, 0.07], frame.hinge + [0, y * 0.6, 0]], frame.thick, 10)
    parts = _at(_wheel(rng, frame, motor=True), frame.rear, y)
    parts += [Part(join([*stays, tube([bottom, neck], 0.02), main]), frame.colour)]
    nose, tail = saddle + [0.13, 0, 0], saddle + [-0.12, 0, 0.025]
    parts.append(Part(loft([nose, saddle + [0.02, 0, 0.01], tail], [0.025, 0.06, 0.095], 0.03, 2.4), VINYL))
    parts += [Part(tube([neck, saddle], 0.0155), CHROME), *_cranks(bottom, float(rng.uniform(0, 360)))]
    if rng.random() < 0.75:
        guard = fender(0.0, r, 0.045, 20, 170)
        parts += _at([Part(guard, BLACK if rng.random() < 0.7 else frame.colour)], frame.rear, y)
        parts.append(Part(ellipsoid([frame.rear - r - 0.03, y, r + 0.09], (0.015, 0.035, 0.025)), TAIL))
    return parts


def _cranks(bottom: Floats, angle_deg: float) -> list[Part]:
    """Chain ring, both cranks, their pedals."""
    ring = lathe([(0.001, -0.005), (0.08, -0.004), (0.08, 0.004), (0.001, 0.005)], bottom + [0, -0.06, 0])
    parts = [Part(ring, BLACK)]
    for s in (-1.0, 1.0):
        a = np.radians(angle_deg)
        end = bottom + [0.14 * s * np.cos(a), s * 0.085, 0.14 * s * np.sin(a)]
        parts.append(Part(tube([bottom + [0, s * 0.08, 0], end], 0.01, 6), CHROME))
        parts.append(Part(box(end + [0, s * 0.03, 0], [0.08, 0.05, 0.022]), BLACK))
    return parts


def _battery(rng: Rng, frame: _Frame, saddle: Floats) -> list[Part]:
    """Behind the seat post, on the rack, or hung under the main tube."""
    y, r = -frame.apart, frame.radius
    look = BLACK if rng.random() < 0.7 else (GREY if rng.random() < 0.5 else frame.colour)
    roll = rng.random()
    if roll < 0.4:
        size = rng.uniform([0.07, 0.07, 0.26], [0.1, 0.1, 0.34])
        middle = np.array([saddle[0] - 0.05, y, 2 * r + 0.06 + size[2] / 2])
        middle[2] = min(middle[2], saddle[2] - size[2] / 2 - 0.02) if saddle[2] > 0.75 else r + 0.3
        return [Part(box(middle, size, 0.02), look), Part(box(middle + [0, 0, 0.05], size * [1.03, 1.03, 0.06]), LAMP)]
    if roll < 0.75:
        size = rng.uniform([0.28, 0.11, 0.055], [0.36, 0.15, 0.08])
        middle = np.array([frame.rear - 0.08, y, 2 * r + 0.09])
        rack = box(middle - [0, 0, size[2] / 2 + 0.006], [size[0] + 0.05, 0.12, 0.012])
        legs = [tube([middle + [-0.08, s, -0.03], [frame.rear, y + s, r]], 0.006, 5) for s in (-0.06, 0.06)]
        return [Part(box(middle, size, 0.02), look), Part(join([rack, *legs]), BLACK)]
    size = rng.uniform([0.24, 0.07, 0.08], [0.32, 0.09, 0.11])
    return [Part(box(frame.hinge + [-0.1, y * 0.8, frame.thick + size[2] / 2], size, 0.02), look)]


def _front_half(rng: Rng, frame: _Frame) -> list[Part]:
    """Folded back beside the rear half: main tube, head, fork, front wheel, the handlebar's post turned down."""
    y, r = frame.apart, frame.radius
    axle = np.array([frame.rear + rng.uniform(-0.04, 0.07), y, r])
    head = axle + [0.12, 0, float(rng.uniform(0.26, 0.32))]
    foot, hinge = head - [0.02, 0, 0.1], frame.hinge + [0, y * 0.6, 0]
    fork = [tube([axle + [0, s, 0], foot + [0, s * 0.8, -0.02], foot], 0.012, 6) for s in (-0.05, 0.05)]
    column = tube([foot, head], 0.024)
    main = tube([hinge, (hinge + head) / 2 + [0, 0, 0.01], head - [0, 0, 0.05]], frame.thick, 10)
    parts = _at(_wheel(rng, frame, motor=False), float(axle[0]), y)
    parts.append(Part(join([*fork, column, main]), frame.colour))
    clamp = box(frame.hinge, [0.05, 2.2 * frame.apart, 2.4 * frame.thick], 0.012)
    parts += [Part(clamp, BLACK if rng.random() < 0.5 else CHROME)]
    if rng.random() < 0.6:
        parts += _at([Part(fender(0.0, r, 0.045, 20, 150), BLACK)], float(axle[0]), y)
    return parts + _bars(rng, head)


def _bars(rng: Rng, head: Floats) -> list[Part]:
    """The post with bar, display, lamp and cables: mostly folded down outside the front wheel, else left upright."""
    length, half = float(rng.uniform(0.36, 0.46)), float(rng.uniform(0.24, 0.28))
    post = [Part(tube([head, head + [0, 0, length]], 0.019), BLACK if rng.random() < 0.6 else CHROME)]
    post += _straight_bar(head + [0, 0, length], half)
    post.append(Part(box(head + [-0.02, 0, length + 0.03], [0.06, 0.08, 0.03], 0.008), BLACK))
    post.append(Part(ellipsoid(head + [0.05, 0, length - 0.12], (0.03, 0.03, 0.035)), LAMP))
    slack = [head + [0.03, s, length] for s in (-0.05, 0.05)]
    loops = [tube(curve([p, head + [0.1, 0, length * 0.5], head + [0.03, 0, -0.05]]), 0.004, 5) for p in slack]
    post.append(Part(join(loops), RUBBER))
    if rng.random() < 0.25:
        return post
    # About itself, so that the bar will lie along the wheel; then down about its foot to the outer side.
    along = turn((0, 0, 1), float(rng.uniform(70, 110)), head)
    down = turn((1, 0, 0), -float(rng.uniform(166, 178)), head + [0, 0.025, 0.0])
    return [Part(part.mesh.moved(along).moved(down), part.look) for part in post]


def _straight_bar(at: Floats, half_m: float) -> list[Part]:
    """Short and without a bend, so that it lies flat when it is folded; grips and brake levers."""
    parts = [Part(tube([at + [0, -half_m, 0], at + [0, half_m, 0]], 0.013), BLACK)]
    for s in (-1.0, 1.0):
        lever = [at + [0.03, s * half_m * 0.5, -0.01], at + [0.045, s * half_m * 0.95, -0.02]]
        parts.append(Part(tube([at + [0, s * half_m * 0.6, 0], at + [0, s * half_m, 0]], 0.019), RUBBER))
        parts.append(Part(tube(lever, 0.006, 6), CHROME))
    return parts
