"""Square cuts out of a picture around a box, as networks that look at one object want them."""

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.boxes import Box

GREY = 114  # of what lies beyond the picture: the colour that YOLO networks know as border

Image = NDArray[np.uint8]


def square_around(box: Box, context: float) -> tuple[float, float, float]:
    """Middle x, middle y and side of the square around a box, `context` times its longer side."""
    x0, y0, x1, y1 = box
    return (x0 + x1) / 2, (y0 + y1) / 2, context * max(x1 - x0, y1 - y0)


def cut_square(image: Image, square: tuple[float, float, float], size_px: int) -> Image:
    """(size_px, size_px, 3) of a square in (h, w, 3), to the nearest pixel; grey where it leaves the picture."""
    x, y, wanted = square
    side = max(1, round(wanted))
    left, top = round(x - wanted / 2), round(y - wanted / 2)
    height, width = image.shape[:2]
    inside = image[max(top, 0) : max(top + side, 0), max(left, 0) : max(left + side, 0)]
    missing = max(-top, 0), max(top + side - height, 0), max(-left, 0), max(left + side - width, 0)
    if any(missing):
        # A square that lies wholly outside has nothing inside: it is border alone.
        top_px, _, left_px, _ = (min(edge, side) for edge in missing)
        whole = np.full((side, side, image.shape[2]), GREY, np.uint8)
        whole[top_px : top_px + inside.shape[0], left_px : left_px + inside.shape[1]] = inside
        inside = whole
    shrinks = side > size_px
    return cv2.resize(inside, (size_px, size_px), interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR).astype(
        np.uint8
    )
