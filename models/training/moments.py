"""Renders stills of the moment that counts: somebody comes through the doors with something, seen part by part.

What comes is an e-bike as often as not; the rest takes the same way, so that the doorway itself says nothing. Runs
where bpy is. Pictures are named s{seed}_{number} like other stills, and lie beside them; seeds from 700 on are theirs.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from models.training.scenes import cabin, layout, options, stills, vehicles
from models.training.scenes.kit import Thing, pose

E_BIKE_SHARE = 0.55
BACKWARDS = 0.25
# From outside the doors to well inside, in metres behind the sill; most of what is half seen lies between.
OUTSIDE_M, INSIDE_M = -0.95, 0.75


def stage(
    rng: np.random.Generator, room: cabin.Cabin, bike: Callable[[np.random.Generator], Thing] = vehicles.e_bike
) -> layout.Stage:
    """One group in the doorway, the doors open or opening around it; `bike` makes the e-bike."""
    brought = layout.two_wheeler(rng, bike(rng)) if rng.random() < E_BIKE_SHARE else _other(rng)
    depth_m, side = float(rng.uniform(OUTSIDE_M, INSIDE_M)), float(rng.uniform(-0.22, 0.22))
    # Far outside it still turns towards the lift; in the doors it goes straight in.
    turn_deg = float(rng.uniform(-1, 1)) * (60 if depth_m < -0.7 else 12)
    backwards = 180.0 if rng.random() < BACKWARDS else 0.0
    way = pose(side, depth_m, 90 + turn_deg + backwards)
    opening = float(rng.uniform(0.35, 1.0)) if depth_m < -0.6 else 1.0
    waiting = [thing.moved(pose(side, 0.75 * room.depth_m, float(rng.uniform(0, 360)))) for thing in _waiting(rng)]
    return layout.Stage((*(thing.moved(way) for thing in brought), *waiting), opening)


def _other(rng: np.random.Generator) -> list[Thing]:
    groups = layout.negatives(rng)
    return groups[0] if groups else []


def _waiting(rng: np.random.Generator) -> list[Thing]:
    """Now and then somebody is in the cabin already."""
    return layout.lone_person(rng) if rng.random() < 0.3 else []


def main(words: Sequence[str] | None = None) -> int:
    ask = options.of_stills("models.training.moments", __doc__, 700, 600).parse_args(words)
    return options.render_stills(ask, partial(stills.ordinary, staged=stage))


if __name__ == "__main__":
    raise SystemExit(main())
