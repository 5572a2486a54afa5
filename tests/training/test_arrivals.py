"""Stills out of visits, as far as it goes without Blender."""

from models.training import arrivals
from models.training.scenes import stills, vehicles, visits


def shot(number: int) -> stills.Shot:
    return arrivals.directed(stills.generator(1300, number), number, arrivals.FIRST_VISIT)


def test_every_second_one_is_of_a_visit_without_an_e_bike() -> None:
    for number in range(24):
        there = any(thing.label == vehicles.E_BIKE for thing in shot(number).stage.things)
        assert there is (number % 2 == 0)


def test_the_number_decides() -> None:
    assert shot(5).view == shot(5).view
    assert shot(5).stage.opening == shot(5).stage.opening


def test_it_is_of_no_visit_that_is_measured() -> None:
    cabin = shot(0).room
    assert all(visits.visit(seed).script.room.width_m != cabin.width_m for seed in range(40))
