"""Heads are made unrecognisable in what leaves the box."""

import cv2
import numpy as np
from numpy.typing import NDArray

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


def blur_heads(bgr: NDArray[np.uint8], people: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Return a copy of (h, w, 3) uint8 with the upper part of each person pixelated beyond recognition.

    `people`: xyxy (n, 4) in pixels of `bgr`. The pixels are replaced by means of large cells: nothing undoes it.
    """
    blurred = bgr.copy()
    for box in people:
        x0, y0, x1, y1 = _head(box, bgr.shape[1], bgr.shape[0])
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
