"""One and the same person in a zone for too long, told from many who pass."""

from collections.abc import Callable, Sequence
from random import Random

import pytest

from edgeguard.scenarios.conduct_loiter import ConductLoiterConfig
from edgeguard.trackers import GreedyTracker
from edgeguard.types import Phase
from tests.support.zone_rule import LABELS, Camera, Case, Row, ZoneRuleTests, tracks

CONFIG = ConductLoiterConfig(dwell_s=20, clear_s=5)
WAITING: Row = ("person", (200, 150, 280, 400), 1)


class TestCommon(ZoneRuleTests):
    case = Case(CONFIG, "CONDUCT.LOITER", [WAITING])


def walking(at_s: float, track_id: int = 1) -> Row:
    """To and fro, one box width a second."""
    x = 100 + 80 * abs((at_s % 8) - 4)
    return ("person", (x, 150, x + 80, 400), track_id)


def passing(at_s: float) -> Sequence[Row]:
    """Somebody else every 6 s."""
    number, within_s = divmod(at_s, 6)
    x = 100 * within_s
    return [("person", (x, 150, x + 80, 400), 100 + int(number))]


def test_who_walks_to_and_fro_loiters() -> None:
    ((new_s, _),) = Camera(CONFIG).play(lambda at_s: [walking(at_s)], 40).told(Phase.NEW)
    assert new_s == pytest.approx(20, abs=0.2)


def test_many_who_pass_do_not() -> None:
    assert Camera(CONFIG).play(passing, 120).log == []


def test_many_who_pass_do_not_hide_the_one_who_stays() -> None:
    camera = Camera(CONFIG).play(lambda at_s: [*passing(at_s), ("person", (500, 150, 580, 400), 1)], 40)
    assert len(camera.told(Phase.NEW)) == 1


def test_a_track_that_is_lost_behind_a_pillar_goes_on_under_another_id() -> None:
    other: Row = ("person", (210, 150, 290, 400), 2)
    camera = Camera(CONFIG).play([WAITING], 10).play([], 3).play([other], 20)
    ((new_s, _),) = camera.told(Phase.NEW)
    assert new_s == pytest.approx(20, abs=0.2)


def test_two_who_change_places_are_two() -> None:
    """The newcomer stands where the first one stood, who is still to be seen."""
    aside: Row = ("person", (400, 150, 480, 400), 1)
    newcomer: Row = ("person", (200, 150, 280, 400), 2)
    camera = Camera(CONFIG.model_copy(update={"zone": ((0, 0), (0.5, 0), (0.5, 1), (0, 1))}))
    camera.play([WAITING], 12).play([aside, newcomer], 12)
    assert camera.log == []


def test_who_leaves_the_zone_and_comes_back_later_begins_anew() -> None:
    camera = Camera(CONFIG).play([WAITING], 15).play([], 8).play([WAITING], 15)
    assert camera.log == []


def test_the_longest_is_shown() -> None:
    second: Row = ("person", (400, 150, 480, 400), 2, 0.99)
    (new,) = Camera(CONFIG).play([WAITING], 5).play([WAITING, second], 20).reports()
    assert new.sighting is not None
    assert new.sighting.track_id == 1


def test_a_newcomer_does_not_keep_the_episode_of_who_has_left() -> None:
    newcomer: Row = ("person", (400, 150, 480, 400), 2)
    assert Camera(CONFIG).play([WAITING], 22).play([newcomer], 8).story() == ["confirmed", "left"]


@pytest.mark.parametrize(("share", "told"), [(0.4, False), (0.6, True)])
def test_the_zones_edge(share: float, told: bool) -> None:
    """The person stands across the edge with so much of their width inside."""
    edge = (200 + 80 * share) / 640
    config = CONFIG.model_copy(update={"zone": ((0, 0), (edge, 0), (edge, 1), (0, 1))})
    assert bool(Camera(config).play([WAITING], 25).log) is told


def hall(seed: int, *stays: Row) -> Callable[[float], list[Row]]:
    """Somebody passes every 5 s on average, either way, at any pace."""
    chance, passing, at_s = Random(seed), list[tuple[float, float, float]](), 0.0
    while at_s < 100:
        at_s += chance.expovariate(1 / 5)
        passing.append((at_s, chance.choice([60, 100, 140]) * chance.choice([-1, 1]), chance.uniform(100, 200)))

    def scene(now_s: float) -> list[Row]:
        boxes = [((-60 if v > 0 else 640) + v * (now_s - t0_s), y) for t0_s, v, y in passing if now_s >= t0_s]
        return [*stays, *(("person", (x, y, x + 60, y + 180), 0) for x, y in boxes if -60 < x < 640)]

    return scene


@pytest.mark.parametrize("fps", [5, 8])
@pytest.mark.parametrize("seed", range(4))
def test_in_a_busy_hall_with_the_real_tracker_who_stays_is_told_and_who_pass_are_not(seed: int, fps: int) -> None:
    """Tracks are taken along by passers-by, boxes tremble, one of twelve is missed."""
    config = CONFIG.model_copy(update={"dwell_s": 40.0})
    for stays in ((("person", (300, 210, 360, 390), 0),), ()):
        chance, tracker, camera, scene = Random(seed), GreedyTracker(LABELS), Camera(config), hall(seed, *stays)
        for number in range(90 * fps):
            rows: list[Row] = [
                (row[0], (row[1][0] + chance.gauss(0, 1), row[1][1] + chance.gauss(0, 3), *row[1][2:]), 0)
                for row in scene(number / fps)
                if chance.random() < 0.92
            ]
            camera.at_s = number / fps
            camera.tell(tracker.update(tracks(rows).boxes, camera.at_s))
        assert bool(camera.told(Phase.NEW)) is bool(stays)


def test_it_does_not_hold_the_gate_open_while_somebody_waits() -> None:
    camera = Camera(CONFIG).play([WAITING], 25)
    assert not camera.attentive
    assert camera.play([], 1).attentive, "gone, or hidden?"


def test_with_the_gate_closed_a_look_in_five_seconds_is_enough() -> None:
    camera = Camera(CONFIG)
    for number in range(8):
        camera.play([("person", (200, 150, 280, 400), number)], 0.25, fps=4).tick(4.75)
    assert [round(new_s) for new_s, _ in camera.told(Phase.NEW)] == [20]
    assert camera.story() == ["confirmed"]
