"""The plate chain: picture -> every plate in it, read and held against the grammar."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgeguard.recognizers.plates.detect import Finder
from edgeguard.recognizers.plates.grammar import Grammar, Plate
from edgeguard.recognizers.plates.reading import PlateReading, Reader
from edgeguard.recognizers.plates.rectify import rectify, with_margin


@dataclass(frozen=True, slots=True, eq=False)
class PlateLook:
    """One look at one plate; `corners` (4, 2) float32 in the picture's pixels, clockwise from the plate's top left.

    `reading`: as the network read it; `plate`: what it can be by the grammar, None where it is no plate of the region.
    """

    corners: NDArray[np.float32]
    score: float
    rows: int
    reading: PlateReading
    plate: Plate | None

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Around the corners, xyxy."""
        (x0, y0), (x1, y1) = self.corners.min(axis=0).tolist(), self.corners.max(axis=0).tolist()
        return x0, y0, x1, y1

    @property
    def width_px(self) -> float:
        """Mean length of the upper and the lower edge."""
        top, bottom = self.corners[1] - self.corners[0], self.corners[2] - self.corners[3]
        return float(np.linalg.norm(top) + np.linalg.norm(bottom)) / 2


class PlateChain:
    """Finder, reader and grammar as one. Not for two threads at once."""

    def __init__(self, finder: Finder, reader: Reader, grammar: Grammar) -> None:
        self._finder = finder
        self._reader = reader
        self._grammar = grammar

    def look(self, bgr: NDArray[np.uint8]) -> tuple[PlateLook, ...]:
        """At (h, w, 3) uint8: its plates, the surest first. Raises ModelError."""
        found = self._finder.find(bgr)
        return tuple(
            self._read(bgr, corners, score, rows)
            for corners, score, rows in zip(found.corners, found.score.tolist(), found.rows.tolist(), strict=True)
        )

    def _read(self, bgr: NDArray[np.uint8], corners: NDArray[np.float32], score: float, rows: int) -> PlateLook:
        reading = self._reader.read(rectify(bgr, with_margin(corners), rows))
        return PlateLook(corners, score, rows, reading, self._grammar.parse(reading))
