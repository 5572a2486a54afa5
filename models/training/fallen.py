"""Renders stills of somebody who lies in a lift: on the back, on the face, on a side, curled up, slumped at a wall.

A detector that has only ever seen people upright in lifts does not see them once they have fallen. Half of the lifts
are otherwise empty, as they are when nobody helps. Runs where bpy is; seeds from 1400 on are theirs, and they lie
beside the other stills.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Final

import numpy as np

from models.training.scenes import cabin, goods, layout, options, people, stills
from models.training.scenes.kit import Floats, Thing, pose, turn

Rng = np.random.Generator

SEED: Final = 1400
KIND: Final = "lying person"
SLUMPED_SHARE, CHILD_SHARE = 0.15, 0.1
ALONG, ACROSS = (0, 1, 0), (1, 0, 0)
"""Axes in the person's own frame: about the first one falls on back or face, about the second on a side."""

_FALLS: Final = ((ALONG, -90.0), (ALONG, 90.0), (ACROSS, 90.0), (ACROSS, -90.0))


def stage(rng: Rng, room: cabin.Cabin) -> layout.Stage:
    """One who lies; now and then what was carried, or others who stand by."""
    opening = float(rng.choice([0.0, 1.0, rng.uniform(0.3, 0.95)], p=[0.6, 0.3, 0.1]))
    groups = [[fallen(rng, anybody(rng))]]
    if rng.random() < 0.5:
        groups += [layout.lone_person(rng) for _ in range(int(rng.integers(0, 3)))]
        things = (goods.suitcase, goods.pulled_trolley, goods.dog, goods.boxes)
        groups += [[things[int(rng.integers(len(things)))](rng)]] if rng.random() < 0.4 else []
    return layout.arrange(rng, room, groups, opening)


def anybody(rng: Rng) -> people.Wardrobe:
    return people.wardrobe(rng, child=bool(rng.random() < CHILD_SHARE))


def fallen(rng: Rng, who: people.Wardrobe) -> Thing:
    """Somebody on the floor, the middle of the body over the origin."""
    if rng.random() < SLUMPED_SHARE:
        down = people.person(who, people.seated(0.02, hands=_hands(rng, 0.3)))
    else:
        axis, angle = _FALLS[int(rng.integers(len(_FALLS)))]
        down = people.person(who, _limp(rng)).moved(turn(axis, angle + float(rng.normal(0, 6))))
    points = np.concatenate([part.mesh.vertices for part in down.parts])
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    return replace(down, kind=KIND).moved(pose(-float(middle[0]), -float(middle[1]), z_m=-float(points[:, 2].min())))


def _limp(rng: Rng) -> people.Stance:
    """Stretched out (hips as high as in standing) to curled up."""
    hips_m = float(rng.uniform(0.5, 0.92))
    feet = np.array([[0.0, 0.1, 0.0], [0.0, -0.1, 0.0]]) + rng.uniform((-0.15, -0.1, 0), (0.3, 0.1, 0.08), (2, 3))
    return people.Stance(
        _hands(rng, hips_m + 0.2),
        feet,
        float(rng.uniform(-8, 45)),
        hips_m,
        float(rng.uniform(-60, 60)),
        float(rng.uniform(-15, 30)),
    )


def _hands(rng: Rng, middle_m: float) -> Floats:
    """Anywhere arms reach: beside the body, before the face, thrown out."""
    sides = np.array([[0.0, 0.3, middle_m], [0.0, -0.3, middle_m]])
    return sides + rng.uniform((-0.2, -0.15, -0.35), (0.45, 0.15, 0.55), (2, 3))


def main(words: Sequence[str] | None = None) -> int:
    ask = options.of_stills("models.training.fallen", __doc__, SEED, 420).parse_args(words)
    return options.render_stills(ask, partial(stills.ordinary, staged=stage))


if __name__ == "__main__":
    raise SystemExit(main())
