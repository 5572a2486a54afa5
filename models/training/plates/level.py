"""Photographed plates out of the upright boxes that hold them.

CCPD's crops are upright boxes around plates that a camera saw turned: their ends stand upright, their upper and lower
edges slope. Pasted as they are, two triangles of bumper would stick to each plate.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]

SLOPES = np.linspace(-0.36, 0.36, 37)
"""Down over along."""

ENDS = 1 / 12
"""Of the width, at each end: not asked, where the frame ends and screws are."""

KEPT = 0.9
"""Of what the slope cuts off: rather a little of the bumper than none of the rim."""


def levelled(crop: Image) -> Image:
    """The plate (h', w, 3) of an upright box (h, w, 3), its edges level."""
    slope = slope_of(crop)
    spare = int(KEPT * abs(slope) * crop.shape[1] / 2)
    return np.asarray(_sheared(crop, slope)[spare : crop.shape[0] - spare], np.uint8)


def slope_of(crop: Image) -> float:
    """The slope along which rows differ most: where rim, characters and bumper lie each in rows of their own."""
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY).astype(np.float32)
    end = int(ENDS * grey.shape[1])
    rows = [_sheared(grey, slope)[:, end : grey.shape[1] - end].mean(axis=1) for slope in SLOPES]
    return float(SLOPES[int(np.argmax([np.square(np.diff(row)).sum() for row in rows]))])


def _sheared(picture: NDArray[np.generic], slope: float) -> NDArray[np.generic]:
    height, width = picture.shape[:2]
    matrix = np.array([[1, 0, 0], [-slope, 1, slope * width / 2]])
    return np.asarray(cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE))
