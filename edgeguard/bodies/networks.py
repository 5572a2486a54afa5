"""The networks over squares: how a person lies, where their joints are."""

import numpy as np
from numpy.typing import NDArray

from edgeguard.bodies.manifest import PoseSpec, PostureSpec
from edgeguard.boxes import Box
from edgeguard.crops import Square
from edgeguard.errors import ModelError
from edgeguard.networks import ExecutionConfig, Network, NetworkFile, ToTensor
from edgeguard.types import KEYPOINTS

LYING, POSTURES = 0, 3
BOX_ROWS = 5  # cx cy w h score


class PostureNet:
    """How a person holds themselves. Raises ModelError for a file that does not fit its description."""

    def __init__(self, spec: PostureSpec, execution: ExecutionConfig) -> None:
        self.spec = spec
        self._network, self._tensor = _open(spec, execution, (1, POSTURES))

    def lying(self, bgr: NDArray[np.uint8], box: Box) -> float:
        """Probability 0..1 that the person in `box` (xyxy, pixels of (h, w, 3) uint8) lies on the floor."""
        crop = Square.around((box,), self.spec.crop).cut(bgr, self.spec.input.size[0])
        logits = self._network.run(self._tensor(crop))[0].astype(np.float64)
        weights = np.exp(logits - logits.max())
        return float(weights[LYING] / weights.sum())


class PoseNet:
    """Where a person's joints are. Raises ModelError likewise."""

    def __init__(self, spec: PoseSpec, execution: ExecutionConfig) -> None:
        self.spec = spec
        self._network, self._tensor = _open(spec, execution, (1, BOX_ROWS + 3 * KEYPOINTS, -1))

    def keypoints(self, bgr: NDArray[np.uint8], box: Box) -> NDArray[np.float32]:
        """(17, 3) float32: x, y in pixels of (h, w, 3) uint8, confidence; all 0 where it sees nobody."""
        size = self.spec.input.size[0]
        square = Square.around((box,), self.spec.crop)
        found = self._network.run(self._tensor(square.cut(bgr, size)))[0]
        # Of those in the square the one that the box is about is surest: it is whole and in the middle.
        best = found[BOX_ROWS:, found[4].argmax()].reshape(KEYPOINTS, 3)
        return np.column_stack([square.to_picture(best[:, :2], size), best[:, 2]]).astype(np.float32)


def _open(spec: NetworkFile, execution: ExecutionConfig, shape: tuple[int, ...]) -> tuple[Network, ToTensor]:
    """Load it and run it once, so that the first person is not the slow one. `shape` of the output, -1: any."""
    network, tensor = Network(spec, execution), ToTensor(spec.input)
    output = network.run(tensor(np.zeros((*spec.input.size, 3), np.uint8)))
    fits = output.ndim == len(shape) and all(a in {-1, met} for met, a in zip(output.shape, shape, strict=True))
    if not fits:
        raise ModelError(f"{spec.path}: output is {list(output.shape)}, accepted: {list(shape)}, -1 for any")
    return network, tensor
