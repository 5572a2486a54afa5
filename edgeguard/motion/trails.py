"""One flight under way, and where many of them should be in a moment: what gains speed goes on gaining it.

Told for all at once, in arrays: in snow there are two hundred.
"""

from collections.abc import Iterator, Sequence
from statistics import median_high
from typing import Self

import numpy as np
from numpy.typing import NDArray

from edgeguard.motion.specks import Place

Floats = NDArray[np.float64]

# A speck is measured to about a cell, a large one to a share of its size, for another part of it shows in each frame; a
# prediction is off by a share of the step, and by what speed was gained.
GATE_CELLS, GATE_SIZE, GATE_SHARE, GATE_GAIN = 2.0, 0.1, 0.2, 300.0
# So many of its last specks tell its speed, and with as many before them what it gains.
TAIL = 4
# And so many its size.
SIZES = 5


class Trail:
    """One flight under way, in cells."""

    __slots__ = ("at_s", "began_frame", "chance", "last_frame", "recent", "size", "xy")

    def __init__(self, frame: int) -> None:
        self.at_s: list[float] = []
        self.xy: list[tuple[float, float]] = []
        self.size: list[float] = []
        # Seconds, x and y of the last specks, one after the other.
        self.recent = [0.0] * (2 * TAIL * 3)
        self.chance = 0.0
        self.began_frame = self.last_frame = frame

    def add(self, at_s: float, xy: NDArray[np.float32], size: float, frame: int) -> None:
        x, y = float(xy[0]), float(xy[1])
        self.at_s.append(at_s)
        self.xy.append((x, y))
        self.size.append(size)
        self.recent = [*self.recent[3:], at_s, x, y]
        self.last_frame = frame

    @classmethod
    def through(cls, places: Sequence[Place]) -> Self:
        """Of all these, in order."""
        trail = cls(places[0].frame)
        for place in places:
            trail.add(place.at_s, np.array([place.x, place.y], np.float32), place.size, place.frame)
        return trail

    def part(self, first: int, end: int) -> Self:
        """From one of its specks to before another: frames and odds in its share."""
        frames = self.last_frame - self.began_frame + 1
        many = len(self.at_s)
        part = type(self)(self.began_frame + round(frames * first / many))
        for row in range(first, end):
            part.add(self.at_s[row], np.array(self.xy[row], np.float32), self.size[row], 0)
        part.last_frame = self.began_frame + round(frames * end / many) - 1
        part.chance = self.chance * (end - first) / many
        return part

    @property
    def points(self) -> Iterator[tuple[float, tuple[float, float]]]:
        """When and where each of its specks was."""
        return zip(self.at_s, self.xy, strict=True)

    @property
    def usual_size(self) -> float:
        """The median of its last sizes."""
        return median_high(self.size[-SIZES:])

    @property
    def down(self) -> float:
        """Cells from its highest point to its last."""
        return self.xy[-1][1] - min(y for _, y in self.xy)


def ahead(trails: Sequence[Trail], at_s: float, sizes: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 3) float32 of n trails of three specks and more: where each should be then, and how far off: x, y, radius."""
    recent = np.array([trail.recent for trail in trails]).reshape(len(trails), 2 * TAIL, 3)
    counts = np.minimum([len(trail.at_s) for trail in trails], 2 * TAIL)
    middle, speed, spread = _lines(recent, WEIGHTS[:, counts])
    gap_s, on_s = at_s - recent[:, -1, 0], at_s - middle[0, :, 0]
    places = middle[0, :, 1:] + speed[0] * on_s[:, None]
    # The line of a parabola's points is off by what it gains, to both sides of its middle. One speck has no speed.
    gain = (spread[1] > 0) * (speed[0, :, 1] - speed[1, :, 1]) / (middle[0, :, 0] - middle[1, :, 0])
    places[:, 1] += gain / 2 * (on_s * on_s - spread[0])
    step = np.hypot(speed[0, :, 0], speed[0, :, 1]) * gap_s
    radius = GATE_CELLS + GATE_SIZE * sizes + GATE_SHARE * step + GATE_GAIN * gap_s * gap_s
    return np.column_stack([places, radius]).astype(np.float32)


def _weights(count: int, *, late: bool) -> list[float]:
    # A young flight's are fewer: at 15 frames a second a stone gains more from one to the next than a gate is wide.
    tail = min(max(count // 2, 2), TAIL)
    last = 2 * TAIL - (0 if late else tail)
    first = max(last - tail, 2 * TAIL - count)
    return [float(first <= place < last) for place in range(2 * TAIL)]


# Which of the last specks tell what a flight of so many does now, and what it did before: (2, 9, 8).
WEIGHTS = np.array([[_weights(count, late=late) for count in range(2 * TAIL + 1)] for late in (True, False)])


def _lines(recent: Floats, weights: Floats) -> tuple[Floats, Floats, Floats]:
    """Least-squares motion at one speed: middles (2, n, 3), speeds (2, n, 2), mean squares of the times (2, n)."""
    many = weights.sum(2)
    middle = np.einsum("wnk,nkc->wnc", weights, recent) / many[..., None]
    off = recent - middle[:, :, None]
    along = np.einsum("wnk,wnkc->wnc", off[..., 0] * weights, off)
    return middle, along[..., 1:] / np.maximum(along[..., :1], 1e-12), along[..., 0] / many
