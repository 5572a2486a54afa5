# ruff: noqa: INP001  # a script, not a package
"""Thousands of composed visits through the whole chain: is every e-bike confirmed, how soon, and what else is?

python -m models.training prepare                        makes the lifts and the cut-outs (in the training environment)
python benchmarks/episodes.py [--count 4000] [--shard i/n] [--out FILE.jsonl] [--model NAME] [--json]
python benchmarks/episodes.py --sheet FILE.png           looks at some of them instead

A lift (real with its e-bike taken out, or rendered), a door that opens with a step of the light, and cut-outs that come
in, stand and leave, at 8 pictures a second with noise and compression. Even numbers bring an e-bike; odd ones a
wheelchair, a pram, a bicycle, luggage, a dog or nobody but people. A visit depends on seed and number alone; --out is
written as they are done and goes on where it was. The composites in training paste the same cut-outs into the same
lifts, so these figures are optimistic for real ones.
"""

import argparse
import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.progress import track
from visits import VISIBLE_ENOUGH, Bgr, frames

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from edgeguard.contract import UlidMaker
from edgeguard.motion import MotionConfig
from edgeguard.pipeline import ChainConfig, Model, build_pipeline, open_model
from edgeguard.replay.evaluate import wilson_interval
from edgeguard.types import Phase, Report
from models.training.compose import SHARE_OF_HEIGHT, lit, shadow
from models.training.cutouts import Cutout, read_cutouts
from models.training.labels import LABELS
from models.training.prepare import Folder, backgrounds_of

Rng = np.random.Generator
Plane = NDArray[np.float32]

FPS = 8
SIZE_PX = (480, 270)
# Seconds: the quiet lift, coming in, standing, leaving.
QUIET_S, COMING_S, STANDING_S, LEAVING_S = 1.0, 1.25, 1.5, 0.75
# The gate has been watching for long when somebody comes; here it is warm after the quiet second.
MOTION = MotionConfig(warmup_s=0.75)
E_BIKE = "e-bike"
OTHERS = {"wheelchair": 0.34, "pram": 0.2, "person": 0.16, "bicycle": 0.1, "bag": 0.12, "dog": 0.08}
ACCOMPANIED, IN_FRONT, LIGHT_STEP = 0.85, 0.5, 0.4


@dataclass(frozen=True, slots=True)
class Visit:
    """What came, its pictures, and how much of it could be seen in each, 0..1."""

    number: int
    kind: str
    pictures: tuple[Bgr, ...]
    visible: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """Video times; None: never. `visible_s` of an e-bike is its first picture with 30 % of it."""

    number: int
    kind: str
    visible_s: float | None
    confirmed_s: float | None


@dataclass(frozen=True, slots=True)
class Sprite:
    """A cut-out on its way: `size` its height when it stands, in pixels; `aside` from the group's middle."""

    cutout: Cutout
    size: float
    aside: float
    mirrored: bool
    lean_deg: float


class Composer:
    """Visits by number."""

    def __init__(self, lifts: list[Bgr], stock: dict[str, list[Cutout]], seed: int) -> None:
        self._lifts = lifts
        self._stock = stock
        self._seed = seed

    def visit(self, number: int) -> Visit:
        rng = np.random.default_rng([self._seed, number])
        kinds, shares = list(OTHERS), np.array(list(OTHERS.values()))
        kind = E_BIKE if number % 2 == 0 else str(rng.choice(kinds, p=shares / shares.sum()))
        lift = cv2.resize(self._lifts[int(rng.integers(len(self._lifts)))], SIZE_PX, interpolation=cv2.INTER_AREA)
        sprites, thing = self._cast(kind, rng)
        way, light, spoil = _way(rng), _light(rng), _Spoiler(rng)
        shots = [_shot(lift, sprites, thing, place, rng) for place in way]
        pictures = tuple(spoil(picture * gain) for (picture, _), gain in zip(shots, light, strict=True))
        return Visit(number, kind, pictures, tuple(visible for _, visible in shots))

    def _cast(self, kind: str, rng: Rng) -> tuple[list[Sprite], int]:
        """Those who come, the hindmost first, and which of them it is about."""
        thing = self._sprite(kind, 0.0, rng)
        if kind != "person" and rng.random() > ACCOMPANIED:
            return [thing], 0
        person = self._sprite("person", float(rng.uniform(-0.35, 0.35)), rng)
        return ([thing, person], 0) if rng.random() < IN_FRONT else ([person, thing], 1)

    def _sprite(self, kind: str, aside: float, rng: Rng) -> Sprite:
        options = self._stock[kind]
        size = float(rng.uniform(*SHARE_OF_HEIGHT[kind])) * SIZE_PX[1]
        chosen = options[int(rng.integers(len(options)))]
        return Sprite(chosen, size, aside, bool(rng.random() < 0.5), float(np.clip(rng.normal(0, 9), -25, 25)))


def _way(rng: Rng) -> list[tuple[float, float, float] | None]:
    """(x, foot, scale) of the group in each picture, in shares of the picture; None: nobody."""
    door = float(rng.choice([-0.35, 1.35])), float(rng.uniform(0.55, 0.9)), float(rng.uniform(0.6, 0.9))
    if rng.random() < 0.5:  # a door at the rear of the picture: from above, and further away
        door = float(rng.uniform(0.2, 0.8)), float(rng.uniform(-0.1, 0.1)), float(rng.uniform(0.45, 0.7))
    inside = float(rng.uniform(0.3, 0.7)), float(rng.uniform(0.75, 1.08)), 1.0
    coming = [_between(door, inside, share) for share in np.linspace(0, 1, round(COMING_S * FPS))]
    standing = [_between(inside, door, 0.02 * float(rng.random())) for _ in range(round(STANDING_S * FPS))]
    leaving = [_between(inside, door, share) for share in np.linspace(0, 1, round(LEAVING_S * FPS))]
    return [None] * round(QUIET_S * FPS) + coming + standing + leaving


def _between(
    first: tuple[float, float, float], second: tuple[float, float, float], share: float
) -> tuple[float, float, float]:
    x, foot, scale = (a + (b - a) * share for a, b in zip(first, second, strict=True))
    return x, foot, scale


def _light(rng: Rng) -> list[float]:
    """Gain of each picture: the lobby's light may come in with the opening door."""
    total = round((QUIET_S + COMING_S + STANDING_S + LEAVING_S) * FPS)
    opens = round(QUIET_S * FPS) - 2
    before = float(rng.uniform(0.55, 0.9)) if rng.random() < LIGHT_STEP else 1.0
    return [before if n < opens else 1.0 for n in range(total)]


class _Spoiler:
    """What sensor and line do to every picture of a visit."""

    def __init__(self, rng: Rng) -> None:
        self._rng = rng
        self._sigma, self._quality = float(rng.uniform(1, 6)), int(rng.integers(35, 86))
        self._grey = rng.random() < 0.12

    def __call__(self, picture: Plane) -> Bgr:
        noisy = picture + self._rng.normal(0, self._sigma, picture.shape[:2])[..., None]
        spoilt = np.clip(noisy, 0, 255).astype(np.uint8)
        if self._grey:
            spoilt = np.repeat(spoilt.mean(axis=2, keepdims=True), 3, axis=2).astype(np.uint8)
        _, packed = cv2.imencode(".jpg", spoilt, [cv2.IMWRITE_JPEG_QUALITY, self._quality])
        return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)


def _shot(
    lift: Bgr, sprites: list[Sprite], thing: int, place: tuple[float, float, float] | None, rng: Rng
) -> tuple[Plane, float]:
    """The picture (h, w, 3) before it is spoilt, and the visible share of the thing."""
    canvas = lift.astype(np.float32)
    if place is None:
        return canvas, 0.0
    visible: Plane | None = None
    whole = 1.0
    for number, sprite in enumerate(sprites):
        colour, alpha, area = _placed(sprite, place, canvas)
        canvas = canvas * (1 - 0.6 * shadow(alpha, rng)[..., None])
        canvas = canvas * (1 - alpha[..., None]) + colour * alpha[..., None]
        if visible is not None:
            visible = visible * (1 - alpha)
        if number == thing:
            visible, whole = alpha, area
    return canvas, 0.0 if visible is None else min(float(visible.sum()) / whole, 1.0)


def _placed(sprite: Sprite, place: tuple[float, float, float], canvas: Plane) -> tuple[Plane, Plane, float]:
    """Its colours (h, w, 3), coverage (h, w) 0..1, and how many pixels all of it would cover."""
    x, foot, scale = place
    tall, wide = sprite.cutout.rgba.shape[:2]
    zoom = sprite.size * scale / max(tall, 0.8 * wide)
    lean = np.deg2rad(sprite.lean_deg)
    turn = np.array([[np.cos(lean), -np.sin(lean)], [np.sin(lean), np.cos(lean)]])
    linear = turn @ np.diag([-zoom if sprite.mirrored else zoom, zoom])
    centre = np.array([x * SIZE_PX[0] + sprite.aside * sprite.size * scale, foot * SIZE_PX[1] - zoom * tall / 2])
    matrix = np.hstack([linear, (centre - linear @ np.array([wide / 2, tall / 2]))[:, None]])
    # The same light at every picture of a visit: drawn from the cut-out's own numbers.
    rgba = lit(sprite.cutout.rgba, canvas, np.random.default_rng(int(sprite.size * 1000)))
    placed = cv2.warpAffine(rgba, matrix, SIZE_PX, flags=cv2.INTER_AREA, borderValue=(0, 0, 0, 0))
    alpha = (cv2.GaussianBlur(placed[..., 3], (0, 0), 0.8) / 255).astype(np.float32)
    area = float((sprite.cutout.rgba[..., 3] / 255).sum()) * zoom * zoom
    return placed[..., :3].astype(np.float32), alpha, max(area, 1.0)


def play(visit: Visit, chain: ChainConfig, model: Model) -> Played:
    times = [n / FPS for n in range(len(visit.pictures))]
    pipeline = build_pipeline(chain, "bench", model, UlidMaker(lambda _: 0).new)
    confirmed = None
    for frame in frames(visit.pictures, times):
        signals = pipeline.look(frame)
        if any(isinstance(s, Report) and s.phase is Phase.NEW and "EBIKE" in s.code for s in signals):
            confirmed = frame.monotonic_s
            break
    seen = (time_s for time_s, share in zip(times, visit.visible, strict=True) if share >= VISIBLE_ENOUGH)
    return Played(visit.number, visit.kind, next(seen, None), confirmed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--shard", default="1/1", metavar="i/n", help="part i of n, for two of them side by side")
    parser.add_argument("--out", type=Path, help="one line a visit; what is there is not played again")
    parser.add_argument("--sheet", type=Path, help="write a contact sheet instead")
    parser.add_argument("--model", default=ChainConfig().model)
    parser.add_argument("--models-dir", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    cache = Path(os.environ.get("EDGEGUARD_CACHE", str(Path.home() / ".cache" / "edgeguard")))
    shared = Path(os.environ.get("EDGEGUARD_SHARED", "../shared"))
    lifts = [np.asarray(picture, np.uint8) for picture, boxes in backgrounds_of(Folder(cache / "train")) if not boxes]
    composer = Composer(lifts, read_cutouts(shared / "data", cache / "cutouts"), options.seed)
    if options.sheet:
        write_sheet([composer.visit(number) for number in range(12)], options.sheet)
        return
    played = list(_play_all(composer, options))
    result = summary(played)
    print(json.dumps(result) if options.json else "\n".join(f"{name:<34} {value}" for name, value in result.items()))


def _play_all(composer: Composer, options: argparse.Namespace) -> Iterator[Played]:
    chain = ChainConfig(model=options.model, detect_hz=60, motion=MOTION)
    model = open_model(chain, options.models_dir)
    done = {one.number: one for one in _read(options.out)}
    part, parts = (int(word) for word in options.shard.split("/"))
    for number in track(range(part - 1, options.count, parts), "visits", disable=options.json):
        if number in done:
            yield done[number]
            continue
        one = play(composer.visit(number), chain, model)
        if options.out:
            with options.out.open("a", encoding="ascii") as file:
                file.write(json.dumps(asdict(one)) + "\n")
        yield one


def _read(path: Path | None) -> list[Played]:
    if path is None or not path.exists():
        return []
    return [Played(**json.loads(line)) for line in path.read_text("ascii").splitlines()]


def summary(played: list[Played]) -> dict[str, object]:
    """Visits whose e-bike is never visible to 30 % prove nothing and are left out."""
    bikes = [one for one in played if one.kind == E_BIKE and one.visible_s is not None]
    others: dict[str, list[Played]] = defaultdict(list)
    for one in played:
        if one.kind != E_BIKE:
            others[one.kind].append(one)
    late = [np.inf if one.confirmed_s is None else max(one.confirmed_s - (one.visible_s or 0.0), 0.0) for one in bikes]
    quantiles = {f"latency_p{share}_s": float(np.quantile(late, share / 100, method="higher")) for share in (50, 95)}
    every = [one for group in others.values() for one in group]
    return {
        "e-bikes confirmed": _share(sum(one.confirmed_s is not None for one in bikes), len(bikes)),
        **quantiles,
        "nuisance, all others": _share(sum(one.confirmed_s is not None for one in every), len(every)),
        **{
            f"nuisance, {kind}": _share(sum(one.confirmed_s is not None for one in group), len(group))
            for kind, group in sorted(others.items())
        },
    }


def _share(count: int, of: int) -> str:
    low, high = wilson_interval(count, of)
    return f"{count}/{of} = {count / max(of, 1):.4f} ({low:.4f} to {high:.4f})"


def write_sheet(visits: list[Visit], path: Path) -> None:
    """A row a visit, every third picture."""
    rows = [np.hstack([cv2.resize(picture, (200, 112)) for picture in visit.pictures[6::3]]) for visit in visits]
    cv2.imwrite(str(path), np.vstack(rows))


if __name__ == "__main__":
    assert set(OTHERS) <= set(LABELS)
    main()
