"""Stills of people who lie, as far as it goes without Blender."""

import numpy as np

from models.training import fallen, falls
from models.training.scenes import cabin, stills
from models.training.scenes.kit import Thing
from models.training.scenes.people import PERSON


def somebody(seed: int) -> Thing:
    rng = np.random.default_rng(seed)
    return fallen.fallen(rng, fallen.anybody(rng))


def points(thing: Thing) -> np.ndarray:
    return np.concatenate([part.mesh.vertices for part in thing.parts])


def test_whoever_fell_is_on_the_floor_and_low() -> None:
    people = [somebody(seed) for seed in range(60)]
    lowest = np.array([points(one)[:, 2].min() for one in people])
    highest = np.array([points(one)[:, 2].max() for one in people])
    assert np.abs(lowest).max() < 1e-6
    assert np.median(highest) < 0.85  # an arm or a knee
    assert highest.max() < 1.3  # somebody slumped at a wall holds the head up


def test_the_middle_of_the_body_is_over_the_origin_so_that_it_fits_a_cabin() -> None:
    for seed in range(20):
        low, high = somebody(seed).plan()
        assert np.abs((low + high) / 2).max() < 1e-6


def test_a_fall_has_the_same_person_in_the_same_place_at_each_step() -> None:
    fall = falls.fall(5)
    middles = {step: np.mean(thing.plan(), axis=0) for step, thing in fall.steps.items()}
    assert set(fall.steps) == {"standing", "crouching", "lying"}
    assert max(np.abs(middles["standing"] - one).max() for one in middles.values()) < 0.3
    assert points(fall.steps["standing"])[:, 2].max() > points(fall.steps["crouching"])[:, 2].max() > 0.5
    assert len({thing.parts[0].look for thing in fall.steps.values()}) == 1
    assert falls.fall(5).view == fall.view != falls.fall(6).view


def test_every_still_shows_one_and_the_number_decides() -> None:
    def staged(number: int) -> list[Thing]:
        rng = stills.generator(fallen.SEED, number)
        return list(fallen.stage(rng, cabin.cabin(rng)).things)

    scenes = [staged(number) for number in range(30)]
    lying = [things and things[0].label == PERSON and points(things[0])[:, 2].max() < 1.3 for things in scenes]
    assert sum(bool(one) for one in lying) >= 27  # the others found no place in a small cabin
    assert any(len(things) > 1 for things in scenes)
    assert [one.kind for one in staged(4)] == [one.kind for one in scenes[4]]
