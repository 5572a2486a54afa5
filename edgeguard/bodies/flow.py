"""How everything in a group moves between two looks: dense optical flow, in heights of a person per second."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

# Luma is compared with its longer side at most so long: people of a tenth of it move by whole pixels.
LONGEST_PX = 320
DIRECTIONS = 8

Field = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Motion:
    """Of a look: `speed`, mean over the group; `disorder`, entropy of its directions in nats.

    `jerk`: how much the fastest tenth changed since the look before; all but the entropy in heights a second.
    """

    at_s: float
    speed: float
    disorder: float
    jerk: float


class Flow:
    """(h, w, 2) float32 pixels from one luma to the next, without the camera's own: DIS flow, Kroeger et al. 2016."""

    def __init__(self) -> None:
        self._dis = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)

    def __call__(self, before: NDArray[np.uint8], after: NDArray[np.uint8]) -> Field:
        flow = self._dis.calc(before, after, None)  # type: ignore[call-overload]  # None: no first guess
        return np.asarray(flow - np.median(flow.reshape(-1, 2), axis=0), np.float32)


def motion(at_s: float, flow: Field, before: Field, mask: Mask, px_per_s: float) -> Motion:
    """`flow` and the look `before`'s; `mask` (h, w) of the group, at least one; `px_per_s`: a height a second."""
    steps = flow[mask]
    size = np.hypot(steps[:, 0], steps[:, 1])
    jerk = np.hypot(*(steps - before[mask]).T)
    return Motion(at_s, float(size.mean()) / px_per_s, _entropy(steps, size), float(np.percentile(jerk, 90)) / px_per_s)


def small(luma: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], float]:
    """Luma with its longer side at most LONGEST_PX, a copy, and how much smaller it is."""
    height, width = luma.shape
    scale = min(1.0, LONGEST_PX / max(height, width))
    if scale == 1:
        return luma.copy(), scale
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def _entropy(steps: Field, size: NDArray[np.float32]) -> float:
    angle = np.arctan2(steps[:, 1], steps[:, 0])
    share = np.histogram(angle, DIRECTIONS, (-np.pi, np.pi), weights=size)[0] + 1e-6
    share = share / share.sum()
    return float(-(share * np.log(share)).sum())
