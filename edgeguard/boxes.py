"""Boxes as (x0, y0, x1, y1), right and bottom exclusive, in any one unit.

A picture of a lift has a handful of objects: for them plain numbers cost less than array calls do, most of all right
after a network has swept the caches. For thousands of boxes there are arrays.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Box = Sequence[float]
Hull = tuple[float, float, float, float]


def area(box: Box) -> float:
    """Return 0 for a box that is turned inside out."""
    return max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0)


def iou(left: Box, right: Box) -> float:
    """Intersection over union, 0..1; 0 where nothing is shared, also between boxes without area."""
    x0, y0, x1, y1 = left
    u0, v0, u1, v1 = right
    # Comparing costs a third of what `min` and `max` do.
    width = (x1 if x1 < u1 else u1) - (x0 if x0 > u0 else u0)  # noqa: FURB136
    if width <= 0:
        return 0.0
    height = (y1 if y1 < v1 else v1) - (y0 if y0 > v0 else v0)  # noqa: FURB136
    if height <= 0:
        return 0.0
    shared = width * height
    # Boxes that share something are not turned inside out.
    return shared / ((x1 - x0) * (y1 - y0) + (u1 - u0) * (v1 - v0) - shared)


def hull(boxes: Sequence[Box]) -> Hull:
    """The smallest box around all; at least one is needed."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return min(x0), min(y0), max(x1), max(y1)


def wider(box: NDArray[np.float32], share: float) -> NDArray[np.float32]:
    """A box (4,) grown by a share of its longer side, all around."""
    room = share * max(box[2] - box[0], box[3] - box[1])
    return box + np.array((-room, -room, room, room), np.float32)


def pairwise_iou(left: NDArray[np.float32], right: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, m) intersection over union of boxes (n, 4) and (m, 4); 0 where both are without area."""
    corner = np.minimum(left[:, None, 2:], right[None, :, 2:]) - np.maximum(left[:, None, :2], right[None, :, :2])
    np.maximum(corner, 0, out=corner)
    shared = corner[..., 0] * corner[..., 1]
    union = _areas(left)[:, None] + _areas(right)[None, :] - shared
    # Without area there is nothing shared either: any positive divisor gives the 0.
    result: NDArray[np.float32] = shared / np.maximum(union, np.finfo(np.float32).tiny)
    return result


def _areas(xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
    areas: NDArray[np.float32] = (xyxy[:, 2] - xyxy[:, 0]) * (xyxy[:, 3] - xyxy[:, 1])
    return areas
