"""Stills of what was missed or mistaken, as far as it goes without Blender."""

import numpy as np
import pytest

from models.training import failures
from models.training.scenes import accessories, cabin, goods, mounts, stills, vehicles


def shot(number: int) -> stills.Shot:
    rng = stills.generator(900, number)
    return failures.directed(rng, number)


def test_about_half_hold_an_e_bike_and_the_number_decides() -> None:
    shots = [shot(number) for number in range(40)]
    with_one = [any(thing.label == vehicles.E_BIKE for thing in one.stage.things) for one in shots]
    assert 12 <= sum(with_one) <= 28
    assert shot(7).view == shots[7].view
    assert [thing.kind for thing in shot(7).stage.things] == [thing.kind for thing in shots[7].stage.things]


def test_a_camera_in_the_lobby_looks_through_open_doors() -> None:
    from_lobby = [one for one in map(shot, range(60)) if one.view.kind == "level"]
    assert from_lobby
    assert all(one.view.place_m[1] < 0 and one.stage.opening > 0.3 for one in from_lobby)


def test_a_steep_camera_looks_down() -> None:
    for seed in range(8):
        rng = np.random.default_rng(seed)
        view = mounts.steep(rng, cabin.cabin(rng))
        across = np.hypot(*(np.asarray(view.target_m[:2]) - view.place_m[:2]))
        assert across < view.place_m[2] - view.target_m[2]


@pytest.mark.parametrize("cover", [accessories.aproned, accessories.blanketed, accessories.rain_covered])
def test_a_covered_e_bike_is_still_one_and_no_larger_than_before(cover: object) -> None:
    assert callable(cover)
    bike = vehicles.scooter(np.random.default_rng(0))
    covered = cover(np.random.default_rng(1), bike)
    assert covered.label == vehicles.E_BIKE
    assert len(covered.parts) > len(bike.parts)
    assert np.abs(covered.plan() - bike.plan()).max() < 0.35


@pytest.mark.parametrize(
    ("dress", "build"),
    [(goods.laden, goods.power_chair), (goods.laden, goods.sports_chair), (goods.covered, goods.pram)],
)
def test_what_is_laden_or_covered_keeps_its_label(dress: object, build: object) -> None:
    assert callable(dress)
    assert callable(build)
    rng = np.random.default_rng(2)
    thing = build(rng)
    assert dress(rng, thing).label == thing.label
