# ruff: noqa: INP001  # a module of the scripts beside it, not a package
"""Clips of a facade with things that fall from it, or with all that only looks like it: drawn, encoded, with the truth.

python benchmarks/facade_scenes.py OUT --seed 7 --kind fall [--large] [--seconds 8]     one clip and its truth file

Luma only, as that is all the sieve sees. A pinhole camera looks up at a wall; what falls obeys gravity and drag, is
blurred by its exposure and covered by trees. Everything follows from the seed.
"""

import argparse
import io
import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from facade_life import (
    FLOOR_M,
    Camera,
    Draw,
    Fall,
    Gray,
    Truth,
    bird,
    dab,
    headlights,
    insect,
    laundry,
    leaf,
    pane,
    person,
    rain,
    snow,
    tree,
)
from facade_street import exposure, flock, street
from numpy.typing import NDArray

GRAVITY_M_S2 = 9.81
TEXTURE_PX_M = 24
# Name: longer side in metres, its shape (wide / high), terminal speed in m/s, usual shade.
THINGS = {
    "bottle": (0.28, 0.3, 28.0),
    "can": (0.14, 0.55, 18.0),
    "carton": (0.38, 0.8, 13.0),
    "flowerpot": (0.24, 0.9, 38.0),
    "fruit": (0.10, 1.0, 27.0),
    "rubbish bag": (0.42, 0.8, 17.0),
    "plastic bag": (0.38, 0.8, 3.0),
    "paper": (0.30, 0.7, 2.2),
    "cigarette butt": (0.03, 0.4, 9.0),
}
LIGHT = ("plastic bag", "paper")
WEATHERS = ("sun", "clouds", "wind", "rain", "snow", "night")


class Scene:
    """`kind`: "fall" (one thing falls), or "none". Ask `frames` once."""

    def __init__(self, seed: int, kind: str, *, large: bool = False, seconds: float = 0.0, fps: float = 0.0) -> None:
        self._rng = rng = np.random.default_rng([seed, kind == "fall"])
        width, height = (1920, 1080) if large else (960, 540)
        floors = int(rng.integers(3, 21))
        away_m = float(rng.uniform(0.55, 1.3) * max(floors * FLOOR_M, 14))
        weather = str(rng.choice(WEATHERS, p=[0.25, 0.15, 0.2, 0.15, 0.1, 0.15]))
        self.camera = camera = _camera(width, height, floors, away_m, float(rng.uniform(1.5, 5)), rng)
        lines = [camera.project(0, floor * FLOOR_M, 0)[1] / height for floor in range(floors + 1)]
        shake = float(rng.uniform(0.2, 2.5)) * height / 540 if rng.random() < 0.3 else 0.0
        drawn_fps = float(rng.choice([15, 20, 25, 25, 25]))
        fps = fps or drawn_fps
        length_s = seconds or (8.0 if kind == "fall" else 30.0)
        self.truth = Truth(
            seed, kind, weather, width, height, fps, length_s, floors, lines[-1], lines[0], lines, away_m, shake
        )
        self._noise = [
            np.clip(rng.normal(0, 5 if weather == "night" else rng.uniform(1, 3), (height + 64, width + 64)), -40, 40)
            .round()
            .astype(np.int16)
            for _ in range(3)
        ]
        self._wall = _wall(camera, floors, weather, rng)
        self._day = np.clip(self._wall, 0, 255).astype(np.uint8)
        self._light = rng.uniform(0, 1, (6, 10)).astype(np.float32)
        more = np.random.default_rng([seed, kind == "fall", 1])
        self._gain = exposure(self.truth, more)
        # From behind to in front.
        self.layers: list[Draw] = [
            *self._behind(), *street(camera, self.truth, more), *self._thrown(), *self._before(),
            *flock(self.truth, more),
        ]  # fmt: skip

    def frames(self) -> Iterator[Gray]:
        truth, rng = self.truth, self._rng
        for number in range(round(truth.seconds * truth.fps)):
            at_s = number / truth.fps
            yield self._noisy(self.clean(at_s), rng)

    def clean(self, at_s: float, *, thrown: bool = True) -> Gray:
        """What the sensor would see without noise; not `thrown`: the same without the thing that falls."""
        frame = self._lit(at_s)
        for draw in self.layers:
            if thrown or not draw.__qualname__.startswith("throw."):
                draw(frame, at_s)
        return self._through_lens(frame, at_s)

    def _lit(self, at_s: float) -> Gray:
        truth = self.truth
        if truth.weather == "clouds":
            shift = cv2.getRotationMatrix2D((0, 0), 0, 1)
            shift[0, 2] = at_s * 0.15
            drifting = cv2.warpAffine(self._light, shift, (10, 6), borderMode=cv2.BORDER_REFLECT)
            shade = cv2.resize(drifting, (truth.width, truth.height), interpolation=cv2.INTER_CUBIC)
            return np.clip(self._wall * (0.65 + 0.4 * shade), 0, 255).astype(np.uint8)
        if truth.weather == "night":
            return np.clip(self._wall * (1 + 0.01 * math.sin(at_s * 6.1)), 0, 255).astype(np.uint8)
        return self._day.copy()

    def _through_lens(self, frame: Gray, at_s: float) -> Gray:
        truth = self.truth
        if truth.shake_px:
            dx = truth.shake_px * (math.sin(at_s * 9.7) + 0.5 * math.sin(at_s * 23.1 + 1)) / 1.5
            dy = truth.shake_px * 0.6 * math.sin(at_s * 14.3 + 2)
            move = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
            frame = cv2.warpAffine(frame, move, (truth.width, truth.height), borderMode=cv2.BORDER_REFLECT)
        return cv2.convertScaleAbs(frame, alpha=self._gain(at_s)).astype(np.uint8, copy=False)

    def _noisy(self, lit: Gray, rng: np.random.Generator) -> Gray:
        truth = self.truth
        noise, y, x = self._noise[rng.integers(3)], rng.integers(64), rng.integers(64)
        noisy = cv2.add(lit, noise[y : y + truth.height, x : x + truth.width], dtype=cv2.CV_8U)
        return cv2.min(cv2.max(noisy, 16), 235).astype(np.uint8, copy=False)

    def _behind(self) -> Iterator[Draw]:
        """What is on the wall: laundry, people at windows, panes that open, lamps, headlights."""
        truth, rng = self.truth, self._rng
        windy = truth.weather in {"wind", "rain"}
        for _ in range(int(rng.integers(2, 9))):
            yield laundry(self.camera, self._place(), rng, 1.0 if windy else 0.35)
        for _ in range(int(rng.integers(1, 4))):
            yield person(self.camera, self._place(), rng, truth.seconds)
        for _ in range(int(rng.integers(1, 4))):
            yield pane(self.camera, self._place(), rng, truth.seconds)
        if truth.weather == "night":
            yield headlights(truth, rng)
            yield headlights(truth, rng)

    def _before(self) -> Iterator[Draw]:
        truth, rng = self.truth, self._rng
        windy = truth.weather in {"wind", "rain"}
        for _ in range(int(rng.integers(0, 4))):
            yield tree(truth, rng, 1.0 if windy else 0.3)
        for _ in range(int(rng.poisson(truth.seconds / 8))):
            yield bird(truth, rng)
        for _ in range(int(rng.poisson(truth.seconds / 12))):
            yield insect(truth, rng)
        if windy or rng.random() < 0.3:
            for _ in range(int(rng.poisson(truth.seconds / (6 if windy else 15)))):
                yield leaf(self.camera, truth, rng)
        if truth.weather == "rain":
            yield rain(truth, rng)
        if truth.weather == "snow":
            yield snow(truth, rng)

    def _place(self) -> tuple[float, float]:
        rng, truth = self._rng, self.truth
        floor = int(rng.integers(0, truth.floors))
        return float(rng.integers(-3, 4)) * 3.2 + 0.4, floor * FLOOR_M + 1.0

    def _thrown(self) -> Iterator[Draw]:
        if self.truth.kind == "fall":
            names = list(THINGS)
            name = names[int(self._rng.integers(len(names)))]
            fall, draw = throw(self.camera, self.truth, name, self._rng, self._wall)
            self.truth.falls.append(fall)
            yield draw


def _camera(w: int, h: int, floors: int, away_m: float, up_m: float, rng: np.random.Generator) -> Camera:
    """It looks at the middle of the wall; most of the building is in the picture, sometimes only its upper part."""
    tall = floors * FLOOR_M
    low, high = math.atan2(-up_m, away_m), math.atan2(tall * rng.uniform(0.9, 1.1) - up_m, away_m)
    if rng.random() < 0.3:
        low += 0.3 * (high - low)
    pitch = (low + high) / 2
    focal = h / 2 / math.tan((high - low) / 2) * rng.uniform(0.85, 1.0)
    return Camera(w, h, away_m, up_m, pitch, focal)


def _wall(camera: Camera, floors: int, weather: str, rng: np.random.Generator) -> NDArray[np.float32]:
    """The building as a flat drawing, then as the camera sees it."""
    px, wide = TEXTURE_PX_M, 30.0
    tall = floors * FLOOR_M + 4
    drawing = np.full((round(tall * px), round(wide * px)), rng.integers(105, 190), np.uint8)
    grain = rng.normal(0, 4, drawing.shape).astype(np.int16)
    drawing = np.clip(drawing + cv2.blur(grain.astype(np.float32), (3, 3)), 0, 255).astype(np.uint8)
    line, night = int(rng.integers(60, 110)), weather == "night"
    for floor in range(floors):
        base = round((tall - floor * FLOOR_M) * px)
        cv2.line(drawing, (0, base), (drawing.shape[1], base), line, 2)
        for column in range(9):
            x0 = round((column * 3.2 + 1.0) * px)
            glass = int(rng.integers(35, 95))
            if night and rng.random() < 0.35:
                glass = int(rng.integers(200, 250))
            cv2.rectangle(
                drawing, (x0, base - round(2.4 * px)), (x0 + round(1.7 * px), base - round(0.9 * px)), glass, -1
            )
            cv2.rectangle(drawing, (x0, base - round(2.4 * px)), (x0 + round(1.7 * px), base - round(0.9 * px)), 215, 2)
            cv2.line(
                drawing,
                (x0 + round(0.85 * px), base - round(2.4 * px)),
                (x0 + round(0.85 * px), base - round(0.9 * px)),
                210,
                2,
            )
            if column % 3 == 1:
                cv2.rectangle(
                    drawing, (x0 - px // 2, base - px), (x0 + round(2.1 * px), base), int(rng.integers(80, 220)), -1
                )
                for bar in range(x0 - px // 2, x0 + round(2.1 * px), 6):
                    cv2.line(drawing, (bar, base - px), (bar, base), 90, 1)
    corners = [(0, 0), (wide, 0), (wide, tall), (0, tall)]
    seen = [camera.project(x - wide / 2, tall - y, 0)[:2] for x, y in corners]
    flat = np.array([(x * px, y * px) for x, y in corners], np.float32)
    turn = cv2.getPerspectiveTransform(flat, np.array(seen, np.float32))
    sky = int(rng.integers(12, 30)) if night else int(rng.integers(190, 235))
    size = camera.width, camera.height
    wall = cv2.warpPerspective(
        drawing, turn, size, flags=cv2.INTER_AREA, borderValue=sky, borderMode=cv2.BORDER_CONSTANT
    )
    ground = camera.project(0, 0, 0)[1]
    if ground < camera.height:
        wall[max(int(ground), 0) :] = int(rng.integers(60, 120))
    wall = cv2.GaussianBlur(wall, (0, 0), 0.7 * camera.height / 540)
    return wall.astype(np.float32) * (0.45 if night else 1.0)


def throw(
    camera: Camera, truth: Truth, name: str, rng: np.random.Generator, wall: NDArray[np.float32]
) -> tuple[Fall, Draw]:
    """Euler steps of a millisecond: gravity, quadratic drag, wind."""
    long_m, shape, terminal = THINGS[name]
    visible = [
        floor
        for floor in range(2, truth.floors + 1)
        if camera.project(0, (floor - 1) * FLOOR_M + 1.3, 0)[1] > 0.02 * camera.height
    ]
    floor = int(rng.choice(visible or [truth.floors]))
    x, up, out = float(rng.uniform(-9, 9)), (floor - 1) * FLOOR_M + 1.3, 0.6
    how = rng.random()
    speed = [float(rng.normal(0, 0.3)), 0.0, float(rng.uniform(0, 0.8))]
    if how > 0.4 and name not in LIGHT:
        speed = [float(rng.normal(0, 2.0)), float(rng.uniform(-1, 3)), float(rng.uniform(0.5, 5))]
    wind = float(rng.normal(0, 0.8)) if name in LIGHT else 0.0
    start_s, exposure_s = float(rng.uniform(2.5, 3.5)), 1 / 60 if truth.weather == "night" else 1 / 200
    shade = float(rng.choice([rng.uniform(20, 60), rng.uniform(190, 235)]))
    path, at_s, step = [], start_s, 0.001
    while up > 0.1 and at_s < truth.seconds - 0.3:
        path.append((at_s, *camera.project(x, up, out)))
        drag = GRAVITY_M_S2 / terminal**2
        away = (speed[0] - wind, speed[1], speed[2])
        pace = math.sqrt(sum(part * part for part in away))
        for axis in range(3):
            speed[axis] -= drag * pace * away[axis] * step
        speed[1] -= GRAVITY_M_S2 * step
        if name in LIGHT:
            speed[0] += 3.0 * math.sin(at_s * 5) * step
        x, up, out = x + speed[0] * step, up + speed[1] * step, out + speed[2] * step
        at_s += step
    inside = [point for point in path if 0 <= point[1] < camera.width and 0 <= point[2] < camera.height]
    seen = inside or path[:1]
    size = float(np.mean([long_m * point[3] for point in seen]))
    under = [
        float(wall[min(int(p[2]), camera.height - 1), min(max(int(p[1]), 0), camera.width - 1)]) for p in seen[::20]
    ]
    contrast = float(np.mean(np.abs(np.array(under) - shade)))
    fell = seen[-1][2] - min(p[2] for p in seen)
    fall = Fall(
        name, floor, round(seen[0][0], 3), round(seen[-1][0], 3), round(size, 2), round(contrast, 1), round(fell, 1)
    )
    fall.points = [(p[0], p[1], p[2]) for p in seen[::40]]
    turning = float(rng.uniform(100, 900))

    def draw(frame: Gray, now_s: float) -> None:
        parts = max(1, round(exposure_s * 600))
        for part in range(parts):
            index = round((now_s + exposure_s * part / parts - start_s) / step)
            if 0 <= index < len(path):
                _, px, py, scale = path[index]
                side = long_m * scale
                # Smaller than a pixel it covers a part of one.
                alpha = 1 - (1 - min(1.0, 0.98)) ** (1 / parts) if parts > 1 else 1.0
                dab(frame, px, py, side * shape, side, shade, alpha if parts > 1 else 1.0, turning * now_s)

    return fall, draw


def encoded(scene: Scene, out: io.BytesIO | str) -> None:
    """H.264 at what such cameras use: about 2 Mbit/s for 1080p, 0.8 for a quarter of it, every third half of it."""
    truth = scene.truth
    share = 0.5 if truth.seed % 3 == 0 else 1.0
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=Fraction(truth.fps))
        stream.width, stream.height, stream.pix_fmt = truth.width, truth.height, "yuv420p"
        stream.bit_rate = round(share * (2_500_000 if truth.width > 1000 else 900_000))
        stream.options = {"preset": "superfast", "tune": "zerolatency", "g": str(round(truth.fps * 2)), "threads": "1"}
        plain = np.full((truth.height // 2, truth.width), 128, np.uint8)
        for gray in scene.frames():
            frame = av.VideoFrame.from_ndarray(np.vstack([gray, plain]), format="yuv420p")
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=["fall", "none"], default="fall")
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--seconds", type=float, default=0.0)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    scene = Scene(options.seed, options.kind, large=options.large, seconds=options.seconds)
    name = f"facade_{options.kind}_{options.seed}"
    encoded(scene, str(options.out / f"{name}.mp4"))
    rows = [
        f"- {{code: CONDUCT.THROWN, start_s: {f.start_s}, end_s: {f.end_s}, tolerance_s: 1}}" for f in scene.truth.falls
    ]
    (options.out / f"{name}.truth.yaml").write_text("\n".join(rows or ["[]"]) + "\n")
    (options.out / f"{name}.json").write_text(json.dumps(asdict(scene.truth)) + "\n")


if __name__ == "__main__":
    main()
