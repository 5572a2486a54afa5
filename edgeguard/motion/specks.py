"""Small things that are at a place for a moment only, in three frames: before, at and after it.

What is brighter than in the frame before **and** in the one after, or darker than in both, was there only then. A
cloud's shadow, a lamp that is switched on, a window that is opened change one of the two; a thing that falls differs
from both.
"""

from collections import deque
from dataclasses import dataclass
from typing import NamedTuple, Self

import cv2
import numpy as np
from numpy.typing import NDArray

Cells = NDArray[np.uint8]

# From the frame to the one before and the one after: a thing of 4 cells that falls at 50 cells a second is elsewhere.
SPAN_S = 0.08
# Least difference in levels, and how many times what is usual at that place: leaves, flags, water, the sensor's noise.
LEAST_LEVELS = 9.0
USUAL_FACTOR = 10.0
MOST_LEVELS = 90.0
# What is usual is learnt over minutes from every so many frames, of places of so many cells.
LEARN_EVERY = 5
LEARN = 0.02
PLACE_CELLS = 9
WARM_UP_S, WARM_UP_FRAMES = 0.8, 6
# The threshold follows each of the first so many frames, then once in a while.
WARMEST = 20
# A frame in which so much differs shows the light or the camera, not things.
UPSET_SHARE = 0.03
# Larger is a bird, a person, a curtain; a thing's streak may be long. Shares of the picture's width and height.
MOST_WIDE, MOST_HIGH = 0.045, 0.14
# A bound on cost, the largest are kept: in heavy snow there are two hundred flakes, and a thing is as large as one.
MOST_SPECKS = 200
# Sizes of one thing differ from frame to frame, not more than that.
SIZE_RATIO = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Specks:
    """Parallel arrays of one frame: xy (n, 2) float32 middles, size (n,) float32 longer side, both in cells."""

    at_s: float
    xy: NDArray[np.float32]
    size: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.xy)

    def __getitem__(self, rows: NDArray[np.bool_]) -> Self:
        return type(self)(self.at_s, self.xy[rows], self.size[rows])

    @classmethod
    def none(cls, at_s: float) -> Self:
        return cls(at_s, np.zeros((0, 2), np.float32), np.zeros(0, np.float32))


class Place(NamedTuple):
    """A speck of a frame, and within which radius it was looked for; cells."""

    frame: int
    at_s: float
    x: float
    y: float
    size: float
    radius: float


def alike(sizes: NDArray[np.float32], usual: NDArray[np.float32] | float) -> NDArray[np.bool_]:
    """Which specks may be of things that usually are so large, cells."""
    return (sizes <= SIZE_RATIO * usual + 2) & (sizes * SIZE_RATIO + 2 >= usual)


class SpeckFinder:
    """Feed it steady frames, in order; each is told when the one after it has come."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """What comes next has nothing to do with what was."""
        self._frames: deque[tuple[float, Cells]] = deque()
        self._interval_s = 0.0
        self._seen = 0
        self._first_s: float | None = None
        self._usual: NDArray[np.float32] | None = None
        self._threshold: Cells | None = None

    def update(self, cells: Cells, now_s: float) -> Specks | None:
        """Take (h, w) uint8; return the specks of a frame a moment ago, None while there are too few frames."""
        if self._frames:
            passed_s = now_s - self._frames[-1][0]
            self._interval_s += (passed_s - self._interval_s) * (0.05 if self._interval_s else 1.0)
        self._frames.append((now_s, cells))
        # A camera may jitter: half an interval decides.
        steps = max(1, round(SPAN_S / self._interval_s)) if self._interval_s > 0 else 1
        while len(self._frames) > 2 * steps + 1:
            self._frames.popleft()
        if len(self._frames) < 2 * steps + 1:
            return None
        (_, before), (at_s, at), (_, after) = self._frames[0], self._frames[steps], self._frames[-1]
        return self._specks(_only_then(before, at, after), at_s)

    def _specks(self, apart: Cells, at_s: float) -> Specks:
        self._first_s = at_s if self._first_s is None else self._first_s
        warming = self._seen < WARM_UP_FRAMES or at_s - self._first_s < WARM_UP_S
        threshold = self._learn(apart, warming=warming)
        if warming:
            return Specks.none(at_s)
        mask = cv2.compare(apart, threshold, cv2.CMP_GT)
        marked = cv2.countNonZero(mask)
        if not marked or marked > UPSET_SHARE * mask.size:
            return Specks.none(at_s)
        return _blobs(mask.astype(np.uint8, copy=False), at_s)

    def _learn(self, apart: Cells, *, warming: bool) -> Cells:
        """What is usual, and from how many levels on it is not, place by place."""
        self._seen += 1
        if self._usual is None:
            self._usual = apart.astype(np.float32)
        if self._seen % LEARN_EVERY == 0 or warming:
            cv2.accumulateWeighted(apart, self._usual, max(LEARN, 1.0 / self._seen))
        if self._threshold is None or self._seen % (LEARN_EVERY * 5) == 0 or self._seen < WARMEST:
            around = cv2.blur(self._usual, (PLACE_CELLS, PLACE_CELLS))
            levels = np.clip(LEAST_LEVELS + USUAL_FACTOR * around, 0, MOST_LEVELS)
            self._threshold = levels.astype(np.uint8)
        return self._threshold


def _only_then(before: Cells, at: Cells, after: Cells) -> Cells:
    """By how many levels `at` is above both, or below both."""
    brighter = cv2.subtract(at, cv2.max(before, after))
    darker = cv2.subtract(cv2.min(before, after), at)
    return cv2.max(brighter, darker).astype(np.uint8, copy=False)


def _blobs(mask: NDArray[np.uint8], at_s: float) -> Specks:
    height, width = mask.shape
    whole = cv2.dilate(mask, np.ones((3, 3), np.uint8))
    _, _, stats, middles = cv2.connectedComponentsWithStats(whole, connectivity=8, ltype=cv2.CV_16U)
    sides, area = stats[1:, 2:4] - 2, stats[1:, 4]
    small = np.flatnonzero((sides[:, 0] <= MOST_WIDE * width) & (sides[:, 1] <= MOST_HIGH * height))
    if len(small) > MOST_SPECKS:
        small = small[np.argpartition(area[small], -MOST_SPECKS)[-MOST_SPECKS:]]
    return Specks(at_s, middles[1:][small].astype(np.float32), sides[small].max(1, initial=1).astype(np.float32))
