"""What a reader says of one rectified plate, and who may be one."""

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Candidates = tuple[tuple[str, float], ...]
"""(character, probability 0..1) of one place, the likeliest first."""


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """`log_probs` (columns, 1 + characters) float32: of no character first, then of each of `alphabet`."""

    log_probs: NDArray[np.float32]
    alphabet: str


@dataclass(frozen=True, slots=True)
class PlateReading:
    """`text` "": nothing was read. `char_confidence` and `candidates` have one entry per character of it.

    The first candidate of a place is the character in `text`. `colour`: blue, green, yellow, white or black.
    `columns`: what the text was taken from, where the reader tells it.
    """

    text: str
    colour: str
    char_confidence: tuple[float, ...]
    candidates: tuple[Candidates, ...]
    colour_confidence: float = 1.0
    columns: Columns | None = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        n = len(self.text)
        if len(self.char_confidence) != n or len(self.candidates) != n:
            met = f"{len(self.char_confidence)} and {len(self.candidates)}"
            raise ValueError(f"char_confidence and candidates must have {n} entries as text has, but got {met}")


class Reader(Protocol):
    """Pixels -> text."""

    def read(self, rectified: NDArray[np.uint8]) -> PlateReading:
        """Read (48, 168, 3) uint8 BGR, as `rectify` makes it."""
