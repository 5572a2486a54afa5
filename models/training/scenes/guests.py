"""Who is invited into a room, by name: what is measured with, and what is to be learnt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from . import rare, visitors
from .kit import Thing
from .motion import Track
from .visitors import Visitor

Rng = np.random.Generator
Kind = Callable[[Rng], Visitor]


@dataclass(frozen=True, slots=True)
class Guests:
    """Who comes into a room: `others` of the kinds in turn, `e_bikes` of theirs in turn."""

    kinds: Sequence[Kind]
    e_bikes: int = 6
    others: int = 6
    e_bike_kinds: Sequence[Kind] = (visitors.e_bike,)

    def invited(self, rng: Rng, number: int) -> list[Visitor]:
        """Those of room `number`."""
        bikes = [self.e_bike_kinds[k % len(self.e_bike_kinds)](rng) for k in range(self.e_bikes)]
        return bikes + [self.other(rng, number * self.others + k) for k in range(self.others)]

    def other(self, rng: Rng, turn: int) -> Visitor:
        """Of the kind whose turn it is."""
        return self.kinds[turn % len(self.kinds)](rng)


def _rare(build: Callable[[Rng], rare.Party]) -> Kind:
    def visitor(rng: Rng) -> Visitor:
        party = build(rng)

        def cast(track: Track, time_s: float) -> list[Thing]:
            phase, place = track.phase(time_s) if track.moving(time_s) else None, track.matrix(time_s)
            return [thing.moved(place) for thing in party.group(phase)]

        return Visitor(party.what, party.side, cast)

    return visitor


GUESTS: Final = {
    "any": Guests(visitors.OTHERS),
    "bicycles": Guests(visitors.CYCLISTS),
    "loads": Guests(visitors.LOADS, 4, 12, (visitors.e_bike, partial(visitors.e_bike, dressed=True))),
    "folded": Guests(
        [*(_rare(build) for build in rare.LIKE_FOLDED), *visitors.OTHERS], e_bike_kinds=[_rare(rare.folded_e_bike)]
    ),
    "rare": Guests([_rare(build) for build in rare.OTHERS], 4, 8, [_rare(build) for build in rare.E_BIKES]),
}
