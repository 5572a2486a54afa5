"""How everything in a group moves between two looks: dense optical flow, in heights of a person per second."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

# Luma is compared with its longer side at most so long: people of a tenth of it move by whole pixels.
LONGEST_PX = 320
# Flow is found on a quarter of the pixels across and drawn out: every second one tells as much.
EVERY = 2
# Heights a second from which something moves, and below which a change of direction says little.
MOVING, STILL = 0.15, 0.1

Field = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Motion:
    """Of a look, over a part of the picture, in heights of a person a second but `turning`.

    `speed`: mean; `fast`: 98th percentile. `jerk`, `hard`: 90th and 98th percentile of the change since the last look;
    `turning`: its mean against the sum of both looks' mean speeds, 0..1: low for steady movement.
    """

    speed: float
    fast: float
    jerk: float
    hard: float
    turning: float


class Flow:
    """(h, w, 2) float32 pixels from one luma to the next, without the camera's own: DIS flow, Kroeger et al. 2016."""

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)

    def __call__(self, before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Field:
        flow = self._dis.calc(before, after, None)  # type: ignore[call-overload]  # None: no first guess
        return np.asarray(flow - np.median(flow.reshape(-1, 2), axis=0), np.float32)


class Look:
    """A look's flow and the look before's, both (h, w, 2), to be measured over parts of the picture."""

    def __init__(self, flow: Field, before: Field) -> None:
        flow, before = flow[::EVERY, ::EVERY], before[::EVERY, ::EVERY]
        self.shape = flow.shape[:2]
        self._size, self._size_before = _length(flow), _length(before)
        self._change = _length(flow - before)

    def moving(self, px_per_s: float) -> Mask:
        """`shape`: what moves, now or a look before, and a little around it; `px_per_s`: a height a second."""
        moves = np.maximum(self._size, self._size_before) > MOVING * px_per_s
        return cv2.dilate(moves.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0

    def motion(self, mask: Mask, px_per_s: float) -> Motion:
        """`mask`: `shape`, at least one."""
        size, change = self._size[mask], self._change[mask]
        fast, hard = np.percentile(size, 98), np.percentile(change, 98)
        speed, before, jerk = (float(part.mean()) / px_per_s for part in (size, self._size_before[mask], change))
        high = float(np.percentile(change, 90))
        turning = jerk / (speed + before + STILL)
        return Motion(speed, float(fast) / px_per_s, high / px_per_s, float(hard) / px_per_s, turning)


def small(luma: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """Luma with its longer side at most LONGEST_PX, a copy, and how much smaller it is."""
    height, width = luma.shape
    scale = min(1.0, LONGEST_PX / max(height, width))
    if scale == 1:
        return luma.copy(), scale
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def _length(vectors: Field) -> NDArray[np.float32]:
    return np.asarray(np.hypot(vectors[..., 0], vectors[..., 1]), np.float32)
