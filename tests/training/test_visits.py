"""Visits to a lift: who comes, as far as it goes without Blender."""

import numpy as np
import pytest

from models.training.scenes import vehicles, visitors, visits


def middle_y(visit: visits.Visit, time_s: float) -> float:
    """How far the thing stands behind the sill, in metres."""
    return float(visit.script.cast(time_s)[0].plan()[:, 1].mean())


def test_a_visit_brings_an_e_bike() -> None:
    visit = visits.visit(3)
    assert (visit.name, visit.what) == ("visit-003", "e-bike")
    assert visit.script.cast(2.0)[0].label == vehicles.E_BIKE


@pytest.mark.parametrize("seed", range(len(visitors.OTHERS)))
def test_the_others_bring_no_e_bike_and_come_in_as_one_does(seed: int) -> None:
    visit = visits.visit(seed, other=True)
    assert visit.name == f"other-{seed:03d}"
    assert all(thing.label != vehicles.E_BIKE for thing in visit.script.cast(2.0))
    assert middle_y(visit, 0.0) < -0.5
    assert middle_y(visit, visit.script.length_s) > 0.3


def test_every_kind_comes_both_ways() -> None:
    kinds = {seed: visits.visit(seed, other=True).plan for seed in (0, len(visitors.OTHERS))}
    assert set(kinds.values()) == set(visits.PLANS)


def test_the_same_seed_gives_the_same_visit() -> None:
    one, two = (visits.visit(7, other=True).script.cast(2.5) for _ in range(2))
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a.parts[0].mesh.vertices, b.parts[0].mesh.vertices)
