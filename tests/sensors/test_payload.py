from typing import Any

import pytest

from edgeguard.errors import SensorError
from edgeguard.sensors.config import MqttReading
from edgeguard.sensors.payload import number_of
from tests.sensors.support import MQTT


def config(**changes: Any) -> MqttReading:
    return MqttReading.model_validate(MQTT | changes)


@pytest.mark.parametrize(
    ("payload", "settings", "value"),
    [
        (b"21.5", {}, 21.5),
        (b" -3 \n", {}, -3),
        (b"ON", {"words": {"ON": 1, "OFF": 0}}, 1),
        (b'{"gas": {"ppm": 412}}', {"pointer": "/gas/ppm", "scale": 0.001}, 0.412),
        (b'{"t": [20, 215]}', {"pointer": "/t/1", "scale": 0.1, "offset": -1}, 20.5),
        (b'{"a/b": {"m~n": true}}', {"pointer": "/a~1b/m~0n"}, 1),
        (b'{"": "7"}', {"pointer": "/"}, 7),
        (b'{"contact": "open"}', {"pointer": "/contact", "words": {"open": 1}}, 1),
    ],
)
def test_numbers_are_found(payload: bytes, settings: dict[str, Any], value: float) -> None:
    assert number_of(payload, config(**settings)) == pytest.approx(value)


@pytest.mark.parametrize(
    ("payload", "settings", "said"),
    [
        (b"", {}, "met '', accepted: a number"),
        (b"abc", {}, "payload: met 'abc', accepted: a number"),
        (b"ON", {"words": {"on": 1}}, "accepted: a number, on"),
        (b"nan", {}, "met 'nan'"),
        (b"1e999", {}, "met '1e999'"),
        (b"1_000", {}, "met '1_000'"),
        (b"\xff\xfe", {}, "accepted: UTF-8"),
        (b"9" * 70_000, {}, "accepted: at most 65536"),
        (b"{", {"pointer": "/a"}, "accepted: JSON"),
        (b"[" * 60_000, {"pointer": "/a"}, "accepted: JSON"),
        (b'{"a": null}', {"pointer": "/a"}, "/a: met None"),
        (b'{"a": {}}', {"pointer": "/a"}, "/a: met {}"),
        (b'{"b": 1}', {"pointer": "/a"}, "something at 'a'"),
        (b"[1]", {"pointer": "/1"}, "something at '1'"),
        (b"[1]", {"pointer": "/-1"}, "something at '-1'"),
        (b"[1]", {"pointer": "/\xb2".encode("latin-1").decode("latin-1")}, "something at"),
        (b"5", {"pointer": "/a"}, "something at 'a'"),
        (b'{"a": 1' + b"0" * 400 + b"}", {"pointer": "/a"}, "accepted: a number"),
    ],
)
def test_anything_else_is_an_error_with_what_was_met(payload: bytes, settings: dict[str, Any], said: str) -> None:
    with pytest.raises(SensorError) as refusal:
        number_of(payload, config(**settings))
    assert said in str(refusal.value)
