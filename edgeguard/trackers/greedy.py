"""Greedy IoU tracking on arrays: the best overlapping pair first, then the next of what is left.

Lift cameras see few objects, near and slow against the frame rate; a motion model would cost more than it finds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from edgeguard.types import Detections, Tracks
from edgeguard.yamlfile import Strict

# Labels that one object changes between from frame to frame; all others stand alone.
LABEL_GROUPS: tuple[frozenset[str], ...] = (frozenset({"e-bike", "bicycle"}),)
# A box of the same label wins over an equally placed one of the same group.
SAME_LABEL_BONUS = np.float32(0.1)


class TrackerConfig(Strict):
    """When a box is the same object as before."""

    min_iou: Annotated[float, Field(gt=0, lt=1)] = 0.2
    max_gap_s: Annotated[float, Field(ge=0, le=60)] = 3.0


@dataclass(frozen=True, slots=True, eq=False)
class _Memory:
    """What is remembered, one row per object: its last box and label, and when it was seen first and last."""

    xyxy: NDArray[np.float32]
    label: NDArray[np.int16]
    id: NDArray[np.int64]
    first_s: NDArray[np.float64]
    last_s: NDArray[np.float64]

    @classmethod
    def empty(cls) -> Self:
        none = Detections.empty()
        return cls(none.xyxy, none.label, np.zeros(0, np.int64), np.zeros(0), np.zeros(0))

    def __len__(self) -> int:
        return len(self.id)

    def __getitem__(self, rows: NDArray[np.bool_]) -> Self:
        return type(self)(self.xyxy[rows], self.label[rows], self.id[rows], self.first_s[rows], self.last_s[rows])

    def __add__(self, other: Self) -> Self:
        pairs = zip(self._columns(), other._columns(), strict=True)
        return type(self)(*(np.concatenate(pair) for pair in pairs))

    def _columns(self) -> tuple[NDArray[np.generic], ...]:
        return self.xyxy, self.label, self.id, self.first_s, self.last_s


class GreedyTracker:
    """Ids count up from 1 and are never given twice; the same input gives the same ids. One tracker per camera."""

    def __init__(self, labels: Sequence[str], config: TrackerConfig | None = None) -> None:
        self._config = config or TrackerConfig()
        self._group = _group_of(labels)
        self._memory = _Memory.empty()
        self._next_id = 1

    def update(self, detections: Detections, monotonic_s: float) -> Tracks:
        """One row per detection, in the same order. Objects unseen for more than `max_gap_s` are forgotten."""
        memory = self._memory
        fresh = monotonic_s - memory.last_s <= self._config.max_gap_s
        if not fresh.all():
            memory = memory[fresh]
        if not len(detections):
            self._memory = memory
            return Tracks.empty()
        match = self._match(detections, memory)
        seen = self._identify(detections, memory, match, monotonic_s)
        unseen = np.ones(len(memory), np.bool_)
        unseen[match[match >= 0]] = False
        self._memory = seen + memory[unseen] if unseen.any() else seen
        return Tracks(detections, seen.id, (monotonic_s - seen.first_s).astype(np.float32))

    def _match(self, detections: Detections, memory: _Memory) -> NDArray[np.intp]:
        """(detections,) row of `memory`, -1 for a new object."""
        match = np.full(len(detections), -1, np.intp)
        if not len(memory):
            return match
        overlap = pairwise_iou(detections.xyxy, memory.xyxy)
        allowed = overlap >= self._config.min_iou
        allowed &= self._group[detections.label][:, None] == self._group[memory.label]
        rows, columns = allowed.nonzero()
        worth = overlap[rows, columns] + SAME_LABEL_BONUS * (detections.label[rows] == memory.label[columns])
        # Sorted as tuples: ties go to the first detection, then to the first in memory. For a handful of pairs plain
        # Python costs less than the array calls would.
        taken: set[int] = set()
        for _, row, column in sorted(zip((-worth).tolist(), rows.tolist(), columns.tolist(), strict=True)):
            if match[row] < 0 and column not in taken:
                match[row] = column
                taken.add(column)
        return match

    def _identify(
        self, detections: Detections, memory: _Memory, match: NDArray[np.intp], monotonic_s: float
    ) -> _Memory:
        """The detections as memory rows: old ids and first times where matched, new ones elsewhere."""
        now_s = np.full(len(detections), monotonic_s)
        new = match < 0
        count = int(np.count_nonzero(new))
        if count == len(match):
            ids, first_s = np.arange(self._next_id, self._next_id + count), now_s
        else:
            ids, first_s = memory.id[match], memory.first_s[match]
            if count:
                ids[new], first_s[new] = np.arange(self._next_id, self._next_id + count), monotonic_s
        self._next_id += count
        return _Memory(detections.xyxy, detections.label, ids, first_s, now_s)


def pairwise_iou(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, m) intersection over union of xyxy boxes (n, 4) and (m, 4); 0 where both are without area."""
    corner = np.minimum(left[:, None, 2:], right[None, :, 2:]) - np.maximum(left[:, None, :2], right[None, :, :2])
    np.maximum(corner, 0, out=corner)
    shared = corner[..., 0] * corner[..., 1]
    union = _area(left)[:, None] + _area(right)[None, :] - shared
    # Without area there is nothing shared either: any positive divisor gives the 0.
    result: NDArray[np.float32] = shared / np.maximum(union, np.finfo(np.float32).tiny)
    return result


def _area(xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
    area: NDArray[np.float32] = (xyxy[:, 2] - xyxy[:, 0]) * (xyxy[:, 3] - xyxy[:, 1])
    return area


def _group_of(labels: Sequence[str]) -> NDArray[np.intp]:
    """(labels,) the index of the first label of each label's group."""
    group = np.arange(len(labels))
    for members in LABEL_GROUPS:
        rows = [index for index, label in enumerate(labels) if label in members]
        group[rows] = min(rows, default=0)
    return group
