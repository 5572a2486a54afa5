"""Aligned face -> template: a direction, from which the face cannot be seen again but the person be told."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edgeguard.errors import ModelError
from edgeguard.networks import ExecutionConfig, Network, ToTensor
from edgeguard.recognizers.align import SIDE_PX, align
from edgeguard.recognizers.manifest import TemplateSpec


@dataclass(frozen=True, slots=True, eq=False)
class Template:
    """`vector` (d,) float32 of length 1, read-only; `model`: sha256 of the network; no other's compares with it.

    It says what model it is of and nothing else: a template is biometric data and has no business in a log.
    """

    vector: NDArray[np.float32] = field(repr=False)
    model: str

    def __post_init__(self) -> None:
        if self.vector.ndim != 1 or self.vector.dtype != np.float32:
            raise ValueError(f"vector must be (d,) float32, but got {self.vector.shape} {self.vector.dtype}")

    def similarity(self, other: "Template") -> float:
        """Cosine, -1..1. Raises ModelError where the other is of another model."""
        if other.model != self.model:
            raise ModelError(f"templates of two models ({self.model:.12}, {other.model:.12}), accepted: of the same")
        return float(self.vector @ other.vector)


class TemplateMaker:
    """A face model of a description. Not for two threads at once.

    Loading verifies the file, checks input and output against the description and runs the network once.
    Raises ModelError, and ConfigError for a provider that is not there.
    """

    def __init__(self, spec: TemplateSpec, execution: ExecutionConfig | None = None) -> None:
        self.spec = spec
        self._network = Network(spec, execution or ExecutionConfig())
        self._tensor = ToTensor(spec.input)
        output = self._network.run(self._tensor(np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)))
        if output.shape != (1, spec.dimensions) or output.dtype != np.float32:
            accepted = f"float32 [1, {spec.dimensions}]"
            raise ModelError(f"{spec.path}: output is {output.dtype} {list(output.shape)}, accepted: {accepted}")

    def make(self, bgr: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> Template:
        """Of the face with these landmarks (5, 2) in (h, w, 3) uint8."""
        return self.make_of_aligned(align(bgr, landmarks))

    def make_of_aligned(self, bgr: NDArray[np.uint8]) -> Template:
        """Of (112, 112, 3) uint8, aligned already. Raises ModelError where the network gives no direction."""
        output = self._network.run(self._tensor(bgr))[0]
        length = float(np.linalg.norm(output))
        if not np.isfinite(length) or length == 0:
            raise ModelError(f"{self.spec.path}: a template of length {length}, accepted: a finite one above 0")
        vector = output / np.float32(length)
        vector.flags.writeable = False
        return Template(vector, self.spec.sha256)
