"""People close together, and how they have moved in the last two seconds: what a fight is judged by."""

import math
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgeguard.bodies.flow import Field, Flow, Mask, Motion, motion, small
from edgeguard.bodies.manifest import FightEntry
from edgeguard.boxes import Box
from edgeguard.types import Picture

Hull = tuple[float, float, float, float]

# Looks are compared at this pace at most: the head was fitted to eight a second.
PACE_S = 0.095
# After a longer pause there is nothing to compare with.
PAUSE_S = 0.45
# A group is who was seen in it within so long: a detector loses people who wrestle.
GROUP_S = 0.95
# Two are close when the gap between their boxes is at most so much of the taller one's height.
CLOSE = 0.35
# Keeps the logarithm of a motion of nothing finite.
LEAST = 0.02


@dataclass(frozen=True, slots=True)
class Seen:
    """How a group has moved, where it is (xyxy in pixels), and whether any two of it were close in that time."""

    features: tuple[float, float, float]
    group: Hull
    together: bool


class Scuffle:
    """Of one camera: remembers the last looks and judges the largest group in them."""

    def __init__(self, head: FightEntry) -> None:
        self._head = head
        self._flow = Flow()
        self._luma: NDArray[np.uint8] | None = None
        self._field: Field | None = None
        self._at_s = -math.inf
        self._people: deque[tuple[float, Sequence[Box]]] = deque()
        self._motions: deque[Motion] = deque()
        self._together_s = -math.inf

    def judge(self, picture: Picture, people: Sequence[Box], now_s: float) -> tuple[float, Hull] | None:
        """(probability that they fight, box around the group in pixels); None: nobody there, or not yet to be said."""
        seen = self.look(picture, people, now_s)
        if seen is None:
            return None
        logit = self._head.logit(seen.features)
        return (1.0 if seen.together else self._head.alone) / (1 + math.exp(-logit)), seen.group

    def look(self, picture: Picture, people: Sequence[Box], now_s: float) -> Seen | None:
        """What the head is told; None likewise."""
        passed_s = now_s - self._at_s
        if 0 <= passed_s < PACE_S:
            return None
        if not 0 <= passed_s <= PAUSE_S:
            self._forget()
        luma, scale = small(picture.luma)
        self._people.append((now_s, people))
        while self._people[0][0] < now_s - GROUP_S:
            self._people.popleft()
        if any(close(one, other) for n, one in enumerate(people) for other in people[:n]):
            self._together_s = now_s
        group = largest_heap([box for _, boxes in self._people for box in boxes])
        self._compare(luma, [[side * scale for side in box] for box in group], now_s)
        self._luma, self._at_s = luma, now_s
        motions, head = self._motions, self._head
        if len(motions) < 2 or motions[-1].at_s != now_s or now_s - motions[0].at_s < head.least_s:
            return None
        return Seen(features(motions), hull(group), together=now_s - self._together_s <= head.window_s)

    def _forget(self) -> None:
        self._luma = self._field = None
        self._people.clear()
        self._motions.clear()
        self._together_s = -math.inf

    def _compare(self, luma: NDArray[np.uint8], group: Sequence[Box], now_s: float) -> None:
        """Take a look; without a group what was known of one is forgotten in time."""
        while self._motions and self._motions[0].at_s < now_s - self._head.window_s:
            self._motions.popleft()
        before, self._field = self._field, None
        if self._luma is None or self._luma.shape != luma.shape or not group:
            return
        field = self._field = self._flow(self._luma, luma)
        mask = painted(group, luma.shape)
        if before is None or not mask.any():
            return
        height_px = float(np.median([box[3] - box[1] for box in group]))
        px_per_s = max(height_px, 1.0) * (now_s - self._at_s)
        self._motions.append(motion(now_s, field, before, mask, px_per_s))


def features(motions: Collection[Motion]) -> tuple[float, float, float]:
    """Logarithms of the mean jerk, the variation of speed and the variation of disorder."""
    return (
        math.log(LEAST + float(np.mean([one.jerk for one in motions]))),
        math.log(LEAST + float(np.std([one.speed for one in motions]))),
        math.log(LEAST + float(np.std([one.disorder for one in motions]))),
    )


def close(one: Box, other: Box) -> bool:
    """Whether two people may reach each other."""
    across = max(one[0] - other[2], other[0] - one[2], 0.0)
    along = max(one[1] - other[3], other[1] - one[3], 0.0)
    return math.hypot(across, along) <= CLOSE * max(one[3] - one[1], other[3] - other[1])


def largest_heap(boxes: Sequence[Box]) -> list[Box]:
    """The most boxes of which each is close to another of them; of none none."""
    heaps: list[list[Box]] = []
    for box in boxes:
        near = [heap for heap in heaps if any(close(box, other) for other in heap)]
        heaps = [heap for heap in heaps if heap not in near] + [[box, *(other for heap in near for other in heap)]]
    return max(heaps, key=len, default=[])


def hull(boxes: Sequence[Box]) -> Hull:
    """The smallest box around all; at least one is needed."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def painted(boxes: Sequence[Box], shape: tuple[int, ...]) -> Mask:
    """(h, w): what lies in any of the boxes."""
    mask = np.zeros(shape, np.bool_)
    for x0, y0, x1, y1 in boxes:
        mask[max(int(y0), 0) : int(y1) + 1, max(int(x0), 0) : int(x1) + 1] = True
    return mask
