"""What the second look learns from: crops around what detectors propose as e-bikes, and around labelled objects."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.crops import Square
from models.training.augment import Rows
from models.training.evaluate import Detector, ious
from models.training.feed import Item, load
from models.training.labels import E_BIKE, LABELS
from models.training.prepare import shrunk
from models.training.sources import TRAIN

Image = NDArray[np.uint8]

KINDS = ("e-bike", "bicycle", "wheelchair", "pram", "other")
"""The first is what the detector is asked about; the last is everything else."""

OTHER = KINDS.index("other")
LEAST_SCORE = 0.05
LEAST_SCORE_ELSEWHERE = 0.02
"""In training pictures without an e-bike every proposal is wrong, and the weak ones teach as well."""

ANYWHERE = 3
"""Squares anywhere in such a picture, by their number; of sides between these shares of its shorter side."""

ANYWHERE_SIDES = (0.2, 0.8)
CLIP_FRAMES = 12
SAME_IOU, PART_IOU, PART_SHARE = 0.35, 0.1, 0.5
"""A proposal is the object that it overlaps so much with. One that may be a part of an e-bike teaches nothing."""

CONTEXT = 1.25
"""Side of a crop over the longer side of its box."""

LEAST_SIDE_PX = 12
KEPT_CONTEXT, KEPT_PX = 1.7, 272
"""What is cut out for each, so that crops can be shifted and scaled."""


@dataclass(frozen=True, slots=True)
class Crop:
    """A box (x1, y1, x2, y2) px of a picture; `score` of the detector, 0 for one that it did not propose."""

    image: str
    box: tuple[float, float, float, float]
    kind: int
    score: float
    source: str
    part: str

    def cut(self, picture: Image) -> Image:
        """(KEPT_PX, KEPT_PX, 3) of (h, w, 3) BGR."""
        return Square.around((self.box,), KEPT_CONTEXT).cut(picture, KEPT_PX)


def free(crops: Iterable[Crop], restricted: Sequence[str]) -> list[Crop]:
    """Those from sources none of whose names begins as one of `restricted` (recipe.yaml) does."""
    return [crop for crop in crops if not crop.source.startswith(tuple(restricted))]


def teaching(crops: Iterable[Crop], root: Path) -> list[Crop]:
    """Those of the training part; one whose picture is gone from below `root` teaches nothing.

    Raises ValueError unless every kind is there.
    """
    mine = [crop for crop in crops if crop.part == TRAIN]
    there = {name for name in {crop.image for crop in mine} if (root / name).is_file()}
    mine = [crop for crop in mine if crop.image in there]
    if absent := set(KINDS) - {KINDS[crop.kind] for crop in mine}:
        first = "run `python -m models.training.second_look crops` first"
        raise ValueError(
            f"expected crops of every kind of pictures in {root}, got no {', '.join(sorted(absent))}: {first}"
        )
    return mine


def kind_of(xyxy: NDArray[np.float32], rows: Rows) -> int | None:
    """What a proposed box shows; None where it may be a part of an e-bike."""
    if not len(rows):
        return OTHER
    overlaps, bikes = ious(xyxy, rows[:, 1:]), rows[:, 0] == E_BIKE
    if bikes.any():
        if overlaps[bikes].max() >= SAME_IOU:
            return 0
        if overlaps[bikes].max() >= PART_IOU or _inside(xyxy, rows[bikes, 1:]).max() >= PART_SHARE:
            return None
    return _named(int(rows[overlaps.argmax(), 0])) if overlaps.max() >= SAME_IOU else OTHER


def _named(label: int) -> int:
    return KINDS.index(LABELS[label]) if LABELS[label] in KINDS else OTHER


def _inside(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Share of `box` (4,) that lies in each of `others` (n, 4)."""
    corner = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    share: NDArray[np.float32] = np.clip(corner, 0, None).prod(axis=1) / (box[2:] - box[:2]).prod()
    return share


def crops_of(
    item: Item, image: str, part: str, detectors: Sequence[Detector], rng: np.random.Generator
) -> Iterator[Crop]:
    """What the detectors propose in a picture, and in training also what is labelled there, or anything else."""
    teaches, none_there = part == TRAIN, not (item.rows[:, 0] == E_BIKE).any()
    least = LEAST_SCORE_ELSEWHERE if teaches and none_there else LEAST_SCORE
    found = [row for detector in detectors for row in detector(item.picture)]
    proposed = [(row[:4], float(row[4])) for row in found if row[4] >= least]
    labelled = [(row, 0.0) for row in item.rows[:, 1:]] if teaches else []
    anywhere = [(box, 0.0) for box in _anywhere(item.picture, rng)] if teaches and none_there else []
    for xyxy, score in proposed + labelled + anywhere:
        kind, (x1, y1, x2, y2) = kind_of(xyxy, item.rows), (float(edge) for edge in xyxy)
        if kind is not None and max(x2 - x1, y2 - y1) >= LEAST_SIDE_PX:
            yield Crop(image, (x1, y1, x2, y2), kind, score, item.source, part)


def _anywhere(picture: Image, rng: np.random.Generator) -> NDArray[np.float32]:
    """(ANYWHERE, 4) squares inside the picture."""
    height, width = picture.shape[:2]
    sides = rng.uniform(*ANYWHERE_SIDES, ANYWHERE) * min(height, width)
    corners = rng.random((ANYWHERE, 2)) * (np.array([width, height]) - sides[:, None])
    return np.hstack([corners, corners + sides[:, None]]).astype(np.float32)


def collect(root: Path, rows: Iterable[dict[str, str]], detectors: Sequence[Detector], seed: int) -> Iterator[Crop]:
    rng = np.random.default_rng(seed)
    for row in rows:
        yield from crops_of(load(root, row), row["image"], row["part"], detectors, rng)


def collect_clips(
    clips: Iterable[tuple[Path, str]], frames: Path, detectors: Sequence[Detector], seed: int
) -> Iterator[Crop]:
    """The same of more pictures of the recordings of people in training, put into `frames`: nobody has an e-bike."""
    rng, nothing = np.random.default_rng(seed), np.zeros((0, 5), np.float32)
    frames.mkdir(parents=True, exist_ok=True)
    for path, part in clips:
        clip = cv2.VideoCapture(str(path))
        length = int(clip.get(cv2.CAP_PROP_FRAME_COUNT))
        for number in range(CLIP_FRAMES if part == TRAIN else 0):
            clip.set(cv2.CAP_PROP_POS_FRAMES, length * number // CLIP_FRAMES)
            read, frame = clip.read()
            if read:
                item, name = Item(shrunk(frame.astype(np.uint8)), nothing, "clips"), f"{path.stem}-{number}.jpg"
                cv2.imwrite(str(frames / name), item.picture, [cv2.IMWRITE_JPEG_QUALITY, 92])
                yield from crops_of(item, f"{frames.name}/{name}", part, detectors, rng)


def save(crops: Iterable[Crop], path: Path) -> None:
    """One a line; the file replaces the one of that name once all are there."""
    fresh = path.with_suffix(".new")
    fresh.write_text("".join(f"{json.dumps(asdict(crop))}\n" for crop in crops), encoding="utf-8")
    fresh.replace(path)


def saved(path: Path) -> list[Crop]:
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return [Crop(**row | {"box": tuple(row["box"])}) for row in rows]
