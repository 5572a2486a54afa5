"""The real plates: crops and scenes of the shared material, where each stands in the split, and how they are varied."""

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray

from models.training.plates.degrade import photographed
from models.training.plates.kinds import COLOURS, PROVINCES, SERIAL_LETTERS
from models.training.plates.placed import misplaced, rectified

HERE = Path(__file__).parent
DOUBTED = {"pseudo"}
RESTRICTED = {"pseudo", "scenes"}
"""Read by a GPL network; photographs for non-commercial use."""

ORDINARY = re.compile(f"[{PROVINCES}][{SERIAL_LETTERS}O][0-9{SERIAL_LETTERS}]{{4}}[0-9{SERIAL_LETTERS}学警挂]")
TWO_ROW_BELOW = 2.4
"""Width to height: 3.1 to 3.4 of plates with one row, 2 with two."""


@dataclass(frozen=True, slots=True)
class Real:
    """A plate in a picture: `corners` (4, 2) tl, tr, br, bl; `text` "" for none; `colour` "" where nobody knows it.

    `at`: x and y of the picture's first pixel in the whole one of the source.
    """

    name: str
    source: str
    text: str
    colour: str
    held_out: bool
    image: NDArray[np.uint8]
    corners: NDArray[np.float32]
    rows: int = 1
    at: tuple[float, float] = (0.0, 0.0)

    @property
    def colour_row(self) -> int:
        return COLOURS.index(self.colour) if self.colour else -1

    def upright(self) -> NDArray[np.uint8]:
        """(48, 168, 3), as labelled."""
        return rectified(self.image, self.corners, self.rows)

    def varied(self, rng: np.random.Generator) -> NDArray[np.uint8]:
        """(48, 168, 3), as another detector and another camera would have it."""
        image = photographed(rng, self.image) if rng.random() < 0.5 else self.image
        return rectified(image, misplaced(rng, self.corners), self.rows)


def read_split() -> dict[str, Any]:
    split: dict[str, Any] = yaml.safe_load((HERE / "split.yaml").read_text())
    return split


def is_held_out(source: str, place: int) -> bool:
    """`place`: row of the source's list, or the number of the scene's picture."""
    rule = read_split()[source]
    if source == "scenes":
        return place // 10 % 2 == 1
    return bool(place % rule["every"] == rule["first"])


def whole(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    height, width = image.shape[:2]
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)


def crops(data: Path, source: str) -> Iterator[Real]:
    """Of `ccpd` (exact texts, all blue), `pseudo` (where two readers agree and it reads like a plate) or `no_plate`."""
    folder = data / "plate_crops" / source
    if source == "no_plate":
        rows = [{"image": path.name, "text": ""} for path in sorted(folder.iterdir())]
    else:
        with folder.with_suffix(".csv").open(encoding="utf-8") as table:
            rows = list(csv.DictReader(table))
    for place, row in enumerate(rows):
        if source == "pseudo" and not (ORDINARY.fullmatch(row["text"]) and row["two_readers_agree"] == "1"):
            continue
        image = cv2.imread(str(folder / row["image"])).astype(np.uint8)
        colour = likely_colour(row["text"], row.get("colour", "blue")) if row["text"] else ""
        yield Real(row["image"], source, row["text"], colour, is_held_out(source, place), image, whole(image))


def likely_colour(text: str, told: str) -> str:
    """The colours of `pseudo` are read by a network, which takes dark blue for black: what the text allows, or none."""
    if text[-1] in "学挂警":
        return "white" if text[-1] == "警" else "yellow"
    return {"black": "blue", "blue": "blue", "yellow": "yellow"}.get(told, "")


def scenes(data: Path) -> Iterator[Real]:
    """Plates of road scenes: their surroundings, and the corners of the labelled turned box."""
    folder = data / "plate_scenes"
    with (folder / "labels.csv").open(encoding="utf-8") as table:
        labels = {tuple(row.values()): row for row in csv.DictReader(table)}  # one plate is listed twice
    for row in labels.values():
        picture = cv2.imread(str(folder / "images" / row["image"]))
        cx, cy, w, h, angle = (float(row[key]) for key in ("cx", "cy", "w", "h", "angle"))
        if h > w:  # labelled as OpenCV's minAreaRect gives it
            w, h, angle = h, w, angle + 90
        corners, rows = turned(cx, cy, w, h, angle), 2 if w / h < TWO_ROW_BELOW else 1
        low = np.maximum(corners.min(0) - 0.3 * w, 0).astype(int)
        high = np.ceil(corners.max(0) + 0.3 * w).astype(int)
        image = picture[low[1] : high[1], low[0] : high[0]].astype(np.uint8)
        held_out = is_held_out("scenes", int(row["image"][:3]))
        placed = corners - low.astype(np.float32)
        at = (float(low[0]), float(low[1]))
        yield Real(row["image"], "scenes", row["text"], row["colour"], held_out, image, placed, rows, at)


def turned(cx: float, cy: float, w: float, h: float, degrees: float) -> NDArray[np.float32]:
    """(4, 2) corners tl, tr, br, bl of a box turned about its centre, clockwise in the picture."""
    angle = np.deg2rad(degrees)
    x, y = np.array([-w, w, w, -w]) / 2, np.array([-h, -h, h, h]) / 2
    turned_x, turned_y = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
    return np.stack([cx + turned_x, cy + turned_y], 1).astype(np.float32)


def everything(data: Path) -> list[Real]:
    return [*crops(data, "ccpd"), *crops(data, "pseudo"), *crops(data, "no_plate"), *scenes(data)]


def held_out(real: list[Real]) -> list[Real]:
    return [one for one in real if one.held_out]


def for_training(real: list[Real], read: Callable[[Real], str]) -> list[Real]:
    """What is not kept out and shows no plate that is; doubted texts only where `read` (the teacher) confirms them."""
    kept_out = {one.text for one in real if one.held_out and one.text}
    allowed = [one for one in real if not one.held_out and one.text not in kept_out]
    return [one for one in allowed if one.source not in DOUBTED or read(one) == one.text]


class Remembered:
    """What a reader says of each crop, kept in a file: a run that goes on need not ask again."""

    def __init__(self, read: Callable[[NDArray[np.uint8]], str], path: Path) -> None:
        self._read, self._path = read, path
        self._said: dict[str, str] = json.loads(path.read_text("utf-8")) if path.exists() else {}

    def __call__(self, one: Real) -> str:
        if one.name not in self._said:
            self._said[one.name] = self._read(one.upright())
        return self._said[one.name]

    def keep(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.write_text(json.dumps(self._said, ensure_ascii=False), "utf-8")
