"""How what a network sees of people changes from look to look: told apart from movement, what a fight is judged by."""

import math
from collections import deque
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgeguard.bodies.manifest import FightSpec
from edgeguard.boxes import Box, Hull, hull
from edgeguard.errors import ModelError
from edgeguard.networks import STEP, ExecutionConfig, Network, ToTensor
from edgeguard.types import Picture

# Keeps the logarithm of no change finite.
LEAST = 0.02

Channels = NDArray[np.float32]


class Changes:
    """Of one camera: remembers what it saw of people in the last `window_s`.

    Raises ModelError for a file that does not fit its description.
    """

    def __init__(self, spec: FightSpec, execution: ExecutionConfig) -> None:
        self._network, self._tensor = Network(spec, execution), ToTensor(spec.input)
        self._longest_px, self._window_s = max(spec.input.size), spec.window_s
        self._last: Channels | None = None
        self._steps: deque[tuple[float, Channels]] = deque()
        met = self._network.run(self._tensor(np.zeros((*spec.input.size, 3), np.uint8))).shape
        if met[:2] != (1, len(spec.changes)):
            raise ModelError(f"{spec.path}: output is {list(met)}, accepted: {[1, len(spec.changes)]} and any cells")

    def forget(self) -> None:
        self._last = None
        self._steps.clear()

    def take(self, picture: Picture, people: Sequence[Box], now_s: float) -> None:
        """A look at all `people` together, at the whole picture where there are none."""
        width, height = canvas(picture.width, picture.height, self._longest_px)
        cells = self._network.run(self._tensor(picture.bgr(width, height)))[0]
        seen = part(cells, around(people, picture), (picture.width, picture.height)).mean(axis=(1, 2))
        while self._steps and self._steps[0][0] < now_s - self._window_s:
            self._steps.popleft()
        if self._last is not None:
            self._steps.append((now_s, np.abs(seen - self._last)))
        self._last = seen

    def logarithms(self) -> NDArray[np.float64]:
        """(channels,): of the mean change of each; there must have been two looks."""
        return np.log(LEAST + np.mean([step for _, step in self._steps], axis=0, dtype=np.float64))


def around(people: Sequence[Box], picture: Picture) -> Hull:
    """The smallest box around all; the whole picture where there are none."""
    return hull(people) if people else (0.0, 0.0, float(picture.width), float(picture.height))


def canvas(width: int, height: int, longest_px: int) -> tuple[int, int]:
    """(width, height) in multiples of STEP, nearest to the picture's shape."""
    scale = longest_px / max(width, height) / STEP
    return max(1, round(width * scale)) * STEP, max(1, round(height * scale)) * STEP


def part(cells: Channels, box: Box, size: Sequence[float]) -> Channels:
    """Of (channels, rows, columns) those that `box` touches, at least one; `size` (width, height) in the box's unit."""
    rows, columns = cells.shape[1:]
    left, right = _span(box[0] / size[0], box[2] / size[0], columns)
    top, bottom = _span(box[1] / size[1], box[3] / size[1], rows)
    return cells[:, top:bottom, left:right]


def _span(low: float, high: float, count: int) -> tuple[int, int]:
    """From two shares 0..1 of `count` cells, what they touch."""
    first = min(max(int(low * count), 0), count - 1)
    return first, min(max(math.ceil(high * count), first + 1), count)
