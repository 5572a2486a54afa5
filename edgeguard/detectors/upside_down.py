"""A camera that looks straight down knows no up: what it sees is looked at upside down too, and both looks count.

Networks err differently on a picture and on the same one turned; where neither is the upright one, the mean of both
looks is right more often (ADR 15).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgeguard.boxes import Box, iou
from edgeguard.detectors.odds import mean_score
from edgeguard.types import Detections, Detector, Picture

# Boxes of both looks that overlap so much are of one object.
SAME_IOU = 0.45
# What a look says of an object that it has no box of.
UNSEEN = 0.02


@dataclass(frozen=True, slots=True)
class HalfTurned:
    """A `Picture` turned by 180 degrees."""

    upright: Picture

    @property
    def width(self) -> int:
        return self.upright.width

    @property
    def height(self) -> int:
        return self.upright.height

    @property
    def luma(self) -> NDArray[np.uint8]:
        return self.upright.luma[::-1, ::-1]

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        return np.ascontiguousarray(self.upright.bgr(width, height)[::-1, ::-1])


class BothWays:
    """A `Detector` whose boxes of one label have the mean log odds of both looks, which cost twice as much.

    All else is as the upright picture shows it. `label` is that label's number. The detector's threshold of it must lie
    well below what is asked for: a box that one look alone has falls far.
    """

    def __init__(self, detector: Detector, label: int) -> None:
        self._detector = detector
        self._label = label

    def detect(self, picture: Picture) -> Detections:
        """Strongest first."""
        upright, turned = (self._detector.detect(way) for way in (picture, HalfTurned(picture)))
        mine = turned[turned.label == self._label]
        corner = np.array([picture.width, picture.height], np.float32)
        back = np.hstack([corner - mine.xyxy[:, 2:], corner - mine.xyxy[:, :2]])
        others = upright[upright.label != self._label]
        both = together(upright[upright.label == self._label], Detections(back, mine.score, mine.label), self._label)
        return _strongest_first(others, both)


def together(one: Detections, other: Detections, label: int) -> Detections:
    """What two looks have of one label: the two boxes of an object become one between them."""
    left = list(zip(other.xyxy.tolist(), other.score.tolist(), strict=True))
    rows: list[tuple[Box, float]] = []
    for box, score in zip(one.xyxy.tolist(), one.score.tolist(), strict=True):
        partner = _partner(box, left)
        if partner is None:
            rows.append((box, mean_score((score, UNSEEN))))
            continue
        left.remove(partner)
        between = tuple((mine + its) / 2 for mine, its in zip(box, partner[0], strict=True))
        rows.append((between, mean_score((score, partner[1]))))
    rows += [(box, mean_score((score, UNSEEN))) for box, score in left]
    xyxy, scores = np.array([box for box, _ in rows], np.float32), np.array([score for _, score in rows], np.float32)
    return Detections(xyxy.reshape(-1, 4), scores, np.full(len(rows), label, np.int16))


def _partner(box: Box, rows: list[tuple[Box, float]]) -> tuple[Box, float] | None:
    """The row that overlaps most with the box, if it is the same object."""
    nearest = max(rows, key=lambda row: iou(box, row[0]), default=None)
    return nearest if nearest and iou(box, nearest[0]) >= SAME_IOU else None


def _strongest_first(one: Detections, other: Detections) -> Detections:
    score = np.concatenate([one.score, other.score])
    order = np.argsort(-score, kind="stable")
    xyxy, label = np.concatenate([one.xyxy, other.xyxy]), np.concatenate([one.label, other.label])
    return Detections(xyxy[order], score[order], label[order])
