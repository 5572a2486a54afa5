# ruff: noqa: INP001  # a script, not a package
"""How well a covered, moved, blurred, dark or frozen picture is told, what is told for nothing, and what it costs.

python benchmarks/camera_health.py [--visits DIR ...] [--clips DIR ...] [--every N] [--json]

Every picture of a clip stands for a second; clips are played to and fro. First as they are: whatever is told is a false
alarm. Then each is shown untouched for a minute and tampered with for less than two: by a change that must be told, and
by one that must not. The camera sees the middle of each picture, so that it can be pushed and zoomed to what is beside.
`--every N`: one clip of N.
"""

import argparse
import copy
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter

import cv2
import numpy as np
from numpy.typing import NDArray
from visits import default_folder

from edgeguard.motion import MotionGate, ViewConfig, ViewFault, ViewWatch
from edgeguard.recordings import recording
from edgeguard.replay.evaluate import wilson_interval
from edgeguard.sources.picture import picture_from_array

Luma = NDArray[np.uint8]
Tamper = Callable[[Luma, int, np.random.Generator], Luma]

WIDTH = 480
WHOLE_S, BEFORE_S, AFTER_S = 300, 60, 105
MIDDLE = (0.1, 0.1, 0.9, 0.9)
VIDEOS = {".mp4", ".avi", ".gif"}
ALL = ViewConfig(tell=tuple(ViewFault))
COST_ROUNDS, COST_LOOKS = 7, 100


@dataclass(slots=True)
class Told:
    """`false`: (clip, fault) of untouched clips. By tampering `hits`: clips by what was told first, and `late_s`."""

    looks: int = 0
    false: list[tuple[str, str]] = field(default_factory=list)
    hits: dict[str, Counter[str]] = field(default_factory=dict)
    late_s: dict[str, list[int]] = field(default_factory=dict)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visits", type=Path, nargs="*", default=[default_folder()])
    parser.add_argument("--clips", type=Path, nargs="*", default=[])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    told, count = Told(), 0
    for number, (name, clip) in enumerate(clips(options.visits, options.clips)):
        if number % options.every == 0:
            count += 1
            watch_untouched(name, clip, told)
            watch_tampered(clip, told)
    cost = cost_ms()
    lines = list(table(told, count, cost))
    print(json.dumps({"lines": lines, "cost": cost}) if options.json else "\n".join(lines))


def clips(visits: Sequence[Path], folders: Sequence[Path]) -> Iterator[tuple[str, list[Luma]]]:
    """Name and pictures of each; those of a folder by its name, without the ones of less than a second."""
    for folder in sorted({path.parent for root in visits for path in root.glob("*/0000.jpg")}):
        yield folder.name, [fit(cv2.imread(str(path), 0)) for path in sorted(folder.glob("*.jpg"))]
    videos = [recording(name) for name in ("lift_ebike", "lift_people")]
    videos += sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in VIDEOS)
    for path in videos:
        pictures = list(islice(decoded(path), WHOLE_S))
        if len(pictures) > 20:
            yield path.stem, pictures


def decoded(path: Path) -> Iterator[Luma]:
    video = cv2.VideoCapture(str(path))
    while (read := video.read())[0]:
        yield fit(cv2.cvtColor(read[1], cv2.COLOR_BGR2GRAY))


def fit(luma: NDArray[np.generic]) -> Luma:
    """At most as wide as a substream."""
    scale = min(1.0, WIDTH / luma.shape[1])
    return np.asarray(cv2.resize(luma, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)


def played(clip: Sequence[Luma], seconds: int, from_s: int = 0) -> Iterator[Luma]:
    """To and fro."""
    to_and_fro = [*clip, *clip[-2:0:-1]]
    return islice(cycle(to_and_fro), from_s, from_s + seconds)


def show(watch: ViewWatch, lumas: Iterator[Luma], from_s: int, told: dict[ViewFault, int]) -> None:
    """Notes the second in which each fault is told first."""
    for now_s, luma in enumerate(lumas, start=from_s):
        watch.update(picture_from_array(luma, "gray"), float(now_s))
        for fault in ViewFault:
            if watch.told(fault):
                told.setdefault(fault, now_s)


def watch_untouched(name: str, clip: Sequence[Luma], told: Told) -> None:
    said: dict[ViewFault, int] = {}
    show(ViewWatch(ALL), played(clip, WHOLE_S), 0, said)
    told.looks += WHOLE_S
    told.false += [(name, fault.value) for fault in said]


def watch_tampered(clip: Sequence[Luma], told: Told) -> None:
    learnt = ViewWatch(ALL)
    show(learnt, (cut(luma, MIDDLE) for luma in played(clip, BEFORE_S)), 0, {})
    for name, tamper in TAMPERINGS.items():
        chance = np.random.default_rng(7)
        after = (tamper(luma, second, chance) for second, luma in enumerate(played(clip, AFTER_S, BEFORE_S)))
        said: dict[ViewFault, int] = {}
        show(copy.deepcopy(learnt), after, BEFORE_S, said)
        first = min(said, key=lambda fault: said[fault], default=None)
        told.hits.setdefault(name, Counter())[first.value if first else "nothing"] += 1
        if first is not None:
            told.late_s.setdefault(name, []).append(said[first] - BEFORE_S)


def cut(luma: Luma, box: tuple[float, float, float, float]) -> Luma:
    """What a camera sees that looks there; always of one size."""
    height, width = luma.shape
    x0, y0, x1, y1 = (round(side * size) for side, size in zip(box, (width, height) * 2, strict=True))
    size = round(0.8 * width), round(0.8 * height)
    return np.asarray(cv2.resize(luma[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA), np.uint8)


def seen(box: tuple[float, float, float, float]) -> Tamper:
    return lambda luma, _, __: cut(luma, box)


def as_was(luma: Luma) -> NDArray[np.float32]:
    return cut(luma, MIDDLE).astype(np.float32)


def levels(values: NDArray[np.float32]) -> Luma:
    return np.asarray(np.clip(np.rint(values), 0, 255), np.uint8)


@cache
def noise(shape: tuple[int, ...]) -> NDArray[np.float32]:
    """A few pictures of it: slow to draw."""
    return np.random.default_rng(1).normal(0, 1, (16, *shape)).astype(np.float32)


def noisy(values: NDArray[np.float32], chance: np.random.Generator, sigma: float = 1.0) -> Luma:
    # Never the same twice, as a sensor's is not.
    fresh = np.roll(noise(values.shape)[chance.integers(16)], tuple(chance.integers(0, values.shape)), (0, 1))
    return levels(values + np.float32(sigma) * fresh)


@cache
def blotches(shape: tuple[int, ...], mean: float, spread: float, grid: int) -> NDArray[np.float32]:
    """Always the same, soft ones."""
    rough = np.random.default_rng(3).normal(mean, spread, (grid, grid)).astype(np.float32)
    return np.asarray(cv2.resize(rough, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


def covered(mean: float, spread: float, share: float = 1.0, grid: int = 4) -> Tamper:
    """By something out of focus, from the left on; its edge is soft."""

    def tamper(luma: Luma, _: int, chance: np.random.Generator) -> Luma:
        before = as_was(luma)
        along = np.linspace(0, 1, before.shape[1], dtype=np.float32)
        cover = np.clip((share - along) / 0.05 + 0.5, 0, 1) if share < 1 else np.ones_like(along)
        return noisy(before * (1 - cover) + blotches(before.shape, mean, spread, grid) * cover, chance)

    return tamper


def sprayed(luma: Luma, _: int, chance: np.random.Generator) -> Luma:
    """Paint that lets a twentieth of the light through."""
    before = cv2.GaussianBlur(as_was(luma), (0, 0), 12)
    return noisy(0.05 * before + 0.95 * blotches(before.shape, 90, 25, 9), chance)


def blurred(sigma_px: float) -> Tamper:
    return lambda luma, _, chance: noisy(cv2.GaussianBlur(as_was(luma), (0, 0), sigma_px), chance)


def turned(degrees: float) -> Tamper:
    def tamper(luma: Luma, _: int, __: np.random.Generator) -> Luma:
        height, width = luma.shape
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
        return cut(np.asarray(cv2.warpAffine(luma, turn, (width, height), borderMode=cv2.BORDER_REFLECT)), MIDDLE)

    return tamper


class Frozen:
    """The first picture for ever: as it is, encoded anew each time, so with a clock, or with a sensor's noise on it."""

    def __init__(self, how: str) -> None:
        self._how = how
        self._first = np.zeros((0, 0), np.uint8)

    def __call__(self, luma: Luma, second: int, chance: np.random.Generator) -> Luma:
        if second == 0:
            self._first = cut(luma, MIDDLE)
        if self._how == "encoded":
            quality = int(chance.integers(90, 93))
            code = cv2.imencode(".jpg", self._first, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
            return np.asarray(cv2.imdecode(code, 0), np.uint8)
        if self._how == "clock":
            written = self._first.copy()
            cv2.putText(written, f"12:00:{second:03d}", (8, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 255)
            return written
        return noisy(self._first, chance, 1.5) if self._how == "noisy" else self._first


def lamp(gain: float, black: float = 16) -> Tamper:
    return lambda luma, _, chance: noisy(black + gain * (as_was(luma) - 16).clip(0), chance)


def infrared(luma: Luma, _: int, chance: np.random.Generator) -> Luma:
    """A spot from the camera; what was bright or dark is so no more everywhere."""
    before = as_was(luma)
    reflects = 1 + 0.5 * np.sin(before / 255 * np.float32(3 * np.pi))
    return noisy(20 + 0.8 * before * reflects * spot(before.shape), chance, 2.0)


@cache
def spot(shape: tuple[int, ...]) -> NDArray[np.float32]:
    y, x = np.mgrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    return np.exp(-(x * x + y * y)).astype(np.float32)


def crowd(luma: Luma, second: int, chance: np.random.Generator) -> Luma:
    """Ten heads and shoulders that sway, over about half of the picture."""
    picture = as_was(luma)
    height, width = picture.shape
    who = np.random.default_rng(11)
    for _ in range(10):
        x, y, sway = who.uniform(0, width), who.uniform(0.35, 1) * height, who.uniform(0, 6)
        at = int(x + 0.02 * width * np.sin(second / 3 + sway)), int(y)
        level, size = who.uniform(30, 200), int(0.13 * height)
        cv2.ellipse(picture, (at[0], at[1] + 2 * size), (int(1.6 * size), 2 * size), 0, 0, 360, level, -1)
        cv2.circle(picture, at, size, who.uniform(30, 200), -1)
    return noisy(cv2.GaussianBlur(picture, (0, 0), 0.7), chance)


def trembling(luma: Luma, _: int, chance: np.random.Generator) -> Luma:
    """By half a percent of the picture."""
    dx, dy = chance.uniform(-0.005, 0.005, 2)
    return cut(luma, (0.1 + dx, 0.1 + dy, 0.9 + dx, 0.9 + dy))


TAMPERINGS: dict[str, Tamper] = {
    "hand, all": covered(45, 12),
    "hand, nine tenths": covered(45, 12, 0.9),
    "tape": covered(140, 3),
    "white paper": covered(215, 6),
    "spray": sprayed,
    "pushed by 6 %": seen((0.15, 0.1, 0.95, 0.9)),
    "pushed by 12 %": seen((0.2, 0.05, 1.0, 0.85)),
    "turned by 10 degrees": turned(10),
    "zoomed in by 1.25": seen((0.18, 0.18, 0.82, 0.82)),
    "zoomed out by 1.25": seen((0.0, 0.0, 1.0, 1.0)),
    "blur of 2.5 px": blurred(2.5),
    "blur of 5 px": blurred(5),
    "lamp off": lamp(0.02),
    "frozen": Frozen("still"),
    "frozen, encoded anew": Frozen("encoded"),
    "frozen, a clock in it": Frozen("clock"),
    "frozen, with fresh noise": Frozen("noisy"),
    "(nothing)": seen(MIDDLE),
    "(lamp at 0.4)": lamp(0.4),
    "(lamp at 1.4)": lamp(1.4),
    "(infrared)": infrared,
    "(crowd)": crowd,
    "(half covered)": covered(45, 12, 0.5),
    "(trembling)": trembling,
}


def table(told: Told, count: int, cost: dict[str, float]) -> Iterator[str]:
    hours = told.looks / 3600
    yield f"{count} clips, untouched for {hours:.1f} h: {len(told.false)} false alarms {told.false}"
    yield f"tampered with for {AFTER_S} s (in brackets: must not be told) | told first | of | at all | after s, median"
    for name, counts in told.hits.items():
        hits = count - counts["nothing"]
        low, high = wilson_interval(hits, count)
        late = sorted(told.late_s.get(name, []))
        after = f"{late[len(late) // 2]}" if late else "-"
        parts = ", ".join(f"{fault} {times}" for fault, times in counts.most_common())
        yield f"{name} | {parts} | {count} | {hits / count:.2f} ({low:.2f} to {high:.2f}) | {after}"
    frame_ms = cost["view"] / 10
    yield f"ms a look: {cost['view']:.3f}; at 10 frames a second {frame_ms:.4f} a frame, the gate {cost['gate']:.4f}"


def cost_ms() -> dict[str, float]:
    """Median ms at 640x360, the best of several rounds in turns: a look of the watch's, a frame of the gate's."""
    rng = np.random.default_rng(0)
    base = 60 + 100 * (np.indices((360, 640)).sum(0) // 40 % 2)
    pictures = [picture_from_array(noisy(base.astype(np.float32), rng, 2.0), "gray") for _ in range(20)]
    watch, gate = ViewWatch(ALL), MotionGate()
    best = {"view": float("inf"), "gate": float("inf")}
    for number in range(COST_ROUNDS):
        spent: dict[str, list[float]] = {"view": [], "gate": []}
        for look in range(COST_LOOKS):
            picture, now_s = pictures[look % len(pictures)], float(number * COST_LOOKS + look)
            picture.luma.max()
            began = perf_counter()
            watch.update(picture, now_s)
            between = perf_counter()
            gate.update(picture, now_s / 10, held=False)
            spent["view"].append(between - began)
            spent["gate"].append(perf_counter() - between)
        best = {name: min(best[name], 1000 * float(np.median(taken))) for name, taken in spent.items()}
    return {name: round(value, 4) for name, value in best.items()}


if __name__ == "__main__":
    main()
