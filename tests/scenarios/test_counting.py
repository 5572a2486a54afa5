from datetime import UTC, datetime

import numpy as np
import pytest

from edgeguard.scenarios.counting import AtLeast, Headcount
from edgeguard.scenarios.objects import Objects
from edgeguard.types import Detections, Observation, Tracks

START = datetime(2026, 1, 31, 8, tzinfo=UTC)


def look(at_s: float, count: int) -> Observation:
    xyxy = np.array([(100 * n, 100, 100 * n + 50, 300) for n in range(count)], np.float32).reshape(count, 4)
    boxes = Detections(xyxy, np.full(count, 0.9, np.float32), np.zeros(count, np.int16))
    return Observation(at_s, START, 1000, 500, Tracks(boxes, np.arange(count), np.zeros(count, np.float32)))


def counted(counts: list[int], hz: float) -> list[int]:
    headcount = Headcount(Objects({"person": 0.5}, ("person",)))
    groups = [headcount.look(look(number / hz, count)) for number, count in enumerate(counts)]
    return [group.count or 0 if group else 0 for group in groups]


@pytest.mark.parametrize(
    ("counts", "hz", "steady"),
    [
        ([], 8, []),
        ([0, 0], 8, [0, 0]),
        ([3, 3, 3], 1, [3, 3, 3]),
        # One look a second: each counts as it is.
        ([3, 1, 3], 1, [3, 1, 3]),
        # Five: the one that missed two does not.
        ([3, 3, 1, 3, 3, 3], 5, [3, 3, 3, 3, 3, 3]),
        ([3, 0, 3, 3], 5, [3, 3, 3, 3]),
        ([0, 0, 0, 3, 3, 3], 5, [0, 0, 0, 0, 0, 3]),
    ],
)
def test_the_median_of_a_second(counts: list[int], hz: float, steady: list[int]) -> None:
    assert counted(counts, hz) == steady


def test_asked_twice_it_counts_once() -> None:
    headcount = Headcount(Objects({"person": 0.5}, ("person",)))
    levels = [AtLeast(headcount, enter, enter) for enter in (1, 2, 3)]
    for number, count in enumerate([2, 2, 3, 2, 2]):
        now = look(number / 8, count)
        assert [level.look(now, held=False) is not None for level in levels] == [True, True, False]


def test_hysteresis() -> None:
    level = AtLeast(Headcount(Objects({"person": 0.5}, ("person",))), enter=4, leave=2)
    told = [
        level.look(look(float(number), count), held=held) is not None
        for number, (count, held) in enumerate([(3, False), (4, False), (3, True), (2, True), (1, True), (2, False)])
    ]
    assert told == [False, True, True, True, False, False]


def test_a_box_around_them_all() -> None:
    group = Headcount(Objects({"person": 0.5}, ("person",))).look(look(0, 3))
    assert group is not None
    assert group.box == pytest.approx((0, 0.2, 0.25, 0.6))
