"""Specks of many frames become flights: each goes on where its speed and its gain in speed take it.

A flight begins with three specks in a row, or, among specks that lead astray, with all of a parabola at once. How
likely it is that specks line up by chance is kept with it: in heavy rain there is one near any place, on a quiet day a
second one in the right place is worth a lot.
"""

import math
from collections import deque
from collections.abc import Iterator, Sequence
from statistics import median_high

import numpy as np
from numpy.typing import NDArray

from edgeguard.motion.arcs import Arcs
from edgeguard.motion.parts import where_it_falls
from edgeguard.motion.specks import Place, Specks, alike
from edgeguard.motion.trails import GATE_CELLS, GATE_GAIN, Trail, ahead
from edgeguard.motion.whole import KEPT_S, whole

# Not seen for so long it is over; a thing that passes a dark window is missed for a few frames.
LOST_S = 0.22
LOST_FRAMES = 3
# Nothing that falls is faster, in heights of the picture a second: 25 m/s where the picture shows 7 m.
FASTEST_HEIGHTS = 3.5
# A bound on cost: as many flakes as there may be in a frame.
MOST_FLIGHTS = 200
# So many of the specks that belong to no flight may begin one, the largest: noise would begin dozens with each frame.
MOST_NEW = 40
# Where leaves flicker, in squares of so many cells, there is a speck in most frames; no flight begins there, or they
# would soon be all that is followed. How much of the time counts, and how slowly that is learnt: what is thrown upwards
# is in one square for most of a second.
PLACE_CELLS = 24
RESTLESS, LEARN_S = 0.2, 4.0
# No square counts as more than that: it may have had one speck in every frame, or many.
MOST_STIRS = 0.99
# What goes on there and has come down by nothing after so many specks is given up.
FLICKERS = 15
# Who goes on with which is a matter of size too: a pot that falls through snow is no flake. e times as large weighs
# so much of the gate.
SIZE_WEIGHT = 0.5
# A flight that is told: so many specks, and so far down, as a share of the picture's height.
LEAST_SPECKS = 5
LEAST_DOWN = 0.05
# log10 of the odds that chance put the specks there of a flight that is told longer than it was followed: it is looked
# for at places of its own choosing.
WHOLE_CHANCE = -30.0
# The same of a parabola that is found at once: it is one of thousands.
ARC_CHANCE = -22.0
# It begins no flight where others that have so many specks have more than such a share of its own. Who has so much of
# his specks from it is it, begun late, and gives way to one that is so many times as long.
FOLLOWED, MOST_OTHERS, WITHIN, LONGER = 8, 0.3, 0.85, 1.2
# What is over is remembered for so long: its specks are taken.
ENDED_S = 1.0


class Flights:
    """Feed it the specks of every frame, in order; `height`, `width` of the frame in cells."""

    def __init__(self, width: int, height: int) -> None:
        self._width, self._height = width, height
        self._frame = 0
        self._last_s = math.inf
        self._arcs = Arcs(width, height)
        self._ended: list[Trail] = []
        self._clutter = 1.0
        self._under_way: list[Trail] = []
        self._before: list[Specks] = []
        self._lately: deque[tuple[int, Specks]] = deque()
        self._stirs = np.zeros((height // PLACE_CELLS + 1, width // PLACE_CELLS + 1), np.float32)

    def update(self, specks: Specks) -> list[Trail]:
        """Return the flights that are over and came down."""
        self._frame += 1
        self._keep(specks)
        self._clutter += 0.1 * (max(len(specks), 1) - self._clutter)
        calm = self._calm(specks)
        free = np.ones(len(specks), np.bool_)
        for trail, row, radius in self._matched(specks):
            free[row] = False
            trail.add(specks.at_s, specks.xy[row], float(specks.size[row]), self._frame)
            trail.chance += self._odds(radius, trail.xy[-1])
        over: list[Trail] = []
        going: list[Trail] = []
        for trail in self._under_way:
            (over if self._is_over(trail, specks.at_s) else going).append(trail)
        self._under_way = [trail for trail in going if not self._flickers(trail)]
        self._ended = [trail for trail in (*self._ended, *over) if trail.at_s[-1] > specks.at_s - ENDED_S]
        rest = _largest(specks[free & calm], MOST_NEW)
        self._begin(rest)
        self._before = [*self._before[-1:], rest]
        self._begin_arcs(specks)
        return self._told(over)

    def _begin_arcs(self, specks: Specks) -> None:
        """What keeps to a parabola among specks that others have, or nobody has."""
        for places in self._arcs.update(self._frame, specks):
            arc = Trail.through(places)
            arc.chance = self._chance(places)
            if arc.chance <= ARC_CHANCE and len(self._under_way) < MOST_FLIGHTS:
                self._follow(arc)

    def _follow(self, arc: Trail) -> None:
        """Unless others have followed it; who has nothing but its specks, and began late, gives way."""
        specks = set(arc.points)
        shares = {trail: sum(map(specks.__contains__, trail.points)) for trail in (*self._under_way, *self._ended)}
        within = {trail for trail, share in shares.items() if share >= WITHIN * len(trail.at_s)}
        others = sum(share for trail, share in shares.items() if trail not in within and len(trail.at_s) >= FOLLOWED)
        longest = max((len(trail.at_s) for trail in within), default=0)
        if others < MOST_OTHERS * len(specks) and LONGER * longest <= len(specks):
            self._under_way = [*(trail for trail in self._under_way if trail not in within), arc]

    def finish(self) -> list[Trail]:
        """No more frames: those that came down so far."""
        over, self._under_way = self._under_way, []
        return self._told(over)

    def _told(self, over: list[Trail]) -> list[Trail]:
        parts = [part for trail in over if self._came_down(trail) for part in _parted(trail)]
        return [self._whole(part) for part in parts if self._came_down(part)]

    def _whole(self, trail: Trail) -> Trail:
        """With what else lies on its parabola, where that is much."""
        points = np.column_stack([trail.at_s, trail.xy])
        places = whole(points, median_high(trail.size), self._lately)
        if not places:
            return trail
        longer = Trail.through(places)
        longer.chance = self._chance(places)
        return longer if longer.chance <= WHOLE_CHANCE and self._came_down(longer) else trail

    def _keep(self, specks: Specks) -> None:
        self._lately.append((self._frame, specks))
        while self._lately[0][1].at_s < specks.at_s - KEPT_S:
            self._lately.popleft()

    def _flickers(self, trail: Trail) -> bool:
        """A leaf that is followed for ever."""
        x, y = trail.xy[-1]
        restless = self._stirs[int(y) // PLACE_CELLS, int(x) // PLACE_CELLS] >= RESTLESS
        return bool(restless) and len(trail.at_s) >= FLICKERS and trail.down < LEAST_DOWN * self._height

    def _calm(self, specks: Specks) -> NDArray[np.bool_]:
        """Which of them are where there are few, as a rule."""
        column, row = (specks.xy / PLACE_CELLS).astype(np.intp).T
        calm: NDArray[np.bool_] = self._stirs[row, column] < RESTLESS
        learn = 1 - math.exp(-max(specks.at_s - self._last_s, 0.0) / LEARN_S)
        self._last_s = specks.at_s
        self._stirs *= 1 - learn
        # Twice in one square is once: what is asked of a place twice in one go is done once.
        self._stirs[row, column] += learn
        return calm

    def _matched(self, specks: Specks) -> Iterator[tuple[Trail, int, float]]:
        """Who goes on with which speck, and within which radius; what fits best first, in place and in size."""
        trails = self._under_way
        if not trails or not len(specks):
            return
        sizes = np.array([trail.usual_size for trail in trails], np.float32)
        places = ahead(trails, specks.at_s, sizes)
        dx, dy = specks.xy[:, 0] - places[:, :1], specks.xy[:, 1] - places[:, 1:2]
        off = (dx * dx + dy * dy) / np.square(places[:, 2:])
        rows, columns = np.nonzero(off <= 1)
        usual, size = sizes[rows], specks.size[columns]
        unlike = np.abs(np.log((size + 1) / (usual + 1)))
        order = np.argsort(np.sqrt(off[rows, columns]) + SIZE_WEIGHT * unlike)
        order = order[alike(size, usual)[order]]
        gone_on, taken = set[int](), set[int]()
        for row, column in zip(rows[order].tolist(), columns[order].tolist(), strict=True):
            if row not in gone_on and column not in taken:
                gone_on.add(row)
                taken.add(column)
                yield trails[row], column, float(places[row, 2])

    def _chance(self, places: Sequence[Place]) -> float:
        return sum(self._odds(place.radius, (place.x, place.y)) for place in places)

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


def _parted(trail: Trail) -> list[Trail]:
    """What is two things' as two; each has its share of the odds."""
    place = where_it_falls(np.array(trail.at_s), np.array(trail.xy), median_high(trail.size))
    return [trail] if not place else [trail.part(0, place), trail.part(place, len(trail.at_s))]


def _largest(specks: Specks, most: int) -> Specks:
    if len(specks) <= most:
        return specks
    kept = np.zeros(len(specks), np.bool_)
    kept[np.argpartition(specks.size, -most)[-most:]] = True
    return specks[kept]
