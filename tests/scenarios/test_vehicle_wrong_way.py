"""Vehicles in a lane that leads from left to right; each is 100 x 100 px, so 150 px are one leg."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest
from pydantic import ValidationError

from edgeguard.errors import ConfigError
from edgeguard.scenarios import build
from edgeguard.scenarios.rule import Spoken
from edgeguard.scenarios.vehicle_wrong_way import VehicleWrongWayConfig
from edgeguard.types import Phase
from tests.support.zone_rule import THRESHOLDS, Camera, Row

CONFIG = VehicleWrongWayConfig(direction=((0.1, 0.5), (0.9, 0.5)), clear_s=5)
Scene = Callable[[float], Sequence[Row]]


def drives(*points: tuple[float, float], speed_px_s: float = 80, label: str = "car", track: int = 1) -> Scene:
    """From point to point with the middle of its lower edge, then away."""

    def scene(at_s: float) -> Sequence[Row]:
        way = at_s * speed_px_s
        for (x0, y0), (x1, y1) in pairwise(points):
            length = ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
            if way < length:
                x, y = x0 + (x1 - x0) * way / length, y0 + (y1 - y0) * way / length
                return [(label, (x - 50, y - 100, x + 50, y), track)]
            way -= length
        return []

    return scene


LEFT, RIGHT = (70, 300), (570, 300)


@pytest.mark.parametrize("fps", [5, 8, 25])
@pytest.mark.parametrize(
    ("points", "told"),
    [
        ((LEFT, RIGHT), 0),
        ((RIGHT, LEFT), 1),
        # Aslant counts, across does not.
        (((500, 200), (200, 350)), 1),
        (((320, 110), (320, 460)), 0),
        (((380, 110), (300, 460)), 0),
        # Into a bay, backwards by less than a leg.
        ((LEFT, (400, 300), (300, 300), RIGHT), 0),
        # Turned round half way.
        ((LEFT, (400, 300), LEFT), 1),
    ],
)
def test_which_way(points: tuple[tuple[float, float], ...], told: int, fps: float) -> None:
    camera = Camera(CONFIG).play(drives(*points), 20, fps).play([], 10, fps)
    assert len(camera.told(Phase.NEW)) == len(camera.told(Phase.END)) == told


def test_standing_and_trembling_is_no_way() -> None:
    def trembling(at_s: float) -> Sequence[Row]:
        x = 300 + 20 * (int(at_s * 8) % 2)
        return [("car", (x, 200, x + 100, 300), 1)]

    assert Camera(CONFIG).play(trembling, 120).log == []


def test_one_that_comes_right_beside_one_that_does_not() -> None:
    right, wrong = drives(LEFT, RIGHT), drives((570, 420), (70, 420), track=2)
    camera = Camera(CONFIG).play(lambda at_s: [*right(at_s), *wrong(at_s)], 20)
    (new,) = [report for report in camera.reports() if report.phase is Phase.NEW]
    assert (new.code, new.zones) == ("VEHICLE.WRONGWAY", ("lane",))
    assert new.sighting is not None
    assert new.sighting.track_id == 2


def test_who_turns_to_the_right_way_ends_it() -> None:
    camera = Camera(CONFIG).play(drives(RIGHT, (200, 300), RIGHT, speed_px_s=40), 20.5)
    assert camera.story() == ["confirmed", "left"]


def test_outside_the_lane_and_what_is_no_vehicle() -> None:
    lane = CONFIG.model_copy(update={"zone": ((0, 0.9), (1, 0.9), (1, 1), (0, 1))})
    assert Camera(lane).play(drives(RIGHT, LEFT), 20).log == []
    assert Camera(CONFIG).play(drives(RIGHT, LEFT, label="dog"), 20).log == []


def test_covered_and_restarted() -> None:
    assert Camera(CONFIG).cover(20, drives(RIGHT, LEFT)(3)).log == []
    before = Camera(CONFIG).play(drives(RIGHT, LEFT), 4)
    assert before.story() == ["confirmed"]
    after = before.restart(CONFIG, after_s=0.5).play(drives((200, 300), (70, 300)), 1).play([], 10)
    assert after.story() == ["seen_again", "left"]
    assert before.restart(CONFIG).play([], 10).story() == ["restart"]


def test_it_speaks_where_it_is_told_to() -> None:
    spoken = CONFIG.model_copy(update={"phrases": Spoken(first="lane_clear")})
    assert Camera(spoken).play(drives(RIGHT, LEFT), 20).said() == ["lane_clear"]


def test_what_is_refused() -> None:
    with pytest.raises(ConfigError, match="vehicle_wrong_way: met a model with the labels unicorn"):
        build((CONFIG,), "cam-1", ("unicorn",), THRESHOLDS, str)
    with pytest.raises(ValidationError, match="needs two ends"):
        VehicleWrongWayConfig(direction=((0.5, 0.5), (0.5, 0.5)))
