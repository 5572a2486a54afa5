"""How people, and all that moves, have moved in the last two seconds: what a fight is judged by."""

import math
from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgeguard.bodies.changes import Changes, around
from edgeguard.bodies.flow import EVERY, Field, Flow, Look, Mask, Motion, small
from edgeguard.bodies.manifest import FightSpec, Six
from edgeguard.boxes import Box, Hull
from edgeguard.networks import ExecutionConfig
from edgeguard.types import Picture

# Looks are compared at this pace at most: the head was fitted to eight a second.
PACE_S = 0.095
# After a longer pause there is nothing to compare with.
PAUSE_S = 0.45
# People are who was seen within so long: a detector loses those who wrestle. When it has lost all of them, or not found
# them yet, the whole picture stands for them; nothing is said when that lasts.
GROUP_S, LOST_S = 0.95, 2.0
# Nobody where it matters for so long, and nothing is measured until somebody comes.
REST_S = 5.0
# Of the picture's height: somebody, as long as nobody was seen.
HEIGHT = 0.45
# Two are close when the gap between their boxes is at most so much of the taller one's height.
CLOSE = 0.35
# Keeps the logarithm of a motion of nothing finite.
LEAST = 0.02


@dataclass(frozen=True, slots=True)
class Seen:
    """How people have moved, where the largest group is (xyxy in pixels; of nobody lately the whole picture).

    `changes` (channels,): how much each of what a network sees of them changed, in logarithms. `together`: whether any
    two were close in that time.
    """

    features: Six
    changes: NDArray[np.float64]
    group: Hull
    together: bool


@dataclass(frozen=True, slots=True)
class _Judged:
    """A look: how people moved in it, and how they and everything else that moves did."""

    at_s: float
    people: Motion
    moving: Motion


class Scuffle:
    """Of one camera: remembers the last looks and judges them together.

    Raises ModelError for a file that does not fit.
    """

    def __init__(self, head: FightSpec, execution: ExecutionConfig) -> None:
        self._head = head
        self._flow = Flow()
        self._changes = Changes(head, execution)
        self._luma: NDArray[np.uint8] | None = None
        self._field: Field | None = None
        self._at_s = self._near_s = self._seen_s = self._together_s = -math.inf
        self._height_px = 0.0
        self._people: deque[tuple[float, Sequence[Box]]] = deque()
        self._looks: deque[_Judged] = deque()

    def judge(
        self, picture: Picture, people: Sequence[Box], now_s: float, *, near: bool = True
    ) -> tuple[float, Hull] | None:
        """(probability that they fight, box around the group in pixels); None: nobody there, or not yet to be said.

        `near`: some of the people are where it matters.
        """
        seen = self.look(picture, people, now_s, near=near)
        if seen is None:
            return None
        logit = self._head.logit(seen.features, seen.changes)
        return (1.0 if seen.together else self._head.alone) / (1 + math.exp(-logit)), seen.group

    def look(self, picture: Picture, people: Sequence[Box], now_s: float, *, near: bool = True) -> Seen | None:
        """What the head is told; None likewise."""
        passed_s = now_s - self._at_s
        if 0 <= passed_s < PACE_S:
            return None
        if not 0 <= passed_s <= PAUSE_S:
            self._forget()
            self._near_s = now_s
        if people and near:
            self._near_s = now_s
        if now_s - self._near_s > REST_S:
            self._forget()
            self._at_s = now_s
            return None
        luma, scale = small(picture.luma)
        boxes = self._remembered(people, now_s)
        self._compare(luma, [[side * scale for side in box] for box in boxes], now_s)
        self._changes.take(picture, people, now_s)
        self._luma, self._at_s = luma, now_s
        looks, head = self._looks, self._head
        lately = now_s - self._seen_s <= LOST_S
        if not lately or len(looks) < 2 or looks[-1].at_s != now_s or now_s - looks[0].at_s < head.least_s:
            return None
        group = around(largest_heap(boxes), picture)
        together = now_s - self._together_s <= head.window_s
        return Seen(features(looks), self._changes.logarithms(), group, together)

    def _forget(self) -> None:
        self._luma = self._field = None
        self._seen_s = self._together_s = -math.inf
        self._height_px = 0.0
        self._people.clear()
        self._looks.clear()
        self._changes.forget()

    def _remembered(self, people: Sequence[Box], now_s: float) -> list[Box]:
        """All boxes of the last looks."""
        self._people.append((now_s, people))
        while self._people[0][0] < now_s - GROUP_S:
            self._people.popleft()
        if any(close(one, other) for n, one in enumerate(people) for other in people[:n]):
            self._together_s = now_s
        if people:
            self._seen_s = now_s
        return [box for _, boxes in self._people for box in boxes]

    def _compare(self, luma: NDArray[np.uint8], people: Sequence[Box], now_s: float) -> None:
        """Take a look."""
        while self._looks and self._looks[0].at_s < now_s - self._head.window_s:
            self._looks.popleft()
        before, self._field = self._field, None
        if people:
            self._height_px = max(float(np.median([box[3] - box[1] for box in people])), 1.0)
        if self._luma is None or self._luma.shape != luma.shape:
            return
        field = self._field = self._flow(self._luma, luma)
        if before is None:
            return
        look = Look(field, before)
        px_per_s = (self._height_px or HEIGHT * len(luma)) * (now_s - self._at_s)
        mask = painted([[side / EVERY for side in box] for box in people], look.shape)
        mask = mask if mask.any() else ~mask
        both = mask | look.moving(px_per_s)
        self._looks.append(_Judged(now_s, look.motion(mask, px_per_s), look.motion(both, px_per_s)))


def features(looks: Collection[_Judged]) -> Six:
    """Logarithms. Of people: mean turning and jerk, variation of speed; of all that moves: those of the fastest."""
    people, moving = [one.people for one in looks], [one.moving for one in looks]
    return (
        _log(np.mean([one.turning for one in people])),
        _log(np.mean([one.jerk for one in people])),
        _log(np.std([one.speed for one in people])),
        _log(np.mean([one.turning for one in moving])),
        _log(np.mean([one.hard for one in moving])),
        _log(np.std([one.fast for one in moving])),
    )


def _log(value: np.floating) -> float:
    return math.log(LEAST + float(value))


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


def painted(boxes: Sequence[Box], shape: tuple[int, ...]) -> Mask:
    """(h, w): what lies in any of the boxes."""
    mask = np.zeros(shape, np.bool_)
    for x0, y0, x1, y1 in boxes:
        mask[max(int(y0), 0) : int(y1) + 1, max(int(x0), 0) : int(x1) + 1] = True
    return mask
