"""Nobody stands in anybody else."""

import numpy as np
import pytest

from models.training.scenes import rooms
from models.training.scenes.free_floor import FreeFloor, collides, outline


def square(x: float, y: float, side: float = 0.5) -> np.ndarray:
    return np.array([[x, y], [x + side, y], [x + side, y + side], [x, y + side]], np.float32)


@pytest.mark.parametrize(("shift_m", "met"), [(0.0, True), (0.4, True), (0.45, False), (0.6, False)])
def test_an_eighth_gives_way(shift_m: float, met: bool) -> None:
    assert collides(square(0, 0), square(shift_m, 0)) is met


def test_somebody_small_inside_something_large_collides() -> None:
    assert collides(square(1, 1, 0.3), square(0, 0, 3))
    assert collides(square(0, 0, 3), square(1, 1, 0.3))


@pytest.fixture(scope="module")
def floor() -> FreeFloor:
    return FreeFloor(rooms.room(0))


def test_an_outline_is_a_persons(floor: FreeFloor) -> None:
    size = np.ptp(floor.place(0), axis=0)
    assert ((size > 0.15) & (size < 1.0)).all()


def test_a_raised_arm_is_in_nobodys_way() -> None:
    made = rooms.room(0)
    (person, *_) = made.standing[0]
    lifted = person.moved(np.block([[np.eye(3), np.array([[0], [0], [2.0]])], [np.zeros((1, 3)), np.ones((1, 1))]]))
    assert np.array_equal(outline([person, lifted]), outline([person]))


def test_of_those_who_stand_in_one_another_the_first_stays(floor: FreeFloor) -> None:
    """In room 0 they were drawn 0.20, 0.22 and 0.38 m apart, in room 9 at least 0.9 m."""
    assert floor.free([], [0, 1, 2], 3) == [0]
    assert floor.free([], [2, 1, 0], 3) == [2]
    assert floor.free([floor.place(1)], [0, 1, 2], 3) == []
    assert FreeFloor(rooms.room(9)).free([], [2, 0, 1], 3) == [2, 0, 1]


def test_no_more_than_are_asked_for(floor: FreeFloor) -> None:
    assert floor.free([], [0, 1, 2], 1) == [0]
    assert floor.free([], [0, 1, 2], 0) == []


@pytest.mark.parametrize("guest", range(4))
def test_whoever_is_chosen_is_in_no_visitors_way(guest: int) -> None:
    for number in range(4):
        floor = FreeFloor(rooms.room(number))
        way = floor.way(guest)
        chosen = [floor.place(k) for k in floor.free(way, range(3), 3)]
        assert not any(collides(place, other) for place in chosen for other in way)


def test_a_visitors_way_begins_at_the_doors_and_ends_where_it_stands() -> None:
    made = rooms.room(1)
    way = FreeFloor(made).way(0)
    ys = np.concatenate(way)[:, 1]
    assert ys.min() < rooms.DOORWAY_M
    assert ys.max() > rooms.stands(made.cabin)[-1]
