"""Picture -> the network's input tensor, at the cost of one scaling and three table look-ups."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.boxes import Box
from edgeguard.networks import STEP, InputSpec
from edgeguard.types import Picture

GREY = 114  # the border colour that YOLO networks are trained with
# Cameras that share a detector have few sizes; each keeps a tensor with its border painted.
PLACES_KEPT = 4


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where a picture of `frame` pixels lies in the network's input of `canvas`; sizes are (height, width)."""

    frame: tuple[int, int]
    inner: tuple[int, int]
    left: int
    top: int
    canvas: tuple[int, int]

    def to_frame(self, box: Box) -> tuple[float, float, float, float]:
        """Network pixels -> the picture's pixels, clipped to it."""
        height, width = self.frame
        per_x, per_y = width / self.inner[1], height / self.inner[0]
        x0, y0, x1, y1 = box
        return (
            min(max((x0 - self.left) * per_x, 0.0), width),
            min(max((y0 - self.top) * per_y, 0.0), height),
            min(max((x1 - self.left) * per_x, 0.0), width),
            min(max((y1 - self.top) * per_y, 0.0), height),
        )


def fit(frame: tuple[int, int], size: tuple[int, int], *, centred: bool, dynamic: bool = False) -> Letterbox:
    """The largest placement of `frame` in `size`, both (height, width), that keeps the aspect.

    `dynamic`: on the smallest canvas of whole steps that holds it.
    """
    ratio = min(size[0] / frame[0], size[1] / frame[1])
    inner = (max(1, round(frame[0] * ratio)), max(1, round(frame[1] * ratio)))
    canvas = (_whole_steps(inner[0]), _whole_steps(inner[1])) if dynamic else size
    if not centred:
        return Letterbox(frame, inner, 0, 0, canvas)
    # The odd pixel goes to the right and the bottom, as in training.
    return Letterbox(frame, inner, (canvas[1] - inner[1]) // 2, (canvas[0] - inner[0]) // 2, canvas)


def _whole_steps(pixels: int) -> int:
    return -(-pixels // STEP) * STEP


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """One size of pictures: the tensor with its border, the views of it that a picture fills, room for its colours."""

    box: Letterbox
    tensor: NDArray[np.float32]
    inside: tuple[NDArray[np.float32], ...]
    planes: list[NDArray[np.uint8]]


class Preprocessor:
    """Owns its input tensors and writes into them again and again; not for two threads at once."""

    def __init__(self, spec: InputSpec, *, centred: bool) -> None:
        self._spec = spec
        self._centred = centred
        self._source = (2, 1, 0) if spec.color == "rgb" else (0, 1, 2)
        self._tables = spec.tables()
        self._places: dict[tuple[int, int], _Place] = {}
        self.tensor: NDArray[np.float32] = self._new_tensor(spec.size)  # until the first picture: nothing but border

    def load(self, picture: Picture) -> Letterbox:
        """Make `tensor` ((1, 3, H, W) float32) the picture's; its border is there from the last one of that size."""
        place = self._place((picture.height, picture.width))
        height, width = place.box.inner
        cv2.split(picture.bgr(width, height), place.planes)
        for inside, source, table in zip(place.inside, self._source, self._tables, strict=True):
            # Half the time of multiplying, because nothing is converted on the way.
            cv2.LUT(place.planes[source], table, inside)
        self.tensor = place.tensor
        return place.box

    def _place(self, frame: tuple[int, int]) -> _Place:
        place = self._places.get(frame)
        if place is None:
            if len(self._places) >= PLACES_KEPT:
                self._places.pop(next(iter(self._places)))
            place = self._places[frame] = self._new_place(frame)
        return place

    def _new_place(self, frame: tuple[int, int]) -> _Place:
        box = fit(frame, self._spec.size, centred=self._centred, dynamic=self._spec.dynamic)
        tensor = self._new_tensor(box.canvas)
        rows, columns = slice(box.top, box.top + box.inner[0]), slice(box.left, box.left + box.inner[1])
        inside = tuple(tensor[0, channel, rows, columns] for channel in range(3))
        return _Place(box, tensor, inside, [np.empty(box.inner, np.uint8) for _ in range(3)])

    def _new_tensor(self, canvas: tuple[int, int]) -> NDArray[np.float32]:
        border = np.array([table[GREY] for table in self._tables], np.float32)
        return np.ascontiguousarray(np.broadcast_to(border[:, None, None], (1, 3, *canvas)))
