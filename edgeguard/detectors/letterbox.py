"""Picture -> the network's input tensor, at the cost of one scaling and three multiplications."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.detectors.manifest import InputSpec
from edgeguard.types import Picture

GREY = 114  # the border colour that YOLO networks are trained with


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where a picture of `frame` pixels lies in the network's input; sizes are (height, width)."""

    frame: tuple[int, int]
    inner: tuple[int, int]
    left: int
    top: int

    def to_frame(self, xyxy: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, 4) boxes in network pixels -> the picture's pixels, clipped to it."""
        height, width = self.frame
        per_x, per_y = width / self.inner[1], height / self.inner[0]
        shift = np.array((self.left, self.top, self.left, self.top), np.float32)
        boxes = (xyxy - shift) * np.array((per_x, per_y, per_x, per_y), np.float32)
        return np.clip(boxes, 0, np.array((width, height, width, height), np.float32), out=boxes)


def fit(frame: tuple[int, int], size: tuple[int, int], *, centred: bool) -> Letterbox:
    """The largest placement of `frame` in `size`, both (height, width), that keeps the aspect."""
    ratio = min(size[0] / frame[0], size[1] / frame[1])
    inner = (max(1, round(frame[0] * ratio)), max(1, round(frame[1] * ratio)))
    if not centred:
        return Letterbox(frame, inner, 0, 0)
    # The odd pixel goes to the right and the bottom, as in training.
    return Letterbox(frame, inner, (size[1] - inner[1]) // 2, (size[0] - inner[0]) // 2)


class Preprocessor:
    """Owns one input tensor and writes into it again and again; not for two threads at once."""

    def __init__(self, spec: InputSpec, *, centred: bool) -> None:
        self._size = spec.size
        self._centred = centred
        self._source = (2, 1, 0) if spec.color == "rgb" else (0, 1, 2)
        self._gain = [np.float32(spec.scale / std) for std in spec.std]
        self._offset = [np.float32(-mean / std) for mean, std in zip(spec.mean, spec.std, strict=True)]
        self.tensor: NDArray[np.float32] = np.empty((1, 3, *spec.size), np.float32)
        self._letterbox: Letterbox | None = None
        self._planes: list[NDArray[np.uint8]] = []
        self._paint_border()

    def load(self, picture: Picture) -> Letterbox:
        """Fill `tensor` ((1, 3, H, W) float32) with the picture; the border stays from the last one of that size."""
        box = self._place((picture.height, picture.width))
        height, width = box.inner
        cv2.split(picture.bgr(width, height), self._planes)
        inside = self.tensor[0, :, box.top : box.top + height, box.left : box.left + width]
        for channel, source in enumerate(self._source):
            np.multiply(self._planes[source], self._gain[channel], out=inside[channel])
            if self._offset[channel]:
                inside[channel] += self._offset[channel]
        return box

    def _place(self, frame: tuple[int, int]) -> Letterbox:
        box = self._letterbox
        if box is None or box.frame != frame:
            box = self._letterbox = fit(frame, self._size, centred=self._centred)
            self._planes = [np.empty(box.inner, np.uint8) for _ in range(3)]
            self._paint_border()
        return box

    def _paint_border(self) -> None:
        for channel in range(3):
            self.tensor[0, channel] = GREY * self._gain[channel] + self._offset[channel]
