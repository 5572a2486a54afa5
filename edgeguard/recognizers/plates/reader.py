"""Rectified plate -> its characters, how sure each is and what else it may be; and the plate's colour."""

from collections.abc import Iterator
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.errors import ModelError
from edgeguard.networks import ExecutionConfig, Network, ToTensor
from edgeguard.recognizers.manifest import PlateReaderSpec
from edgeguard.recognizers.plates.reading import Candidates, Columns, PlateReading

CANDIDATES = 5
LEAST = np.float32(1e-12)  # probability of which a logarithm is taken
NONE = 0  # the symbol of a column that shows no character, or the same one still


class PlateReader:
    """A plate reader of a description. Not for two threads at once.

    Loading verifies the file, checks input and output against the description and runs the network once.
    Raises ModelError, and ConfigError for a provider that is not there.
    """

    def __init__(self, spec: PlateReaderSpec, execution: ExecutionConfig | None = None) -> None:
        self.spec = spec
        self._symbols = 1 + len(spec.alphabet)
        self._network = Network(spec, execution or ExecutionConfig())
        self._tensor = ToTensor(spec.input)
        output = self._network.run(self._tensor(np.zeros((*spec.input.size, 3), np.uint8)))
        width = self._symbols + len(spec.colours)
        if output.ndim != 3 or output.shape[0] != 1 or output.shape[2] != width:
            accepted = f"[1, columns, {width}] for so many characters and colours"
            raise ModelError(f"{spec.path}: output is {list(output.shape)}, accepted: {accepted}")

    def read(self, rectified: NDArray[np.uint8]) -> PlateReading:
        """Read (h, w, 3) uint8 BGR; two rows lie in it side by side. Text "" where it shows no plate."""
        height, width = self.spec.input.size
        if rectified.shape[:2] != (height, width):
            rectified = np.asarray(cv2.resize(rectified, (width, height)), np.uint8)
        columns = self._network.run(self._tensor(rectified))[0]
        probabilities = softmax(columns[:, : self._symbols])
        places = [self._candidates(column) for column in characters(probabilities)]
        colours = softmax(columns[:, self._symbols :].mean(0))
        return PlateReading(
            text="".join(place[0][0] for place in places),
            colour=self.spec.colours[int(colours.argmax())],
            char_confidence=tuple(place[0][1] for place in places),
            candidates=tuple(places),
            colour_confidence=float(colours.max()),
            columns=Columns(np.log(np.maximum(probabilities, LEAST)), self.spec.alphabet),
        )

    def _candidates(self, probabilities: NDArray[np.float32]) -> Candidates:
        best = np.argsort(-probabilities[1:], kind="stable")[:CANDIDATES]
        return tuple((self.spec.alphabet[row], float(probabilities[1 + row])) for row in best)


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Along the last axis; log probabilities stay what they are."""
    weights = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(weights / weights.sum(-1, keepdims=True), np.float32)


def characters(columns: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    """(columns, symbols) probabilities -> per character its surest column.

    CTC's best path (Graves 2006, section 3.2): neighbours of one symbol are one character; NONE is none, and parts two
    equal ones.
    """
    best = columns.argmax(1)
    starts = [0, *(np.flatnonzero(np.diff(best)) + 1).tolist(), len(best)]
    for start, end in pairwise(starts):
        symbol = best[start]
        if symbol != NONE:
            yield columns[start + int(columns[start:end, symbol].argmax())]
