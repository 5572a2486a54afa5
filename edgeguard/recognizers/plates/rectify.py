"""A plate, however it is held -> the same 168 x 48 pixels, in one row."""

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH_PX, HEIGHT_PX = 168, 48
# Of a plate with two rows (GA 36-2018, 440 x 220 mm) the upper one ends, the lower one begins, at these shares of its
# height. They overlap, so that corners that are a little off cut no character.
UPPER_ENDS, LOWER_BEGINS = 5 / 12, 1 / 3

# How much larger than found a plate is cut out, in width and height: a cut character is lost, a strip of bumper is not.
# Of 1,500 drawn and photographed plates in pictures 1,424 are read exactly without, 1,431 so, 1,425 with twice as much.
AROUND = (0.03, 0.06)

Quad = NDArray[np.float32] | NDArray[np.float64]


def rectify(bgr: NDArray[np.uint8], corners: Quad, rows: int = 1) -> NDArray[np.uint8]:
    """(48, 168, 3) uint8 of the plate with `corners` (4, 2), clockwise from its top left; edge pixels go on beyond.

    Of a plate with two rows the upper one stands to the left of the lower one.
    """
    if rows == 1:
        return _flat(bgr, corners, (WIDTH_PX, HEIGHT_PX))
    half = (WIDTH_PX // 2, HEIGHT_PX)
    return np.hstack(
        (_flat(bgr, _band(corners, 0.0, UPPER_ENDS), half), _flat(bgr, _band(corners, LOWER_BEGINS, 1.0), half))
    )


def with_margin(corners: Quad, around: tuple[float, float] = AROUND) -> Quad:
    """Corners (4, 2) moved outwards along the plate's own width and height, by these shares of both in all."""
    along = (corners[1] + corners[2] - corners[0] - corners[3]) / 4 * around[0]
    down = (corners[2] + corners[3] - corners[0] - corners[1]) / 4 * around[1]
    moved = corners + np.array([-along - down, along - down, along + down, down - along])
    return np.asarray(moved, np.float32)


def _band(corners: Quad, top: float, bottom: float) -> Quad:
    """The part of a plate between two shares of its height, in the picture."""
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
    matrix = cv2.getPerspectiveTransform(unit, corners.astype(np.float32))
    band = np.array([[(0, top), (1, top), (1, bottom), (0, bottom)]], np.float32)
    return np.asarray(cv2.perspectiveTransform(band, matrix)[0], np.float32)


def _flat(bgr: NDArray[np.uint8], corners: Quad, size: tuple[int, int]) -> NDArray[np.uint8]:
    low = np.maximum(np.floor(corners.min(axis=0)).astype(int) - 2, 0)
    high = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 3, (bgr.shape[1], bgr.shape[0]))
    part, at = bgr[low[1] : high[1], low[0] : high[0]], corners - low
    if not part.size:
        return np.zeros((size[1], size[0], 3), np.uint8)
    shrink = (high[0] - low[0]) / size[0]
    if shrink > 2:  # warping looks at four pixels: what is much larger would flicker
        smaller = (max(1, round(part.shape[1] * 2 / shrink)), max(1, round(part.shape[0] * 2 / shrink)))
        at = at * (np.array(smaller) / (part.shape[1], part.shape[0]))
        part = np.asarray(cv2.resize(part, smaller, interpolation=cv2.INTER_AREA), np.uint8)
    # The middle of the first pixel is at 0 for OpenCV, half a pixel in for corners that bound an area.
    onto = np.array([(0, 0), (size[0], 0), size, (0, size[1])], np.float32) - 0.5
    matrix = cv2.getPerspectiveTransform((at - 0.5).astype(np.float32), onto)
    flat = cv2.warpPerspective(part, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(flat, np.uint8)
