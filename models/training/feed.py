"""Batches for the training: pictures drawn by the recipe's shares, moved and relit."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray

from models.training.augment import PADDING, Motion, Rows, moved, relit
from models.training.labels import LABELS, read_yolo
from models.training.sources import TRAIN

Image = NDArray[np.uint8]
Rng = np.random.Generator

WIDE = 1.5
"""Width over height from which two pictures fill one square better than one."""

WIDE_ASPECT = 0.6
"""Height over width of the smallest canvas of whole strides that holds 16:9: 192 to 320."""

PREPARE_FIRST = "run `python -m models.training prepare` first"

Drawn = tuple[Image, NDArray[np.float32], NDArray[np.float32]]
"""A canvas, its rows (n, 5) label, cx, cy, w, h as shares of it, and which labels are judged (labels,)."""


@dataclass(frozen=True, slots=True)
class Item:
    """One prepared picture and its rows."""

    picture: Image
    rows: Rows
    source: str


@dataclass(frozen=True, slots=True)
class Kept:
    """One prepared picture as its file's bytes: decoded, those of a whole training would fill 10 GB.

    `weight`: how many times as often it is drawn for being hard.
    """

    encoded: NDArray[np.uint8]
    rows: Rows
    source: str
    wide: bool
    weight: float

    def item(self) -> Item:
        picture = cv2.imdecode(self.encoded, cv2.IMREAD_COLOR)
        return Item(np.asarray(picture, np.uint8), self.rows, self.source)


@dataclass(frozen=True, slots=True)
class Batch:
    """`pictures` (n, 3, h, w) uint8 RGB; `boxes` (k, 6): picture, label, cx, cy, w, h as shares; `judged` (n, labels):
    0 where the picture shows a class without labelling it."""

    pictures: NDArray[np.uint8]
    boxes: NDArray[np.float32]
    judged: NDArray[np.float32]


def read_recipe() -> dict[str, Any]:
    recipe: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "recipe.yaml").read_text())
    return recipe


def listed(root: Path, part: str, index: str = "*") -> list[dict[str, str]]:
    """The rows of every index below `root`, or of the one of that name, that belong to `part`."""
    files = sorted(root.glob(f"{index}.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text().splitlines() if line]
    return [row for row in rows if row["part"] == part]


def expected(rows: list[dict[str, str]], what: str, root: Path) -> list[dict[str, str]]:
    """The same rows. Raises ValueError where there are none."""
    if not rows:
        raise ValueError(f"expected {what} in {root}, got none: {PREPARE_FIRST}")
    return rows


def load(root: Path, row: dict[str, str]) -> Item:
    return _read(root, row)[1]


def keep(root: Path, row: dict[str, str], weight: float) -> Kept:
    encoded, item = _read(root, row)
    return Kept(encoded, item.rows, item.source, _is_wide(item), weight)


def _read(root: Path, row: dict[str, str]) -> tuple[NDArray[np.uint8], Item]:
    """The file's bytes, and what they show. Raises ValueError where that is no picture."""
    path = root / row["image"]
    encoded = np.fromfile(path, np.uint8) if path.is_file() else np.zeros(0, np.uint8)
    picture = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if len(encoded) else None
    if picture is None:
        raise ValueError(f"expected a picture, got {path}")
    size = (picture.shape[1], picture.shape[0])
    boxes = read_yolo(root / "labels" / f"{path.stem}.txt")
    rows = np.array([(box.label, *box.corners(size)) for box in boxes], np.float32).reshape(-1, 5)
    return encoded, Item(picture.astype(np.uint8), rows, row["source"])


HARD = "hard.json"
"""{image: weight} of the pictures that a detector failed on; written by `python -m models.training hard`."""


def read_hard(root: Path) -> dict[str, float]:
    path = root / HARD
    weights: dict[str, float] = json.loads(path.read_text()) if path.exists() else {}
    return weights


def matching(table: dict[str, Any], source: str) -> str | None:
    """The longest key of `table` that `source` starts with."""
    return max((key for key in table if source.startswith(key)), key=len, default=None)


def without(recipe: dict[str, Any], sources: Sequence[str]) -> dict[str, Any]:
    """The recipe that draws nothing from sources whose names begin so."""
    shares = {name: share for name, share in recipe["shares"].items() if not name.startswith(tuple(sources))}
    return recipe | {"shares": shares, "without": list(sources)}


def reweighed(recipe: dict[str, Any], times: dict[str, float]) -> dict[str, Any]:
    """The recipe that draws sources whose names begin so that many times as often; 0 leaves them out."""
    shares = {name: share * times.get(matching(times, name) or "", 1.0) for name, share in recipe["shares"].items()}
    return recipe | {"shares": {name: share for name, share in shares.items() if share > 0}}


def sources_there(root: Path, recipe: dict[str, Any]) -> set[str]:
    """Sources with prepared pictures below `root` that the recipe draws from."""
    sources = {row["source"] for row in listed(root, TRAIN)}
    return {source for source in sources if matching(recipe["shares"], source) and not is_left_out(recipe, source)}


def is_left_out(recipe: dict[str, Any], source: str) -> bool:
    """Whether a run is to see nothing of the source, whatever has a share."""
    return source.startswith(tuple(recipe.get("without", ())))


class Feed:
    """Draws batches for ever; the same seed, recipe and pictures give the same batches."""

    def __init__(self, root: Path, recipe: dict[str, Any], seed: int) -> None:
        """Reads the training part into memory. Raises ValueError where nothing is there.

        `hard` of the recipe: {image: weight} beside those of HARD.
        """
        self._root, self._recipe, self._rng = root, recipe, np.random.default_rng(seed)
        self._groups: dict[str, list[Kept]] = {}
        self._loaded: set[str] = set()
        self.refresh()
        if not self._groups:
            raise ValueError(f"expected pictures of {', '.join(recipe['shares'])} in {root}, got none: {PREPARE_FIRST}")

    def refresh(self) -> None:
        """Loads what has been prepared since: rendering and training may go on side by side."""
        hard = read_hard(self._root) | self._recipe.get("hard", {})
        for row in listed(self._root, TRAIN):
            group, name = matching(self._recipe["shares"], row["source"]), Path(row["image"]).name
            if group is not None and row["image"] not in self._loaded and not self._left_out(row["source"], name):
                emphasis = self._recipe["emphasised"]
                named = emphasis.get(matching(emphasis, name), 1.0)
                kept = keep(self._root, row, named * hard.get(row["image"], 1.0))
                self._groups.setdefault(group, []).append(kept)
                self._loaded.add(row["image"])
        self._names = sorted(self._groups)
        self._within = {name: self._weights(items) for name, items in self._groups.items()}
        shares = np.array([self._recipe["shares"][name] for name in self._names], float)
        self._probabilities = shares / shares.sum()
        self._any_wide = any(kept.wide for group in self._groups.values() for kept in group)

    def _left_out(self, source: str, name: str) -> bool:
        """By the source's name or the picture's: what a run is to be judged on."""
        return is_left_out(self._recipe, source) or name.startswith(tuple(self._recipe.get("left_out", ())))

    def counts(self) -> dict[str, int]:
        return {name: len(self._groups[name]) for name in self._names}

    def batch(self, size: int, stacked: bool, wide: bool = False) -> Batch:
        """`size` squares; with `stacked` some hold two wide pictures, one above the other.

        `wide`: as much area in pictures of WIDE_ASPECT, of wide pictures alone, which is how a box sees them; squares
        where no picture is wide.
        """
        if wide and self._any_wide:
            side = int(self._recipe["input_px"])
            canvas = (side, round(side * WIDE_ASPECT))
            drawn = [self._strip(self._draw_wide(), canvas) for _ in range(round(size / WIDE_ASPECT))]
        else:
            drawn = [self._square(stacked) for _ in range(size)]
        pictures = np.stack([picture[..., ::-1].transpose(2, 0, 1) for picture, _, _ in drawn])
        boxes = np.vstack([np.insert(rows, 0, n, axis=1) for n, (_, rows, _) in enumerate(drawn)])
        return Batch(np.ascontiguousarray(pictures), boxes.astype(np.float32), np.stack([j for _, _, j in drawn]))

    def _draw(self) -> Kept:
        name = self._names[self._rng.choice(len(self._names), p=self._probabilities)]
        return self._groups[name][int(self._rng.choice(len(self._groups[name]), p=self._within[name]))]

    def _draw_wide(self) -> Item:
        while not (kept := self._draw()).wide:
            pass
        return kept.item()

    def _strip(self, item: Item, size: tuple[int, int]) -> Drawn:
        picture, rows = moved(item.picture, item.rows, size, self._motion(item, False, turnable=False), self._rng)
        return relit(picture, self._rng), _as_shares(rows, size), self._judged(item.source)

    def _weights(self, items: list[Kept]) -> NDArray[np.float64]:
        """The probability of each picture within its source: rare labels and hard ones are drawn more often."""
        oftener = {LABELS.index(label): factor for label, factor in self._recipe["oftener"].items()}
        weights = np.array(
            [item.weight * max([oftener.get(int(label), 1.0) for label in item.rows[:, 0]] or [1.0]) for item in items]
        )
        return np.asarray(weights / weights.sum(), np.float64)

    def _square(self, stacked: bool) -> Drawn:
        side = int(self._recipe["input_px"])
        drawn = [self._draw()]
        if stacked and drawn[0].wide and self._rng.random() < 0.8:
            other = self._draw()
            drawn += [other] if other.wide else []
        items = [kept.item() for kept in drawn]
        strip = side // len(items)
        canvas = np.full((side, side, 3), PADDING, np.uint8)
        judged, found = np.ones(len(LABELS), np.float32), []
        for number, item in enumerate(items):
            picture, rows = moved(item.picture, item.rows, (side, strip), self._motion(item, len(items) > 1), self._rng)
            canvas[number * strip : (number + 1) * strip] = relit(picture, self._rng)
            rows[:, 2::2] += number * strip
            found.append(rows)
            judged *= self._judged(item.source)
        return canvas, _as_shares(np.vstack(found), (side, side)), judged

    def _motion(self, item: Item, stacked: bool, turnable: bool = True) -> Motion:
        turnable = turnable and not stacked  # a wide picture on its side would fill a third of a wide canvas
        turns, lens = self._recipe["turns"], self._recipe["fisheye"]
        turned = turnable and item.source.startswith(tuple(self._recipe["turned"]))
        low, high = lens["half_angle_deg"]
        return Motion(
            quarter_turns=turns["quarter"] if turned else 0.0,
            any_turn=turns["any"] if turned else 0.0,
            scale=(0.8, 1.5) if stacked else (0.7, 1.4),
            fisheye=lens["share"] if item.source.startswith(tuple(lens["sources"])) else 0.0,
            half_angle_deg=(low, high),
        )

    def _judged(self, source: str) -> NDArray[np.float32]:
        """(labels,), 0 for the classes that the source does not label."""
        judged = np.ones(len(LABELS), np.float32)
        key = matching(self._recipe["unlabelled"], source)
        for label in self._recipe["unlabelled"].get(key, []):
            judged[LABELS.index(label)] = 0
        return judged


def _is_wide(item: Item) -> bool:
    height, width = item.picture.shape[:2]
    return bool(width > WIDE * height)


def _as_shares(rows: Rows, size: tuple[int, int]) -> NDArray[np.float32]:
    """label, x1, y1, x2, y2 in pixels of a canvas (width, height) -> label, cx, cy, w, h as shares of it."""
    middle, extent = (rows[:, 1:3] + rows[:, 3:5]) / 2, rows[:, 3:5] - rows[:, 1:3]
    return np.hstack([rows[:, :1], middle / size, extent / size]).astype(np.float32)
