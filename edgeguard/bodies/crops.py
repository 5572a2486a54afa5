"""Squares cut out of a picture for a network: as sharp as the picture has them, grey where it ends."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.boxes import Box

GREY = 114  # the border that YOLO networks, from which these begin, are trained with


@dataclass(frozen=True, slots=True)
class Square:
    """A square part of a picture: its middle and side in pixels."""

    x: float
    y: float
    side: float

    @classmethod
    def around(cls, boxes: Sequence[Box], scale: float) -> "Square":
        """The smallest around all boxes (at least one), `scale` times as large."""
        x0, y0 = min(box[0] for box in boxes), min(box[1] for box in boxes)
        x1, y1 = max(box[2] for box in boxes), max(box[3] for box in boxes)
        return cls((x0 + x1) / 2, (y0 + y1) / 2, max(x1 - x0, y1 - y0, 1.0) * scale)

    def cut(self, pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
        """(size, size) or (size, size, 3) uint8 out of (h, w) or (h, w, 3)."""
        scale = size / self.side
        matrix = np.array([[scale, 0, size / 2 - scale * self.x], [0, scale, size / 2 - scale * self.y]], np.float32)
        return np.asarray(cv2.warpAffine(pixels, matrix, (size, size), borderValue=(GREY, GREY, GREY)), np.uint8)

    def to_picture(self, points: NDArray[np.float32], size: int) -> NDArray[np.float32]:
        """Points (n, 2) of the cut square of `size` pixels -> pixels of the picture."""
        corner = np.array([self.x - self.side / 2, self.y - self.side / 2], np.float32)
        return np.asarray(points * np.float32(self.side / size) + corner, np.float32)
