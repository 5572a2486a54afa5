"""What one look at a picture says about the camera itself: how bright, how sharp, where its edges are."""

from dataclasses import dataclass
from typing import Self

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]

# The picture for edges: as wide as a camera may wander without anybody minding.
SMALL = (160, 90)
# Blocks whose edges are compared one by one, and as coarse a picture of the brightness: (columns, rows).
BLOCKS = (20, 10)
# Rows that are read of the full picture, where sharpness and noise are.
FULL_ROWS = 24
# Edges of these widths in pixels of the full picture: a sharp one rises in one.
NARROW, BROAD = 1, 4
# Edges of less variance than this, in levels squared, are noise.
LEAST_VARIANCE = 4.0


@dataclass(frozen=True, slots=True)
class Glance:
    """`rows` (24, W) uint8 of the picture itself, `edges` (90, 160) gradients.

    By blocks (10, 20): `coarse` brightness, `narrow` and `broad` mean square differences over 1 and 4 pixels. `mean`
    and `bright` (one of twenty pixels is brighter) in levels.
    """

    rows: NDArray[np.uint8]
    coarse: Plane
    edges: Plane
    mean: float
    bright: float
    narrow: Plane
    broad: Plane

    @classmethod
    def take(cls, luma: NDArray[np.uint8]) -> Self:
        """Look at (H, W) uint8."""
        height = luma.shape[0]
        sampled = luma[:: max(1, height // (2 * SMALL[1]))]
        small = np.asarray(cv2.resize(sampled, SMALL, interpolation=cv2.INTER_AREA), np.uint8)
        edges = np.abs(cv2.Sobel(small, cv2.CV_32F, 1, 0, ksize=1)) + np.abs(
            cv2.Sobel(small, cv2.CV_32F, 0, 1, ksize=1)
        )
        rows = luma[height // (2 * FULL_ROWS) :: max(1, height // FULL_ROWS)].copy()
        return cls(
            rows=rows,
            coarse=blocks(small.astype(np.float32)),
            edges=edges,
            mean=cv2.mean(small)[0],
            bright=float(_level(small, 0.05)),
            narrow=_differences(rows, NARROW),
            broad=_differences(rows, BROAD),
        )

    def apart(self, other: "Glance") -> float:
        """Mean difference of the two pictures, in levels."""
        return float(cv2.norm(self.rows, other.rows, cv2.NORM_L1)) / self.rows.size

    def mostly_apart(self, other: "Glance") -> float:
        """The same in the median of the rows: a clock that is drawn in is few of them."""
        means = cv2.reduce(cv2.absdiff(self.rows, other.rows), 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F)
        return float(np.median(means))


def blocks(plane: Plane) -> Plane:
    """Means of the blocks."""
    return np.asarray(cv2.resize(plane, BLOCKS, interpolation=cv2.INTER_AREA), np.float32)


def spread(edges: Plane) -> Plane:
    """(10, 20) variance of the gradient: much where edges are, little where brightness only slopes."""
    mean = blocks(edges)
    return np.maximum(blocks(edges * edges) - mean * mean, LEAST_VARIANCE)


def alike(edges: Plane, others: Plane) -> Plane:
    """(10, 20) correlation of the edges block by block, -1..1; 0 where one has none. Brighter or darker is the same."""
    mean, mean_other = blocks(edges), blocks(others)
    shared = blocks(edges * others) - mean * mean_other
    return np.asarray(shared / np.sqrt(spread(edges) * spread(others)), np.float32)


def correlation(coarse: Plane, other: Plane) -> float:
    """Of two coarse pictures, -1..1; 0 where one is all the same."""
    one, two = coarse - coarse.mean(), other - other.mean()
    size = float(np.sqrt((one * one).sum() * (two * two).sum()))
    return float((one * two).sum()) / size if size else 0.0


def _differences(rows: NDArray[np.uint8], over: int) -> Plane:
    """Mean square difference of pixels so far apart, by blocks."""
    apart = cv2.absdiff(rows[:, over:], rows[:, :-over]).astype(np.float32)
    return blocks(apart * apart)


def _level(values: NDArray[np.uint8], share: float) -> int:
    """The level that so many of the values reach."""
    counts = cv2.calcHist([values], [0], None, [256], [0, 256]).ravel()
    above = np.cumsum(counts[::-1])
    return 255 - int(np.searchsorted(above, share * above[-1]))
