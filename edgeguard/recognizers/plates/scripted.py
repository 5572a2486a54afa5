"""A reader and a finder that say what they were told to: for tests and demonstrations without weights."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from edgeguard.recognizers.plates.detect import Plates
from edgeguard.recognizers.plates.reading import PlateReading


def reading(text: str, colour: str = "blue", confidence: float = 0.95, colour_confidence: float = 1.0) -> PlateReading:
    """Every character as sure as the others, and no second candidate."""
    candidates = tuple(((character, confidence),) for character in text)
    return PlateReading(text, colour, (confidence,) * len(text), candidates, colour_confidence)


class ScriptedReader:
    """Gives its readings in turn, the last one again and again."""

    def __init__(self, readings: Iterable[PlateReading]) -> None:
        self._readings: Iterator[PlateReading] = iter(readings)
        self._last = reading("")

    def read(self, rectified: NDArray[np.uint8]) -> PlateReading:  # noqa: ARG002  # whatever it is shown
        self._last = next(self._readings, self._last)
        return self._last


class ScriptedFinder:
    """Gives its plates in turn, the last ones again and again."""

    def __init__(self, found: Iterable[Plates]) -> None:
        self._found: Iterator[Plates] = iter(found)
        self._last = Plates.empty()

    def find(self, bgr: NDArray[np.uint8]) -> Plates:  # noqa: ARG002  # whatever it is shown
        self._last = next(self._found, self._last)
        return self._last
