"""Stills out of composed door cycles, labelled: a few of each, from rooms of their own (`scenes rooms --first 1000`).

They cost a tenth of a rendered still, and show every visitor at many places, in many lights and behind others. Only
what was brought is labelled; the people around it are `unlabelled` in the recipe.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from models.training.labels import LABELS, Box

from .composer import Composer, Shot, seen
from .room import SIZE_PX, Bgr

EACH = 6
LEAST_VISIBLE, HARDLY_VISIBLE = 0.25, 0.05
"""What is less visible than the first is not labelled, and not shown unless it is less visible than the second."""

LEAST_PIXELS = 60
PERSON = LABELS.index("person")


@dataclass(frozen=True, slots=True)
class Still:
    """`lift` is a rendered room's name, or `composer.REAL`."""

    picture: Bgr
    boxes: list[Box]
    lift: str


def stills(composer: Composer, count: int) -> Iterator[Still]:
    """About `count` of them, half with an e-bike."""
    for number in range(count // EACH):
        guest, lift, shots, rng = composer.moments(number, EACH)
        pictures = seen(rng, [shot.picture for shot in shots])
        for picture, shot in zip(pictures, shots, strict=True):
            if not HARDLY_VISIBLE < shot.visible < LEAST_VISIBLE:
                yield Still(picture, boxes(shot, int(guest.told["label"])), lift)


def boxes(shot: Shot, label: int) -> list[Box]:
    """Around what is seen of it; none where it is a person, or where too little of it is seen to be asked for."""
    if label == PERSON or shot.seen is None or shot.visible < LEAST_VISIBLE:
        return []
    ys, xs = np.nonzero(shot.seen > 0.5)
    if len(xs) < LEAST_PIXELS:
        return []
    corners = (float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1))
    return [Box.from_corners(label, corners, SIZE_PX)]
