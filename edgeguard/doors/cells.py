"""The doorway and the rest of the picture as a few hundred means of brightness."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.polygons import Point

Cells = NDArray[np.float32]

# Of the box around the doorway: a cell is then 5 to 15 pixels wide, and noise is averaged away.
GRID = 16
# Of the whole picture, for the light in the cabin.
AROUND = (20, 9)
# Rows of the picture that make a row of cells: neighbours say the same, and a row-strided view costs no copy.
ROWS_PER_CELL, AROUND_ROWS_PER_CELL = 4, 2


class Doorway:
    """For pictures of one size; `region` in 0..1. `quarters` (4, n) takes n cells to the means of the four quarters."""

    def __init__(self, region: tuple[Point, ...], shape: tuple[int, ...]) -> None:
        height, width = shape[0], shape[1]
        corners = np.array(region) * [width, height]
        (x0, y0), (x1, y1) = np.floor(corners.min(0)).astype(int), np.ceil(corners.max(0)).astype(int)
        x1, y1 = max(x1, x0 + 1), max(y1, y0 + 1)
        self._view = _rows(y0, y1, GRID * ROWS_PER_CELL), _columns(x0, x1)
        self._rows_around = _rows(0, height, AROUND[1] * AROUND_ROWS_PER_CELL)
        self._inside = np.flatnonzero(_mask((corners - [x0, y0]) / [x1 - x0, y1 - y0], (GRID, GRID)))
        around = _mask(np.array(region), AROUND)
        self._outside = np.flatnonzero(~around)
        self.quarters = _quarters(self._inside)

    def __len__(self) -> int:
        return len(self._inside)

    def cells(self, luma: NDArray[np.uint8]) -> Cells:
        """(n,) float32 means inside the region."""
        small = cv2.resize(luma[self._view], (GRID, GRID), interpolation=cv2.INTER_AREA)
        return small.ravel()[self._inside].astype(np.float32)

    def surroundings(self, luma: NDArray[np.uint8]) -> Cells:
        """(m,) float32 means of the picture without the region."""
        small = cv2.resize(luma[self._rows_around], AROUND, interpolation=cv2.INTER_AREA)
        return small.ravel()[self._outside].astype(np.float32)


def _rows(first: int, end: int, count: int) -> slice:
    """`count` rows evenly out of the range, where it has so many: cells of whole rows are much cheaper to average."""
    step = max((end - first) // count, 1)
    return slice(first + step // 2, min(first + step // 2 + step * count, end), step)


def _columns(first: int, end: int) -> slice:
    """A whole number of columns for each cell, where there are enough."""
    return slice(first, first + max((end - first) // GRID * GRID, 1) if end - first >= GRID else end)


def _mask(corners: NDArray[np.float64], size: tuple[int, int]) -> NDArray[np.bool_]:
    """(rows * columns,) cells of a grid over 0..1 whose middle lies in the polygon; all of them where none does."""
    columns, rows = size
    fine = 8
    canvas = np.zeros((rows * fine, columns * fine), np.uint8)
    cv2.fillPoly(canvas, [np.rint(corners * [columns * fine - 1, rows * fine - 1]).astype(np.int32)], 1)
    inside = cv2.resize(canvas * 255, (columns, rows), interpolation=cv2.INTER_AREA).ravel() > 160
    return inside if inside.any() else ~inside


def _quarters(inside: NDArray[np.intp]) -> Cells:
    """(4, n) float32 weights that give the mean of each quarter; halves split where half of the cells lie."""
    rows, columns = np.divmod(inside, GRID)
    low, right = rows > np.median(rows), columns > np.median(columns)
    masks = np.stack([low & right, low & ~right, ~low & right, ~low & ~right]).astype(np.float32)
    weights: Cells = masks / np.maximum(masks.sum(1, keepdims=True), 1)
    return weights
