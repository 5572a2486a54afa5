"""A second look at what the detector is not sure of: a small classifier sees the object alone, and larger.

The detector looks at a picture made small; the second network at a crop of the picture as it came. Both scores together
tell an e-bike from a pram better than either (models/second-look.md).
"""

from copy import copy
from queue import SimpleQueue
from typing import Self

import numpy as np
from numpy.typing import NDArray

from edgeguard.crops import Square
from edgeguard.detectors.manifest import SecondLookSpec, Weighing
from edgeguard.detectors.odds import log_odds, mean_score, score_of
from edgeguard.detectors.onnx import OnnxDetector
from edgeguard.detectors.upside_down import BothWays
from edgeguard.errors import ModelError
from edgeguard.networks import ExecutionConfig, Network, ToTensor
from edgeguard.types import Detections, Detector, Picture

# Crops are cut out of a picture of this width at most: more pixels cost time and tell nothing more.
WIDEST_PX = 960
# The strongest few: a picture with more of them is no worse judged, and a look stays within its time.
MOST = 3


class Classifier:
    """(h, w, 3) crop -> probability of the kind that is asked about. For one thread at a time."""

    def __init__(self, spec: SecondLookSpec, execution: ExecutionConfig) -> None:
        self._spec = spec
        self._network = Network(spec, execution)
        self._tensor = ToTensor(spec.input)
        self._kind = spec.kinds.index(spec.label)
        height, width = spec.input.size
        self._check(self._network.run(self._tensor(np.zeros((height, width, 3), np.uint8))))

    def probability(self, crop: NDArray[np.uint8], *, quarters: bool = False) -> float:
        """Of the mean log odds of the crop and its mirror picture; `quarters`: of it and its turns by 90 degrees."""
        return mean_score(self._one(view) for view in (quarter_turns(crop) if quarters else (crop, crop[:, ::-1])))

    def _one(self, crop: NDArray[np.uint8]) -> float:
        return float(self._network.run(self._tensor(crop))[0, self._kind])

    def _check(self, output: NDArray[np.float32]) -> None:
        wanted = (1, len(self._spec.kinds))
        if output.shape != wanted:
            raise ModelError(f"{self._spec.path}: output is {list(output.shape)}, accepted: {list(wanted)}")


class TwoLooks:
    """A `Detector` whose unsure boxes of one label are looked at again; any number of threads may call it.

    `low` replaces the label's own threshold. Raises ModelError for a file that does not fit.
    """

    def __init__(
        self, first: OnnxDetector, spec: SecondLookSpec, execution: ExecutionConfig, low: float | None = None
    ) -> None:
        self._first: Detector = first
        self._spec = spec
        self._quarters = False
        self._label = first.labels.index(spec.label)
        self._low = first.spec.threshold(spec.label).low if low is None else low
        self._idle: SimpleQueue[Classifier] = SimpleQueue()
        for _ in range(execution.sessions or 1):
            self._idle.put(Classifier(spec, execution))

    def looking_down(self) -> Self:
        """For a camera that knows no up; it shares the networks."""
        twin = copy(self)
        twin._first, twin._quarters = BothWays(self._first, self._label), True  # noqa: SLF001
        return twin

    def detect(self, picture: Picture) -> Detections:
        """As the first detector does, strongest first, with the scores of the unsure ones weighed anew."""
        found = self._first.detect(picture)
        unsure = self._unsure(found)
        return self._weighed(found, self._second_scores(picture, found, unsure)) if unsure else found

    def _unsure(self, found: Detections) -> list[int]:
        scores, labels = found.score.tolist(), found.label.tolist()
        rows = [row for row, label in enumerate(labels) if label == self._label and scores[row] < self._spec.sure]
        return rows[:MOST]

    def _second_scores(self, picture: Picture, found: Detections, rows: list[int]) -> dict[int, float]:
        """The weighed scores by row."""
        scale = min(1.0, WIDEST_PX / picture.width)
        image = picture.bgr(round(picture.width * scale), round(picture.height * scale))
        size_px = self._spec.input.size[0]
        squares = (Square.around(((found.xyxy[row] * scale).tolist(),), self._spec.context) for row in rows)
        crops = [square.cut(image, size_px) for square in squares]
        classifier = self._idle.get()
        try:
            seconds = [classifier.probability(crop, quarters=self._quarters) for crop in crops]
        finally:
            self._idle.put(classifier)
        pairs = zip(rows, seconds, strict=True)
        return {row: believed(self._spec, float(found.score[row]), second) for row, second in pairs}

    def _weighed(self, found: Detections, scores: dict[int, float]) -> Detections:
        score = found.score.copy()
        for row, value in scores.items():
            score[row] = value
        kept = (found.label != self._label) | (score >= self._low)
        order = np.flatnonzero(kept)[np.argsort(-score[kept], kind="stable")]
        return Detections(found.xyxy[order], score[order], found.label[order])


def believed(spec: SecondLookSpec, first: float, second: float) -> float:
    """What both scores come to; 0 where the second look's no is final."""
    return 0.0 if second < spec.least else together(spec.weighing, first, second)


def together(weighing: Weighing, first: float, second: float) -> float:
    """0..1 from two of 0..1: their log odds add up."""
    return score_of(weighing.first * log_odds(first) + weighing.second * log_odds(second) + weighing.shift)


def quarter_turns(crop: NDArray[np.uint8]) -> list[NDArray[np.uint8]]:
    """(n, n, 3) turned by 0, 90, 180 and 270 degrees."""
    return [np.rot90(crop, turns) for turns in range(4)]
