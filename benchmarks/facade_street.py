# ruff: noqa: INP001  # a module of the scripts beside it, not a package
"""What else a facade's camera sees: cars and people at the foot of the wall, flocks, and its own exposure at work."""

import math
from collections.abc import Callable, Iterator

import cv2
import numpy as np
from facade_life import Camera, Draw, Gray, Truth, dab

Gain = Callable[[float], float]


def street(camera: Camera, truth: Truth, rng: np.random.Generator) -> Iterator[Draw]:
    """Along the foot of the wall, each after a while."""
    for _ in range(int(rng.poisson(truth.seconds / 12))):
        yield car(camera, truth, rng)
    for _ in range(int(rng.poisson(truth.seconds / 8))):
        yield walker(camera, truth, rng)


def car(camera: Camera, truth: Truth, rng: np.random.Generator) -> Draw:
    begins, pace, out = rng.uniform(-2, truth.seconds), rng.choice([-1, 1]) * rng.uniform(3, 12), rng.uniform(2, 6)
    shade, glass, lit = rng.uniform(20, 230), rng.uniform(20, 90), truth.weather == "night"

    def draw(frame: Gray, at_s: float) -> None:
        x = (at_s - begins) * pace - math.copysign(18, pace)
        if abs(x) > 18:
            return
        for part, wide, low, high in ((shade, 4.4, 0.3, 0.9), (glass, 2.6, 0.9, 1.45)):
            corners = [camera.project(x + side * wide / 2, up, out)[:2] for side, up in _corners(low, high)]
            cv2.fillPoly(frame, [(np.array(corners) * 16).round().astype(np.int32)], int(part), cv2.LINE_AA, 4)
        if lit:
            px, py, scale = camera.project(x + math.copysign(2.2, pace), 0.6, out)
            dab(frame, px, py, 0.25 * scale, 0.25 * scale, 250)

    return draw


def _corners(low: float, high: float) -> tuple[tuple[int, float], ...]:
    return (-1, low), (1, low), (1, high), (-1, high)


def walker(camera: Camera, truth: Truth, rng: np.random.Generator) -> Draw:
    begins, pace, out = rng.uniform(-5, truth.seconds), rng.choice([-1, 1]) * rng.uniform(0.7, 2.5), rng.uniform(1, 7)
    shade, from_x = rng.uniform(20, 200), rng.uniform(-9, 9)
    throws = rng.random() < 0.2

    def draw(frame: Gray, at_s: float) -> None:
        x = from_x + (at_s - begins) * pace
        if at_s < begins or abs(x) > 14:
            return
        px, py, scale = camera.project(x, 0.9, out)
        bob = 0.04 * scale * math.sin(at_s * 9)
        dab(frame, px, py - 0.75 * scale + bob, 0.24 * scale, 0.28 * scale, shade)
        dab(frame, px, py - 0.2 * scale + bob, 0.5 * scale, 0.8 * scale, shade * 0.7)
        for leg in (-1, 1):
            turn = 25 * leg * math.sin(at_s * 4.5)
            dab(frame, px, py + 0.5 * scale, 0.16 * scale, 0.8 * scale, shade * 0.5, 1, turn)
        if throws:  # a ball, up and down
            high = 1.2 + 4.9 * ((at_s % 1.2) * 1.2 - (at_s % 1.2) ** 2)
            bx, by, _ = camera.project(x + 0.4, high, out)
            dab(frame, bx, by, 0.22 * scale, 0.22 * scale, 230)

    return draw


def flock(truth: Truth, rng: np.random.Generator) -> Iterator[Draw]:
    """Pigeons that leave a roof or a sill together, circle, and come down on another."""
    if rng.random() > truth.seconds / 90:
        return
    unit = truth.height / 540
    begins, size, shade = rng.uniform(0, truth.seconds), rng.uniform(2.5, 8) * unit, rng.uniform(15, 90)
    from_xy = rng.uniform(0, truth.width), rng.uniform(0.02, 0.4) * truth.height
    to_xy = rng.uniform(0, truth.width), rng.uniform(0.3, 0.95) * truth.height
    for _ in range(int(rng.integers(3, 12))):
        yield _pigeon(begins + rng.uniform(0, 0.8), from_xy, to_xy, size, shade, unit, rng)


def _pigeon(
    begins: float,
    from_xy: tuple[float, float],
    to_xy: tuple[float, float],
    size: float,
    shade: float,
    unit: float,
    rng: np.random.Generator,
) -> Draw:
    takes, beat = rng.uniform(1.6, 3.2), rng.uniform(6, 11)
    first, last = (np.array(xy) + rng.normal(0, 25 * unit, 2) for xy in (from_xy, to_xy))
    bulge = np.array([rng.normal(0, 120), -rng.uniform(10, 140)]) * unit

    def draw(frame: Gray, at_s: float) -> None:
        share = (at_s - begins) / takes
        if not 0 <= share <= 1:
            return
        # It drops off its perch, gains speed, and brakes before it lands.
        way = share * share * (3 - 2 * share)
        x, y = first + (last - first) * way + bulge * math.sin(math.pi * share)
        wing = size * (0.3 + 0.7 * abs(math.sin(at_s * beat)))
        dab(frame, float(x), float(y), size, size * 0.4, shade)
        dab(frame, float(x), float(y), size * 0.4, wing, shade)

    return draw


def exposure(truth: Truth, rng: np.random.Generator) -> Gain:
    """The camera's gain over time: now and then it finds another one, in a few frames or in a second."""
    many = int(rng.poisson(truth.seconds / 20))
    steps = [(rng.uniform(0, truth.seconds), rng.uniform(0.08, 1.2), rng.normal(0, 0.12)) for _ in range(many)]

    def gain(at_s: float) -> float:
        log = sum(size * min(max((at_s - begins) / takes, 0.0), 1.0) for begins, takes, size in steps)
        return math.exp(float(log))

    return gain
