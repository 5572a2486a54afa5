"""Shares with their intervals, and what is read off two heaps of scores: threshold, accuracy, area under the curve."""

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from edgeguard.replay.evaluate import wilson_interval

Scores = NDArray[np.float64]
Z95 = 1.959964


@dataclass(frozen=True, slots=True)
class Rate:
    """`count` of `n`; value None where n is 0; `interval`: 95 % (Wilson)."""

    value: float | None
    n: int
    count: int
    interval: tuple[float, float]

    @classmethod
    def of(cls, count: int, n: int) -> Self:
        return cls(count / n if n else None, n, count, wilson_interval(count, n))


@dataclass(frozen=True, slots=True)
class Area:
    """Area under the ROC curve: how often one of the higher heap lies above one of the lower; ties count half."""

    value: float | None
    n_high: int
    n_low: int
    interval: tuple[float, float]


def area_under_curve(high: Scores, low: Scores) -> Area:
    """Of two heaps of scores; value None where one is empty."""
    n, m = len(high), len(low)
    if not n or not m:
        return Area(None, n, m, (0.0, 1.0))
    order = np.sort(low)
    below = np.searchsorted(order, high, side="left")
    upto = np.searchsorted(order, high, side="right")
    auc = float((below + upto).sum() / (2 * n * m))
    return Area(auc, n, m, (_bound(auc, n, m), 1 - _bound(1 - auc, m, n)))


def _bound(auc: float, n: int, m: int) -> float:
    """The lower end of the 95 % interval: the area that lies so far below `auc` as chance would let it.

    R. Newcombe, Statistics in Medicine 25 (2006) 559-573, method 5. Unlike the one of Hanley and McNeil it has a width
    where nothing was confused, too.
    """
    low, high = 0.0, auc
    for _ in range(60):  # halves the gap each time: to the last bit of a float
        area = (low + high) / 2
        spread = 1 + ((n + m) / 2 - 1) * ((1 - area) / (2 - area) + area / (1 + area))
        if auc - area > Z95 * math.sqrt(area * (1 - area) * spread / (n * m)):
            low = area
        else:
            high = area
    return low


def best_threshold(high: Scores, low: Scores) -> float:
    """From which score on "high" is right most often, in the middle of its gap; of equals the lowest."""
    if not len(high) + len(low):
        return 0.0
    cuts = np.unique(np.concatenate((high, low)))
    right = len(high) - np.searchsorted(np.sort(high), cuts, side="left") + np.searchsorted(np.sort(low), cuts, "left")
    best = int(right.argmax())
    # A threshold above everything says "low" always.
    if len(low) > right[best]:
        return float(np.nextafter(cuts[-1], np.inf))
    return float(cuts[best] if best == 0 else (cuts[best - 1] + cuts[best]) / 2)


def threshold_at(far: float, low: Scores) -> float:
    """The lowest threshold that at most `far` of `low` (n > 0) reaches; above all of them where far * n < 1."""
    allowed = math.floor(far * len(low) + 1e-9)
    ranked = np.sort(low)[::-1]
    return float(np.nextafter(ranked[allowed], np.inf)) if allowed < len(ranked) else float(ranked[-1])


def accepted(scores: Scores, threshold: float) -> Rate:
    """How many are at or above it."""
    return Rate.of(int((scores >= threshold).sum()), len(scores))


def accuracy(high: Scores, low: Scores, threshold: float) -> Rate:
    """How many are on their side of it."""
    return Rate.of(int((high >= threshold).sum() + (low < threshold).sum()), len(high) + len(low))
