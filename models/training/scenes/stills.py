"""Training stills: every picture has a cabin, a cast, a mount and a sensor of its own.

A picture depends on `seed` and its index alone, so shards and later runs add up to the same set.
"""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import cv2
import numpy as np

from . import cabin, layout, mounts, sensor, truth

if TYPE_CHECKING:
    from .blender import Studio

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Shard:
    """Part `number` (from 1) of `total`."""

    number: int = 1
    total: int = 1

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """From "i/n". Raises ValueError with the accepted form."""
        head, _, tail = text.partition("/")
        if head.isdigit() and tail.isdigit() and 1 <= int(head) <= int(tail):
            return cls(int(head), int(tail))
        raise ValueError(f"shard {text!r}: expected i/n with 1 <= i <= n, such as 1/2")

    def indices(self, count: int) -> range:
        """The picture numbers of this part out of `count`."""
        return range(self.number - 1, count, self.total)


@dataclass(frozen=True, slots=True)
class Shot:
    """The cabin, what stands where, where the camera hangs, how it sees."""

    room: cabin.Cabin
    stage: layout.Stage
    view: mounts.Mount
    sensor: sensor.Sensor


Directed = Callable[[Rng, int], Shot]
"""Random numbers and the number of a picture -> what it shows."""


def ordinary(rng: Rng, _number: int, staged: Callable[[Rng, cabin.Cabin], layout.Stage] = layout.stage) -> Shot:
    """What `staged` puts into any cabin, seen by any camera."""
    room = cabin.cabin(rng)
    return Shot(room, staged(rng, room), mounts.mount(rng, room), sensor.sensor(rng))


def name_of(seed: int, index: int) -> str:
    return f"s{seed:04d}_{index:06d}"


def generator(seed: int, index: int) -> np.random.Generator:
    """The random numbers of one picture."""
    return np.random.default_rng([seed, index])


def missing(out: Path, seed: int, count: int, shard: Shard) -> Iterator[int]:
    """Numbers of the pictures that are not there yet."""
    for index in shard.indices(count):
        if not (out / "images" / f"{name_of(seed, index)}.jpg").exists():
            yield index


def render_one(studio: "Studio", out: Path, seed: int, index: int, directed: Directed = ordinary) -> None:
    """One picture of what `directed` makes up, with its labels and its JSON; it is moved into place last."""
    rng, name = generator(seed, index), name_of(seed, index)
    shot = directed(rng, index)
    room, scene, view, how = shot.room, shot.stage, shot.view, shot.sensor
    studio.clear()
    studio.furnish(room)
    studio.put(cabin.doors(room, scene.opening), 0)
    for number, thing in enumerate(scene.things, start=1):
        studio.put(thing, number)
    picture, indices = studio.shoot(view, seed * 100_003 + index)
    seen = [truth.sight(thing, number, indices, view) for number, thing in enumerate(scene.things, start=1)]
    picture = sensor.develop(picture, how, rng)
    facts = {
        "name": name,
        "seed": seed,
        "index": index,
        "opening": scene.opening,
        "sensor": asdict(how),
        "cabin_m": [room.width_m, room.depth_m, room.height_m],
    }
    truth.write_meta(out / "meta" / f"{name}.json", seen, view, facts)
    (out / "labels" / f"{name}.txt").write_text(truth.label_text(seen, view.width_px, view.height_px), encoding="ascii")
    waiting = out / "images" / f".{name}.jpg"
    cv2.imwrite(str(waiting), picture, [cv2.IMWRITE_JPEG_QUALITY, 92])
    waiting.replace(out / "images" / f"{name}.jpg")


def render_all(out: Path, seed: int, count: int, shard: Shard, samples: int = 1, directed: Directed = ordinary) -> int:
    """Renders what is missing; gives how many were made."""
    from .blender import Studio  # noqa: PLC0415 - Blender takes a second to load and is not there in the tests

    for folder in ("images", "labels", "meta"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    todo = list(missing(out, seed, count, shard))
    studio, start = Studio(samples), monotonic()
    for done, index in enumerate(todo, start=1):
        render_one(studio, out, seed, index, directed)
        each = (monotonic() - start) / done
        print(
            f"\r{done}/{len(todo)} pictures, {each:.1f} s each, {each * (len(todo) - done) / 60:.0f} min left",
            end="",
            flush=True,
        )
    print()
    return len(todo)


def options_of(program: str, doc: str | None, seed: int, count: int) -> argparse.ArgumentParser:
    """What every command that renders stills of its own takes."""
    parser = argparse.ArgumentParser(prog=f"python -m {program}", description=doc)
    parser.add_argument("out", type=Path, help="the folder of the stills, CACHE/scenes")
    parser.add_argument("--seed", type=int, default=seed, help="the set; default: %(default)s")
    parser.add_argument("--count", type=int, default=count, help="pictures in the whole set; default: %(default)s")
    parser.add_argument("--shard", type=Shard.parse, default=Shard(), metavar="i/n", help="render part i of n")
    return parser


def sheet(folder: Path, columns: int = 4, rows: int = 3, tile_px: tuple[int, int] = (440, 330)) -> Path:
    """A contact sheet of the newest pictures with their boxes drawn; gives its path.

    Raises FileNotFoundError where there are none.
    """
    files = sorted((folder / "images").glob("[!.]*.jpg"), key=lambda p: p.stat().st_mtime)[-columns * rows :]
    if not files:
        raise FileNotFoundError(f"no pictures in {folder / 'images'}: render some with the command stills first")
    width, height = tile_px
    canvas = np.zeros((height * rows, width * columns, 3), np.uint8)
    for k, file in enumerate(files):
        tile = boxed(
            np.asarray(cv2.imread(str(file)), np.uint8),
            (folder / "labels" / f"{file.stem}.txt").read_text(encoding="ascii"),
        )
        scale = min(width / tile.shape[1], height / tile.shape[0])
        small = cv2.resize(tile, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        y, x = k // columns * height, k % columns * width
        canvas[y : y + small.shape[0], x : x + small.shape[1]] = small
    out = folder / "sheet.png"
    cv2.imwrite(str(out), canvas)
    return out


def boxed(image: sensor.Picture, labels: str) -> sensor.Picture:
    """The picture with its label boxes: e-bikes red, the rest green."""
    out = image.copy()
    h, w = out.shape[:2]
    for line in labels.splitlines():
        label, cx, cy, bw, bh = (float(v) for v in line.split())
        a, b = (int((cx - bw / 2) * w), int((cy - bh / 2) * h)), (int((cx + bw / 2) * w), int((cy + bh / 2) * h))
        cv2.rectangle(out, a, b, (0, 0, 255) if label == 1 else (0, 220, 0), 1)
        cv2.putText(
            out, truth.LABELS[int(label)], (a[0] + 2, b[1] - 3), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 255, 255), 1
        )
    return out
