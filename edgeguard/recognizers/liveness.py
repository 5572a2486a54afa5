"""A person, or a picture of one? From single colour frames: deters paper and telephones, no more.

MiniFASNet: github.com/minivision-ai/Silent-Face-Anti-Spoofing. Each of its networks sees the face with another amount
of what is around it (an edge of paper, the frame of a screen); their probabilities are averaged.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.boxes import Box
from edgeguard.errors import ConfigError, ModelError
from edgeguard.networks import ExecutionConfig, Network, ToTensor
from edgeguard.recognizers.manifest import LivenessSpec


class Liveness:
    """All the networks given, asked together. Not for two threads at once. Raises ModelError, ConfigError."""

    def __init__(self, specs: Sequence[LivenessSpec], execution: ExecutionConfig | None = None) -> None:
        if not specs:
            raise ConfigError("no liveness model, accepted: at least one")
        self.specs = tuple(specs)
        # The strictest of them: who is told to be wary, is.
        self.threshold = max(spec.threshold for spec in specs)
        self._networks = [_Part(spec, execution or ExecutionConfig()) for spec in specs]

    def probability(self, bgr: NDArray[np.uint8], box: Box) -> float:
        """That the face in `box` (xyxy, pixels of (h, w, 3) uint8) is a live one, 0..1."""
        return sum(part.probability(bgr, box) for part in self._networks) / len(self._networks)


class _Part:
    def __init__(self, spec: LivenessSpec, execution: ExecutionConfig) -> None:
        self._spec = spec
        self._network = Network(spec, execution)
        self._tensor = ToTensor(spec.input)
        output = self._network.run(self._tensor(np.zeros((*spec.input.size, 3), np.uint8)))
        if output.shape != (1, spec.classes):
            accepted = f"[1, {spec.classes}] for so many classes"
            raise ModelError(f"{spec.path}: output is {list(output.shape)}, accepted: {accepted}")

    def probability(self, bgr: NDArray[np.uint8], box: Box) -> float:
        left, top, right, bottom = around(box, self._spec.crop, (bgr.shape[1], bgr.shape[0]))
        height, width = self._spec.input.size
        crop = cv2.resize(bgr[top:bottom, left:right], (width, height))
        logits = self._network.run(self._tensor(np.asarray(crop, np.uint8)))[0]
        weights = np.exp(logits - logits.max())
        return float(weights[self._spec.real_class] / weights.sum())


def around(box: Box, scale: float, picture: tuple[int, int]) -> tuple[int, int, int, int]:
    """The box `scale` times as large about its centre, moved into the picture of (width, height) where it reaches out.

    Where the picture is too small for that, as large as it allows with the aspect kept. After `_get_new_box` of the
    networks' authors (src/generate_patches.py), with right and bottom exclusive.
    """
    limits = picture
    sizes = (max(box[2] - box[0], 1.0), max(box[3] - box[1], 1.0))
    scale = min(scale, *((limit - 1) / size for limit, size in zip(limits, sizes, strict=True)))
    low, high = [0, 0], [0, 0]
    for axis in range(2):
        size = sizes[axis] * scale
        centre = (box[axis] + box[axis + 2]) / 2
        start = min(max(centre - size / 2, 0.0), limits[axis] - 1 - size)
        low[axis] = int(max(start, 0.0))
        high[axis] = min(int(max(start, 0.0) + size) + 1, limits[axis])
    return low[0], low[1], high[0], high[1]
