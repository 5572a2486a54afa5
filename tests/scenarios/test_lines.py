"""Whoever crosses a line, by the path of the feet: (x, y) in 0..1 of a picture that is twice as wide as high."""

from datetime import UTC, datetime

import numpy as np
import pytest

from edgeguard.polygons import Point
from edgeguard.scenarios.lines import Wire, centre
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.types import Detections, Observation, Tracks

START = datetime(2026, 1, 31, 8, tzinfo=UTC)
UPRIGHT = ((0.5, 0.2), (0.5, 0.8))
SLANTED = ((0.2, 0.8), (0.8, 0.2))


def crossings(line: tuple[Point, Point], path: list[Point], toward: Point = (0.9, 0.5)) -> list[int]:
    """Sides that are reached; one look a second."""
    wire = Wire(line, toward, height=1.0)
    sides = []
    for at_s, (x, y) in enumerate(path):
        box = (x - 0.02, y - 0.2, x + 0.02, y)
        boxes = Detections(np.array([box], np.float32), np.ones(1, np.float32), np.zeros(1, np.int16))
        tracks = Tracks(boxes, np.ones(1, np.int64), np.zeros(1, np.float32))
        now = Observation(float(at_s), START, 1000, 500, tracks)
        sides += [crossing.side for crossing in wire.update(now, [Candidate("person", 1, box, 0.9)])]
    return sides


@pytest.mark.parametrize(
    ("line", "path", "sides"),
    [
        (UPRIGHT, [], []),
        (UPRIGHT, [(0.7, 0.5)], []),
        (UPRIGHT, [(0.3, 0.5), (0.7, 0.5)], [1]),
        (UPRIGHT, [(0.7, 0.5), (0.3, 0.5)], [-1]),
        (UPRIGHT, [(0.3, 0.5), (0.7, 0.5), (0.3, 0.5)], [1, -1]),
        # On the line is neither side.
        (UPRIGHT, [(0.3, 0.5), (0.5, 0.5), (0.3, 0.5)], []),
        (UPRIGHT, [(0.3, 0.5), (0.5, 0.5), (0.502, 0.5), (0.7, 0.5)], [1]),
        # Round its ends.
        (UPRIGHT, [(0.3, 0.9), (0.7, 0.9)], []),
        (UPRIGHT, [(0.3, 0.1), (0.7, 0.1)], []),
        (SLANTED, [(0.3, 0.4), (0.7, 0.6)], [1]),
        (SLANTED, [(0.3, 0.4), (0.4, 0.5)], []),
    ],
)
def test_who_crosses(line: tuple[Point, Point], path: list[Point], sides: list[int]) -> None:
    assert crossings(line, path) == sides
    # The same line drawn from the other end.
    assert crossings((line[1], line[0]), path) == sides
    # What is inside is a matter of where the zone lies.
    assert crossings(line, path, toward=(0.1, 0.3)) == [-side for side in sides]


def test_the_centre_of_a_zone() -> None:
    assert centre(((0, 0), (1, 0), (1, 1), (0, 1))) == (0.5, 0.5)
