"""Renders stills of what a detector missed or mistook: e-bikes half hidden, covered or seen from above, and lookalikes.

Half of them hold an e-bike. Cameras look down steeply or stand in the lobby more often than they are met, and more of
them see by night. Runs where bpy is; seeds from 900 on are theirs, and they lie beside the other stills.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from models.training import moments
from models.training.scenes import accessories, cabin, goods, layout, mounts, options, people, sensor, stills, vehicles
from models.training.scenes.kit import Thing, pose

Rng = np.random.Generator
Group = list[Thing]

E_BIKE_SHARE = 0.5
DOORWAY_SHARE = 0.25
STEEP_SHARE, LEVEL_SHARE = 0.42, 0.16


def directed(rng: Rng, _number: int) -> stills.Shot:
    """One picture: the camera first, since who stands in front of the e-bike depends on it."""
    room = cabin.cabin(rng)
    view, how = _view(rng, room), sensor.sensor(rng, sensor.NIGHTLY)
    if rng.random() < DOORWAY_SHARE:
        stage = moments.stage(rng, room, dressed)
        return stills.Shot(room, stage, view, how)
    opening = float(rng.choice([0.0, 1.0, rng.uniform(0.5, 0.95)], p=[0.5, 0.35, 0.15]))
    opening = 1.0 if view.kind == "level" else opening
    if rng.random() < E_BIKE_SHARE:
        stage = layout.arrange(rng, room, [_brought(rng)], opening)
        return stills.Shot(room, _hidden(rng, room, stage, view), view, how)
    groups = _LOOKALIKES[int(rng.choice(len(_LOOKALIKES), p=_SHARES))](rng)
    return stills.Shot(room, layout.arrange(rng, room, groups, opening), view, how)


def _view(rng: Rng, room: cabin.Cabin) -> mounts.Mount:
    roll = rng.random()
    if roll < STEEP_SHARE:
        return mounts.steep(rng, room)
    if roll < STEEP_SHARE + LEVEL_SHARE:
        return mounts.level(rng, room)
    view = mounts.mount(rng, room)  # most lift cameras are wide
    return replace(view, height_px=view.width_px * 9 // 32 * 2) if rng.random() < 0.6 else view


def dressed(rng: Rng) -> Thing:
    """An e-bike as it comes in winter and rain: behind an apron, under a cover, a blanket, a box."""
    if rng.random() < 0.2:
        build = vehicles.scooter if rng.random() < 0.5 else vehicles.commuter
        return build(rng, float(rng.uniform(0.4, 0.52)))
    bike = vehicles.e_bike(rng)
    return bike if (cover := _COVERS[int(rng.integers(len(_COVERS)))]) is None else cover(rng, bike)


_COVERS: Final[tuple[Callable[[Rng, Thing], Thing] | None, ...]] = (
    None,
    None,
    accessories.aproned,
    accessories.aproned,
    accessories.blanketed,
    accessories.rain_covered,
)


def _brought(rng: Rng) -> Group:
    """An e-bike and who is with it: bent over it, on it, behind it, in front of it, with a child on its seat."""
    bike, who = dressed(rng), people.wardrobe(rng)
    side = float(rng.choice([-1, 1]))
    roll = rng.random()
    if roll < 0.25:
        return [bike, _bent(rng, bike, who, side)]
    if roll < 0.4:
        return [bike, layout.riding(bike, who)]
    if roll < 0.52:
        return [bike, _facing(rng, bike, who)]
    if roll < 0.66:
        child = people.person(people.wardrobe(rng, child=True), people.seated(0.75)).moved(pose(-0.3, 0))
        return [bike, layout.beside(rng, bike, who, side), child]
    return layout.two_wheeler(rng, bike)


def _bent(rng: Rng, bike: Thing, who: people.Wardrobe, side: float) -> Thing:
    """Over the bars or the lock of a wheel."""
    x = float(bike.grips[0][0]) - float(rng.uniform(0.1, 0.7))
    return layout.holding(
        bike, who, pose(x, side * 0.42, -side * float(rng.uniform(20, 70))), float(rng.uniform(35, 70))
    )


def _facing(rng: Rng, bike: Thing, who: people.Wardrobe) -> Thing:
    """Walking backwards before it, both hands on the bars."""
    at = pose(float(bike.grips[0][0]) + float(rng.uniform(0.45, 0.65)), float(rng.uniform(-0.15, 0.15)), 180)
    return layout.holding(bike, who, at, float(rng.uniform(15, 45)))


def _hidden(rng: Rng, room: cabin.Cabin, stage: layout.Stage, view: mounts.Mount) -> layout.Stage:
    """Often one or two people between the camera and the e-bike."""
    things = list(stage.things)
    count = int(rng.choice([0, 1, 2], p=[0.4, 0.4, 0.2]))
    if not things or not count:
        return stage
    floor = layout.Floor(room, stage.opening)
    for thing in things:
        floor.take(thing)
    bike = things[0].plan().mean(axis=0)
    for _ in range(count):
        person = layout.lone_person(rng)[0]
        for _ in range(40):
            x, y = bike + (np.asarray(view.place_m[:2]) - bike) * rng.uniform(0.25, 0.8) + rng.normal(0, 0.14, 2)
            there = person.moved(pose(float(x), float(y), float(rng.uniform(0, 360))))
            if floor.fits(there, 0.05, 0.25):
                floor.take(there)
                things.append(there)
                break
    return layout.Stage(tuple(things), stage.opening)


def _crowd(rng: Rng) -> list[Group]:
    return [layout.lone_person(rng) for _ in range(int(rng.integers(3, 7)))]


def _luggage(rng: Rng) -> list[Group]:
    build = (goods.suitcase, goods.suitcase, goods.pulled_trolley, goods.boxes)
    groups: list[Group] = [[build[int(rng.integers(4))](rng)] for _ in range(int(rng.integers(1, 4)))]
    return groups + [layout.lone_person(rng) for _ in range(int(rng.integers(1, 3)))]


def _pram(rng: Rng) -> list[Group]:
    pram = goods.pram(rng)
    pram = goods.covered(rng, pram) if rng.random() < 0.4 else pram
    child = [people.person(people.wardrobe(rng, child=True), people.standing(rng))]
    group = [pram, _bent(rng, pram, people.wardrobe(rng), 1.0)] if rng.random() < 0.25 else layout.wheeled(rng, pram)
    return [group, *([child] if rng.random() < 0.4 else []), *_company(rng)]


def _chair(rng: Rng) -> list[Group]:
    build = (goods.wheelchair, goods.power_chair, goods.power_chair, goods.sports_chair, goods.mobility_scooter)
    chair = build[int(rng.integers(len(build)))](rng)
    chair = goods.laden(rng, chair) if rng.random() < 0.6 else chair
    return [layout.wheeled(rng, chair), *_company(rng)]


def _bicycle(rng: Rng) -> list[Group]:
    small = bool(rng.random() < 0.3)
    bike = vehicles.child_bicycle(rng) if small else vehicles.bicycle(rng)
    who = people.wardrobe(rng, child=small)
    group = layout.two_wheeler(rng, bike)
    if rng.random() < 0.5:
        group = [bike, _bent(rng, bike, who, float(rng.choice([-1, 1])))]
    return [group, *_company(rng)]


def _cart(rng: Rng) -> list[Group]:
    cart = goods.shopping_cart(rng)
    cart = goods.covered(rng, cart) if cart.kind == "shopping cart" and rng.random() < 0.5 else cart
    return [layout.wheeled(rng, cart), *_company(rng)]


def _company(rng: Rng) -> list[Group]:
    return [layout.lone_person(rng) for _ in range(int(rng.choice([0, 0, 1, 2])))]


_LOOKALIKES: Final[tuple[Callable[[Rng], list[Group]], ...]] = (_crowd, _luggage, _pram, _chair, _bicycle, _cart)
_SHARES: Final = (0.16, 0.13, 0.2, 0.25, 0.18, 0.08)


def main(words: Sequence[str] | None = None) -> int:
    ask = options.of_stills("models.training.failures", __doc__, 900, 1200).parse_args(words)
    return options.render_stills(ask, directed)


if __name__ == "__main__":
    raise SystemExit(main())
