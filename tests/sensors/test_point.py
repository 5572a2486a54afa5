"""What is told of a reading itself: silent, unusable, stuck."""

from edgeguard.types import OpenEpisode
from tests.sensors.support import START, Bench, point_config, reports

SMOKE = {"code": "SENSOR.SMOKE"}


def test_a_sensor_that_was_never_heard_is_told_and_its_return_too() -> None:
    bench = Bench(point_config(SMOKE, {"offline_s": 10}))
    assert bench.play({}, 10) == []
    assert bench.play({}, 11) == ["new silent warning"]
    assert bench.play({float(second): 0 for second in range(12, 60, 4)}, 60) == ["end well warning"]
    assert {(one.code, one.zones) for one in reports(bench.signals)} == {("DEVICE.SENSOR.OFFLINE", ("gas-1", "value"))}


def test_one_that_comes_and_goes_stays_in_one_episode() -> None:
    bench = Bench(point_config(SMOKE, {"offline_s": 10}))
    assert bench.play({20.0: 0, 45.0: 0, 70.0: 0}, 90) == ["new silent warning"]


def test_unusable_values_are_counted_and_told_as_that() -> None:
    bench = Bench(point_config(SMOKE, {"offline_s": 10, "valid": [0, 100]}))
    bench.give(None, 1, why="met 'abc', accepted: a number")
    bench.give(101, 2)
    assert bench.play({}, 15) == ["new unusable warning"]
    (health,) = bench.point.health(15)
    assert (health.value, health.unusable, health.trouble) == (None, 2, "met 101, accepted: 0 to 100")


def test_a_value_that_never_moves_is_told_and_a_value_that_moves_is_not() -> None:
    bench = Bench(point_config({"code": "SENSOR.HEAT", "alarm": {"above": 60}}, {"stuck_s": 30}))
    assert bench.play({float(second): 20 + second % 2 / 10 for second in range(60)}, 60) == []
    assert bench.play({float(second): 21.5 for second in range(60, 100)}, 100) == ["new stuck warning"]
    assert bench.play({float(second): 21.5 + second / 100 for second in range(100, 140)}, 140) == ["end well warning"]


def test_a_restart_goes_on_with_a_silence() -> None:
    left = OpenEpisode("old", "DEVICE.SENSOR.OFFLINE", "", "sensor_trouble", START, zones=("gas-1", "value"))
    bench = Bench(point_config(SMOKE, {"offline_s": 10}), [left])
    assert bench.point.owns(left)
    assert bench.play({1.0: 0, 9: 0, 18: 0, 27: 0, 32: 0}, 35) == ["end well warning"]
    assert reports(bench.signals)[0].event_id == "old"
    assert not bench.point.owns(OpenEpisode("x", "SENSOR.GAS", "", "sensor", START, zones=("gas-1",)))
