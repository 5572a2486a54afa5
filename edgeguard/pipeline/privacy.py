"""Heads, and at gates faces and plates, are made unrecognisable in what leaves the box."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.boxes import wider
from edgeguard.types import Shown

# A standing person's box is about 1.5 times and more as tall as wide: head and shoulders are its upper third.
STANDING = 1.5
STANDING_SHARE = 0.35
# Seen from above, sitting or cut off by the picture's edge the box is squarer and the head lies deeper in it.
SQUARE_SHARE = 0.6
MOST_SHARE = 0.7
# A detector's box is a few percent off.
MARGIN = 0.1
# Cells per side that are left of a head: no face can be told, or brought back, from so few means.
CELLS = 4
# A face's box ends at chin and forehead; a plate's corners are some percent off, and its car moves on.
AROUND_FACE, AROUND_PLATE = 0.4, 0.15

NOTHING = np.zeros((0, 4), np.float32)


def blur_heads(bgr: NDArray[np.uint8], people: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return a copy of (h, w, 3) uint8 with the upper part of each person pixelated beyond recognition.

    `people`: xyxy (n, 4) in pixels of `bgr`. The pixels are replaced by means of large cells: nothing undoes it.
    """
    return _pixelated(bgr, [_head(box, bgr.shape[1], bgr.shape[0]) for box in people])


def cover_up(bgr: NDArray[np.uint8], boxes: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return a copy of (h, w, 3) uint8 in which nothing can be told in the boxes, xyxy (n, 4) in its pixels."""
    height, width = bgr.shape[:2]
    low = np.clip(np.floor(boxes[:, :2]), 0, (width, height)).astype(int)
    high = np.clip(np.ceil(boxes[:, 2:]), 0, (width, height)).astype(int)
    return _pixelated(bgr, [(int(a[0]), int(a[1]), int(b[0]), int(b[1])) for a, b in zip(low, high, strict=True)])


def covered(shown: Shown | None, *, faces: bool, plates: bool) -> NDArray[np.float32]:
    """What of a gate must not be seen, with what is around it: xyxy (n, 4) float32 in the frame's pixels."""
    if shown is None:
        return NOTHING
    found = [wider(box, AROUND_FACE) for box in shown.heads] if faces else []
    found += [wider(np.array(plate.box, np.float32), AROUND_PLATE) for plate in shown.plates] if plates else []
    return np.array(found, np.float32).reshape(-1, 4)


def _pixelated(bgr: NDArray[np.uint8], boxes: list[tuple[int, int, int, int]]) -> NDArray[np.uint8]:
    blurred = bgr.copy()
    for x0, y0, x1, y1 in boxes:
        if x1 > x0 and y1 > y0:
            # Cut from the original: overlapping heads are each taken from clear pixels, both end up as means.
            cells = cv2.resize(bgr[y0:y1, x0:x1], (CELLS, CELLS), interpolation=cv2.INTER_AREA)
            blurred[y0:y1, x0:x1] = cv2.resize(cells, (x1 - x0, y1 - y0), interpolation=cv2.INTER_LINEAR)
    return blurred


def _head(box: NDArray[np.float32], width_px: int, height_px: int) -> tuple[int, int, int, int]:
    """The upper part of a person's box with its margin, inside the picture."""
    x0, y0, x1, y1 = (float(side) for side in box)
    width, height = x1 - x0, y1 - y0
    if width <= 0 or height <= 0:
        return 0, 0, 0, 0
    slope = (SQUARE_SHARE - STANDING_SHARE) / (STANDING - 1)
    share = min(max(STANDING_SHARE + slope * (STANDING - height / width), STANDING_SHARE), MOST_SHARE)
    return (
        max(int(x0 - MARGIN * width), 0),
        max(int(y0 - MARGIN * height), 0),
        min(round(x1 + MARGIN * width), width_px),
        min(round(y0 + share * height), height_px),
    )
