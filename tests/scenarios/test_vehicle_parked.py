"""Told from what stops, what passes and what is hidden for a while."""

from collections.abc import Callable, Sequence
from random import Random

import pytest

from edgeguard.scenarios.vehicle_parked import VehicleParkedConfig
from edgeguard.trackers import GreedyTracker
from edgeguard.types import Phase
from tests.support.zone_rule import LABELS, Camera, Case, Row, ZoneRuleTests, tracks

CONFIG = VehicleParkedConfig(dwell_s=30, clear_s=10, blind_close_s=60)
CAR: Row = ("car", (200, 200, 400, 330), 1)
EBIKE_CONFIG = VehicleParkedConfig(what="ebike", name="lobby", dwell_s=20, clear_s=8, blind_close_s=60)
EBIKE: Row = ("e-bike", (200, 200, 320, 330), 1)


class TestCars(ZoneRuleTests):
    case = Case(CONFIG, "VEHICLE.PARK.FIRELANE", [CAR])


class TestEbikes(ZoneRuleTests):
    case = Case(EBIKE_CONFIG, "VEHICLE.EBIKE.PARKED", [EBIKE])


def driving(at_s: float, track_id: int = 50, every_s: float = 4, y: float = 210) -> list[Row]:
    """One car after the other from left to right, 200 pixels a second."""
    number, within_s = divmod(at_s, every_s)
    x = -200 + 200 * within_s
    return [("car", (x, y, x + 200, y + 130), track_id + int(number))] if x < 640 else []


def test_passing_traffic_is_nothing() -> None:
    assert Camera(CONFIG).play(driving, 120).log == []


def test_a_jam_that_creeps_is_nothing() -> None:
    """A third of a car's length every four seconds, and so on for minutes."""

    def creeping(at_s: float) -> list[Row]:
        first = 70 * int(at_s / 4)
        return [("car", (x, 200, x + 200, 330), 100 - n) for n in range(-60, 2) if -200 < (x := first + 210 * n) < 640]

    assert Camera(CONFIG).play(creeping, 200).log == []


def test_cars_that_stop_one_after_the_other_in_one_place_are_nothing() -> None:
    """At a barrier: each rolls in, stands for 12 s and drives on; the next one is there 2 s later."""

    def barrier(at_s: float) -> list[Row]:
        number, within_s = divmod(at_s, 14)
        x = 200.0 if within_s < 12 else 200 + 220 * (within_s - 12)
        came = [] if within_s < 13 else [("car", (-240 + 440 * (within_s - 13), 200, -40 + 440 * (within_s - 13), 330))]
        rows: list[Row] = [("car", (x, 200, x + 200, 330), int(number))]
        return rows + [(label, box, int(number) + 1) for label, box in came]

    assert Camera(CONFIG).play(barrier, 200).log == []


def test_traffic_and_people_in_front_neither_reset_nor_end_it() -> None:
    """Every 8 s the parked car is hidden for 2 s; its track has another id each time it comes back."""

    def street(at_s: float) -> Sequence[Row]:
        number, within_s = divmod(at_s, 8)
        if within_s > 6:
            return [("person", (180, 150, 300, 400), 500), ("car", (150, 180, 420, 380), 600 + int(number))]
        return [("car", (200, 200, 400, 330), int(number))]

    camera = Camera(CONFIG).play(street, 60)
    assert [round(new_s) for new_s, _ in camera.told(Phase.NEW)] == [30]
    assert camera.play(street, 60).story() == ["confirmed", "present"]


def test_half_hidden_it_is_still_there() -> None:
    cut: Row = ("car", (310, 200, 400, 330), 1)
    camera = Camera(CONFIG).play([CAR], 15).play([cut], 5).play([CAR], 15)
    assert [round(new_s) for new_s, _ in camera.told(Phase.NEW)] == [30]


def test_a_trembling_box_stands_still() -> None:
    def trembling(at_s: float) -> Sequence[Row]:
        by = 6 * (round(at_s * 8) % 3 - 1)
        return [("car", (200 + by, 200 - by, 400 + by, 330 + by), 1)]

    assert len(Camera(CONFIG).play(trembling, 40).told(Phase.NEW)) == 1


def test_a_second_car_keeps_the_lane_blocked() -> None:
    second: Row = ("car", (420, 200, 620, 330), 2)
    camera = Camera(CONFIG).play([CAR], 40).play([CAR, second], 10).play([second], 60)
    assert camera.story() == ["confirmed", "present"]
    camera.play([], 15)
    assert camera.story()[-1] == "left"


def test_passing_traffic_does_not_keep_an_episode() -> None:
    camera = Camera(CONFIG).play([CAR], 40).play(driving, 40)
    assert camera.story() == ["confirmed", "left"]


def test_it_needs_no_more_than_the_gates_keepalive() -> None:
    """A look in five seconds, and the tracker has forgotten it each time."""
    camera = Camera(CONFIG)
    for number in range(20):
        camera.play([("car", (200, 200, 400, 330), number)], 0.25, fps=4).tick(4.75)
        assert not camera.attentive
    assert [round(new_s) for new_s, _ in camera.told(Phase.NEW)] == [30]
    assert not camera.told(Phase.END)


def test_with_the_real_tracker_a_car_that_parks_among_traffic_is_told_once() -> None:
    tracker = GreedyTracker(LABELS)
    camera = Camera(CONFIG)
    for number in range(8 * 60):
        at_s = number / 8
        x = min(-200 + 100 * at_s, 200)
        rows: list[Row] = [("car", (x, 200, x + 200, 330), 0)]
        # Behind it, smaller and higher in the picture.
        rows += [("car", (r[1][0] * 0.6, 120, r[1][2] * 0.6, 190), 0) for r in driving(at_s, every_s=5)]
        seen = tracks(rows)
        camera.tell(tracker.update(seen.boxes, at_s))
        camera.at_s += 1 / 8
    ((new_s, _),) = camera.told(Phase.NEW)
    assert 33.5 <= new_s <= 34.5


def street(seed: int, parked: bool) -> Callable[[float], list[Row]]:
    """Cars of all sizes and speeds in the near lane, one in six seconds; one that may be parked behind them."""
    chance, passing, at_s = Random(seed), list[tuple[float, float, float]](), 0.0
    while at_s < 200:
        at_s += chance.expovariate(1 / 6)
        passing.append((at_s, chance.choice([80, 150, 250]), chance.uniform(150, 230)))

    def scene(now_s: float) -> list[Row]:
        boxes = [(x, y, x + 220, y + 140) for t0_s, v, y in passing if -220 <= (x := v * (now_s - t0_s) - 220) < 640]
        home = (220.0, 170.0, 400.0, 280.0)
        hidden = any(_covers(box, home) > 0.5 for box in boxes)
        return [("car", box, 0) for box in boxes + [home] * (parked and not hidden)]

    return scene


def _covers(box: Sequence[float], home: Sequence[float]) -> float:
    wide, high = min(box[2], home[2]) - max(box[0], home[0]), min(box[3], home[3]) - max(box[1], home[1])
    return max(wide, 0) * max(high, 0) / ((home[2] - home[0]) * (home[3] - home[1]))


@pytest.mark.parametrize("fps", [2, 5, 8])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_heavy_traffic_in_front_takes_tracks_along_but_neither_resets_nor_raises_it(seed: int, fps: int) -> None:
    """With the real tracker, boxes that tremble and one of ten missed."""
    for parked in (True, False):
        chance, tracker, camera, scene = Random(seed), GreedyTracker(LABELS), Camera(CONFIG), street(seed, parked)
        for number in range(90 * fps):
            rows: list[Row] = [
                ("car", (x0 + chance.gauss(0, 4), y0 + chance.gauss(0, 2), x1 + chance.gauss(0, 4), y1), 0)
                for _, (x0, y0, x1, y1), *_ in scene(number / fps)
                if chance.random() < 0.9
            ]
            camera.at_s = number / fps
            camera.tell(tracker.update(tracks(rows).boxes, camera.at_s))
        assert [code for _, code in camera.told(Phase.NEW)] == ["VEHICLE.PARK.FIRELANE"] * parked
        # As soon as it shows, 4 s of a slow car in front of it.
        assert all(30 <= new_s < 38 for new_s, _ in camera.told(Phase.NEW))


def test_an_e_bike_read_as_a_bicycle_now_and_then_is_one() -> None:
    def flipping(at_s: float) -> Sequence[Row]:
        return [("bicycle" if round(at_s * 8) % 3 == 0 else "e-bike", EBIKE[1], 1)]

    assert [code for _, code in Camera(EBIKE_CONFIG).play(flipping, 30).told(Phase.NEW)] == ["VEHICLE.EBIKE.PARKED"]


def test_a_bicycle_may_stand_where_an_e_bike_may_not() -> None:
    bicycle: Row = ("bicycle", EBIKE[1], 1)
    assert Camera(EBIKE_CONFIG).play([bicycle], 30).log == []
    both = VehicleParkedConfig.model_validate({"what": "ebike", "labels": ["e-bike", "bicycle"], "dwell_s": 20})
    assert len(Camera(both).play([bicycle], 30).told(Phase.NEW)) == 1


def test_a_rider_who_pushes_it_through_is_nothing() -> None:
    def pushed(at_s: float) -> Sequence[Row]:
        x = 20 * (at_s % 28)
        return [("e-bike", (x, 200, x + 120, 330), int(at_s // 28)), ("person", (x, 150, x + 60, 330), 9)]

    assert Camera(EBIKE_CONFIG).play(pushed, 84).log == []


@pytest.mark.parametrize(
    ("settings", "labels"),
    [
        ({}, ("car",)),
        ({"what": "ebike"}, ("e-bike",)),
        ({"what": "ebike", "labels": ["e-bike", "bicycle"]}, ("e-bike", "bicycle")),
    ],
)
def test_what_is_watched_for_goes_with_what(settings: dict[str, object], labels: tuple[str, ...]) -> None:
    assert VehicleParkedConfig.model_validate(settings).labels == labels


@pytest.mark.parametrize(("share", "told"), [(0.4, False), (0.6, True)])
def test_the_zones_edge(share: float, told: bool) -> None:
    edge = (200 + 200 * share) / 640
    config = CONFIG.model_copy(update={"zone": ((0, 0), (edge, 0), (edge, 1), (0, 1))})
    assert bool(Camera(config).play([CAR], 40).log) is told
