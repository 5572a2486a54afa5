"""Renders stills of what is rarely met in lifts: folded e-bikes, kick scooters, delivery robots, luggage trolleys,
umbrellas, helmets.

Half of them hold an e-bike. Cameras look down steeply more often than they are met, for from above an umbrella hides
who holds it. Runs where bpy is; seeds from 1500 on are theirs, and they lie beside the other stills.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from models.training.scenes import cabin, layout, mounts, options, people, rare, sensor, stills, umbrellas, vehicles
from models.training.scenes.kit import Thing, pose

Rng = np.random.Generator
Group = list[Thing]

SEED: Final = 1500
E_BIKE_SHARE, DOORWAY_SHARE, STEEP_SHARE = 0.5, 0.2, 0.3
# Of those without an e-bike: a second thing beside the first.
SECOND_SHARE: Final = 0.3
# Round the lens no cloth; how often it is tried again; metres that a rim may bend at a wall.
CLEAR_M, TRIES, BENT_M = 0.1, 20, 0.12


def directed(rng: Rng, _number: int) -> stills.Shot:
    """One picture: the camera first, since no umbrella may be put over it."""
    room = cabin.cabin(rng)
    view = mounts.steep(rng, room) if rng.random() < STEEP_SHARE else mounts.mount(rng, room)
    how = sensor.sensor(rng)
    return stills.Shot(room, stage(rng, room, view), view, how)


def stage(rng: Rng, room: cabin.Cabin, view: mounts.Mount) -> layout.Stage:
    """What has come and others about it; made anew where an umbrella would stand in a wall or before the lens."""
    with_e_bike, at_doors = rng.random() < E_BIKE_SHARE, rng.random() < DOORWAY_SHARE
    for _ in range(TRIES):
        made = _in_doorway(rng, with_e_bike=with_e_bike) if at_doors else _inside(rng, room, with_e_bike=with_e_bike)
        if _as_wanted(made, with_e_bike=with_e_bike) and all(_free(thing, room, view) for thing in made.things):
            return made
    return layout.Stage(tuple(thing for thing in made.things if _free(thing, room, view)), made.opening)


def _as_wanted(made: layout.Stage, *, with_e_bike: bool) -> bool:
    """Whether something has found a place, and the e-bike where one was to come."""
    there = any(thing.label == vehicles.E_BIKE for thing in made.things)
    return bool(made.things) and there == with_e_bike


def _free(thing: Thing, room: cabin.Cabin, view: mounts.Mount) -> bool:
    if thing.kind != umbrellas.OPEN:
        return True
    low, high = thing.plan()
    beyond = max(-float(low[0]), float(high[0])) - room.width_m / 2, float(high[1]) - room.depth_m
    across = float((high - low).max()) / 2
    off = np.asarray(view.place_m[:2]) - (low + high) / 2
    return max(beyond) < BENT_M and float(np.linalg.norm(off)) > across + CLEAR_M


def _brought(rng: Rng, *, with_e_bike: bool) -> Group:
    builds = rare.E_BIKES if with_e_bike else rare.OTHERS
    group = builds[int(rng.integers(len(builds)))](rng).group(None)
    alone = rng.random() < 0.15 and len(group) > 1 and group[0].label != people.PERSON
    return group[:1] if alone else group


def _inside(rng: Rng, room: cabin.Cabin, *, with_e_bike: bool) -> layout.Stage:
    opening = float(rng.choice([0.0, 1.0, rng.uniform(0.3, 0.95)], p=[0.5, 0.35, 0.15]))
    groups = [_brought(rng, with_e_bike=with_e_bike)]
    if rng.random() < SECOND_SHARE:
        groups.append(_brought(rng, with_e_bike=False))
    groups += [layout.lone_person(rng) for _ in range(int(rng.choice([0, 0, 1, 2])))]
    return layout.arrange(rng, room, groups, opening)


def _in_doorway(rng: Rng, *, with_e_bike: bool) -> layout.Stage:
    """Half way through the doors, with it ahead."""
    way = pose(float(rng.uniform(-0.15, 0.15)), float(rng.uniform(-0.7, 0.6)), 90 + float(rng.uniform(-10, 10)))
    group = [thing.moved(way) for thing in _brought(rng, with_e_bike=with_e_bike)]
    return layout.Stage(tuple(group), 1.0)


def main(words: Sequence[str] | None = None) -> int:
    ask = options.of_stills("models.training.rarities", __doc__, SEED, 800).parse_args(words)
    return options.render_stills(ask, directed)


if __name__ == "__main__":
    raise SystemExit(main())
