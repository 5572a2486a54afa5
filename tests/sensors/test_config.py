"""Wrong settings, told before anything starts."""

from typing import Any

import pytest
from pydantic import ValidationError

from edgeguard.sensors import AlarmConfig, BrokerConfig, PointConfig
from edgeguard.types import Severity
from tests.sensors.support import MQTT

MODBUS = {"kind": "modbus", "host": "10.0.0.9", "address": 3}


def point(**changes: Any) -> dict[str, Any]:
    return {"id": "gas-1", "readings": {"gas": MQTT}, "alarms": [{"code": "SENSOR.GAS"}], **changes}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"readings": {}}, "at least 1 item"),
        ({"readings": {"Gas": MQTT}}, "string_pattern_mismatch"),
        ({"readings": {"gas": MQTT | {"topic": "a/#"}}}, "string_pattern_mismatch"),
        ({"readings": {"gas": MQTT | {"pointer": "value"}}}, "string_pattern_mismatch"),
        ({"readings": {"gas": MQTT | {"valid": [5, 5]}}}, "least, greatest"),
        ({"readings": {"gas": MODBUS | {"table": "coil", "bit": 2}}}, "bit only for the tables"),
        ({"readings": {"gas": MODBUS | {"poll_ms": 20000}}}, "offline_s at least twice poll_ms"),
        ({"alarms": [{"code": "SENSOR.GAZ"}]}, "not in the table"),
        ({"alarms": [{"code": "LIFT.EBIKE.ENTER"}]}, "a code of the family SENSOR"),
        (
            {"alarms": [{"code": "SENSOR.GAS"}, {"code": "SENSOR.GAS", "reading": "gas"}]},
            "met SENSOR.GAS gas more than",
        ),
        ({"alarms": [{"code": "SENSOR.GAS", "reading": "heat"}]}, "reading one of gas, met heat"),
        ({"readings": {"gas": MQTT, "heat": MQTT}}, "reading, one of gas, heat"),
        ({"alarms": [{"code": "SENSOR.GAS", "alarm": {}}]}, "above, below, or both"),
    ],
)
def test_a_wrong_point_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        PointConfig.model_validate(point(**changes))
    assert said in str(refusal.value)


def test_current_and_voltage_of_a_charging_point_both_alarm() -> None:
    readings = {"current": MODBUS, "voltage": MODBUS | {"address": 4}, "neutral": MODBUS | {"address": 5}}
    volts = {"alarm": {"above": 253, "below": 198}}
    told = PointConfig.model_validate(
        point(
            readings=readings,
            alarms=[
                {"code": "SENSOR.VOLTAGE", "reading": "voltage", **volts},
                {"code": "SENSOR.CURRENT", "reading": "current"},
                {"code": "SENSOR.CURRENT", "reading": "neutral"},
            ],
        )
    )
    assert [told.zones_of(alarm) for alarm in told.alarms] == [("gas-1",), ("gas-1", "current"), ("gas-1", "neutral")]


@pytest.mark.parametrize(
    ("changes", "offline_s"),
    [
        ({}, 90_000),
        ({"offline_s": 600}, 600),
        ({"offline_s": None}, None),
        ({"momentary": True}, None),
        ({"momentary": True, "offline_s": 600}, 600),
    ],
)
def test_silence_by_mqtt_is_told_after_a_day_but_of_buttons(changes: dict[str, Any], offline_s: float | None) -> None:
    told = PointConfig.model_validate(point(readings={"gas": MQTT | changes}))
    assert told.readings["gas"].offline_s == offline_s


@pytest.mark.parametrize("transport", [{}, {"insecure_lab": True, "tls": {"ca": "ca.pem"}}])
def test_a_broker_is_verified_or_said_to_be_a_lab(transport: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="exactly one of them"):
        BrokerConfig.model_validate({"host": "broker", **transport})


def test_a_door_may_be_a_sensor_and_severities_step_down() -> None:
    held = AlarmConfig.model_validate({"code": "ACCESS.DOOR.HELD", "alarm": {"above": 0.5, "dwell_s": 60}})
    assert (held.at_alarm, held.before_alarm, held.latched) == (Severity.WARNING, Severity.INFO, False)
    info = AlarmConfig.model_validate({"code": "SENSOR.WATER", "severity": "info"})
    assert info.before_alarm is Severity.INFO
