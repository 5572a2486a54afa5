"""Which box of a frame may count as the object a rule is about."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from edgeguard.scenarios.suspicion import Candidate
from edgeguard.scenarios.zone import Box, Zone
from edgeguard.types import Detections, Observation

# Wheels touch the cabin floor although a half-open door cuts the rest of the box away.
MIN_SHARE = 0.3
# Boxes that overlap so much are one object, read as two classes.
SAME_OBJECT_IOU = 0.6
# Classes an e-bike is mistaken for. Not people, not bags: they stand in front of an e-bike and must not hide it.
RIVALS = frozenset({"bicycle", "mobility scooter", "pram", "trolley", "wheelchair"})


class Candidates:
    """Picks the best box of one label: in the zone, strong enough, and not better read as a rival class."""

    def __init__(self, label: str, labels: Sequence[str], zone: Zone, c_lo: float) -> None:
        self._name = label
        self._label = labels.index(label)
        # By label: a look-up costs a tenth of np.isin.
        self._is_rival = np.array([name in RIVALS - {label} for name in labels], np.bool_)
        self._zone = zone
        self._c_lo = c_lo

    def best(self, now: Observation) -> Candidate | None:
        return max(self._all(now), key=lambda candidate: candidate.score, default=None)

    def _all(self, now: Observation) -> Iterator[Candidate]:
        if now.tracks is None or not len(now.tracks):
            return
        boxes = now.tracks.boxes
        rows = np.flatnonzero((boxes.label == self._label) & (boxes.score >= self._c_lo))
        if not len(rows):
            return
        rivals = boxes[self._is_rival[boxes.label]]
        for row in rows:
            box = _relative(boxes.xyxy[row], now.width_px, now.height_px)
            score = float(boxes.score[row])
            if self._zone.share(box) >= MIN_SHARE and not _outdone(boxes.xyxy[row], score, rivals):
                yield Candidate(self._name, int(now.tracks.id[row]), box, score)


def iou(box: NDArray[np.float32], others: NDArray[np.float32]) -> NDArray[np.float32]:
    """Intersection over union of one xyxy (4,) with others (n, 4): (n,) in 0..1."""
    size = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])
    shared = size.clip(0).prod(axis=1)
    union = (box[2:] - box[:2]).prod() + (others[:, 2:] - others[:, :2]).prod(axis=1) - shared
    overlap: NDArray[np.float32] = shared / np.maximum(union, np.finfo(np.float32).tiny)
    return overlap


def _outdone(box: NDArray[np.float32], score: float, rivals: Detections) -> bool:
    stronger = rivals[rivals.score > score]
    if not len(stronger):
        return False
    return bool((iou(box, stronger.xyxy) >= SAME_OBJECT_IOU).any())


def _relative(xyxy: NDArray[np.float32], width_px: int, height_px: int) -> Box:
    x0, y0, x1, y1 = xyxy.tolist()
    return max(x0 / width_px, 0.0), max(y0 / height_px, 0.0), min(x1 / width_px, 1.0), min(y1 / height_px, 1.0)
