"""Squares cut out of a picture for a network: averaged where they are made smaller, grey where the picture ends."""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.boxes import Box, hull

GREY = 114  # the border that YOLO networks, from which these begin, are trained with


@dataclass(frozen=True, slots=True)
class Square:
    """A square part of a picture, in whole pixels; it may reach beyond the picture."""

    left: int
    top: int
    side: int

    @classmethod
    def around(cls, boxes: Sequence[Box], scale: float) -> "Square":
        """The smallest around all boxes (at least one), `scale` times as large."""
        x0, y0, x1, y1 = hull(boxes)
        side = scale * max(x1 - x0, y1 - y0, 1.0)
        return cls(round((x0 + x1 - side) / 2), round((y0 + y1 - side) / 2), max(1, round(side)))

    def cut(self, pixels: NDArray[np.uint8], size_px: int) -> NDArray[np.uint8]:
        """(size_px, size_px) or (size_px, size_px, 3) uint8 out of (h, w) or (h, w, 3)."""
        how = cv2.INTER_AREA if self.side > size_px else cv2.INTER_LINEAR
        return np.asarray(cv2.resize(self._whole(pixels), (size_px, size_px), interpolation=how), np.uint8)

    def to_picture(self, points: NDArray[np.float32], size_px: int) -> NDArray[np.float32]:
        """Points (n, 2) of the cut square of `size_px` pixels -> pixels of the picture."""
        corner = np.array([self.left, self.top], np.float32)
        return np.asarray(points * np.float32(self.side / size_px) + corner, np.float32)

    def _whole(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """The square's own pixels; a view where it lies inside the picture."""
        height, width = pixels.shape[:2]
        right, bottom = self.left + self.side, self.top + self.side
        inside = pixels[max(self.top, 0) : max(bottom, 0), max(self.left, 0) : max(right, 0)]
        if self.left >= 0 and self.top >= 0 and right <= width and bottom <= height:
            return inside
        whole = np.full((self.side, self.side, *pixels.shape[2:]), GREY, np.uint8)
        top, left = (min(max(-edge, 0), self.side) for edge in (self.top, self.left))
        whole[top : top + inside.shape[0], left : left + inside.shape[1]] = inside
        return whole
