"""What else belongs to a flight: specks on its parabola, and no others."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.motion.specks import Specks
from edgeguard.motion.whole import whole

FPS, FRAMES = 25, 40
Points = NDArray[np.float64]
Seen = Callable[[int], bool]


def fall(gain: float = 300.0) -> Points:
    """(n, 3) of seconds, x, y: 20 cells a second sideways, and down."""
    t = np.arange(FRAMES) / FPS
    return np.column_stack([t, 200 + 20 * t, 60 + gain * t * t / 2])


def frames(points: Points, seen: Seen, others: int = 0, size: float = 4.0) -> list[tuple[int, Specks]]:
    """Each frame's specks: the thing where it is seen, and others anywhere."""
    chance = np.random.default_rng(7)
    kept = []
    for number, (at_s, x, y) in enumerate(points):
        xy = chance.uniform((0, 0), (960, 540), (others, 2))
        if seen(number):
            xy = np.concatenate([xy, [[x, y]]])
        kept.append((number + 1, Specks(at_s, xy.astype(np.float32), np.full(len(xy), size, np.float32))))
    return kept


def followed(points: Points, first: int, last: int) -> Points:
    """What the flight has of it, as specks are: float32."""
    return np.column_stack([points[first:last, 0], points[first:last, 1:].astype(np.float32)])


@pytest.mark.parametrize(
    ("what", "first", "last", "seen", "number"),
    [
        ("its start", 20, 40, lambda _: True, 40),
        ("its end", 0, 20, lambda _: True, 40),
        ("both", 12, 28, lambda _: True, 40),
        ("behind a branch", 22, 40, lambda n: n < 12 or n >= 22, 30),
        ("behind a tree for too long", 26, 40, lambda n: n < 8 or n >= 26, 0),
        ("all of it already", 0, 40, lambda _: True, 0),
        ("little", 4, 40, lambda _: True, 0),
        ("too few to tell", 0, 4, lambda _: True, 0),
        ("none at all", 0, 0, lambda _: True, 0),
    ],
)
def test_what_lies_on_its_parabola_is_its_own(what: str, first: int, last: int, seen: Seen, number: int) -> None:
    points = fall()
    found = whole(followed(points, first, last), 4.0, frames(points, seen))
    assert len(found) == number, what
    for place in found:
        assert (place.x, place.y) == pytest.approx(points[place.frame - 1, 1:], abs=0.01)


def test_among_flakes_it_finds_its_own() -> None:
    points = fall()
    found = whole(followed(points, 20, 40), 4.0, frames(points, lambda n: n % 5 > 0 or n >= 20, others=150))
    assert 36 <= len(found) <= 38
    off = [np.hypot(place.x - points[place.frame - 1, 1], place.y - points[place.frame - 1, 2]) for place in found]
    assert np.max(off) < 4


def test_a_last_speck_that_is_none_of_it_is_left_out() -> None:
    points = fall()
    own = followed(points, 20, 36)
    own[-1, 1:] += 30
    found = whole(own, 4.0, frames(points, lambda _: True))
    assert len(found) == 40
    assert (found[35].x, found[35].y) == pytest.approx(points[35, 1:], abs=0.01)


@pytest.mark.parametrize(
    ("what", "bent"),
    [
        ("goes down at one speed", lambda p: np.column_stack([p[:, 0], 200 + 20 * p[:, 0], 60 + 150 * p[:, 0]])),
        ("slows down", lambda p: np.column_stack([p[:, 0], p[:, 1], 60 + 300 * p[:, 0] - 80 * p[:, 0] ** 2])),
        ("flutters", lambda p: np.column_stack([p[:, 0], p[:, 1] + 12 * np.sin(12 * p[:, 0]), p[:, 2]])),
    ],
)
def test_what_is_no_parabola_is_left_as_it_is(what: str, bent: Callable[[Points], Points]) -> None:
    points = bent(fall())
    assert whole(followed(points, 20, 40), 4.0, frames(points, lambda _: True)) == [], what


def test_what_is_far_larger_is_another_thing() -> None:
    points = fall()
    assert whole(followed(points, 20, 40), 4.0, frames(points, lambda _: True, size=40.0)) == []
