"""Who finds free floor: people and what they bring were rendered apart, but do not stand in one another."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import islice
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from .kit import Thing
from .layout import LOW_M
from .rooms import DOORWAY_M, Room, cast_at, stands

STEP_M: Final = 0.25
# Of the smaller of two outlines: what clothes and handlebars give way.
OVERLAP: Final = 0.12

Outline = NDArray[np.float32]


def outline(things: Sequence[Thing]) -> Outline:
    """(n, 2) convex outline on the floor, in metres, of what is low enough to stand in somebody's way."""
    points = np.concatenate([part.mesh.vertices for thing in things for part in thing.parts])
    hull = cv2.convexHull(points[points[:, 2] < LOW_M][:, :2].astype(np.float32))
    return np.asarray(hull[:, 0], np.float32)


def collides(one: Outline, other: Outline) -> bool:
    """Whether they share more of the smaller one than clothes and handlebars give way."""
    smaller = min(cv2.contourArea(one), cv2.contourArea(other))
    return cv2.intersectConvexConvex(one, other)[0] > OVERLAP * smaller


class FreeFloor:
    """The floor of one room: where its visitors go, and where people stand about."""

    def __init__(self, made: Room) -> None:
        self._made = made
        self.way = cache(self._way)
        self.place = cache(self._place)

    def _way(self, guest: int) -> tuple[Outline, ...]:
        """What visitor `guest` and all with it cover between the doors and where it comes to stand."""
        _, x, visitor = self._made.casts[guest]
        last = stands(self._made.cabin)[-1]
        steps = np.linspace(DOORWAY_M, last, 2 + int((last - DOORWAY_M) / STEP_M))
        return tuple(outline([thing]) for y in steps for thing in cast_at(visitor, x, float(y)))

    def _place(self, group: int) -> Outline:
        """What the group `group` of those who stand about covers."""
        return outline(self._made.standing[group])

    def free(self, taken: Sequence[Outline], groups: Sequence[int], count: int) -> list[int]:
        """The first `count` of `groups` that fit beside what is taken and beside one another; fewer, if need be."""
        return list(islice(self._free(list(taken), groups), count))

    def _free(self, taken: list[Outline], groups: Sequence[int]) -> Iterator[int]:
        for group in groups:
            place = self.place(group)
            if not any(collides(place, other) for other in taken):
                taken.append(place)
                yield group
