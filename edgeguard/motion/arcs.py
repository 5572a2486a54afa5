"""Parabolas among the specks of the last moments, whoever has them.

In a tree, in rain, what falls is one speck of a hundred in each frame, and who goes on with the nearest is led astray.
Over many frames at once it is the only one that keeps to a parabola. Three specks that may be one thing's, of the
first, the middle and the last frame, tell one; how many of the frames between have a speck on it tells whether it is
there (a Hough transform: D. Ballard, Pattern Recognition 13 (1981) 111-122).
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from edgeguard.motion.specks import Place, Specks, alike

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]

# The moments that are searched together, how often they are, and how many frames that may be.
SPAN_S, EVERY_S, MOST_FRAMES = 0.72, 0.12, 64
# A speck is on a parabola to so many cells and a share of its size, and to no more than so many.
NEAR, NEAR_SIZE, MOST_NEAR = 1.5, 0.12, 4.0
# So many of the frames must have one, as a share, and at least.
LEAST_SHARE, LEAST_HITS = 0.6, 7
# Who may be one thing: down by so many cells, sideways by no more than a share of that and so many cells.
LEAST_DOWN, MOST_ASIDE, ASIDE_CELLS = 5.0, 0.6, 6.0
# What it gains, in heights of the picture per second squared: as `falling` has it.
SLOWEST_GAIN, FASTEST_GAIN = 0.035, 4.5
# So many of the best are looked at closely.
MOST_CLOSE = 8


class Arcs:
    """Feed it the specks of every frame, in order; `height`, `width` of the frame in cells."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._frames: deque[tuple[int, Specks]] = deque()
        # Where each of them has a speck near, and a bit for it there.
        self._around: deque[list[tuple[slice, slice]]] = deque()
        self._near = np.zeros((height, width), np.uint64)
        self._searched_s = 0.0

    def update(self, frame: int, specks: Specks) -> list[list[Place]]:
        """Take a frame's specks; return the parabolas that are there, the best first, every so often."""
        while self._frames and (self._frames[0][1].at_s < specks.at_s - SPAN_S or len(self._frames) == MOST_FRAMES):
            self._wipe()
        self._mark(frame, specks)
        if abs(specks.at_s - self._searched_s) < EVERY_S or len(self._frames) < LEAST_HITS:
            return []
        self._searched_s = specks.at_s
        return self._search()

    def _search(self) -> list[list[Place]]:
        tried = _tried([specks for _, specks in self._frames], self._height)
        if not len(tried):
            return []
        hits, least = self._hits(tried), max(LEAST_HITS, LEAST_SHARE * len(self._frames))
        best = np.argsort(-hits, kind="stable")[:MOST_CLOSE]
        best = best[hits[best] >= least]
        if not len(best):
            return []
        moments = _Moments.of(self._frames)
        found: list[list[Place]] = []
        taken = set[Place]()
        for row in best:
            places = moments.on(tried[row])
            # Most of the best are one and the same, told by other three of its specks.
            if len(places) < least or not taken.isdisjoint(places):
                continue
            places = moments.fitted(places)
            if len(places) >= least and taken.isdisjoint(places):
                taken.update(places)
                found.append(places)
        return found

    def _mark(self, frame: int, specks: Specks) -> None:
        bit, around = np.uint64(1 << frame % MOST_FRAMES), _around(specks)
        for rows, columns in around:
            self._near[rows, columns] |= bit
        self._frames.append((frame, specks))
        self._around.append(around)

    def _wipe(self) -> None:
        """The first frame, which is too old."""
        frame, _ = self._frames.popleft()
        others = ~np.uint64(1 << frame % MOST_FRAMES)
        for rows, columns in self._around.popleft():
            self._near[rows, columns] &= others

    def _hits(self, tried: Floats) -> Rows:
        """In how many of the frames each parabola has a speck beside it."""
        hits = np.zeros(len(tried), np.intp)
        begun_s = self._frames[0][1].at_s
        for frame, specks in self._frames:
            x, y = (np.rint(one).astype(np.intp) for one in _at(tried, specks.at_s - begun_s))
            inside = (x >= 0) & (x < self._width) & (y >= 0) & (y < self._height)
            bits = self._near[np.where(inside, y, 0), np.where(inside, x, 0)] >> np.uint64(frame % MOST_FRAMES)
            hits += inside & (bits & np.uint64(1)).astype(np.bool_)
        return hits


@dataclass(frozen=True, slots=True)
class _Moments:
    """All specks of some frames, one after the other: (n,) each; `starts`: the first of each frame that has any."""

    frames: Rows
    at_s: Floats
    xy: NDArray[np.float32]
    size: NDArray[np.float32]
    starts: Rows
    begun_s: float

    @classmethod
    def of(cls, frames: Sequence[tuple[int, Specks]]) -> Self:
        some = [(number, specks) for number, specks in frames if len(specks)]
        many = [len(specks) for _, specks in some]
        return cls(
            np.repeat([number for number, _ in some], many),
            np.repeat([specks.at_s for _, specks in some], many),
            np.concatenate([specks.xy for _, specks in some]),
            np.concatenate([specks.size for _, specks in some]),
            np.cumsum([0, *many[:-1]]),
            frames[0][1].at_s,
        )

    def on(self, terms: Floats) -> list[Place]:
        """The nearest speck of each frame, where it is near."""
        x, y = _at(terms, self.at_s - self.begun_s)
        off = np.hypot(self.xy[:, 0] - x, self.xy[:, 1] - y)
        nearest = np.repeat(np.minimum.reduceat(off, self.starts), np.diff([*self.starts, len(off)]))
        reach = _reach(self.size)
        rows = np.flatnonzero((off == nearest) & (off <= reach)).tolist()
        return [
            Place(
                int(self.frames[row]),
                float(self.at_s[row]),
                float(self.xy[row, 0]),
                float(self.xy[row, 1]),
                float(self.size[row]),
                float(reach[row]),
            )
            for row in rows
        ]

    def fitted(self, places: list[Place]) -> list[Place]:
        """Those of the parabola through all of them, twice: three tell it badly."""
        for _ in range(2):
            if len(places) < LEAST_HITS:
                break
            points = np.array([place[1:4] for place in places])
            powers = (points[:, :1] - self.begun_s) ** np.arange(3)
            places = self.on(np.linalg.lstsq(powers, points[:, 1:], rcond=None)[0].T.ravel())
        return places


def _tried(frames: Sequence[Specks], height: int) -> Floats:
    """(n, 6): x and y over 1, t, t^2 of parabolas through a speck each of the first, the middle and the last frame."""
    first, middle, last = frames[0], frames[len(frames) // 2], frames[-1]
    half_s, span_s = middle.at_s - first.at_s, last.at_s - first.at_s
    step = last.xy[None] - first.xy[:, None]
    may = (step[..., 1] >= LEAST_DOWN) & (np.abs(step[..., 0]) <= MOST_ASIDE * step[..., 1] + ASIDE_CELLS)
    begin, end = np.nonzero(may & alike(last.size[None], first.size[:, None]))
    aside = (last.xy[end, 0] - first.xy[begin, 0]) / span_s
    pair, through = _between(middle, first.xy[begin, 0] + aside * half_s, _reach(first.size[begin]))
    begin, end, aside = begin[pair], end[pair], aside[pair]
    down = (middle.xy[through, 1] - first.xy[begin, 1]) / half_s
    gain = 2 * ((last.xy[end, 1] - first.xy[begin, 1]) / span_s - down) / (span_s - half_s)
    speed = down - gain * half_s / 2
    falls = (gain >= SLOWEST_GAIN * height) & (gain <= FASTEST_GAIN * height) & (speed + gain * span_s > 0)
    falls &= alike(middle.size[through], first.size[begin])
    x, y = first.xy[begin].T
    terms = np.column_stack([x, aside, np.zeros_like(x), y, speed, gain / 2])[falls]
    return np.asarray(terms, np.float64)


def _between(specks: Specks, x: NDArray[np.float32], reach: NDArray[np.float32]) -> tuple[Rows, Rows]:
    """Which specks lie within reach of each x, sideways: pairs of an x and a speck."""
    order = np.argsort(specks.xy[:, 0])
    across = specks.xy[order, 0]
    begin, end = np.searchsorted(across, x - reach), np.searchsorted(across, x + reach)
    many = end - begin
    pair = np.repeat(np.arange(len(x)), many)
    return pair, order[np.arange(len(pair)) - np.repeat(np.cumsum(many) - many - begin, many)]


def _at(terms: Floats, t: Floats | float) -> tuple[Floats, Floats]:
    """Where they are: many parabolas (n, 6) at one moment, or one (6,) at many."""
    x, vx, ax, y, vy, ay = terms.T
    return x + t * (vx + t * ax), y + t * (vy + t * ay)


def _around(specks: Specks) -> list[tuple[slice, slice]]:
    reach = _reach(specks.size)
    low = np.maximum(np.rint(specks.xy - reach[:, None]), 0).astype(np.intp)
    high = np.rint(specks.xy + reach[:, None]).astype(np.intp) + 1
    return [
        (slice(top, bottom), slice(left, right))
        for (left, top), (right, bottom) in zip(low.tolist(), high.tolist(), strict=True)
    ]


def _reach(size: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(np.minimum(NEAR + NEAR_SIZE * size, MOST_NEAR), np.float32)
