"""Stills out of composed door cycles, labelled: a few of each, from rooms of their own (`scenes rooms --first 1000`).

They cost a tenth of a rendered still, and show every visitor at many places, in many lights and behind others. What was
brought is labelled, or who walks in first, and who stands about; others who come with it are not, so people are
`unlabelled` in the recipe.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.training.labels import Box

from .composer import Composer, Shot, seen
from .room import PERSON, SIZE_PX, Bgr, Plane

EACH = 6
LEAST_VISIBLE, HARDLY_VISIBLE = 0.25, 0.05
"""What is less visible than the first is not labelled, and not shown unless it is less visible than the second."""

LEAST_PIXELS = 60


@dataclass(frozen=True, slots=True)
class Still:
    """`lift` is a rendered room's name, or `composer.REAL`."""

    picture: Bgr
    boxes: list[Box]
    lift: str


def stills(composer: Composer, count: int) -> Iterator[Still]:
    """About `count` of them, half with an e-bike."""
    for number in range(count // EACH):
        comer, lift, shots, rng = composer.moments(number, EACH)
        pictures = seen(rng, [shot.picture for shot in shots])
        for picture, shot in zip(pictures, shots, strict=True):
            if not HARDLY_VISIBLE < shot.visible < LEAST_VISIBLE:
                yield Still(picture, boxes(shot, comer.label), lift)


def boxes(shot: Shot, label: int | None) -> list[Box]:
    """Around what is seen of it and of each bystander; none where so little is seen that it is not to be asked for, nor
    around what has no label."""
    brought = shot.seen if label == PERSON or shot.visible >= LEAST_VISIBLE else None
    planes = [(label, brought), *((PERSON, plane) for plane in shot.bystanders)]
    return [box for one, plane in planes if one is not None and plane is not None for box in _around(one, plane)]


def _around(label: int, seen: Plane) -> Iterator[Box]:
    ys, xs = np.nonzero(seen > 0.5)
    if len(xs) >= LEAST_PIXELS:
        corners = (float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1))
        yield Box.from_corners(label, corners, SIZE_PX)
