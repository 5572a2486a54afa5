import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from edgeguard.doors import ContactConfig, ContactDoor, DoorConfig
from edgeguard.types import DoorState
from tests.support.modbus import Misbehaving, ModbusDevice, Reset
from tests.support.mosquitto import free_port, wait_for

OPEN, CLOSED, UNKNOWN = DoorState.OPEN, DoorState.CLOSED, DoorState.UNKNOWN


def config(port: int, **settings: Any) -> ContactConfig:
    usual = {"kind": "contact", "host": "127.0.0.1", "port": port, "address": 3, "poll_ms": 20, "timeout_s": 0.2}
    return ContactConfig.model_validate(usual | settings)


def becomes(door: ContactDoor, state: DoorState) -> None:
    wait_for(lambda: door.state(time.monotonic()) is state, f"the door {state}")


@pytest.mark.parametrize(
    ("settings", "value", "state"),
    [
        ({}, 1, CLOSED),
        ({}, 0, OPEN),
        ({"closed_when": 0}, 0, CLOSED),
        ({"closed_when": 0}, 1, OPEN),
        ({"table": "holding", "bit": 4}, 0x10, CLOSED),
        ({"table": "input", "bit": 4}, 0x0F, OPEN),
        ({"table": "coil"}, 1, CLOSED),
    ],
)
def test_says_what_the_contact_says(settings: dict[str, Any], value: int, state: DoorState) -> None:
    with ModbusDevice() as device:
        device.set(settings.get("table", "discrete_input"), 3, value)
        with ContactDoor(config(device.port, **settings), "lift-a") as door:
            becomes(door, state)
            assert door.health().reason is None


def test_follows_the_door() -> None:
    with ModbusDevice() as device, ContactDoor(config(device.port), "lift-a") as door:
        for value, state in ((0, OPEN), (1, CLOSED), (0, OPEN)):
            device.set("discrete_input", 3, value)
            becomes(door, state)


def test_a_device_that_is_killed_and_comes_back(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "edgeguard")
    with ModbusDevice() as device:
        device.set("discrete_input", 3, 1)
        with ContactDoor(config(device.port, stale_s=0.3), "lift-a") as door:
            becomes(door, CLOSED)
            device.kill()
            becomes(door, UNKNOWN)
            reason = door.health().reason
            assert reason is not None
            assert f"127.0.0.1:{device.port}" in reason
            device.start()
            becomes(door, CLOSED)
            assert door.health().reason is None
    told = [record.message for record in caplog.records if "door contact" in record.message]
    assert told[0] == "door contact of lift-a answers"
    assert any("gives nothing" in line for line in told)
    assert told[-1] == "door contact of lift-a answers"


def nobody(_: bytes) -> bytes | None:
    return None


def garbage(_: bytes) -> bytes | None:
    return b"\xff" * 20


def reset(_: bytes) -> bytes | None:
    raise Reset


@pytest.mark.parametrize("answer", [nobody, garbage, reset])
def test_one_that_hangs_or_talks_nonsense_is_unknown_and_holds_nobody_up(
    answer: Callable[[bytes], bytes | None],
) -> None:
    with Misbehaving(answer) as device, ContactDoor(config(device.port), "lift-a") as door:
        wait_for(lambda: door.health().failures >= 1, "a failure")
        began = time.monotonic()
        for _ in range(1000):
            assert door.state(time.monotonic()) is UNKNOWN
        assert time.monotonic() - began < 1
        assert door.health().reason == f"127.0.0.1:{device.port}: no usable answer"


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({}, "no connection"),
        ({"host": "door.invalid"}, "door.invalid"),
    ],
)
def test_nobody_there(settings: dict[str, Any], reason: str) -> None:
    with ContactDoor(config(free_port(), **settings), "lift-a") as door:
        wait_for(lambda: reason in (door.health().reason or ""), "the reason")
        assert door.state(time.monotonic()) is UNKNOWN
        assert door.health().read_s is None


def test_an_address_that_the_device_does_not_have() -> None:
    with ModbusDevice() as device, ContactDoor(config(device.port, address=99), "lift-a") as door:
        wait_for(lambda: "no such address" in (door.health().reason or ""), "the reason")
        assert door.state(time.monotonic()) is UNKNOWN


def test_a_question_that_hangs_is_overdue_and_another_thread_asks_instead() -> None:
    ahead_s = 0.0
    with (
        Misbehaving(nobody) as device,
        ContactDoor(config(device.port, timeout_s=5), "lift-a", lambda: time.monotonic() + ahead_s) as door,
    ):
        wait_for(lambda: device.asked >= 1, "a question")
        assert door.overdue_s() == 0
        ahead_s = 60.0
        assert door.overdue_s() >= 45
        left = door.renew()
        assert left.is_alive()
        assert door.alive
        wait_for(lambda: device.asked >= 2, "a question of the new one")
        assert door.overdue_s() == 0
        assert door.health().failures == 0


def test_an_old_reading_counts_no_more() -> None:
    with ModbusDevice() as device, ContactDoor(config(device.port, stale_s=1.5), "lift-a") as door:
        becomes(door, OPEN)
        read_s = door.health().read_s
        assert read_s is not None
        assert door.state(read_s + 60) is UNKNOWN


def test_before_and_after_it_knows_nothing() -> None:
    with ModbusDevice() as device:
        door = ContactDoor(config(device.port), "lift-a")
        assert door.state(time.monotonic()) is UNKNOWN
        assert not door.alive
        with door:
            becomes(door, OPEN)
        assert door.state(time.monotonic()) is UNKNOWN
        assert not door.alive
    ContactDoor(config(device.port), "lift-a").stop(0)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"host": ""}, "at least 1 character"),
        ({"port": 0}, "greater than or equal to 1"),
        ({"address": -1}, "greater than or equal to 0"),
        ({"table": "register"}, "'coil', 'discrete_input', 'holding' or 'input'"),
        ({"bit": 16, "table": "holding"}, "less than or equal to 15"),
        ({"bit": 2}, "bit only for the tables holding and input, met bit 2, table discrete_input"),
        ({"closed_when": 2}, "0 or 1"),
        ({"poll_ms": 5000}, "stale_s at least poll_ms, met stale_s 1.5, poll_ms 5000"),
        ({"timeout_s": 0}, "greater than 0"),
        ({"adress": 3}, "Extra inputs"),
    ],
)
def test_settings_that_are_refused(settings: dict[str, Any], told: str) -> None:
    usual = {"kind": "contact", "host": "10.0.0.9", "address": 3}
    with pytest.raises(ValidationError, match=told):
        TypeAdapter(DoorConfig).validate_python(usual | settings)
