"""What is rarely met in lifts and who is with it: folded e-bikes, kick scooters, delivery robots, luggage trolleys,
umbrellas, helmets.

It is in casts of its own, so that those of old seeds stay what they are.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from . import folded, helmets, kick_scooters, layout, luggage, people, robots, umbrellas, vehicles
from .kit import Floats, Thing, pose, turn
from .people import Stance, Wardrobe

RIDER_IN_HELMET: Final = "e-bike, its rider in a helmet"
UNDER_UMBRELLA: Final = "e-bike under an umbrella"
UMBRELLA: Final = "person with an umbrella"
HELMET: Final = "person with a helmet"
# Of those with an umbrella, how many have it open in the lift.
OPEN_SHARE: Final = 0.65
CHILDS_UMBRELLA: Final = 0.75
# Hands of a body 1.7 m tall that hold nothing, left first.
HANGING: Final = ((0.05, 0.27, 0.8), (0.05, -0.27, 0.8))
Rng = np.random.Generator
Group = Callable[[float | None], list[Thing]]
"""A step's phase 0..1, or None at rest -> what is brought and all who are with it, in its frame; it comes first."""


@dataclass(frozen=True, slots=True)
class Party:
    """`what` comes in; who pushes it walks on its `side`, +1 left, -1 right."""

    what: str
    side: float
    group: Group


def _side(rng: Rng) -> float:
    return float(rng.choice([-1, 1]))


def _stance(hands: Floats, phase: float | None, bend_deg: float) -> Stance:
    """Hands (2, 3) for a body 1.7 m tall, left first."""
    return people.reaching(hands, bend_deg) if phase is None else people.walking(phase, hands, bend_deg)


def _reached(point: Floats, at: Floats, who: Wardrobe) -> Floats:
    """A point of the group's frame in that of somebody at `at`, for a body 1.7 m tall."""
    inverse = np.linalg.inv(at)
    return np.asarray((inverse[:3, :3] @ point + inverse[:3, 3]) / (who.height_m / 1.7))


def _helmeted(rng: Rng, *, child: bool = False) -> Wardrobe:
    return replace(people.wardrobe(rng, child=child), helmet=helmets.any_helmet(rng), hat=None)


def _in_hand(umbrella: Thing, who: Wardrobe, hand: Floats, lean: Floats) -> Thing:
    """The umbrella at a hand, which is given for a body 1.7 m tall, in the person's frame."""
    x, y, z = hand * who.height_m / 1.7
    return umbrella.moved(pose(float(x), float(y), z_m=float(z)) @ lean)


def _lean(back_deg: float, aside_deg: float) -> Floats:
    return turn((1, 0, 0), aside_deg) @ turn((0, 1, 0), -back_deg)


def bearer(rng: Rng, who: Wardrobe, phase: float | None, umbrella: Thing, side: float) -> list[Thing]:
    """Somebody with an umbrella in the hand of that side, over the head or hanging down."""
    hands = np.array(HANGING)
    mine = 0 if side > 0 else 1
    up = umbrella.kind == umbrellas.OPEN
    if up:
        hands[mine] = (0.24, side * float(rng.uniform(0.06, 0.16)), float(rng.uniform(1.08, 1.2)))
    lean = (
        _lean(float(rng.uniform(6, 20)), side * float(rng.uniform(-4, 10)))
        if up
        else _lean(float(rng.uniform(-20, 5)), 0.0)
    )
    return [people.person(who, _stance(hands, phase, 3.0)), _in_hand(umbrella, who, hands[mine], lean)]


def an_umbrella(rng: Rng, *, child: bool = False) -> Thing:
    if rng.random() >= OPEN_SHARE:
        return umbrellas.furled_umbrella(rng).scaled(CHILDS_UMBRELLA if child else 1.0)
    return umbrellas.open_umbrella(rng).scaled(CHILDS_UMBRELLA if child else 1.0)


def folded_e_bike(rng: Rng) -> Party:
    """Pushed upright by its saddle, carried a little above the floor, or standing beside whoever has brought it."""
    bike, who, side = folded.folded_e_bike(rng), people.wardrobe(rng), _side(rng)
    roll = rng.random()
    if roll < 0.35:
        bike = bike.moved(pose(0, 0, lean_deg=float(rng.uniform(-6, 6)), z_m=float(rng.uniform(0.06, 0.22))))
    grip = bike.grips[0] if roll < 0.35 or bike.grips[0][2] > 0.72 else bike.grips[1]
    aside = float(rng.uniform(0.36, 0.46)) if roll < 0.8 else float(rng.uniform(0.5, 0.62))
    at = pose(float(grip[0] - rng.uniform(0.0, 0.2)), side * aside, -side * float(rng.uniform(0, 12)))
    hand = _reached(grip, at, who) if roll < 0.8 else np.array([0.28, -side * 0.06, 1.1])
    hands = np.array(HANGING)
    hands[1 if side > 0 else 0] = hand
    bend = float(rng.uniform(3, 9) if hand[2] > 0.75 else rng.uniform(14, 26))

    def group(phase: float | None) -> list[Thing]:
        return [bike, people.person(who, _stance(hands, phase, bend)).moved(at)]

    return Party(folded.KIND, side, group)


def helmeted_rider(rng: Rng) -> Party:
    """An e-bike with whoever wears a helmet, beside it or on it."""
    bike, who, side = vehicles.e_bike(rng), _helmeted(rng), _side(rng)
    if rng.random() < 0.3:
        rider = layout.riding(bike, who)
        return Party(RIDER_IN_HELMET, side, lambda _: [bike, rider])
    at = _beside(rng, bike, side)

    def group(phase: float | None) -> list[Thing]:
        return [bike, people.person(who, layout.grasp(bike, who, at, 10.0, phase)).moved(at)]

    return Party(RIDER_IN_HELMET, side, group)


def _beside(rng: Rng, bike: Thing, side: float, aside_m: float = 0.46) -> Floats:
    x = float(bike.grips[0][0]) - float(rng.uniform(0.06, 0.16))
    return pose(x, side * aside_m, -side * float(rng.uniform(8, 18)))


def under_umbrella(rng: Rng) -> Party:
    """An e-bike pushed with one hand, an umbrella in the other one, held over both."""
    bike, who, side = vehicles.e_bike(rng), people.wardrobe(rng), _side(rng)
    umbrella = umbrellas.open_umbrella(rng, float(rng.uniform(0.42, 0.52)))
    at = _beside(rng, bike, side, 0.42)
    near = max(bike.grips[:2], key=lambda grip: float(grip[1]) * side)
    far = 1 if side > 0 else 0
    hands = np.array([_reached(near, at, who)] * 2)
    hands[far] = (0.22, -side * float(rng.uniform(0.1, 0.18)), float(rng.uniform(1.1, 1.2)))
    held = _in_hand(umbrella, who, hands[far], _lean(float(rng.uniform(4, 14)), side * float(rng.uniform(4, 14))))

    def group(phase: float | None) -> list[Thing]:
        return [bike, people.person(who, _stance(hands, phase, 6.0)).moved(at), held.moved(at)]

    return Party(UNDER_UMBRELLA, side, group)


def pushed_scooter(rng: Rng) -> Party:
    """A kick scooter whose bar somebody holds, walking beside it or standing behind the bar with a foot on the deck."""
    thing, side = kick_scooters.any_kick_scooter(rng), _side(rng)
    who = _helmeted(rng) if rng.random() < 0.2 else people.wardrobe(rng)
    aside = 0.36 if rng.random() < 0.75 else 0.1
    at = pose(float(thing.grips[0][0] - rng.uniform(0.2, 0.34)), side * aside, -side * aside * 40)

    def group(phase: float | None) -> list[Thing]:
        return [thing, people.person(who, layout.grasp(thing, who, at, 6.0, phase)).moved(at)]

    return Party(thing.kind, side, group)


def carried_scooter(rng: Rng) -> Party:
    """Folded, its stem in one hand, the deck beside the legs."""
    thing, who, side = kick_scooters.any_kick_scooter(rng, folded=True), people.wardrobe(rng), _side(rng)
    down = turn((0, 1, 0), float(rng.uniform(-12, 25)), thing.grips[0])
    lifted = pose(0, 0, z_m=float(rng.uniform(0.64, 0.74)) * who.height_m / 1.7 - float(thing.grips[0][2])) @ down
    lowest = min(float(part.mesh.vertices[:, 2].min()) for part in thing.moved(lifted).parts)
    thing = thing.moved(pose(0, 0, z_m=max(0.03 - lowest, 0.0)) @ lifted)
    at = pose(float(thing.grips[0][0]) - 0.06, side * 0.27)
    hands = np.array(HANGING)
    hands[1 if side > 0 else 0] = _reached(thing.grips[0], at, who)

    def group(phase: float | None) -> list[Thing]:
        return [thing, people.person(who, _stance(hands, phase, 3.0)).moved(at)]

    return Party(thing.kind, side, group)


def childs_scooter(rng: Rng) -> Party:
    """A child on its scooter or beside it, often in a helmet; mostly somebody grown up behind."""
    thing, side = kick_scooters.childs(rng), _side(rng)
    child = _helmeted(rng, child=True) if rng.random() < 0.35 else people.wardrobe(rng, child=True)
    child = replace(child, height_m=float(np.clip(1.55 * thing.grips[0][2], 0.95, 1.3)))
    on_it = rng.random() < 0.5
    at = pose(float(thing.grips[0][0]) - 0.26, 0.0 if on_it else side * 0.28, 0.0 if on_it else -side * 15)
    at[2, 3] = kick_scooters.DECK_M if on_it else 0.0
    parent = people.person(people.wardrobe(rng), people.standing(rng))
    behind = pose(-0.65, side * float(rng.uniform(0.1, 0.35)), float(rng.uniform(-25, 25)))
    with_parent = rng.random() < 0.7

    def group(phase: float | None) -> list[Thing]:
        small = people.person(child, layout.grasp(thing, child, at, 5.0, None if on_it else phase)).moved(at)
        return [thing, small, *([parent.moved(behind)] if with_parent else [])]

    return Party(thing.kind, side, group)


def delivery_robot(rng: Rng) -> Party:
    """By itself; now and then somebody comes in behind it."""
    thing, side = robots.robot(rng), _side(rng)
    who = people.wardrobe(rng) if rng.random() < 0.25 else None
    behind = pose(-0.7, side * 0.3)

    def group(phase: float | None) -> list[Thing]:
        if who is None:
            return [thing]
        hands = np.array([[0.05, 0.27, 0.8], [0.28, -0.06, 1.1]])
        return [thing, people.person(who, _stance(hands, phase, 3.0)).moved(behind)]

    return Party(thing.kind, side, group)


def luggage_trolley(rng: Rng) -> Party:
    """Pushed from behind."""
    thing, who = luggage.luggage_trolley(rng), people.wardrobe(rng)
    at = pose(float(thing.grips[0][0] - rng.uniform(0.34, 0.42)), 0.0)

    def group(phase: float | None) -> list[Thing]:
        return [thing, people.person(who, layout.grasp(thing, who, at, 8.0, phase)).moved(at)]

    return Party(thing.kind, _side(rng), group)


def with_umbrella(rng: Rng) -> Party:
    """Somebody, now and then a child, who brings an umbrella and nothing else."""
    child, side = bool(rng.random() < 0.12), _side(rng)
    who, umbrella, seed = people.wardrobe(rng, child=child), an_umbrella(rng, child=child), int(rng.integers(2**31))
    return Party(UMBRELLA, side, lambda phase: bearer(np.random.default_rng(seed), who, phase, umbrella, side))


def with_helmet(rng: Rng) -> Party:
    """Somebody who has left the vehicle outside and the helmet on the head."""
    who, how = _helmeted(rng), people.standing(rng)

    def group(phase: float | None) -> list[Thing]:
        return [people.person(who, how if phase is None else people.walking(phase))]

    return Party(HELMET, _side(rng), group)


E_BIKES: Final[tuple[Callable[[Rng], Party], ...]] = (folded_e_bike, helmeted_rider, folded_e_bike, under_umbrella)
OTHERS: Final[tuple[Callable[[Rng], Party], ...]] = (
    pushed_scooter,
    delivery_robot,
    with_umbrella,
    luggage_trolley,
    childs_scooter,
    delivery_robot,
    with_helmet,
    carried_scooter,
)
# What is as small and as low as a folded e-bike, and none.
LIKE_FOLDED: Final = (pushed_scooter, luggage_trolley, carried_scooter, delivery_robot)
