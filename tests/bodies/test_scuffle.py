"""Noise that is torn about by a clock of its own: what moves evenly is no fight, what is torn about is."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.bodies.flow import Flow, small
from edgeguard.bodies.manifest import fight_of
from edgeguard.bodies.scuffle import Scuffle, close, largest_heap
from edgeguard.boxes import Box, hull
from edgeguard.networks import ExecutionConfig, models_dir
from edgeguard.sources.picture import picture_from_array

A, B, C = (100.0, 50.0, 140.0, 150.0), (150.0, 50.0, 190.0, 150.0), (260.0, 50.0, 300.0, 150.0)
CHANCE = np.random.default_rng(4)
NOISE = np.kron(CHANCE.integers(0, 255, (60, 80)), np.ones((4, 4))).astype(np.uint8)
Shift = Callable[[float], tuple[int, int]]


@pytest.mark.parametrize(
    ("one", "other", "near"),
    [
        (A, B, True),
        (A, C, False),
        (A, A, True),
        # A gap of a third of the taller one's height.
        ((0, 0, 40, 100), (74, 0, 114, 60), True),
        ((0, 0, 40, 100), (76, 0, 116, 60), False),
        # One above the other.
        ((0, 0, 40, 100), (0, 130, 40, 190), True),
        ((0, 0, 40, 100), (0, 140, 40, 200), False),
    ],
)
def test_close_is_measured_in_heights(one: Box, other: Box, near: bool) -> None:
    assert close(one, other) is near
    assert close(other, one) is near


@pytest.mark.parametrize(
    ("boxes", "heap"),
    [
        ([], []),
        ([C], [C]),
        ([A, B, C], [A, B]),
        ([C, A, C, C], [C, C, C]),
        # B joins A and what is right of it.
        ([A, (200.0, 50.0, 240.0, 150.0), B], [A, B, (200.0, 50.0, 240.0, 150.0)]),
    ],
)
def test_the_largest_heap(boxes: list[Box], heap: list[Box]) -> None:
    assert sorted(map(tuple, largest_heap(boxes))) == sorted(map(tuple, heap))


def test_a_large_picture_is_made_small() -> None:
    luma, scale = small(np.zeros((1080, 1920), np.uint8))
    assert luma.shape == (180, 320)
    assert scale == pytest.approx(1 / 6)
    own = np.zeros((240, 320), np.uint8)
    luma, scale = small(own)
    assert (luma is own, scale) == (False, 1.0)


def test_a_camera_that_moves_is_still() -> None:
    moved = np.roll(NOISE, 3, axis=1)
    assert np.abs(np.median(Flow()(NOISE, moved).reshape(-1, 2), axis=0)).max() < 0.01


def looked(shift: Shift, people: list[Box], seconds: float = 3.0, hz: float = 8.0) -> list[tuple[float, Box] | None]:
    """What is said of a still background on which the people's boxes show noise that shifts."""
    scuffle = Scuffle(fight_of(models_dir()), ExecutionConfig())
    said: list[tuple[float, Box] | None] = []
    for look in range(round(seconds * hz)):
        at_s = look / hz
        said.append(scuffle.judge(picture_from_array(scene(shift(at_s), people), "gray"), people, at_s))
    return said


def scene(shift: tuple[int, int], people: list[Box]) -> NDArray[np.uint8]:
    picture = np.full((240, 320), 90, np.uint8)
    for box in people:
        x0, y0, x1, y1 = (int(side) for side in box)
        picture[y0:y1, x0:x1] = np.roll(NOISE, shift, axis=(0, 1))[y0:y1, x0:x1]
    return picture


def torn(at_s: float) -> tuple[int, int]:
    chance = np.random.default_rng(round(at_s * 1000))
    down, right = chance.integers(-14, 15, 2)
    return int(down), int(right)


def highest(said: list[tuple[float, Box] | None]) -> float:
    return max((one[0] for one in said if one is not None), default=0.0)


def test_nobody_is_no_fight() -> None:
    assert looked(torn, []) == [None] * 24


def test_nothing_is_said_before_enough_was_seen() -> None:
    said = looked(torn, [A, B])
    first = next(index for index, one in enumerate(said) if one is not None)
    assert 1.25 <= first / 8 <= 1.75
    assert said[-1] is not None
    assert said[-1][1] == hull([A, B])


def test_people_who_are_torn_about_are_more_of_a_fight_than_people_who_stand() -> None:
    assert highest(looked(lambda _: (0, 0), [A, B])) < 0.3
    assert highest(looked(torn, [A, B])) > 0.5


def test_somebody_alone_is_never_surely_one() -> None:
    assert highest(looked(torn, [A])) <= 0.5


def test_where_everybody_is_lost_the_whole_picture_stands_for_them_for_a_while() -> None:
    scuffle = Scuffle(fight_of(models_dir()), ExecutionConfig())
    said = []
    for look in range(40):
        at_s, people = look / 8, [A, B] if look < 16 else []
        said.append(scuffle.judge(picture_from_array(scene(torn(at_s), [A, B]), "gray"), people, at_s))
    groups = [one[1] if one else None for one in said]
    assert {groups[15], groups[22]} == {hull([A, B])}  # they were there within the last second
    assert {groups[23], groups[31]} == {(0, 0, 320, 240)}
    assert groups[32:] == [None] * 8  # nobody for two seconds


def test_somebody_who_is_found_late_has_moved_before() -> None:
    scuffle = Scuffle(fight_of(models_dir()), ExecutionConfig())
    said = []
    for look in range(16):
        people = [A, B] if look == 15 else []
        said.append(scuffle.judge(picture_from_array(scene(torn(look / 8), [A, B]), "gray"), people, look / 8))
    assert said[:15] == [None] * 15
    assert said[15] is not None


def said_from(second: float, until_s: float, *, near: bool = True, first_s: float = 0.0) -> list[float | None]:
    """What is said of two from when they come; before, nobody is in a picture that moves, or one who is not `near`."""
    scuffle = Scuffle(fight_of(models_dir()), ExecutionConfig())
    said: list[float | None] = []
    for look in range(round(first_s * 8), round(until_s * 8)):
        at_s, came = look / 8, look / 8 >= second
        people = [A, B] if came else [] if near else [C]
        picture = picture_from_array(scene(torn(at_s), [A, B]), "gray")
        judged = scuffle.judge(picture, people, at_s, near=near or came)
        said += [judged[0] if judged else None] if came else []
    return said


@pytest.mark.parametrize("near", [True, False])
def test_who_comes_after_long_is_judged_as_after_a_start(near: bool) -> None:
    """Nothing was measured while nobody was where it matters."""
    assert said_from(4.5, 5.0, near=near)[0] is not None
    assert said_from(6.0, 9.0, near=near) == said_from(6.0, 9.0, first_s=6.0)


def test_a_flaw_of_the_detector_for_seconds_forgets_nothing() -> None:
    scuffle = Scuffle(fight_of(models_dir()), ExecutionConfig())
    for look in range(60):
        people = [] if 16 <= look < 55 else [A, B]
        judged = scuffle.judge(picture_from_array(scene(torn(look / 8), [A, B]), "gray"), people, look / 8)
        assert (judged is None) == (look < 12 or 32 <= look < 55), look


def test_a_pause_or_a_clock_set_back_begins_anew() -> None:
    scuffle = Scuffle(fight_of(models_dir()), ExecutionConfig())
    picture = picture_from_array(scene((0, 0), [A, B]), "gray")
    for start_s in (10.0, 20.0, 5.0):
        said = [scuffle.judge(picture, [A, B], start_s + look / 8) for look in range(10)]
        assert said == [None] * 10, start_s


def test_looks_in_quick_succession_are_passed_over() -> None:
    assert sum(one is not None for one in looked(torn, [A, B], seconds=2.5, hz=25)) <= 14
