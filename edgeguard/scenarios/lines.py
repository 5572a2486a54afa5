"""Who has come over a line, and which way."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edgeguard.polygons import Point
from edgeguard.scenarios.residents import Resident, Residents
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.types import Observation

# So far beside the line, in heights of the box, counts as one side: the edges of boxes tremble by less.
CLEARLY = 0.05
# A track that is lost for longer may be anybody.
LOST_S = 3.0


@dataclass(frozen=True, slots=True)
class Crossing:
    """`side` +1: to the side that `toward` lies on, -1: away from it."""

    who: Resident
    side: int


class Wire:
    """A line in 0..1 of the picture that objects cross with a point of their box.

    `height` of that point in the box: 1 its feet, for lines on the ground; 0.5 its middle, for the top of a wall.
    `toward`: a point on the side that counts as inside. `residents`: shared by lines that the same may cross.
    """

    def __init__(
        self, line: tuple[Point, Point], toward: Point, height: float, residents: Residents | None = None
    ) -> None:
        self._line = line
        self._toward = toward
        self._height = height
        self._shape = _Shape(line, toward, 1.0)
        self._residents = residents or Residents(LOST_S)
        self._were: dict[Resident, tuple[Point, int]] = {}

    @property
    def known(self) -> Sequence[Resident]:
        """Those seen in the last look and those remembered."""
        return self._residents.known

    def update(self, now: Observation, found: Sequence[Candidate]) -> list[Crossing]:
        """Take a look at all who may cross, wherever they are; returns who has crossed since the last one."""
        aspect = now.width_px / now.height_px
        if aspect != self._shape.aspect:
            self._shape = _Shape(self._line, self._toward, aspect)
        crossings = [crossing for who in self._residents.update(now, found) if (crossing := self._crossing(who))]
        if len(self._were) > len(self.known):
            self._were = {who: self._were[who] for who in self.known if who in self._were}
        return crossings

    def _crossing(self, who: Resident) -> Crossing | None:
        x0, y0, x1, y1 = who.seen.box
        at = (x0 + x1) / 2, y0 + self._height * (y1 - y0)
        beside, clearly = self._shape.beside(at), CLEARLY * (y1 - y0)
        if -clearly < beside < clearly:
            return None
        side = 1 if beside > 0 else -1
        before, self._were[who] = self._were.get(who), (at, side)
        if before is None or before[1] == side or not self._shape.between(before[0], at):
            return None
        return Crossing(who, side)


class _Shape:
    """A line in a picture that is `aspect` times as wide as high; distances in picture heights."""

    def __init__(self, line: tuple[Point, Point], toward: Point, aspect: float) -> None:
        self.aspect = aspect
        (x0, y0), (x1, y1) = line
        across, along = (x1 - x0) * aspect, y1 - y0
        length = math.hypot(across, along)
        self._from = line[0]
        self._normal = -along * aspect / length, across / length
        self._offset = x0 * self._normal[0] + y0 * self._normal[1]
        self._way = across * aspect / length**2, along / length**2
        if self.beside(toward) < 0:
            self._normal, self._offset = (-self._normal[0], -self._normal[1]), -self._offset

    def beside(self, at: Point) -> float:
        """From the endless line; positive on the inner side."""
        (x, y), (across, along) = at, self._normal
        return x * across + y * along - self._offset

    def between(self, before: Point, after: Point) -> bool:
        """Whether the way from one side to the other passes between the line's ends."""
        first, second = abs(self.beside(before)), abs(self.beside(after))
        share = first / (first + second)
        x, y = before[0] + share * (after[0] - before[0]), before[1] + share * (after[1] - before[1])
        part = (x - self._from[0]) * self._way[0] + (y - self._from[1]) * self._way[1]
        return 0 <= part <= 1


def check_side(line: tuple[Point, Point], zone: Sequence[Point]) -> None:
    """Raise ValueError for a line through the middle of its zone: it would not say which side is inside."""
    if abs(_Shape(line, centre(zone), 1.0).beside(centre(zone))) < CLEARLY:
        raise ValueError("a zone on one side of the line, which is the inside; met one whose middle lies on it")


def centre(polygon: Sequence[Point]) -> Point:
    """Mean of the corners."""
    return sum(x for x, _ in polygon) / len(polygon), sum(y for _, y in polygon) / len(polygon)
