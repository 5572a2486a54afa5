"""Greedy IoU tracking: the best overlapping pair first, then the next of what is left.

Lift cameras see few objects, near and slow against the frame rate; a motion model would cost more than it finds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from edgeguard.boxes import Box, iou
from edgeguard.types import Detections, Tracks
from edgeguard.yamlfile import Strict

# Labels that one object changes between from frame to frame; all others stand alone.
LABEL_GROUPS: tuple[frozenset[str], ...] = (frozenset({"e-bike", "bicycle"}),)
# A box of the same label wins over an equally placed one of the same group.
SAME_LABEL_BONUS = 0.1


class TrackerConfig(Strict):
    """When a box is the same object as before."""

    min_iou: Annotated[float, Field(gt=0, lt=1)] = 0.2
    max_gap_s: Annotated[float, Field(ge=0, le=60)] = 3.0


@dataclass(slots=True)
class _Object:
    """What is remembered of one: its last box and label, and when it was seen first and last."""

    box: Box
    label: int
    id: int
    first_s: float
    last_s: float


class GreedyTracker:
    """Ids count up from 1 and are never given twice; the same input gives the same ids. One tracker per camera."""

    def __init__(self, labels: Sequence[str], config: TrackerConfig | None = None) -> None:
        self._config = config or TrackerConfig()
        self._group = _group_of(labels)
        self._objects: list[_Object] = []
        self._next_id = 1

    def update(self, detections: Detections, monotonic_s: float) -> Tracks:
        """One row per detection, in the same order. Objects unseen for more than `max_gap_s` are forgotten."""
        longest_s = self._config.max_gap_s
        self._objects = [known for known in self._objects if monotonic_s - known.last_s <= longest_s]
        if not len(detections):
            return Tracks.empty()
        seen = self._identify(detections.xyxy.tolist(), detections.label.tolist(), monotonic_s)
        ids = np.array([known.id for known in seen], np.int64)
        return Tracks(detections, ids, np.array([monotonic_s - known.first_s for known in seen], np.float32))

    def _identify(self, boxes: list[list[float]], labels: list[int], now_s: float) -> list[_Object]:
        """The object of each detection, remembered as it is now; new ones where none fits."""
        match = self._match(boxes, labels)
        seen = []
        for row, (box, label) in enumerate(zip(boxes, labels, strict=True)):
            known = match.get(row)
            if known is None:
                known = _Object(box, label, self._next_id, now_s, now_s)
                self._objects.append(known)
                self._next_id += 1
            known.box, known.label, known.last_s = box, label, now_s
            seen.append(known)
        return seen

    def _match(self, boxes: list[list[float]], labels: list[int]) -> dict[int, _Object]:
        """Known objects by the row of the detection that is the same; the best pair first."""
        pairs = sorted(self._pairs(boxes, labels))
        match: dict[int, _Object] = {}
        taken: set[int] = set()
        for _, row, number in pairs:
            if row not in match and number not in taken:
                match[row] = self._objects[number]
                taken.add(number)
        return match

    def _pairs(self, boxes: list[list[float]], labels: list[int]) -> Iterator[tuple[float, int, int]]:
        """(-worth, row, number of the object) of all that may be one: of equals the first row, the first known wins."""
        group, least = self._group, self._config.min_iou
        for row, (box, label) in enumerate(zip(boxes, labels, strict=True)):
            for number, known in enumerate(self._objects):
                if group[known.label] == group[label] and (overlap := iou(box, known.box)) >= least:
                    yield -overlap - SAME_LABEL_BONUS * (label == known.label), row, number


def _group_of(labels: Sequence[str]) -> list[int]:
    """The index of the first label of each label's group."""
    group = list(range(len(labels)))
    for members in LABEL_GROUPS:
        rows = [index for index, label in enumerate(labels) if label in members]
        for row in rows:
            group[row] = rows[0]
    return group
