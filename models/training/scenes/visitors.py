"""Who comes into the lift on a visit: an e-bike with its owner, or what must never be taken for one."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from . import accessories, goods, layout, people, scripts, vehicles
from .kit import Floats, Part, Thing, pose
from .motion import Track

NEVER: Final = 99.0
COVERED_SHARE: Final = 0.25
COVERS: Final = (accessories.rain_covered, accessories.rain_covered, accessories.aproned, accessories.blanketed)
Rng = np.random.Generator
Cast = Callable[[Track, float], list[Thing]]
_AHEAD: Final = ((0.0, 0.0), (NEVER, 0.0))


@dataclass(frozen=True, slots=True)
class Visitor:
    """`cast` gives what is there at a time on a track; the first of it is `what`, and its visibility is told."""

    what: str
    side: float
    cast: Cast


def e_bike(rng: Rng, *, dressed: bool = False) -> Visitor:
    """An e-bike that is pushed in from its side; `dressed`: under a rain cover or a blanket, or behind an apron."""
    bike = vehicles.e_bike(rng)
    bike = COVERS[int(rng.integers(len(COVERS)))](rng, bike) if dressed else bike
    who, side = people.wardrobe(rng), float(rng.choice([-1, 1]))
    return Visitor("e-bike", side, _pushed(bike, who, _beside(bike, side)))


def other(rng: Rng, seed: int) -> Visitor:
    """Something else: each kind in turn, so that 12 visits in a row hold all of them."""
    return OTHERS[seed % len(OTHERS)](rng)


def _beside(bike: Thing, side: float) -> Floats:
    return pose(float(bike.grips[0][0]) - 0.1, 0.48 * side, -14 * side)


def _behind(rng: Rng, thing: Thing) -> Floats:
    middle = (thing.grips[0] + thing.grips[1]) / 2
    return pose(float(middle[0] - rng.uniform(0.32, 0.42)), float(middle[1]))


def _pushed(thing: Thing, who: people.Wardrobe, at: Floats, seated: Sequence[Thing] = ()) -> Cast:
    def cast(track: Track, time_s: float) -> list[Thing]:
        place = track.matrix(time_s)
        person = scripts.with_hands_on(thing, track, time_s, who, at, 10.0, _AHEAD)
        return [thing.moved(place), person, *(one.moved(place) for one in seated)]

    return cast


def _sometimes_covered(build: Callable[[Rng], Thing]) -> Callable[[Rng], Thing]:
    def made(rng: Rng) -> Thing:
        thing = build(rng)
        return goods.covered(rng, thing) if rng.random() < COVERED_SHARE else thing

    return made


def _side(rng: Rng) -> float:
    return float(rng.choice([-1, 1]))


def _two_wheeler(build: Callable[[Rng], Thing], *, child: bool = False) -> Callable[[Rng], Visitor]:
    def visitor(rng: Rng) -> Visitor:
        bike, side = build(rng), _side(rng)
        return Visitor(bike.kind, side, _pushed(bike, people.wardrobe(rng, child=child), _beside(bike, side)))

    return visitor


def _rolled(build: Callable[[Rng], Thing]) -> Callable[[Rng], Visitor]:
    def visitor(rng: Rng) -> Visitor:
        thing = build(rng)
        while len(thing.grips) < 2:  # cartons on the floor are not pushed
            thing = build(rng)
        return Visitor(thing.kind, _side(rng), _pushed(thing, people.wardrobe(rng), _behind(rng, thing)))

    return visitor


def _wheelchair(rng: Rng) -> Visitor:
    chair = goods.wheelchair(rng)
    rider, who = layout.occupant(chair, people.wardrobe(rng)), people.wardrobe(rng)
    return Visitor(chair.kind, _side(rng), _pushed(chair, who, _behind(rng, chair), [rider]))


def _driven(build: Callable[[Rng], Thing]) -> Callable[[Rng], Visitor]:
    def visitor(rng: Rng) -> Visitor:
        chair = build(rng)
        both = [chair, layout.occupant(chair, people.wardrobe(rng))]
        return Visitor(chair.kind, _side(rng), lambda track, time_s: [one.moved(track.matrix(time_s)) for one in both])

    return visitor


def _people(child: bool, armful: Callable[[Rng], list[Part]] = people.carried) -> Callable[[Rng], Visitor]:
    """Two who walk in, the second a little behind: a child, or somebody with a carton in the arms."""

    def visitor(rng: Rng) -> Visitor:
        first, second = people.wardrobe(rng), people.wardrobe(rng, child=child)
        aside = pose(-0.35, 0.4 * _side(rng))
        carton = Thing("carton", goods.BAG, tuple(armful(rng))).scaled(second.height_m / 1.7)

        def cast(track: Track, time_s: float) -> list[Thing]:
            place = track.matrix(time_s)
            after = place @ aside
            leader = scripts.walker(track, time_s, first, _AHEAD)
            if child:
                follower = scripts.walker(track, time_s, second, _AHEAD)
                return [leader, follower.moved(after @ np.linalg.inv(place))]
            arms = people.reaching(np.array([[0.36, 0.2, 1.02], [0.36, -0.2, 1.02]]), 0.0)
            return [leader, people.person(second, arms).moved(after), carton.moved(after)]

        return Visitor("people with a child" if child else "people with a carton", _side(rng), cast)

    return visitor


OTHERS: Final[tuple[Callable[[Rng], Visitor], ...]] = (
    _rolled(goods.pram),
    _wheelchair,
    _driven(goods.power_chair),
    _driven(goods.mobility_scooter),
    _two_wheeler(vehicles.bicycle),
    _two_wheeler(vehicles.child_bicycle, child=True),
    _rolled(goods.shopping_cart),
    _rolled(goods.suitcase),
    _rolled(goods.boxes),
    _people(child=True),
    _rolled(goods.pram),
    _people(child=False),
)

LOADS: Final = (
    *[_people(child=False, armful=people.armful)] * 3,
    _people(child=True),
    *[_rolled(_sometimes_covered(goods.shopping_cart))] * 3,
    _rolled(goods.suitcase),
    _rolled(goods.boxes),
    _rolled(_sometimes_covered(goods.pram)),
    _wheelchair,
    _driven(goods.mobility_scooter),
)

CYCLISTS: Final = (*[_two_wheeler(vehicles.bicycle)] * 4, _two_wheeler(vehicles.child_bicycle, child=True))
