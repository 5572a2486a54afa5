"""Who is whom: by the tracker, by the place, and when the tracker was wrong."""

from datetime import UTC, datetime

import numpy as np
import pytest

from edgeguard.scenarios.residents import Residents, longest
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.types import Detections, Observation, Tracks

START = datetime(2026, 1, 31, 8, tzinfo=UTC)
Box = tuple[float, float, float, float]
HERE: Box = (0.1, 0.1, 0.3, 0.5)
NEAR: Box = (0.12, 0.1, 0.32, 0.5)
HALF: Box = (0.2, 0.1, 0.4, 0.5)
AWAY: Box = (0.6, 0.1, 0.8, 0.5)
# Passes in front: nearer to the camera, so larger and lower.
FRONT: Box = (0.15, 0.12, 0.4, 0.62)
GONE: Box = (0.5, 0.12, 0.75, 0.62)


def found(track_id: int, box: Box) -> Candidate:
    return Candidate("person", track_id, box, 0.9)


def seen(at_s: float, *rows: tuple[int, Box]) -> tuple[Observation, list[Candidate]]:
    n = len(rows)
    boxes = Detections(
        np.array([box for _, box in rows], np.float32).reshape(n, 4), np.ones(n, np.float32), np.zeros(n, np.int16)
    )
    tracks = Tracks(boxes, np.array([track_id for track_id, _ in rows], np.int64), np.zeros(n, np.float32))
    return Observation(at_s, START, 1, 1, tracks), [found(track_id, box) for track_id, box in rows]


Look = list[tuple[int, Box]]


@pytest.mark.parametrize(
    ("looks", "same"),
    [
        ([[(1, HERE)], [(1, AWAY)]], True),
        ([[(1, HERE)], [(2, NEAR)]], True),
        ([[(1, HERE)], [(2, AWAY)]], False),
        ([[(1, HERE)], [], [(2, NEAR)]], True),
        # The one who stood there has only stepped aside.
        ([[(1, HERE)], [(2, NEAR), (1, AWAY)]], False),
    ],
)
def test_who_moves_is_told_by_the_tracker_or_by_where_they_were_lost(looks: list[Look], same: bool) -> None:
    residents = Residents(clear_s=5)
    first = residents.update(*seen(0, *looks[0]))[0]
    for number, rows in enumerate(looks[1:], start=1):
        again = residents.update(*seen(number / 2, *rows))
    assert (again[0] is first) is same


@pytest.mark.parametrize(
    ("looks", "same"),
    [
        ([[(1, HERE)], [(1, NEAR)]], True),
        ([[(1, HERE)], [(2, NEAR)]], True),
        ([[(1, HERE)], [(1, HALF)]], False),
        # Its track stands elsewhere, without a touch: it has left, and this is another one.
        ([[(1, HERE)], [(1, AWAY)], [(2, HERE)]], False),
        # Its track was lost: it has not.
        ([[(1, HERE)], [(2, AWAY)], [(3, HERE), (2, AWAY)]], True),
    ],
)
def test_what_stands_is_told_by_its_place(looks: list[Look], same: bool) -> None:
    residents = Residents(clear_s=5, still=0.6)
    first = residents.update(*seen(0, *looks[0]))[0]
    for number, rows in enumerate(looks[1:], start=1):
        again = residents.update(*seen(number / 2, *rows))
    assert (again[0] is first) is same


def test_nobody_is_remembered_for_ever() -> None:
    residents = Residents(clear_s=3)
    for at_s in range(10):
        residents.update(*seen(at_s, (at_s, (0.1 * at_s, 0, 0.1 * at_s + 0.05, 1))))
    assert len(residents.known) <= 2
    for at_s in range(10, 15):
        residents.update(*seen(at_s))
    assert residents.known == []


@pytest.mark.parametrize(
    ("passing", "kept"),
    [
        # Its track goes on with who passed in front of it; it turns up again under another one.
        ([[(1, FRONT)], [(1, GONE), (2, HERE)]], True),
        # Or under that of who passed.
        ([[(2, GONE), (1, HERE)], [(1, FRONT)], [(1, GONE), (2, NEAR)]], True),
        # It has gone itself, and another one has come.
        ([[(1, HALF)], [(1, AWAY), (2, HERE)]], False),
    ],
)
def test_who_stands_has_the_time_back_that_a_passer_by_took_along(passing: list[Look], kept: bool) -> None:
    residents = Residents(clear_s=5)
    for look in range(41):
        residents.update(*seen(look / 4, (1, HERE)))
    for number, rows in enumerate([*passing, *[passing[-1]] * 4], start=41):
        again = residents.update(*seen(number / 4, *rows))
    stays = {resident.seen.box: resident.stay.held_s for resident in again}
    standing_s = stays.get(HERE, stays.get(NEAR, 0.0))
    assert (standing_s >= 10) is kept
    assert max(stays.values()) >= 10, "the time is somebody's"


def test_the_longest_comes_with_how_long() -> None:
    residents = Residents(clear_s=5)
    for look in range(21):
        there = residents.update(*seen(look / 2, (1, HERE), *[(2, AWAY)] * (look > 10)))
    first = longest(there, 5)
    assert first is not None
    assert (first.track_id, first.held_s) == (1, 10)
    assert longest(there, 11) is None
    assert longest([], 0) is None
