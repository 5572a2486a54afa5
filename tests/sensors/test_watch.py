from typing import Any

import pytest

from edgeguard.sensors import BUTTONS, PointConfig
from edgeguard.types import OpenEpisode, Phase, Say, Severity
from tests.sensors.support import MQTT, START, Bench, at, point_config, reports, steps

GAS = {"code": "SENSOR.GAS", "alarm": {"above": 20}, "pre_alarm": {"above": 10}, "hysteresis": 2, "clear_s": 5}
SOS = {"code": "SENSOR.SOS"}


def open_episode(code: str, severity: Severity) -> OpenEpisode:
    return OpenEpisode("old", code, "", "sensor", START, zones=("gas-1",), severity=severity)


@pytest.mark.parametrize(
    ("alarm", "values", "told"),
    [
        ({}, {}, []),
        ({}, {1: 10}, []),
        ({}, {1: 11, 4: 9, 5: 8, 6: 7.9}, ["new pre_alarm warning", "end cleared warning"]),
        (
            {},
            {1: 11, 2: 21, 3: 19, 4: 1},
            ["new pre_alarm warning", "update escalated critical", "end cleared critical"],
        ),
        ({}, {1: 25, 2: 1}, ["new confirmed critical", "end cleared critical"]),
        # At the threshold's edge: without the hysteresis each of these would be an episode.
        ({"clear_s": 0}, {1: 21, 2: 19, 3: 21, 4: 19, 5: 21, 6: 3}, ["new confirmed critical", "end cleared critical"]),
        ({"alarm": {"above": 20, "dwell_s": 3}, "pre_alarm": None}, {1: 21, 3: 5, 4: 21, 6.5: 5}, []),
        ({"alarm": {"above": 20, "dwell_s": 3}, "pre_alarm": None}, {1: 21}, ["new confirmed critical"]),
        ({"alarm": {"below": -5}, "pre_alarm": None}, {1: -6}, ["new confirmed critical"]),
        ({"alarm": {"above": 20, "below": -5}, "pre_alarm": None}, {1: 25}, ["new confirmed critical"]),
        ({"severity": "warning"}, {1: 11}, ["new pre_alarm info"]),
        # Normal must last: a dip is not the end.
        ({}, {1: 25, 5: 1, 9: 25}, ["new confirmed critical"]),
    ],
)
def test_thresholds(alarm: dict[str, Any], values: dict[float, float], told: list[str]) -> None:
    assert Bench(point_config(GAS | alarm)).play(values, 14) == told


def test_a_long_alarm_is_told_again_and_silence_does_not_end_it() -> None:
    bench = Bench(point_config(GAS | {"update_every_s": 60}, {"offline_s": 100}))
    assert bench.play({1: 25}, 95) == ["new confirmed critical", "update present critical"]
    told = bench.play({}, 220)
    assert told[:2] == ["update offline critical", "new silent warning"]
    assert not any(step.startswith("end") for step in told)
    assert bench.play({221: 1}, 227) == ["update present critical", "end cleared critical"]


def test_an_episode_carries_every_reading_with_its_age() -> None:
    readings = {"gas": MQTT | {"unit": "%LEL"}, "heat": MQTT}
    bench = Bench(point_config(GAS | {"reading": "gas"}, readings=readings))
    bench.give(31.5, 0.0, "heat")
    bench.give(25.0, 2.0, "gas")
    bench.now_s = 1.5
    bench.play({}, 2.0)
    told = {one.name: (one.value, one.unit, one.age_s) for one in reports(bench.signals)[0].measured}
    assert told == {"gas": (25.0, "%LEL", 0.0), "heat": (31.5, "", 2.0)}


@pytest.mark.parametrize("code", sorted(BUTTONS))
def test_only_a_person_closes_a_button(code: str) -> None:
    bench = Bench(point_config({"code": code, "phrase": "staff_coming"}))
    assert bench.play({1: 1, 2: 0}, 400) == ["new confirmed critical"]
    assert [signal.phrase for signal in bench.signals if isinstance(signal, Say)] == ["staff_coming"]
    assert bench.play({401: 1, 402: 0}, 410) == ["update pressed_again critical"]
    assert steps(bench.point.close(at(410), "another", "handled")) == []
    assert steps(bench.point.close(at(410), "e1", "handled")) == ["end handled critical"]
    assert bench.play({}, 420) == []
    assert bench.play({421: 1}, 422) == ["new confirmed critical"]


def test_a_press_between_two_ticks_is_not_lost_and_one_that_is_held_is_one() -> None:
    bench = Bench(point_config(SOS))
    bench.give(1, 0.61)
    bench.give(0, 0.7)
    assert bench.play({}, 5) == ["new confirmed critical"]
    assert reports(bench.signals)[0].at == at(0.61).captured_at
    assert bench.play({6: 1, 7: 1, 8: 1}, 10) == ["update pressed_again critical"]


def test_a_measuring_alarm_is_not_closed_by_a_person() -> None:
    bench = Bench(point_config(GAS))
    bench.play({1: 25}, 2)
    assert bench.point.close(at(3), "e1", "handled") == []
    assert bench.play({}, 4) == []


def test_a_restart_goes_on_with_what_was_open() -> None:
    left = [open_episode("SENSOR.GAS", Severity.WARNING)]
    bench = Bench(point_config(GAS), left)
    assert all(bench.point.owns(one) for one in left)
    assert bench.play({1: 25}, 3) == ["update escalated critical"]
    assert bench.play({4: 1}, 11) == ["end cleared critical"]
    assert {one.event_id for one in reports(bench.signals)} == {"old"}


def test_a_restart_while_nothing_comes_keeps_it_open_and_says_so() -> None:
    bench = Bench(point_config(GAS, {"offline_s": 10}), [open_episode("SENSOR.GAS", Severity.CRITICAL)])
    assert bench.play({}, 9) == []
    assert bench.play({}, 30) == ["update offline critical", "new silent warning"]


def test_a_button_that_is_pressed_after_a_restart_is_told_once() -> None:
    bench = Bench(point_config(SOS), [open_episode("SENSOR.SOS", Severity.CRITICAL)])
    assert bench.play({1: 1, 2: 1}, 3) == ["update pressed_again critical"]
    assert bench.play({4: 0, 5: 1}, 6) == ["update pressed_again critical"]


def test_what_was_done_about_it_is_an_update() -> None:
    bench = Bench(point_config(GAS))
    bench.play({1: 25}, 2)
    told = reports(bench.point.tell(at(2), "e1", "cut_off"))
    assert [(one.phase, one.decision) for one in told] == [(Phase.UPDATE, "cut_off")]
    assert bench.point.tell(at(2), "another", "cut_off") == []


def two_voltages() -> PointConfig:
    """Of two phases, each with an alarm of the same code."""
    readings = {"first": MQTT, "second": MQTT}
    alarms = [{"code": "SENSOR.VOLTAGE", "reading": name, "alarm": {"above": 253, "below": 198}} for name in readings]
    return PointConfig.model_validate({"id": "charger", "readings": readings, "alarms": alarms})


def test_one_code_of_two_readings_is_two_episodes_also_across_a_restart() -> None:
    bench = Bench(two_voltages())
    bench.give(230, 1, "first")
    bench.give(190, 1, "second")
    assert bench.play({}, 3) == ["new confirmed warning"]
    bench.give(260, 4, "first")
    assert bench.play({}, 5) == ["new confirmed warning"]
    assert [one.zones for one in reports(bench.signals)] == [("charger", "second"), ("charger", "first")]
    left = [OpenEpisode(one.event_id, one.code, "", "sensor", START, zones=one.zones) for one in reports(bench.signals)]
    after = Bench(two_voltages(), left)
    assert all(after.point.owns(one) for one in left)
    after.give(230, 1, "second")
    assert after.play({}, 15) == ["end cleared warning"]
    assert reports(after.signals)[0].event_id == left[0].event_id
