"""Network output -> candidate boxes: whole arrays are thresholded first, what is left is a handful of plain numbers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from edgeguard.boxes import Box, iou

# Two people side by side in a lift overlap up to about a half; copies of one box overlap more.
NMS_IOU = 0.6
# A network that fires everywhere (noise, a wrong threshold) must not stall the box in NMS.
MAX_CANDIDATES = 400
STRIDES = (8, 16, 32)

Raw = NDArray[np.float32]


class Found(NamedTuple):
    """One box, xyxy in network pixels."""

    box: Box
    score: float
    label: int


@dataclass(frozen=True, slots=True)
class Head:
    """How to read a network: `shape` is the output accepted (-1: any), `decode(output, floor)` what it found.

    `decode` takes the output without its batch axis and the lowest score wanted; the strongest comes first.
    """

    shape: tuple[int, ...]
    decode: Callable[[Raw, float], list[Found]]


def make_head(kind: Literal["yolov8", "end2end", "yolox"], size: tuple[int, int], labels: int) -> Head:
    """The reader of a head for an input of `size` (height, width) and so many labels."""
    cells = sum((size[0] // stride) * (size[1] // stride) for stride in STRIDES)
    if kind == "end2end":
        return Head((1, -1, 6), decode_end2end)
    if kind == "yolov8":
        return Head((1, 4 + labels, cells), decode_yolov8)
    return Head((1, cells, 5 + labels), YoloxDecoder(size).decode)


def decode_yolov8(output: Raw, floor: float) -> list[Found]:
    """(4 + labels, cells): cx cy w h, one score per label; read as it lies, a transpose would copy it."""
    cells = _strongest(output[4:].max(axis=0), floor)
    return suppress(_found(x, y, width, height, scores) for x, y, width, height, *scores in output[:, cells].T.tolist())


def decode_end2end(output: Raw, floor: float) -> list[Found]:
    """(n, 6): x0 y0 x1 y1 score label, already without copies and in order."""
    rows = output[output[:, 4] >= floor].tolist()
    return [Found((x0, y0, x1, y1), score, int(label)) for x0, y0, x1, y1, score, label in rows]


class YoloxDecoder:
    """(cells, 5 + labels): offset in the cell, log size, objectness, one score per label; the grid is made once."""

    def __init__(self, size: tuple[int, int]) -> None:
        grids = [_grid(size[0] // stride, size[1] // stride) for stride in STRIDES]
        self._grid = np.concatenate(grids)
        self._stride = np.concatenate(
            [np.full((len(grid), 1), stride, np.float32) for grid, stride in zip(grids, STRIDES, strict=True)]
        )

    def decode(self, output: Raw, floor: float) -> list[Found]:
        # The score is objectness x label score, so objectness alone rules out nearly all cells.
        cells = np.flatnonzero(output[:, 4] >= floor)
        found = output[cells]
        score = found[:, 4] * found[:, 5:].max(axis=1, initial=0)
        keep = _strongest(score, floor)
        found, cells = found[keep], cells[keep]
        stride = self._stride[cells]
        centre, size = (found[:, :2] + self._grid[cells]) * stride, np.exp(found[:, 2:4]) * stride
        rows = np.concatenate((centre, size, found[:, 4:5] * found[:, 5:]), axis=1).tolist()
        return suppress(_found(x, y, width, height, scores) for x, y, width, height, *scores in rows)


def suppress(found: Iterable[Found], most: float = NMS_IOU) -> list[Found]:
    """Keep the best of each heap of boxes of one label; the strongest comes first."""
    kept: list[Found] = []
    for one in sorted(found, key=itemgetter(1), reverse=True):
        for other in kept:
            if other.label == one.label and iou(other.box, one.box) > most:
                break
        else:
            kept.append(one)
    return kept


def _found(x: float, y: float, width: float, height: float, scores: list[float]) -> Found:
    """`x`, `y`: of the centre; `scores`: of each label."""
    score, right, below = max(scores), width / 2, height / 2
    return Found((x - right, y - below, x + right, y + below), score, scores.index(score))


def _strongest(score: Raw, floor: float) -> NDArray[np.intp]:
    rows = (score >= floor).nonzero()[0]
    if len(rows) > MAX_CANDIDATES:
        rows = rows[np.argsort(-score[rows], kind="stable")[:MAX_CANDIDATES]]
    return rows


def _grid(rows: int, columns: int) -> Raw:
    y, x = np.mgrid[:rows, :columns]
    return np.stack((x.ravel(), y.ravel()), axis=1).astype(np.float32)
