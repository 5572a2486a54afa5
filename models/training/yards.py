"""Pictures of rendered yards to train on: people, cars, bicycles, dogs and bags, far from the camera."""

import json
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.boxes import area
from models.training.labels import LABELS, Box
from models.training.scenes.yard import NIGHT_FROM

FIRST_TRAINED = 4
"""Yards of smaller numbers are measured in, as those at night are."""

EVERY_NTH = 12
"""Of 5 pictures a second."""

HIDDEN = 0.7
"""What lies behind another thing by this share of its box is not asked for."""


def pictures(folder: Path) -> Iterator[tuple[str, NDArray[np.uint8], list[Box]]]:
    """Name, picture and boxes, from every yard below `folder` that is complete and that nothing is measured in."""
    for told in sorted(folder.glob("*/boxes.json")):
        if is_trained(told.parent):
            yield from _of(told)


def is_trained(yard: Path) -> bool:
    """Whether the yard of that folder is trained on, and so nothing is to be measured in it."""
    return int(yard.name) >= FIRST_TRAINED and not is_night(yard)


def is_night(yard: Path) -> bool:
    """Whether it is dark in the yard of that folder."""
    return int(yard.name) >= NIGHT_FROM


def _of(told: Path) -> Iterator[tuple[str, NDArray[np.uint8], list[Box]]]:
    film = cv2.VideoCapture(str(told.with_name("clip.mp4")))
    for number, shown in enumerate(json.loads(told.read_text(encoding="ascii"))):
        read, frame = film.read()
        if read and number % EVERY_NTH == 0:
            picture = frame.astype(np.uint8)
            yield f"{told.parent.name}-{number:03d}", picture, seen(shown, (picture.shape[1], picture.shape[0]))


def seen(shown: list[list[float | str]], size_px: tuple[int, int]) -> list[Box]:
    """Of [label, x1, y1, x2, y2] each, those that no nearer thing hides; what reaches lower stands nearer."""
    corners = [tuple(float(side) for side in box[1:]) for box in shown]
    return [
        Box.from_corners(LABELS.index(str(box[0])), own, size_px)
        for box, own in zip(shown, corners, strict=True)
        if all(_covered(own, other) < HIDDEN for other in corners if other[3] > own[3])
    ]


def _covered(own: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Which share of a box lies within another."""
    shared = max(own[0], other[0]), max(own[1], other[1]), min(own[2], other[2]), min(own[3], other[3])
    return area(shared) / area(own)
