"""What is rarely met in lifts, as far as it goes without Blender; and that the casts of before are what they were."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from models.training import rarities
from models.training.cycles.composer import Shot
from models.training.cycles.room import is_e_bike
from models.training.cycles.stills import boxes
from models.training.scenes import (
    folded,
    free_floor,
    goods,
    guests,
    helmets,
    kick_scooters,
    layout,
    luggage,
    people,
    rare,
    robots,
    rooms,
    stills,
    umbrellas,
    vehicles,
)
from models.training.scenes.kit import Floats, Part, Thing

# Sums of all vertices of each visitor of room 3, of the generator before anything rare was invited.
BEFORE = {
    "any": """4803.956 6178.084 5583.312 6355.516 6134.692 5822.289
        515.957 1118.583 542.877 3150.644 1464.031 3866.854""",
    "bicycles": """4283.617 6361.213 5244.359 5887.04 6678.587 5149.37
        2815.211 2360.14 4430.016 4224.01 2357.477 2688.505""",
    "loads": """4328.022 7084.807 6641.817 7301.145 2887.399 1774.56 4471.005 1374.442
        1382.886 634.877 594.953 1212.564 1096.126 2337.061 2314.884 2784.715""",
}


def points(*things: Thing) -> Floats:
    return np.concatenate([part.mesh.vertices for thing in things for part in thing.parts])


@pytest.mark.parametrize("invited", BEFORE)
def test_casts_that_were_there_before_are_the_same(invited: str) -> None:
    made = rooms.room(3, invited=invited)
    sums = [points(*rooms.cast_at(guest, x, 0.0)).sum() for _, x, guest in made.casts]
    np.testing.assert_allclose(sums, [float(one) for one in BEFORE[invited].split()], atol=2e-3)


@pytest.mark.parametrize(
    ("build", "kind", "label", "least_m", "most_m"),
    [
        (folded.folded_e_bike, folded.KIND, vehicles.E_BIKE, (0.6, 0.3, 0.6), (1.0, 0.75, 1.2)),
        (kick_scooters.kick_scooter, kick_scooters.KICK, None, (0.75, 0.35, 0.85), (1.1, 0.6, 1.1)),
        (kick_scooters.electric, kick_scooters.ELECTRIC, None, (0.85, 0.4, 1.0), (1.25, 0.65, 1.3)),
        (kick_scooters.childs, kick_scooters.CHILDS, None, (0.4, 0.2, 0.5), (0.65, 0.4, 0.9)),
        (robots.cabinet, robots.KIND, None, (0.4, 0.38, 0.9), (0.7, 0.6, 1.5)),
        (robots.rack, robots.KIND, None, (0.38, 0.38, 1.0), (0.75, 0.6, 1.65)),
        (robots.six_wheeled, robots.KIND, None, (0.55, 0.45, 0.95), (1.0, 0.75, 1.5)),
        (luggage.bird_cage, luggage.KIND, goods.BAG, (0.85, 0.52, 1.6), (1.2, 0.75, 1.95)),
        (luggage.airport_trolley, luggage.KIND, goods.BAG, (0.8, 0.45, 0.95), (1.3, 0.7, 1.3)),
    ],
)
def test_sizes_are_true_to_life_and_no_two_are_alike(
    build: object, kind: str, label: int | None, least_m: tuple[float, ...], most_m: tuple[float, ...]
) -> None:
    assert callable(build)
    seen = set()
    for seed in range(12):
        thing = build(np.random.default_rng(seed))
        size = np.ptp(points(thing), axis=0)
        assert (thing.kind, thing.label) == (kind, label)
        assert (size >= least_m).all(), size
        assert (size <= most_m).all(), size
        assert points(thing)[:, 2].min() == pytest.approx(0, abs=0.06)
        seen.add(tuple(size.round(4)))
    assert len(seen) == 12


@pytest.mark.parametrize("build", [kick_scooters.kick_scooter, kick_scooters.electric, kick_scooters.childs])
def test_a_folded_kick_scooter_is_low(build: object) -> None:
    assert callable(build)
    upright, laid = build(np.random.default_rng(4)), build(np.random.default_rng(4), folded=True)
    assert points(laid)[:, 2].max() < 0.6 * points(upright)[:, 2].max()
    assert laid.grips[0][2] < 0.5


def test_a_kick_scooter_is_no_e_bike_and_has_no_box() -> None:
    shot = Shot(np.zeros((270, 480, 3), np.float32), np.ones((270, 480), np.float32), 1.0)
    assert boxes(shot, None) == []
    assert [box.label for box in boxes(shot, vehicles.E_BIKE)] == [vehicles.E_BIKE]


@pytest.mark.parametrize("seed", range(6))
def test_a_helmet_is_on_the_head_instead_of_a_hat(seed: int) -> None:
    rng = np.random.default_rng(seed)
    who, how = rare.with_helmet(rng).group(None), people.standing(np.random.default_rng(seed))
    assert [thing.kind for thing in who] == ["person"]
    plain = people.wardrobe(np.random.default_rng(seed))
    helmet = helmets.any_helmet(rng)
    bare, worn = (people.person(dressed, how) for dressed in (plain, _with(plain, helmet)))
    top = points(bare)[:, 2].max()
    assert -0.02 < points(worn)[:, 2].max() - top < 0.2
    looks = [part.look for part in worn.parts]
    assert all(part.look in looks for part in helmet)


def _with(who: people.Wardrobe, helmet: tuple[Part, ...]) -> people.Wardrobe:
    return replace(who, helmet=helmet)


def test_an_open_umbrella_is_above_the_head_and_hides_it_from_above() -> None:
    opened = 0
    for seed in range(20):
        group = rare.with_umbrella(np.random.default_rng(seed)).group(None)
        person, umbrella = group
        assert (person.label, umbrella.label) == (people.PERSON, None)
        if umbrella.kind != umbrellas.OPEN:
            assert points(umbrella)[:, 2].max() < points(person)[:, 2].max()
            continue
        opened += 1
        head = points(person)[points(person)[:, 2] > 0.9 * points(person)[:, 2].max()].mean(axis=0)
        low, high = umbrella.plan()
        assert (low < head[:2]).all()
        assert (head[:2] < high).all()
        assert points(umbrella)[:, 2].max() > points(person)[:, 2].max()
    assert 8 <= opened <= 18


def test_the_rare_come_where_they_are_to_be_learnt() -> None:
    made = rooms.room(3, invited="rare")
    assert made.view == rooms.room(3).view
    whats = Counter(what for what, _, _ in made.casts)
    assert [whats[what] for what in (folded.KIND, rare.RIDER_IN_HELMET, rare.UNDER_UMBRELLA)] == [2, 1, 1]
    assert sum(whats.values()) == 12
    assert whats[robots.KIND] == 2
    assert {rare.UMBRELLA, rare.HELMET, luggage.KIND, kick_scooters.CHILDS} <= set(whats)
    for what, x, guest in made.casts:
        first = rooms.cast_at(guest, x, 0.0)[0]
        assert (first.label == vehicles.E_BIKE) is is_e_bike(what)
        assert np.hypot(*(first.plan().mean(axis=0) - [x, 0.0])) < 0.5


def test_every_kind_has_its_turn_and_half_of_the_e_bikes_are_folded() -> None:
    invited = guests.GUESTS["rare"]
    assert (len(invited.kinds), invited.others) == (len(rare.OTHERS), 8)
    made = rooms.room(1, invited="rare")
    bikes = [rooms.cast_at(guest, x, 0.0) for what, x, guest in made.casts if is_e_bike(what)]
    assert [group[0].kind for group in bikes] == [folded.KIND, "e-bike", folded.KIND, "e-bike"]
    assert bikes[3][2].kind == umbrellas.OPEN


def test_rooms_of_folded_e_bikes_have_no_other_and_what_is_as_small() -> None:
    made = [rooms.room(number, invited="folded") for number in range(3)]
    firsts = [rooms.cast_at(guest, x, 0.0)[0] for one in made for _, x, guest in one.casts]
    assert Counter(first.kind for first in firsts if first.label == vehicles.E_BIKE) == {folded.KIND: 18}
    others = {first.kind for first in firsts if first.label != vehicles.E_BIKE}
    assert {robots.KIND, luggage.KIND} <= others
    assert len(others) >= 8


def test_the_rare_find_free_floor() -> None:
    floor = free_floor.FreeFloor(rooms.room(2, 6, "rare"))
    for guest in range(12):
        assert floor.way(guest)
        assert len(floor.free(floor.way(guest), range(6), 6)) <= 6


def test_the_number_decides_and_nobody_changes_between_two_looks() -> None:
    first, again = (rooms.room(9, invited="rare") for _ in range(2))
    for (_, x, one), (_, _, other) in zip(first.casts, again.casts, strict=True):
        mine, once_more, theirs = (points(*rooms.cast_at(guest, x, 0.0)) for guest in (one, one, other))
        np.testing.assert_array_equal(mine, once_more)
        np.testing.assert_array_equal(mine, theirs)


def shot(number: int) -> stills.Shot:
    return rarities.directed(stills.generator(rarities.SEED, number), number)


def test_half_of_the_stills_hold_an_e_bike_and_all_something_rare() -> None:
    shots = [shot(number) for number in range(60)]
    with_one = [any(thing.label == vehicles.E_BIKE for thing in one.stage.things) for one in shots]
    assert 22 <= sum(with_one) <= 38
    assert all(one.stage.things for one in shots)
    kinds = Counter(thing.kind for one in shots for thing in one.stage.things)
    assert {folded.KIND, robots.KIND, luggage.KIND, umbrellas.OPEN, kick_scooters.CHILDS} <= set(kinds)
    assert [thing.kind for thing in shot(7).stage.things] == [thing.kind for thing in shots[7].stage.things]
    assert shot(7).view == shots[7].view


def test_no_umbrella_hangs_before_the_lens_or_in_a_wall() -> None:
    for number in range(60):
        one = shot(number)
        for thing in (thing for thing in one.stage.things if thing.kind == umbrellas.OPEN):
            low, high = thing.plan()
            eye = np.asarray(one.view.place_m[:2])
            assert not ((low < eye) & (eye < high)).all()
            assert np.abs([low[0], high[0]]).max() < one.room.width_m / 2 + 0.15


def test_a_group_is_dropped_on_the_floor_as_one() -> None:
    rng = np.random.default_rng(0)
    group = rare.under_umbrella(rng).group(None)
    room = shot(0).room
    assert isinstance(layout.Floor(room, 0.0).fits(group[2]), bool)
