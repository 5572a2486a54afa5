"""Time counted in looks."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from edgeguard.scenarios.stay import Dwell, Resumption, Stay
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.types import Observation, Tracks

START = datetime(2026, 1, 31, 8, tzinfo=UTC)


def stay(looks: Sequence[tuple[float, bool]]) -> Stay:
    """Seconds of a look, and whether it was seen in it; the first one is at 0."""
    made = Stay(0.0)
    for at_s, seen in looks:
        made.go_on(at_s, seen=seen)
    return made


@pytest.mark.parametrize(
    ("looks", "held_s", "absent_s"),
    [
        ([], 0, 0),
        ([(1, True), (2, True)], 2, 0),
        ([(1, True), (2, False), (3, False), (4, True)], 4, 0),
        ([(1, True), (2, False), (3, False)], 3, 2),
        # The gate was closed: nothing has moved. Longer than 6 s nobody knows.
        ([(5, True), (10, True)], 10, 0),
        ([(100, True)], 6, 0),
        # Gone, with a look in five seconds: one second of each is known.
        ([(5, False), (10, False)], 10, 2),
        # A clock set back.
        ([(-5, True)], 0, 0),
    ],
)
def test_time_is_counted_in_looks(looks: list[tuple[float, bool]], held_s: float, absent_s: float) -> None:
    made = stay(looks)
    assert (made.held_s, made.absent_s) == (held_s, absent_s)


@pytest.mark.parametrize(
    ("looks", "lasts"),
    [
        ([], False),
        ([(2, True)], False),
        ([(3, True)], True),
        ([(3, False)], False),
        ([(2, True), (2.5, False), (3, True)], True),
        # Seen in less than half of the time.
        ([(0.5, True), (1.5, False), (2.5, False), (3, True)], False),
    ],
)
def test_it_lasts_when_it_is_seen_for_most_of_it(looks: list[tuple[float, bool]], lasts: bool) -> None:
    assert stay(looks).lasts(3) is lasts


@pytest.mark.parametrize(
    ("shown_s", "gone_s", "over"), [(0.1, 0.9, False), (0.1, 1.1, True), (30, 9, False), (30, 10, True)]
)
def test_what_was_there_only_a_moment_is_over_sooner(shown_s: float, gone_s: float, over: bool) -> None:
    steps = [(shown_s * part / 100, True) for part in range(1, 101)]
    steps += [(shown_s + gone_s * part / 100, False) for part in range(1, 101)]
    assert stay(steps).over(10) is over


def look(at_s: float, blind_s: float = 0.0) -> Observation:
    return Observation(at_s, START, 640, 480, Tracks.empty(), blind_s)


def found() -> Candidate:
    return Candidate("person", 1, (0.1, 0.1, 0.3, 0.5), 0.9)


def test_a_covered_camera_says_nothing_about_a_condition() -> None:
    dwell = Dwell(2.0, 5.0)
    assert dwell.look(look(0), found()) is None
    for at_s in range(1, 60):
        assert dwell.look(look(at_s, at_s), None) is None
    assert dwell.seen is not None
    assert dwell.look(look(60), found()) is not None, "six seconds of it count"


def test_a_condition_that_came_to_nothing_is_counted() -> None:
    dwell = Dwell(10.0, 5.0)
    dwell.look(look(0), found())
    dwell.look(look(1), None)
    assert (dwell.seen, dwell.dismissed) == (None, 1)


@pytest.mark.parametrize(("held", "fresh"), [(True, [True, True, False]), (False, [False, False, False])])
def test_only_the_first_moments_after_a_restart_are_fresh(held: bool, fresh: list[bool]) -> None:
    resumption = Resumption(2.0)
    assert [resumption.fresh(at_s, held=held or at_s > 0) for at_s in (0.0, 1.0, 2.0)] == fresh
