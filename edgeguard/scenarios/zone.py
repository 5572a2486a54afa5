"""Zones: polygons in 0..1 of the picture, rasterised once, asked with a few look-ups per box."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.polygons import Point

# 1/256 of the picture is finer than any detector's box edge, and an integral image of it is 0.25 MB per camera.
GRID = 256

Box = tuple[float, float, float, float]
# Left, right, top, bottom of a box's lower half; right and bottom exclusive.
Cells = tuple[int, int, int, int]


class Zone:
    """A polygon less its holes; `share` tells how much of a box stands in it."""

    def __init__(self, name: str, polygon: tuple[Point, ...], holes: Iterable[tuple[Point, ...]] = ()) -> None:
        self.name = name
        mask = np.zeros((GRID, GRID), np.uint8)
        cv2.fillPoly(mask, [_cells(polygon)], 1)
        for hole in holes:
            cv2.fillPoly(mask, [_cells(hole)], 0)
        integral: NDArray[np.uint32] = np.zeros((GRID + 1, GRID + 1), np.uint32)
        integral[1:, 1:] = mask.cumsum(0, dtype=np.uint32).cumsum(1, dtype=np.uint32)
        # A flat view that gives plain numbers: a third of the time of an array's own.
        self._integral = integral.ravel().data

    def share(self, box: Box) -> float:
        """Return the share 0..1 of the box's lower half inside the zone."""
        return self.share_of(lower_half(box))

    def touches(self, box: Box) -> bool:
        """Whether any of the box lies in the zone."""
        x0, y0, x1, y1 = box
        return self.share((x0, 2 * y0 - y1, x1, y1)) > 0

    def share_of(self, cells: Cells) -> float:
        """Of one whose cells are known: asked for every box and rule of a look."""
        left, right, top, bottom = cells
        table, above, below = self._integral, top * (GRID + 1), bottom * (GRID + 1)
        inside = table[below + right] - table[above + right] - table[below + left] + table[above + left]
        return inside / ((right - left) * (bottom - top))


def lower_half(box: Box) -> Cells:
    """The cells of a box's lower half, at least one and within the picture.

    The lower half, because an object belongs to the floor it stands on: a tall box of something on the landing
    reaches over the cabin's picture, its wheels do not.
    """
    x0, y0, x1, y1 = box
    left, right = int(x0 * GRID), int(x1 * GRID + 0.5)
    top, bottom = int((y0 + y1) / 2 * GRID), int(y1 * GRID + 0.5)
    if 0 <= left < right <= GRID and 0 <= top < bottom <= GRID:
        return left, right, top, bottom
    return *_within(left, right), *_within(top, bottom)


def feet(box: Box) -> Cells:
    """The cells of its lowest sixth: what stands on a strip of floor covers far more of the picture than the strip."""
    x0, y0, x1, y1 = box
    return lower_half((x0, y1 - (y1 - y0) / 3, x1, y1))


def _cells(polygon: tuple[Point, ...]) -> NDArray[np.int32]:
    # fillPoly paints its border too: the last cell is GRID - 1.
    cells: NDArray[np.int32] = np.rint(np.array(polygon) * (GRID - 1)).astype(np.int32)
    return cells


def _within(first: int, last: int) -> tuple[int, int]:
    """Cells from `first` to `last`, right exclusive, at least one and within the grid."""
    first = min(max(first, 0), GRID - 1)
    return first, min(max(last, first + 1), GRID)
