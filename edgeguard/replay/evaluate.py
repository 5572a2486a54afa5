"""How good a detector is on labelled pictures: recall at the operating threshold, AP50, false-alarm images."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edgeguard.boxes import pairwise_iou
from edgeguard.replay.labelled import LabelledImage
from edgeguard.types import Detections, Detector, Picture

ALARM_LABEL = "e-bike"
# An alarm needs the right object, not a tight box; AP50 asks for more by its name.
FOUND_IOU = 0.4
AP_IOU = 0.5
# Detections asked for, so that the precision-recall curve is whole; below this the tail adds nothing to AP.
AP_SCORE_FLOOR = 0.001

Boxes = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class LabelScore:
    """`n` labelled, `found` at the operating threshold; `recall` and `ap50` are None where nothing is labelled."""

    n: int
    found: int
    recall: float | None
    ap50: float | None


@dataclass(slots=True)
class Tally:
    """E-bikes in some of the pictures: `n` labelled, `found`; and pictures where one is seen that is not there."""

    images: int = 0
    n: int = 0
    found: int = 0
    false_alarm_images: int = 0


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Scores by label, and the pictures with an e-bike detection that no labelled e-bike explains.

    `groups`: the e-bikes of each group that the manifest names.
    """

    images: int
    labels: dict[str, LabelScore]
    false_alarm_images: int
    groups: dict[str, Tally] = field(default_factory=dict)


class Evaluator:
    """Takes pictures one by one; `result` may be asked at any time. `operating`: the threshold of each label."""

    def __init__(self, labels: Sequence[str], operating: NDArray[np.float32]) -> None:
        self._labels = tuple(labels)
        self._operating = operating
        self._all = Tally()
        self._groups: dict[str, Tally] = {}
        self._n = [0] * len(labels)
        self._found = [0] * len(labels)
        self._curve: list[list[tuple[float, bool]]] = [[] for _ in labels]

    def add(self, truth: LabelledImage, detections: Detections) -> None:
        """Score the detections of one picture; their order does not matter."""
        tallies = [self._all, *(self._groups.setdefault(group, Tally()) for group in truth.groups)]
        for tally in tallies:
            tally.images += 1
        ranked = detections[np.argsort(-detections.score, kind="stable")]
        for index, label in enumerate(self._labels):
            boxes = ranked[ranked.label == index]
            labelled = truth.xyxy[truth.label == index]
            operating = boxes.xyxy[boxes.score >= self._operating[index]]
            found = int((assign(operating, labelled, FOUND_IOU) >= 0).sum())
            self._n[index] += len(labelled)
            self._found[index] += found
            hits = assign(boxes.xyxy, labelled, AP_IOU) >= 0
            self._curve[index].extend(zip(boxes.score.tolist(), hits.tolist(), strict=True))
            for tally in tallies if label == ALARM_LABEL else ():
                tally.n += len(labelled)
                tally.found += found
                tally.false_alarm_images += int(unexplained(operating, labelled).any())

    def result(self) -> Evaluation:
        scores = {
            label: LabelScore(n, found, found / n if n else None, average_precision(curve, n))
            for label, n, found, curve in zip(self._labels, self._n, self._found, self._curve, strict=True)
        }
        return Evaluation(self._all.images, scores, self._all.false_alarm_images, dict(self._groups))


# Sees every picture after it was scored.
Watch = Callable[[LabelledImage, Picture, Detections], None]


def evaluate(
    detector: Detector,
    images: Iterable[LabelledImage],
    labels: Sequence[str],
    operating: NDArray[np.float32],
    watch: Watch | None = None,
) -> Evaluation:
    """Run the detector over the pictures. Raises TruthError for a picture that cannot be read."""
    evaluator = Evaluator(labels, operating)
    for image in images:
        picture = image.read()
        detections = detector.detect(picture)
        evaluator.add(image, detections)
        if watch is not None:
            watch(image, picture, detections)
    return evaluator.result()


def assign(ranked: Boxes, labelled: Boxes, min_iou: float) -> NDArray[np.intp]:
    """(n,) the labelled box that each detection finds, -1 for none: strongest first, each labelled box once (COCO)."""
    match = np.full(len(ranked), -1, np.intp)
    if not len(labelled):
        return match
    overlap = pairwise_iou(ranked, labelled)
    for row, free in enumerate(overlap):
        best = int(free.argmax())
        if free[best] >= min_iou:
            match[row] = best
            overlap[:, best] = -1
    return match


def average_precision(curve: Sequence[tuple[float, bool]], n: int) -> float | None:
    """Area under the precision-recall curve, precision made monotone (all points, as in VOC 2010); None where n is 0.

    `curve` holds (score, hit) of every detection of all pictures, in any order.
    """
    if n == 0:
        return None
    # Of equal scores the misses come first: the result must not depend on the order of the pictures, nor flatter.
    ranked = sorted(curve, key=lambda point: (-point[0], point[1]))
    hits = np.array([hit for _, hit in ranked], np.bool_)
    precision = np.cumsum(hits) / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    # Recall rises by 1/n at each hit and nowhere else.
    return float(envelope[hits].sum() / n)


def wilson_interval(successes: int, n: int) -> tuple[float, float]:
    """95 % score interval of a proportion (Wilson 1927); (0, 1) where nothing was tried."""
    if n == 0:
        return 0.0, 1.0
    z = 1.959964
    share = successes / n
    centre = share + z * z / (2 * n)
    spread = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def unexplained(boxes: Boxes, labelled: Boxes) -> NDArray[np.bool_]:
    """(n,) whether a box lies on no labelled one. A second box on the same e-bike is no false alarm."""
    if not len(labelled):
        return np.ones(len(boxes), np.bool_)
    alone: NDArray[np.bool_] = pairwise_iou(boxes, labelled).max(axis=1, initial=0) < FOUND_IOU
    return alone
