# ruff: noqa: INP001  # a module of the scripts beside it, not a package
"""What moves before a facade and is no thing thrown: laundry, people, panes, lights, trees, birds, insects, weather.

Each is made once from the random numbers of its clip and then draws itself into a frame (h, w) of any moment.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Gray = NDArray[np.uint8]


class Places:
    """In place of a frame: keeps where `dab` would draw, and how large, (x, y, wide, high) each."""

    def __init__(self) -> None:
        self.dabs: list[tuple[float, float, float, float]] = []


Draw = Callable[[Any, float], None]

FLOOR_M = 3.0


@dataclass(frozen=True)
class Camera:
    """A pinhole camera before a wall: metres along the wall and up, metres out of the wall -> pixels."""

    width: int
    height: int
    away_m: float
    up_m: float
    pitch: float
    focal_px: float

    def project(self, x: float, up: float, out: float) -> tuple[float, float, float]:
        """Pixels, and pixels per metre there."""
        depth, rise = self.away_m - out, up - self.up_m
        along = depth * math.cos(self.pitch) + rise * math.sin(self.pitch)
        high = rise * math.cos(self.pitch) - depth * math.sin(self.pitch)
        scale = self.focal_px / along
        return self.width / 2 + x * scale, self.height / 2 - high * scale, scale


@dataclass
class Fall:
    """What is thrown: `floor` counts from 1; the times are of the clip, while it is in the picture."""

    thing: str
    floor: int
    start_s: float
    end_s: float
    size_px: float
    contrast: float
    fell_px: float
    points: list[tuple[float, float, float]] = field(default_factory=list, repr=False)


@dataclass
class Truth:
    """What a clip shows."""

    seed: int
    kind: str
    weather: str
    width: int
    height: int
    fps: float
    seconds: float
    floors: int
    top_y: float
    ground_y: float
    floor_lines_y: list[float]
    away_m: float
    shake_px: float
    falls: list[Fall] = field(default_factory=list)


def dab(
    frame: Gray | Places,
    x: float,
    y: float,
    wide: float,
    high: float,
    shade: float,
    alpha: float = 1.0,
    turn: float = 0.0,
) -> None:
    """An ellipse that may be smaller than a pixel, anywhere between pixels; sides in pixels, `turn` in degrees."""
    if isinstance(frame, Places):
        frame.dabs.append((x, y, wide, high))
        return
    reach = int(max(wide, high)) + 2
    x0, y0 = math.floor(x) - reach, math.floor(y) - reach
    side = 2 * reach + 1
    if x0 < 0 or y0 < 0 or x0 + side > frame.shape[1] or y0 + side > frame.shape[0]:
        return
    over = 4
    patch = np.zeros((side * over, side * over), np.uint8)
    middle = (round((x - x0 + 0.5) * over * 16), round((y - y0 + 0.5) * over * 16))
    axes = (max(round(wide / 2 * over * 16), 8), max(round(high / 2 * over * 16), 8))
    cv2.ellipse(patch, middle, axes, turn, 0, 360, 255, -1, cv2.LINE_8, 4)
    cover = cv2.resize(patch, (side, side), interpolation=cv2.INTER_AREA).astype(np.float32) * (alpha / 255)
    spot = frame[y0 : y0 + side, x0 : x0 + side]
    spot[:] = np.clip(spot + cover * (shade - spot) + 0.5, 0, 255).astype(np.uint8)


def laundry(camera: Camera, place: tuple[float, float], rng: np.random.Generator, strength: float) -> Draw:
    x, up = place
    wide, long_m, shade = rng.uniform(0.4, 1.2), rng.uniform(0.5, 1.3), int(rng.integers(40, 235))
    pace, phase = rng.uniform(1.5, 5), rng.uniform(0, 6)

    def draw(frame: Gray, at_s: float) -> None:
        gust = strength * (0.6 + 0.4 * math.sin(at_s * 0.7 + phase))
        edge = [camera.project(x + wide * k / 4, up, 0.5)[:2] for k in range(5)]
        hem = [
            camera.project(
                x + wide * k / 4 + 0.25 * gust * math.sin(at_s * pace + k * 0.8 + phase),
                up - long_m * (1 - 0.15 * gust * math.sin(at_s * pace * 1.3 + k)),
                0.5,
            )[:2]
            for k in range(4, -1, -1)
        ]
        corners = (np.array([*edge, *hem]) * 16).round().astype(np.int32)
        cv2.fillPoly(frame, [corners], shade, cv2.LINE_AA, 4)

    return draw


def person(camera: Camera, place: tuple[float, float], rng: np.random.Generator, seconds: float) -> Draw:
    x, up = place
    comes, stays, shade = rng.uniform(0, seconds), rng.uniform(2, 6), rng.uniform(30, 200)

    def draw(frame: Gray, at_s: float) -> None:
        if not comes <= at_s <= comes + stays:
            return
        lean = min(at_s - comes, comes + stays - at_s, 0.6)
        px, py, scale = camera.project(x + 0.8 + 0.2 * math.sin(at_s), up + 0.2 + 0.4 * lean, 0.2)
        dab(frame, px, py, 0.28 * scale, 0.32 * scale, shade)
        dab(frame, px, py + 0.35 * scale, 0.6 * scale, 0.5 * scale, shade * 0.7)
        dab(
            frame,
            px + 0.4 * scale * math.sin(at_s * 6),
            py + 0.3 * scale,
            0.15 * scale,
            0.4 * scale,
            shade,
            1,
            50 * math.sin(at_s * 6),
        )

    return draw


def pane(camera: Camera, place: tuple[float, float], rng: np.random.Generator, seconds: float) -> Draw:
    """A wing that swings open; the sun glints in it for a moment, and the glint runs down the wall."""
    x, up = place
    begins, takes, runs = rng.uniform(0, seconds), rng.uniform(0.4, 1.5), rng.uniform(-6, 6)
    glints = rng.random() < 0.5

    def draw(frame: Gray, at_s: float) -> None:
        if at_s < begins:
            return
        turn = min((at_s - begins) / takes, 1.0) * 1.3
        edge = x + 0.85 * math.cos(turn)
        corners = [
            camera.project(*c)[:2]
            for c in (
                (x, up + 1.3, 0),
                (edge, up + 1.3, 0.85 * math.sin(turn)),
                (edge, up, 0.85 * math.sin(turn)),
                (x, up, 0),
            )
        ]
        cv2.fillPoly(frame, [(np.array(corners) * 16).round().astype(np.int32)], int(60 + 90 * turn), cv2.LINE_AA, 4)
        if glints and turn < 1.3:
            px, py, scale = camera.project(x + 0.5, up + 0.7, 0)
            dab(frame, px, py, 0.3 * scale, 0.4 * scale, 250, 0.9)
            px, py, scale = camera.project(x + runs * turn, up - 3 - 6 * turn, 0)
            dab(frame, px, py, 0.9 * scale, 0.9 * scale, 250, 0.35)

    return draw


def headlights(truth: Truth, rng: np.random.Generator) -> Draw:
    begins, takes = rng.uniform(0, truth.seconds), rng.uniform(1.5, 5)
    wide, high = truth.width * rng.uniform(0.05, 0.3), truth.height * rng.uniform(0.1, 0.4)
    y = truth.height * rng.uniform(0.5, 1.0)
    xs = np.arange(truth.width, dtype=np.float32)[None]
    beam = np.exp(-(((np.arange(truth.height, dtype=np.float32)[:, None] - y) / high) ** 2))

    def draw(frame: Gray, at_s: float) -> None:
        share = (at_s - begins) / takes
        if 0 <= share <= 1:
            glow = beam * np.exp(-(((xs - truth.width * (1.4 * share - 0.2)) / wide) ** 2)) * 70
            np.copyto(frame, cv2.add(frame, glow.astype(np.uint8)))

    return draw


def tree(truth: Truth, rng: np.random.Generator, strength: float) -> Draw:
    """Clumps of leaves, each swaying in its own time, and single leaves that flash."""
    unit = truth.height / 540
    cx, cy = rng.uniform(0, truth.width), truth.height * rng.uniform(0.65, 1.05)
    spread = rng.uniform(40, 130) * unit
    clumps = [
        (
            cx + rng.normal(0, spread),
            cy + rng.normal(0, spread * 0.8),
            rng.uniform(6, 22) * unit,
            rng.uniform(20, 110),
            rng.uniform(1, 6),
            rng.uniform(0, 6),
            rng.uniform(1, 6) * unit,
        )
        for _ in range(60)
    ]

    def draw(frame: Gray, at_s: float) -> None:
        gust = strength * (0.5 + 0.5 * math.sin(at_s * 0.9 + cx))
        for x, y, size, shade, pace, phase, swing in clumps:
            dx = swing * gust * math.sin(at_s * pace + phase)
            dy = 0.4 * swing * gust * math.sin(at_s * pace * 1.7 + phase)
            light = shade + 25 * gust * math.sin(at_s * pace * 2.3 + phase)
            middle = (round((x + dx) * 16), round((y + dy) * 16))
            cv2.ellipse(
                frame, middle, (round(size * 16), round(size * 10)), phase * 57, 0, 360, light, -1, cv2.LINE_AA, 4
            )

    return draw


def bird(truth: Truth, rng: np.random.Generator) -> Draw:
    """Crosses, or glides down to a sill; it flaps, so its size changes."""
    unit = truth.height / 540
    begins, size, shade = rng.uniform(0, truth.seconds), rng.uniform(3, 14) * unit, rng.uniform(15, 90)
    x0, y0 = rng.uniform(0, truth.width), rng.uniform(0, truth.height * 0.6)
    glides = rng.random() < 0.5
    angle = rng.uniform(0.5, 1.3) if glides else rng.uniform(-0.3, 0.3)
    speed = rng.uniform(60, 320) * unit
    side, bend, flap = rng.choice([-1, 1]), rng.normal(0, 0.4), rng.uniform(5, 12)
    gain = rng.uniform(-0.2, 0.5) if glides else 0.0
    if not glides:
        x0 = 0 if side > 0 else truth.width

    def draw(frame: Gray, at_s: float) -> None:
        t = at_s - begins
        if not 0 <= t <= 4:
            return
        along = speed * (t + gain * t * t / 2)
        x = x0 + side * math.cos(angle) * along
        y = y0 + math.sin(angle) * along + bend * speed * t * t / 4 + 4 * unit * math.sin(t * flap)
        wing = size * (0.35 + 0.65 * abs(math.sin(t * flap)))
        dab(frame, x, y, size, size * 0.35, shade)
        dab(frame, x, y, size * 0.4, wing, shade)

    return draw


def insect(truth: Truth, rng: np.random.Generator) -> Draw:
    """Near the lens: large, blurred, fast and erratic."""
    unit = truth.height / 540
    begins, size, shade = rng.uniform(0, truth.seconds), rng.uniform(4, 26) * unit, rng.choice([30, 220])
    steps = int(3 * truth.fps)
    speeds = np.cumsum(rng.normal(0, 3.0 * unit, (steps, 2)), 0) + rng.normal(0, 9 * unit, 2)
    places = np.cumsum(speeds, 0) + np.array([rng.uniform(0, truth.width), rng.uniform(0, truth.height)])

    def draw(frame: Gray, at_s: float) -> None:
        index = round((at_s - begins) * truth.fps)
        if 0 <= index < steps:
            for part in np.linspace(0, 1, 4):
                x, y = places[index] + part * speeds[index] * 0.5
                dab(frame, float(x), float(y), size, size, float(shade), 0.25)

    return draw


def leaf(camera: Camera, truth: Truth, rng: np.random.Generator) -> Draw:
    """Flutters down at a metre a second and a half, to and fro."""
    begins, x0, up0 = rng.uniform(-2, truth.seconds), rng.uniform(-10, 10), rng.uniform(3, truth.floors * FLOOR_M)
    out, sinks, swing, pace = rng.uniform(1, 6), rng.uniform(0.7, 1.6), rng.uniform(0.1, 0.6), rng.uniform(2, 6)
    drift, shade = rng.normal(0, 0.7), rng.uniform(30, 150)

    def draw(frame: Gray, at_s: float) -> None:
        t = at_s - begins
        up = up0 - sinks * (t + 0.25 / pace * math.sin(2 * t * pace))
        if t < 0 or up < 0:
            return
        px, py, scale = camera.project(x0 + drift * t + swing * math.sin(t * pace), up, out)
        dab(frame, px, py, 0.09 * scale, 0.05 * scale, shade, 1, t * 200)

    return draw


def rain(truth: Truth, rng: np.random.Generator) -> Draw:
    """Streaks at one speed each, near ones long and pale."""
    unit, slant = truth.height / 540, rng.normal(0, 0.15)
    many = int(rng.integers(20, 150))
    near = rng.uniform(0.15, 1, many) ** 2
    x0, y0 = rng.uniform(0, truth.width, many), rng.uniform(0, truth.height * 1.5, many)

    def draw(frame: Gray, at_s: float) -> None:
        veil = np.zeros_like(frame)
        speed = 2600 * near * unit
        y = (y0 + speed * at_s) % (truth.height * 1.5)
        wraps = np.floor((y0 + speed * at_s) / (truth.height * 1.5))
        x = (x0 + wraps * 137.5 * unit + slant * y) % truth.width
        for px, py, step, k in zip(x, y, speed, near, strict=True):
            end = (round((px + slant * step / 90) * 16), round((py + step / 90) * 16))
            cv2.line(veil, (round(px * 16), round(py * 16)), end, int(18 + 22 * k), 1, cv2.LINE_AA, 4)
        np.copyto(frame, cv2.add(frame, veil))

    return draw


def snow(truth: Truth, rng: np.random.Generator) -> Draw:
    unit, many = truth.height / 540, int(rng.integers(40, 220))
    near = rng.uniform(0.2, 1, many) ** 2
    x0, y0 = rng.uniform(0, truth.width, many), rng.uniform(0, truth.height * 1.2, many)
    pace, phase, wind = rng.uniform(0.5, 3, many), rng.uniform(0, 6, many), rng.normal(0, 40) * unit

    def draw(frame: Gray, at_s: float) -> None:
        y = (y0 + 260 * near * unit * at_s) % (truth.height * 1.2)
        x = (x0 + near * wind * at_s + 12 * unit * near * np.sin(at_s * pace + phase)) % truth.width
        for px, py, k in zip(x, y, near, strict=True):
            cv2.circle(
                frame, (round(px * 16), round(py * 16)), max(round(3.2 * k * unit * 16), 10), 225, -1, cv2.LINE_AA, 4
            )

    return draw
