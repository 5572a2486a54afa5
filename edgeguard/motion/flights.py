"""Specks of many frames become flights: each goes on where its speed and its gain in speed take it.

A flight begins with three specks in a row. How likely it is that specks line up by chance is kept with it: in heavy
rain there is one near any place, on a quiet day a second one in the right place is worth a lot.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgeguard.motion.specks import Specks

# Not seen for so long it is over; a thing that passes a dark window is missed for a few frames.
LOST_S = 0.22
LOST_FRAMES = 3
# Nothing that falls is faster, in heights of the picture a second: 25 m/s where the picture shows 7 m.
FASTEST_HEIGHTS = 3.5
# A speck is measured to about a cell; a prediction is off by a share of the step, and by what speed was gained.
GATE_CELLS, GATE_SHARE, GATE_GAIN = 2.0, 0.2, 300.0
# So many of its last specks tell its speed, and with as many before them what it gains.
TAIL = 4
MOST_FLIGHTS = 80
# Where leaves flicker, in squares of so many cells, there is a speck in most frames; no flight begins there, or they
# would soon be all that is followed. How much of the time counts, and how slowly that is learnt, per frame.
PLACE_CELLS = 24
RESTLESS, LEARN = 0.2, 0.02
# No square counts as more than that: it may have had one speck in every frame, or many.
MOST_STIRS = 0.99
# What goes on there and has come down by nothing after so many specks is given up.
FLICKERS = 15
# Sizes of one thing differ from frame to frame, not more than that.
SIZE_RATIO = 4.0
# And who goes on with which is a matter of size too: a pot that falls through snow is no flake. e times as large weighs
# so much of the gate.
SIZE_WEIGHT = 0.5
# A flight that is told: so many specks, and so far down, as a share of the picture's height.
LEAST_SPECKS = 5
LEAST_DOWN = 0.05


class Trail:
    """One flight under way, in cells."""

    __slots__ = ("at_s", "began_frame", "chance", "last_frame", "size", "xy")

    def __init__(self, frame: int) -> None:
        self.at_s: list[float] = []
        self.xy: list[tuple[float, float]] = []
        self.size: list[float] = []
        self.chance = 0.0
        self.began_frame = self.last_frame = frame

    def add(self, at_s: float, xy: NDArray[np.float32], size: float, frame: int) -> None:
        self.at_s.append(at_s)
        self.xy.append((float(xy[0]), float(xy[1])))
        self.size.append(size)
        self.last_frame = frame

    def ahead(self, at_s: float) -> tuple[float, float, float]:
        """Where it should be at that moment, and how far off that may be: x, y, radius."""
        # A young flight's are fewer: at 15 frames a second a stone gains more from one to the next than a gate is wide.
        tail = min(max(len(self.at_s) // 2, 2), TAIL)
        late = _line(self.at_s[-tail:], self.xy[-tail:])
        early = _line(self.at_s[-2 * tail : -tail], self.xy[-2 * tail : -tail])
        gap_s, on_s = at_s - self.at_s[-1], at_s - late.at_s
        x, y = late.x + late.vx * on_s, late.y + late.vy * on_s
        if early.spread > 0:
            # The line of a parabola's points is off by what it gains, to both sides of its middle.
            gain = (late.vy - early.vy) / (late.at_s - early.at_s)
            y += gain / 2 * (on_s * on_s - late.spread)
        radius = GATE_CELLS + GATE_SHARE * math.hypot(late.vx, late.vy) * gap_s + GATE_GAIN * gap_s * gap_s
        return x, y, radius

    @property
    def down(self) -> float:
        """Cells from its highest point to its last."""
        return self.xy[-1][1] - min(y for _, y in self.xy)


@dataclass(frozen=True, slots=True)
class _Line:
    """Least-squares motion at one speed: the middle of its points, the speeds, and the mean square of the times."""

    at_s: float
    x: float
    y: float
    vx: float
    vy: float
    spread: float


def _line(at_s: Sequence[float], xy: Sequence[tuple[float, float]]) -> _Line:
    """Plain numbers, not arrays: there are four points, and dozens of flights in the rain."""
    n = len(at_s)
    if n < 2:
        return _Line(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    middle_s, x, y = sum(at_s) / n, sum(p[0] for p in xy) / n, sum(p[1] for p in xy) / n
    spread = sum((t - middle_s) ** 2 for t in at_s)
    vx = sum((t - middle_s) * p[0] for t, p in zip(at_s, xy, strict=True)) / spread
    vy = sum((t - middle_s) * p[1] for t, p in zip(at_s, xy, strict=True)) / spread
    return _Line(middle_s, x, y, vx, vy, spread / n)


class Flights:
    """Feed it the specks of every frame, in order; `height`, `width` of the frame in cells."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._frame = 0
        self._clutter = 1.0
        self._under_way: list[Trail] = []
        self._before: list[Specks] = []
        self._stirs = np.zeros((height // PLACE_CELLS + 1, width // PLACE_CELLS + 1), np.float32)

    def update(self, specks: Specks) -> list[Trail]:
        """Return the flights that are over and came down."""
        self._frame += 1
        self._clutter += 0.1 * (max(len(specks), 1) - self._clutter)
        calm = self._calm(specks)
        free = np.ones(len(specks), np.bool_)
        for trail, row, radius in self._matched(specks):
            free[row] = False
            trail.add(specks.at_s, specks.xy[row], float(specks.size[row]), self._frame)
            trail.chance += self._odds(radius, trail.xy[-1])
        over = [trail for trail in self._under_way if self._is_over(trail, specks.at_s)]
        self._under_way = [
            trail for trail in self._under_way if not (self._is_over(trail, specks.at_s) or self._flickers(trail))
        ]
        rest = specks[free & calm]
        self._begin(rest)
        self._before = [*self._before[-1:], rest]
        return [trail for trail in over if self._came_down(trail)]

    def finish(self) -> list[Trail]:
        """No more frames: those that came down so far."""
        over, self._under_way = self._under_way, []
        return [trail for trail in over if self._came_down(trail)]

    def _flickers(self, trail: Trail) -> bool:
        """A leaf that is followed for ever."""
        x, y = trail.xy[-1]
        restless = self._stirs[int(y) // PLACE_CELLS, int(x) // PLACE_CELLS] >= RESTLESS
        return bool(restless) and len(trail.at_s) >= FLICKERS and trail.down < LEAST_DOWN * self._height

    def _calm(self, specks: Specks) -> NDArray[np.bool_]:
        """Which of them are where there are few, as a rule."""
        column, row = (specks.xy / PLACE_CELLS).astype(np.intp).T
        calm: NDArray[np.bool_] = self._stirs[row, column] < RESTLESS
        self._stirs *= 1 - LEARN
        # Twice in one square is once: what is asked of a place twice in one go is done once.
        self._stirs[row, column] += LEARN
        return calm

    def _matched(self, specks: Specks) -> Iterator[tuple[Trail, int, float]]:
        """Who goes on with which speck, and within which radius; what fits best first, in place and in size."""
        trails = self._under_way
        if not trails or not len(specks):
            return
        ahead = np.array([trail.ahead(specks.at_s) for trail in trails], np.float32)
        usual = np.array([sorted(trail.size[-5:])[len(trail.size[-5:]) // 2] for trail in trails], np.float32)[:, None]
        off = np.hypot(specks.xy[:, 0] - ahead[:, :1], specks.xy[:, 1] - ahead[:, 1:2]) / ahead[:, 2:]
        alike = (specks.size <= SIZE_RATIO * usual + 2) & (specks.size * SIZE_RATIO + 2 >= usual)
        rows, columns = np.nonzero(alike & (off <= 1))
        unlike = np.abs(np.log((specks.size + 1) / (usual + 1)))
        order = np.argsort((off + SIZE_WEIGHT * unlike)[rows, columns])
        gone_on, taken = set[int](), set[int]()
        for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
            if row not in gone_on and column not in taken:
                gone_on.add(row)
                taken.add(column)
                yield trails[row], column, float(ahead[row, 2])

    def _odds(self, radius: float, xy: tuple[float, float]) -> float:
        """log10 of how likely a speck that has nothing to do with it lies there."""
        # In the whole picture, or just there: a tree has its leaves in one place. From how often the square has none.
        stirs = min(float(self._stirs[int(xy[1]) // PLACE_CELLS, int(xy[0]) // PLACE_CELLS]), MOST_STIRS)
        per_cell = max(self._clutter / (self._width * self._height), -math.log1p(-stirs) / PLACE_CELLS**2)
        return math.log10(min(per_cell * math.pi * radius * radius, 1.0))

    def _is_over(self, trail: Trail, now_s: float) -> bool:
        missed = self._frame - trail.last_frame
        return missed >= LOST_FRAMES and now_s - trail.at_s[-1] > LOST_S

    def _came_down(self, trail: Trail) -> bool:
        return len(trail.at_s) >= LEAST_SPECKS and trail.down >= LEAST_DOWN * self._height

    def _begin(self, now: Specks) -> None:
        """Three in a row of frames that follow one another, in a line and at one speed, more or less."""
        if len(self._before) < 2 or not len(now):
            return
        first, second = self._before
        if not len(first) or not len(second):
            return
        step_s, next_s = second.at_s - first.at_s, now.at_s - second.at_s
        if step_s <= 0 or next_s <= 0:
            return
        steps = second.xy[None] - first.xy[:, None]
        moved = np.hypot(steps[..., 0], steps[..., 1])
        fits = (moved > 1.0) & (moved < FASTEST_HEIGHTS * self._height * step_s)
        pairs = np.argwhere(fits)
        if not len(pairs):
            return
        ahead = second.xy[pairs[:, 1]] + steps[fits] * np.float32(next_s / step_s)
        off = np.hypot(*np.moveaxis(now.xy[None] - ahead[:, None], 2, 0))
        gates = GATE_CELLS + 0.35 * moved[fits] + GATE_GAIN * next_s * next_s
        ratio = off / gates[:, None]
        for third in range(len(now)):
            pair = int(ratio[:, third].argmin())
            if ratio[pair, third] <= 1 and len(self._under_way) < MOST_FLIGHTS:
                one, two = pairs[pair]
                trail = Trail(self._frame - 2)
                for number, (specks, row) in enumerate(((first, one), (second, two), (now, third))):
                    trail.add(specks.at_s, specks.xy[row], float(specks.size[row]), self._frame - 2 + number)
                trail.chance = self._odds(float(gates[pair]), trail.xy[-1])
                self._under_way.append(trail)
