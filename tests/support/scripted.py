"""A recording whose detector knows the time: a frame's level is its time, a table says what is there from when on."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from edgeguard.errors import SourceError
from edgeguard.replay.clip import EPOCH
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Detections, Frame, Picture

LABELS = ("person", "e-bike")
BIKE = Detections(np.array([[10, 10, 50, 40]], np.float32), np.array([0.9], np.float32), np.ones(1, np.int16))


def frames(times_s: list[float], breaks: bool = False) -> Iterator[Frame]:
    for index, at_s in enumerate(times_s):
        picture = picture_from_array(np.full((48, 64), int(at_s * 4), np.uint8), "gray")
        yield Frame("lift-1", index, at_s, EPOCH + timedelta(seconds=at_s), picture)
    if breaks:
        raise SourceError("cut off")


def time_of(picture: Picture) -> float:
    return float(picture.luma[0, 0]) / 4


def steady(until_s: float, fps: int = 8) -> list[float]:
    return [index / fps for index in range(round(until_s * fps))]
