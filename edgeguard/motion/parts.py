"""Two things that were followed as one: a flake sinks past a thing that begins to fall, and the flight goes on as that.

Each is told for itself then. A flake sinks at one speed, and only what is let go is slower than it at first.
"""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# Points of the flake, and of what falls: fewer tell nothing.
LEAST_FLAKE, LEAST_FALL = 5, 8
# Off by so many cells, and by a share of its size, a flight is one thing's as a whole.
MOST_OFF, MOST_OFF_SIZE = 1.2, 0.05
# As two it must fit so many times as well: squares of what is left.
LEAST_BETTER = 4.0
# What falls begins at no more than this of the flake's speed; it gains by so many standard errors, and no place is told
# better than to so many cells.
MOST_SPEED, LEAST_SIGMAS, LEAST_NOISE = 0.8, 20.0, 0.3


def where_it_falls(at_s: Floats, xy: Floats, size: float) -> int:
    """From which of its (n, 2) points on a flight is another thing's, which falls; 0 where it is one thing's."""
    many = len(at_s)
    if many < LEAST_FLAKE + LEAST_FALL:
        return 0
    t, most = _within_one(at_s), (MOST_OFF + MOST_OFF_SIZE * size) ** 2
    sums = _Sums(t, xy)
    left = float(sums.left(np.array([0]), np.array([many]), 2)[0])
    if left <= many * most:
        return 0
    places = np.arange(LEAST_FLAKE, many - LEAST_FALL + 1)
    after = sums.left(places, np.full(len(places), many), 2)
    lefts = after + sums.left(np.zeros(len(places), np.intp), places, 1)
    best = int(lefts.argmin())
    place = int(places[best])
    fits = LEAST_BETTER * lefts[best] <= left and after[best] <= (many - place) * most
    return place if fits and _let_go(t, xy[:, 1], place) else 0


class _Sums:
    """Sums of powers of t and of what lies over it, so that any stretch of a flight is fitted at once."""

    def __init__(self, t: Floats, xy: Floats) -> None:
        powers = t[:, None] ** np.arange(5)
        # Around their mean squares lose no digits.
        values = xy - xy.mean(0)
        terms = [powers, *(powers[:, :3] * one[:, None] for one in values.T), np.square(values)]
        self._sums = np.vstack([np.zeros((1, 13)), np.cumsum(np.hstack(terms), 0)])

    def left(self, first: NDArray[np.intp], end: NDArray[np.intp], degree: int) -> Floats:
        """(n,) sums of squares beside the best polynomials of n stretches; sideways a flake may bend too."""
        sums = self._sums[end] - self._sums[first]
        return self._beside(sums, 5, 11, 2) + self._beside(sums, 8, 12, degree)

    @staticmethod
    def _beside(sums: Floats, first: int, squares: int, degree: int) -> Floats:
        rank = np.arange(degree + 1)
        normal = sums[:, rank[:, None] + rank]
        with_it = sums[:, first + rank]
        found = np.linalg.solve(normal, with_it[..., None])[..., 0]
        return np.asarray(np.maximum(sums[:, squares] - (with_it * found).sum(1), 0.0), np.float64)


def _let_go(t: Floats, down: Floats, place: int) -> bool:
    """Whether from there on it is slower than before at first, and gains speed beyond doubt."""
    sinks = float(np.polyfit(t[:place], down[:place], 1)[0])
    on = t[place:] - t[place]
    terms = np.stack([np.ones_like(on), on, on * on / 2], 1)
    inverse = np.linalg.inv(terms.T @ terms)
    found = inverse @ (terms.T @ down[place:])
    noise = math.sqrt(float(np.square(down[place:] - terms @ found).sum()) / (len(on) - 3))
    error = math.sqrt(inverse[2, 2]) * max(noise, LEAST_NOISE)
    return bool(found[1] <= MOST_SPEED * sinks and found[2] >= LEAST_SIGMAS * error)


def _within_one(at_s: Floats) -> Floats:
    """From -1 to 1 over the flight: of what is large in the fourth power little is left."""
    middle, half_s = (at_s[0] + at_s[-1]) / 2, (at_s[-1] - at_s[0]) / 2
    return np.asarray((at_s - middle) / half_s, np.float64)
