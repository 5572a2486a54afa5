"""What the second look learns from: crops around what the detector proposes as e-bikes, and around labelled objects."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.crops import cut_square, square_around
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
KEPT_CONTEXT, KEPT_PX = 1.7, 136
"""What is kept of each, so that crops can be shifted and scaled."""


@dataclass(frozen=True, slots=True)
class Crop:
    """`picture` (KEPT_PX, KEPT_PX, 3) BGR; `score` of the detector, 0 for a labelled box that it did not propose."""

    picture: Image
    kind: int
    score: float
    image: str
    source: str
    part: str


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


def crops_of(item: Item, image: str, part: str, detector: Detector, rng: np.random.Generator) -> Iterator[Crop]:
    """What the detector proposes in a picture, and in training also what is labelled there, or anything else."""
    teaches, none_there = part == TRAIN, not (item.rows[:, 0] == E_BIKE).any()
    least = LEAST_SCORE_ELSEWHERE if teaches and none_there else LEAST_SCORE
    proposed = [(found[:4], float(found[4])) for found in detector(item.picture) if found[4] >= least]
    labelled = [(row, 0.0) for row in item.rows[:, 1:]] if teaches else []
    anywhere = [(box, 0.0) for box in _anywhere(item.picture, rng)] if teaches and none_there else []
    for xyxy, score in proposed + labelled + anywhere:
        kind = kind_of(xyxy, item.rows)
        square = square_around(xyxy.tolist(), KEPT_CONTEXT)
        if kind is not None and square[2] >= KEPT_CONTEXT * LEAST_SIDE_PX:
            yield Crop(cut_square(item.picture, square, KEPT_PX), kind, score, image, item.source, part)


def _anywhere(picture: Image, rng: np.random.Generator) -> NDArray[np.float32]:
    """(ANYWHERE, 4) squares inside the picture."""
    height, width = picture.shape[:2]
    sides = rng.uniform(*ANYWHERE_SIDES, ANYWHERE) * min(height, width)
    corners = rng.random((ANYWHERE, 2)) * (np.array([width, height]) - sides[:, None])
    return np.hstack([corners, corners + sides[:, None]]).astype(np.float32)


def collect(root: Path, rows: Iterable[dict[str, str]], detector: Detector, seed: int) -> Iterator[Crop]:
    rng = np.random.default_rng(seed)
    for row in rows:
        yield from crops_of(load(root, row), row["image"], row["part"], detector, rng)


def collect_clips(clips: Iterable[tuple[Path, str]], detector: Detector, seed: int) -> Iterator[Crop]:
    """The same of more frames of the recordings of people in training: nobody in them has an e-bike."""
    rng, nothing = np.random.default_rng(seed), np.zeros((0, 5), np.float32)
    for path, part in clips:
        clip = cv2.VideoCapture(str(path))
        length = int(clip.get(cv2.CAP_PROP_FRAME_COUNT))
        for number in range(CLIP_FRAMES if part == TRAIN else 0):
            clip.set(cv2.CAP_PROP_POS_FRAMES, length * number // CLIP_FRAMES)
            read, frame = clip.read()
            if read:
                item = Item(shrunk(frame.astype(np.uint8)), nothing, "clips")
                yield from crops_of(item, f"{path.stem}-{number}", part, detector, rng)


def save(crops: Sequence[Crop], path: Path) -> None:
    np.savez(
        path,
        pictures=np.stack([crop.picture for crop in crops]),
        kinds=np.array([crop.kind for crop in crops], np.int8),
        scores=np.array([crop.score for crop in crops], np.float32),
        images=np.array([crop.image for crop in crops]),
        sources=np.array([crop.source for crop in crops]),
        parts=np.array([crop.part for crop in crops]),
    )
