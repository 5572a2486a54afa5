"""Pools of rendered crops: made ahead, beside other work, so that training waits for nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.plates.degrade import crop, photographed, surroundings
from models.training.plates.draw import Artist, Plate
from models.training.plates.kinds import COLOURS
from models.training.plates.legible import legibility
from models.training.plates.placed import READER_PX

CHUNK = 4000
LOOKS = 2
"""Crops of each plate that was drawn, each weathered and photographed anew."""

EMPTY_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Crops:
    """`images` (n, 48, 168, 3) uint8 BGR; `texts`: "" where there is no plate; `colours` (n,): row of COLOURS, -1 where
    that is not known or there is none; `kinds`: of the generator, or where a real one comes from; `legible` (n,): what
    `legibility` measured, NaN where nobody knows the undamaged plate."""

    images: NDArray[np.uint8]
    texts: NDArray[np.str_]
    colours: NDArray[np.int64]
    kinds: NDArray[np.str_]
    legible: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.texts)

    def __getitem__(self, rows: NDArray[np.int64] | NDArray[np.bool_]) -> "Crops":
        return Crops(*(getattr(self, name)[rows] for name in FIELDS))


Look = Callable[[np.random.Generator, Plate], tuple[NDArray[np.uint8], NDArray[np.float32]]]
"""A crop of a plate, and what of the plate it shows: corners (4, 2) in the pixels of `plate.image`."""

FIELDS = tuple(Crops.__dataclass_fields__)


def unmeasured(count: int) -> NDArray[np.float32]:
    return np.full(count, np.nan, np.float32)


def empty(rng: np.random.Generator) -> NDArray[np.uint8]:
    """No plate: surroundings, sometimes with bars or a mesh, which readers like to take for many ones."""
    width, height = READER_PX
    picture = surroundings(rng, (height, width)).astype(np.float32)
    if rng.random() < 0.6:
        x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
        wave = np.sin(x * rng.uniform(0.1, 1.2) + y * rng.normal(0, 0.2))
        wave = wave * np.sin(y * rng.uniform(0.2, 1.0)) if rng.random() < 0.5 else wave
        picture += (wave[..., None] * rng.uniform(20, 110)).astype(np.float32)
    return photographed(rng, picture.clip(0, 255).astype(np.uint8))


def rendered(artist: Artist, seed: int, count: int, look: Look = crop) -> Crops:
    """`count` crops, always the same ones of a seed."""
    rng = np.random.default_rng(seed)
    rows: list[tuple[NDArray[np.uint8], str, int, str, float]] = []
    while len(rows) < count:
        if rng.random() < EMPTY_SHARE:
            rows.append((empty(rng), "", -1, "none", np.nan))
        plate = artist.draw(rng)
        for image, shown in (look(rng, plate) for _ in range(LOOKS)):
            left = legibility(image, plate, shown)
            rows.append((image, plate.text, COLOURS.index(plate.colour), plate.kind, left))
    images, texts, colours, kinds, legible = zip(*rows[:count], strict=True)
    return Crops(np.stack(images), np.array(texts), np.array(colours), np.array(kinds), np.array(legible, np.float32))


Render = Callable[[Artist, int, int], Crops]
"""Artist, seed, how many are drawn."""


def chunk_path(folder: Path, seed: int) -> Path:
    return folder / f"{seed:05d}.npz"


def write(crops: Crops, path: Path) -> None:
    """A pool that is killed here leaves no half file."""
    fresh = path.with_suffix(".new.npz")
    fresh.parent.mkdir(parents=True, exist_ok=True)
    np.savez(fresh, **{name: getattr(crops, name) for name in FIELDS})
    fresh.replace(path)


def read(path: Path) -> Crops:
    """`legible` of a file that was written before it was measured: NaN."""
    with np.load(path) as stored:
        parts = {name: stored[name] for name in FIELDS if name in stored}
    return Crops(**{"legible": unmeasured(len(parts["texts"]))} | parts)


def readable(crops: Crops, least: float) -> Crops:
    """Without those of which less is left than `least`: they teach to guess. What was never measured stays."""
    return crops[~(crops.legible < least)]


def fill(folder: Path, templates: Path, seeds: range, count: int = CHUNK, render: Render = rendered) -> None:
    """One file per seed; those that are there are kept."""
    cv2.setNumThreads(1)
    artist = Artist(templates)
    for seed in seeds:
        if not chunk_path(folder, seed).exists():
            crops = render(artist, seed, count)
            write(crops, chunk_path(folder, seed))
            print(f"{chunk_path(folder, seed)}: {len(crops)} crops", flush=True)
