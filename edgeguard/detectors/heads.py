"""Network output -> candidate boxes: whole arrays are thresholded first, only what is left is touched again."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.types import Detections

# Two people side by side in a lift overlap up to about a half; copies of one box overlap more.
NMS_IOU = 0.6
# A network that fires everywhere (noise, a wrong threshold) must not stall the box in NMS.
MAX_CANDIDATES = 1000
STRIDES = (8, 16, 32)

Raw = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Head:
    """How to read a network: `shape` is the output accepted (-1: any), `decode(output, floor)` the candidates.

    `decode` takes the output without its batch axis and the lowest score wanted; boxes are xyxy in network pixels.
    """

    shape: tuple[int, ...]
    decode: Callable[[Raw, float], Detections]


def make_head(kind: Literal["yolov8", "end2end", "yolox"], size: tuple[int, int], labels: int) -> Head:
    """The reader of a head for an input of `size` (height, width) and so many labels."""
    cells = sum((size[0] // stride) * (size[1] // stride) for stride in STRIDES)
    if kind == "end2end":
        return Head((1, -1, 6), decode_end2end)
    if kind == "yolov8":
        return Head((1, 4 + labels, cells), decode_yolov8)
    return Head((1, cells, 5 + labels), YoloxDecoder(size).decode)


def decode_yolov8(output: Raw, floor: float) -> Detections:
    """(4 + labels, cells): cx cy w h, one score per label; read as it lies, a transpose would copy it."""
    scores = output[4:]
    best = scores.max(axis=0)
    cells = _strongest(best, floor)
    found = output[:, cells]
    return suppress(_corners(found[:2].T, found[2:4].T), best[cells], found[4:].argmax(axis=0).astype(np.int16))


def decode_end2end(output: Raw, floor: float) -> Detections:
    """(n, 6): x0 y0 x1 y1 score label, already without copies."""
    rows = output[output[:, 4] >= floor]
    return Detections(rows[:, :4].astype(np.float32), rows[:, 4].astype(np.float32), rows[:, 5].astype(np.int16))


class YoloxDecoder:
    """(cells, 5 + labels): offset in the cell, log size, objectness, one score per label; the grid is made once."""

    def __init__(self, size: tuple[int, int]) -> None:
        grids = [_grid(size[0] // stride, size[1] // stride) for stride in STRIDES]
        self._grid = np.concatenate(grids)
        self._stride = np.concatenate(
            [np.full((len(grid), 1), stride, np.float32) for grid, stride in zip(grids, STRIDES, strict=True)]
        )

    def decode(self, output: Raw, floor: float) -> Detections:
        # The score is objectness x label score, so objectness alone rules out nearly all cells.
        cells = np.flatnonzero(output[:, 4] >= floor)
        found = output[cells]
        score = found[:, 4] * found[:, 5:].max(axis=1, initial=0)
        keep = _strongest(score, floor)
        found, cells = found[keep], cells[keep]
        stride = self._stride[cells]
        centre = (found[:, :2] + self._grid[cells]) * stride
        label = found[:, 5:].argmax(axis=1).astype(np.int16)
        return suppress(_corners(centre, np.exp(found[:, 2:4]) * stride), score[keep], label)


def suppress(xyxy: Raw, score: Raw, label: NDArray[np.int16], iou: float = NMS_IOU) -> Detections:
    """Keep the best of each heap of boxes of one label; the strongest comes first."""
    if len(score) < 2:
        return Detections(xyxy, score, label)
    xywh = np.concatenate((xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]), axis=1).astype(np.float64)
    kept = cv2.dnn.NMSBoxesBatched(xywh, score, label.astype(np.int32), 0.0, iou)  # type: ignore[arg-type]  # arrays are taken
    rows = np.asarray(kept, np.intp).reshape(-1)
    rows = rows[np.argsort(-score[rows], kind="stable")]
    return Detections(xyxy[rows], score[rows], label[rows])


def _strongest(score: Raw, floor: float) -> NDArray[np.intp]:
    rows = np.flatnonzero(score >= floor)
    if len(rows) > MAX_CANDIDATES:
        rows = rows[np.argsort(-score[rows], kind="stable")[:MAX_CANDIDATES]]
    return rows


def _corners(centre: Raw, size: Raw) -> Raw:
    half = size / 2
    return np.concatenate((centre - half, centre + half), axis=1)


def _grid(rows: int, columns: int) -> Raw:
    y, x = np.mgrid[:rows, :columns]
    return np.stack((x.ravel(), y.ravel()), axis=1).astype(np.float32)
