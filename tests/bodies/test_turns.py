import pytest

from edgeguard.bodies.turns import Turns

HERE, THERE = (10.0, 10.0, 50.0, 110.0), (30.0, 10.0, 70.0, 110.0)
Person = tuple[int, tuple[float, float, float, float]]


def ids(people: list[tuple[int, object]]) -> list[int]:
    return [track_id for track_id, _ in people]


def test_nobody_is_nobody() -> None:
    assert Turns(0.4, 1.2).take([], 0.0) == []


def test_two_a_look_and_everybody_in_turn() -> None:
    turns = Turns(0.4, 1.2)
    people: list[Person] = [(number, HERE) for number in range(5)]
    taken = [ids(list(turns.take(people, look / 8))) for look in range(3)]
    assert taken == [[0, 1], [2, 3], [4]]


@pytest.mark.parametrize(("box", "again_s"), [(HERE, 1.25), (THERE, 0.5)])
def test_who_moves_is_looked_at_more_often(box: tuple[float, float, float, float], again_s: float) -> None:
    turns = Turns(0.4, 1.2)
    turns.take([(1, HERE)], 0.0)
    looks_s = [look / 8 for look in range(1, 20) if turns.take([(1, box)], look / 8)]
    assert looks_s[0] == again_s


def test_who_has_waited_longest_comes_first() -> None:
    turns = Turns(0.4, 1.2, most=1)
    turns.take([(1, HERE)], 0.0)
    turns.take([(2, HERE)], 0.5)
    assert ids(list(turns.take([(2, HERE), (1, HERE)], 5.0))) == [1]


def test_a_clock_set_back_makes_everybody_new() -> None:
    turns = Turns(0.4, 1.2)
    turns.take([(1, HERE)], 100.0)
    assert ids(list(turns.take([(1, HERE)], 1.0))) == [1]
