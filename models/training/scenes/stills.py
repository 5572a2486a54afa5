"""Training stills: every picture has a cabin, a cast, a mount and a sensor of its own.

A picture depends on `seed` and its index alone, so shards and later runs add up to the same set.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from . import cabin, layout, mounts, sensor, stream, truth

if TYPE_CHECKING:
    from .blender import Studio

Rng = np.random.Generator
FOLDERS: Final = ("images", "labels", "meta", "masks")
# Of those whose JPEG is poorer than this, one in three is damaged by a stream instead.
DAMAGED_JPEG, STREAM_SHARE = 60, 1 / 3
RARE_LENS_SHARE: Final = 0.1
BARREL_SHARE: Final = 0.5
# Random numbers of their own: what was drawn before there were such lenses and streams stays as it was.
_LENS, _STREAM, _SENT = 31, 32, 33


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
    """The cabin, what stands where, where the camera hangs, how it sees, by what stream it comes.

    `barrel_deg`: how much of the world the lens lets through at all; None: as much as the picture holds.
    """

    room: cabin.Cabin
    stage: layout.Stage
    view: mounts.Mount
    sensor: sensor.Sensor
    sent: stream.Stream | None = None
    barrel_deg: float | None = None


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


def missing(out: Path, seed: int, numbers: Iterable[int]) -> Iterator[int]:
    """Numbers of those pictures that are not there yet."""
    for index in numbers:
        if not (out / "images" / f"{name_of(seed, index)}.jpg").exists():
            yield index


def spoilt(shot: Shot, seed: int, index: int) -> Shot:
    """The shot as a share of the stills is: by a rare lens, out of a starved stream; its cast and camera stay."""
    lens, drawn = (np.random.default_rng([seed, index, own]) for own in (_LENS, _STREAM))
    if lens.random() < RARE_LENS_SHARE and shot.view.kind != "level":
        view = mounts.rare_lens(lens, shot.view)
        barrel = view.fov_deg + float(lens.uniform(0, 15)) if view.fisheye and lens.random() < BARREL_SHARE else None
        shot = replace(shot, view=view, barrel_deg=barrel)
    if shot.sensor.jpeg < DAMAGED_JPEG and drawn.random() < STREAM_SHARE:
        shot = replace(shot, sensor=replace(shot.sensor, jpeg=95), sent=stream.stream(drawn))
    return shot


def render_one(studio: "Studio", out: Path, seed: int, index: int, directed: Directed = ordinary) -> None:
    """One picture of what `directed` makes up, with its labels, its mask and its JSON; it is moved into place last."""
    rng, name = generator(seed, index), name_of(seed, index)
    shot = spoilt(directed(rng, index), seed, index)
    studio.clear()
    studio.furnish(shot.room)
    studio.put(cabin.doors(shot.room, shot.stage.opening), 0)
    for number, thing in enumerate(shot.stage.things, start=1):
        studio.put(thing, number)
    picture, indices = _through_barrel(shot, *studio.shoot(shot.view, seed * 100_003 + index))
    picture = sensor.develop(picture, shot.sensor, rng)
    if shot.sent is not None:
        picture = stream.streamed(picture, shot.sent, np.random.default_rng([seed, index, _SENT]), indices)
    _write_truth(shot, indices, out, name, {"name": name, "seed": seed, "index": index})
    waiting = out / "images" / f".{name}.jpg"
    cv2.imwrite(str(waiting), picture, [cv2.IMWRITE_JPEG_QUALITY, 92])
    waiting.replace(out / "images" / f"{name}.jpg")


def _through_barrel(
    shot: Shot, picture: sensor.Picture, indices: NDArray[np.uint8]
) -> tuple[sensor.Picture, NDArray[np.uint8]]:
    """Black, and nothing to be found, where the lens lets no light through."""
    if shot.barrel_deg is None:
        return picture, indices
    light = mounts.image_circle(shot.view, shot.barrel_deg)
    return (picture * light[..., None]).astype(np.uint8), np.where(light > 0.5, indices, 0).astype(np.uint8)


def _write_truth(shot: Shot, indices: NDArray[np.uint8], out: Path, name: str, facts: dict[str, object]) -> None:
    room, view = shot.room, shot.view
    seen = truth.sightings(shot.stage.things, indices, view)
    facts |= {
        "opening": shot.stage.opening,
        "sensor": asdict(shot.sensor),
        "stream": None if shot.sent is None else asdict(shot.sent),
        "barrel_deg": shot.barrel_deg,
        "cabin_m": [room.width_m, room.depth_m, room.height_m],
    }
    truth.write_meta(out / "meta" / f"{name}.json", seen, view, facts)
    (out / "labels" / f"{name}.txt").write_text(truth.label_text(seen, view.width_px, view.height_px), encoding="ascii")
    (out / "masks").mkdir(exist_ok=True)  # folders of before there were masks go on being filled
    truth.write_mask(out / "masks" / f"{name}.png", indices)


def render_all(out: Path, seed: int, numbers: Iterable[int], samples: int = 1, directed: Directed = ordinary) -> str:
    """Renders those of the pictures that are missing; gives the line that says what came of it."""
    from .blender import Studio  # noqa: PLC0415 - Blender takes a second to load and is not there in the tests

    for folder in FOLDERS:
        (out / folder).mkdir(parents=True, exist_ok=True)
    todo = list(missing(out, seed, numbers))
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
    return f"{len(todo)} new pictures in {out}"
