"""The whole of a flight, told once it is over: what else lies on its parabola.

A flight is followed forwards, from speck to speck. A flake may have been taken for its start, a tree may have hidden
it, drops may have led one half of it astray; then its other half still tells where it was, to a cell or two, and the
specks of the last seconds are searched there, whoever had them.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from edgeguard.motion.specks import Place, Specks, alike

Floats = NDArray[np.float64]

# How far back specks are kept: few falls take longer.
KEPT_S = 3.0
# What tells a parabola: so many specks that are off it by no more than cells and a share of their size, and a gain that
# stands out of its error.
LEAST_SPECKS, MOST_OFF, MOST_OFF_SIZE, LEAST_SIGMAS = 5, 1.5, 0.05, 6.0
# So many of its specks may be left out, as a share, and none that is nearer than so many cells or so many times the
# rest.
LEFT_OUT, NEAR_CELLS, NEAR_FACTOR = 0.25, 2.0, 3.0
# No place is told better, in cells.
LEAST_NOISE, LEAST_BLUR = 0.3, 0.5
# Where a speck is its own: cells, a share of its size, and so many standard errors of where it should be.
NEAR, NEAR_SIZE, NEAR_BLURS = 1.5, 0.1, 2.0
# Where it should be is not known any more, in cells; or it was not seen for so long.
MOST_BLUR, HIDDEN_S = 3.0, 0.6
POWERS = np.arange(3)
# It is the same flight where it keeps so many of its specks, and worth telling where it has so many times as many.
LEAST_SAME, LEAST_MORE = 0.9, 1.15


@dataclass(frozen=True, slots=True)
class _Parabola:
    """Least squares: `terms` (3, 2) of x and y over 1, t, t^2, seconds since `since_s`; `noise` of a place in cells."""

    since_s: float
    terms: Floats
    inverse: Floats
    noise: float

    @classmethod
    def of(cls, points: Floats) -> Self:
        """Through (n, 3) of seconds, x, y; n > 3."""
        since_s = float(points[-1, 0])
        powers = _powers(points[:, 0] - since_s)
        inverse = np.linalg.inv(powers.T @ powers).astype(np.float64)
        terms = inverse @ (powers.T @ points[:, 1:])
        off = points[:, 1:] - powers @ terms
        # Two axes of three terms each, but a place is one.
        noise = math.sqrt(float(np.square(off).sum()) / max(2 * len(points) - 6, 1))
        return cls(since_s, terms, inverse, noise)

    @property
    def gains(self) -> bool:
        """Whether it surely gains speed downwards."""
        error = math.sqrt(self.inverse[2, 2]) * max(self.noise, LEAST_NOISE)
        return bool(self.terms[2, 1] >= LEAST_SIGMAS * error)

    def fits(self, size: float) -> bool:
        """Whether its points keep to it, as specks of that size do."""
        return self.noise <= MOST_OFF + MOST_OFF_SIZE * size

    def at(self, at_s: float) -> tuple[float, float, float]:
        """Where it is then, x and y, and the standard error of that."""
        powers = _powers(np.array([at_s - self.since_s]))[0]
        x, y = powers @ self.terms
        return float(x), float(y), math.sqrt(powers @ self.inverse @ powers) * max(self.noise, LEAST_BLUR)

    def off(self, points: Floats) -> Floats:
        """How far points are off the parabola of the others: (n,) cells."""
        powers = _powers(points[:, 0] - self.since_s)
        alone = 1 - np.einsum("ij,jk,ik->i", powers, self.inverse, powers)
        off = points[:, 1:] - powers @ self.terms
        return np.asarray(np.hypot(off[:, 0], off[:, 1]) / np.maximum(alone, 0.05), np.float64)


def whole(points: Floats, size: float, lately: Sequence[tuple[int, Specks]]) -> list[Place]:
    """What belongs to a flight through (n, 3) of seconds, x, y: nothing where that is not much more than it has.

    `lately`: number and specks of each frame that is kept, in order; `size`: what is usual for its specks, cells.
    """
    if len(points) < LEAST_SPECKS or LEAST_MORE * len(points) > len(lately):
        return []
    own, way = _own(points, size)
    if way is None:
        return []
    search = _Search(size, lately)
    inside = [index for index, (_, specks) in enumerate(lately) if own[0, 0] <= specks.at_s <= own[-1, 0]]
    for index in inside:
        search.take(index, way)
    if len(search.found) < LEAST_SPECKS:
        return []
    search.go_on(range(inside[0] - 1, -1, -1), float(own[0, 0]))
    search.go_on(range(inside[-1] + 1, len(lately)), float(own[-1, 0]))
    found = [search.found[index] for index in sorted(search.found)]
    same = {(place.at_s, place.x, place.y) for place in found} & set(map(tuple, own.tolist()))
    return found if len(same) >= LEAST_SAME * len(own) and len(found) >= LEAST_MORE * len(points) else []


class _Search:
    """The specks that are found, by where their frame is kept."""

    def __init__(self, size: float, lately: Sequence[tuple[int, Specks]]) -> None:
        self.found: dict[int, Place] = {}
        self._size, self._lately = size, lately

    def take(self, index: int, way: _Parabola) -> bool:
        """Whether a frame has a speck where it should be."""
        frame, specks = self._lately[index]
        likely = specks[alike(specks.size, self._size)]
        if not len(likely):
            return False
        x, y, blur = way.at(specks.at_s)
        radius = NEAR + NEAR_SIZE * self._size + NEAR_BLURS * blur
        off = np.hypot(likely.xy[:, 0] - x, likely.xy[:, 1] - y)
        nearest = int(off.argmin())
        if off[nearest] > radius:
            return False
        x, y = (float(value) for value in likely.xy[nearest])
        self.found[index] = Place(frame, specks.at_s, x, y, float(likely.size[nearest]), radius)
        return True

    def go_on(self, indexes: Iterable[int], last_s: float) -> None:
        """Frame by frame from an end; each speck makes the parabola surer."""
        way = self._way()
        for index in indexes:
            at_s = self._lately[index][1].at_s
            if abs(at_s - last_s) > HIDDEN_S or way.at(at_s)[2] > MOST_BLUR:
                return
            if self.take(index, way):
                way, last_s = self._way(), at_s

    def _way(self) -> _Parabola:
        return _Parabola.of(np.array([place[1:4] for _, place in sorted(self.found.items())]))


def _own(points: Floats, size: float) -> tuple[Floats, _Parabola | None]:
    """Without the few that are another thing's, and their parabola; None where they tell of no fall."""
    way = _Parabola.of(points)
    # Flakes gain nothing and keep to their way. There are many, and of most this is all that is reckoned.
    if not way.fits(size) or way.gains:
        least = max(LEAST_SPECKS, math.ceil(len(points) * (1 - LEFT_OUT)))
        while len(points) > least:
            off = way.off(points)
            worst, usual = int(off.argmax()), float(np.partition(off, len(off) // 2)[len(off) // 2])
            if off[worst] <= max(NEAR_CELLS, NEAR_FACTOR * usual):
                break
            points = np.delete(points, worst, 0)
            way = _Parabola.of(points)
    return points, way if way.fits(size) and way.gains else None


def _powers(t: Floats) -> Floats:
    """(n, 3) of n moments."""
    return np.asarray(t[:, None] ** POWERS, np.float64)
