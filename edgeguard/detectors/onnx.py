"""Any YOLO-like network as a Detector."""

from functools import partial
from queue import SimpleQueue

import numpy as np
from numpy.typing import NDArray

from edgeguard.detectors.heads import Found, Head, make_head
from edgeguard.detectors.letterbox import Letterbox, Preprocessor
from edgeguard.detectors.manifest import ModelSpec
from edgeguard.errors import ModelError
from edgeguard.networks import ExecutionConfig, Network
from edgeguard.types import Detections, Picture


class _Lane:
    """What one thread needs for itself: a session and an input tensor."""

    def __init__(self, spec: ModelSpec, execution: ExecutionConfig) -> None:
        self.network = Network(spec, execution)
        self.preprocessor = Preprocessor(spec.input, centred=spec.head != "yolox")


class Heads:
    """How to read a network's output for each size of its input."""

    def __init__(self, spec: ModelSpec) -> None:
        self._spec = spec
        self._known: dict[tuple[int, int], Head] = {}

    def of(self, canvas: tuple[int, int]) -> Head:
        """`canvas`: (height, width) of the input."""
        head = self._known.get(canvas)
        if head is None:
            head = self._known[canvas] = make_head(self._spec.head, canvas, len(self._spec.labels))
        return head


class OnnxDetector:
    """A model of the manifest; any number of threads may call `detect`, `execution.sessions` of them at a time.

    Loading checks the file's sha256, its input and its output against the manifest and runs the network once, so the
    first picture is not the slow one. `score_floor` replaces every label's `low` threshold (for precision-recall
    curves).
    Raises ConfigError for a provider that is not there, ModelError for a file that does not fit.
    """

    def __init__(
        self, spec: ModelSpec, execution: ExecutionConfig | None = None, *, score_floor: float | None = None
    ) -> None:
        execution = execution or ExecutionConfig()
        self.spec = spec
        self.labels: tuple[str, ...] = spec.labels
        self._heads = Heads(spec)
        self._lows = spec.lows().tolist() if score_floor is None else [score_floor] * len(spec.labels)
        self._lowest = min(self._lows)
        self._idle: SimpleQueue[_Lane] = SimpleQueue()
        for _ in range(execution.sessions or 1):
            lane = _Lane(spec, execution)
            self._check_output(lane.network.run(lane.preprocessor.tensor))
            self._idle.put(lane)

    def detect(self, picture: Picture) -> Detections:
        """Objects at or above their label's `low`, strongest first, in the picture's pixels and inside it."""
        lane = self._idle.get()
        try:
            letterbox = lane.preprocessor.load(picture)
            output = lane.network.run(lane.preprocessor.tensor)
        finally:
            self._idle.put(lane)
        return self.read(output, letterbox)

    def read(self, output: NDArray[np.float32], letterbox: Letterbox) -> Detections:
        """What the network said of a picture that was placed so."""
        found = self._heads.of(letterbox.canvas).decode(output[0], self._lowest)
        rows = [row for row in map(partial(self._placed, letterbox), found) if row is not None]
        if not rows:
            return Detections.empty()
        table = np.array(rows, np.float32)
        return Detections(table[:, :4], table[:, 4], table[:, 5].astype(np.int16))

    def _placed(self, letterbox: Letterbox, found: Found) -> tuple[float, ...] | None:
        """(x0, y0, x1, y1, score, label) in the picture's pixels; None for what is too weak or no object of it."""
        # A label beyond the list is no label of ours.
        if not 0 <= found.label < len(self._lows) or found.score < self._lows[found.label]:
            return None
        box = letterbox.to_frame(found.box)
        # One that lies wholly in the border has no area left.
        return (*box, found.score, found.label) if box[2] > box[0] and box[3] > box[1] else None

    def _check_output(self, output: NDArray[np.float32]) -> None:
        wanted = self._heads.of(self.spec.input.size).shape
        fits = output.ndim == len(wanted) and all(
            accepted in {-1, met} for met, accepted in zip(output.shape, wanted, strict=True)
        )
        if not fits or output.dtype != np.float32:
            accepted = f"float32 {['any' if n < 0 else n for n in wanted]}"
            raise ModelError(
                f"{self.spec.path}: output is {output.dtype} {list(output.shape)}, accepted: {accepted} for head "
                f"{self.spec.head!r} with {len(self.labels)} labels at {self.spec.input.size}"
            )
