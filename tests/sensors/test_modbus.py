"""Readings of a real Modbus server, of one that lies, and of none."""

import struct
import time
from collections.abc import Callable
from typing import Any

import pytest

from edgeguard.sensors.base import MemoryInput, Sample
from edgeguard.sensors.config import ModbusReading
from edgeguard.sensors.modbus import ModbusPoller, pollers
from tests.support.modbus import Misbehaving, ModbusDevice, Reset
from tests.support.mosquitto import free_port, wait_for


def config(port: int, **changes: Any) -> ModbusReading:
    usual = {"kind": "modbus", "host": "127.0.0.1", "port": port, "address": 3, "poll_ms": 20, "timeout_s": 0.3}
    return ModbusReading.model_validate(usual | changes)


def read_until(asked: ModbusReading, fits: Callable[[Sample], bool]) -> Sample:
    """The first sample that fits, of a poller that runs as long as needed."""
    into, found = MemoryInput(), list[Sample]()

    def heard() -> bool:
        found.extend(one for one in into.take() if fits(one))
        return bool(found)

    (poller,) = pollers([(asked, into)])
    poller.start()
    try:
        wait_for(heard, "a sample that fits")
    finally:
        poller.stop(2)
    return found[0]


@pytest.mark.parametrize(
    ("settings", "words", "value"),
    [
        ({"table": "coil"}, [1], 1),
        ({"table": "discrete_input"}, [1], 1),
        ({"table": "input"}, [4021], 4021),
        ({"table": "holding", "scale": 0.1, "offset": -40}, [655], 25.5),
        ({"table": "input", "encoding": "int16"}, [65535], -1),
        ({"table": "input", "encoding": "int32"}, [0xFFFF, 0xFFFE], -2),
        ({"table": "input", "encoding": "uint32", "word_order": "little"}, [1, 2], 131073),
        ({"table": "holding", "encoding": "float32"}, list(struct.unpack(">2H", struct.pack(">f", 12.25))), 12.25),
        ({"table": "holding", "bit": 4}, [0x10], 1),
    ],
)
def test_values_are_decoded(settings: dict[str, Any], words: list[int], value: float) -> None:
    with ModbusDevice() as device:
        for offset, word in enumerate(words):
            device.set(settings["table"], 3 + offset, word)
        sample = read_until(config(device.port, **settings), lambda one: one.value is not None)
    assert sample.value == pytest.approx(value)


def test_a_device_that_comes_back_is_read_again() -> None:
    into = MemoryInput()
    with ModbusDevice() as device:
        (poller,) = pollers([(config(device.port), into)])
        poller.start()
        wait_for(lambda: any(one.value == 0 for one in into.take()), "a value")
        device.kill()
        wait_for(lambda: any("no connection" in one.why for one in into.take()), "the loss")
        device.start()
        device.set("input", 3, 7)
        wait_for(lambda: any(one.value == 7 for one in into.take()), "the new value")
        poller.stop(2)


@pytest.mark.parametrize(
    ("changes", "why"),
    [({"address": 900}, "exception 2 (no such address)"), ({"device_id": 9}, "exception")],
)
def test_a_refusal_has_its_reason(changes: dict[str, Any], why: str) -> None:
    with ModbusDevice() as device:
        assert why in read_until(config(device.port, **changes), lambda one: bool(one.why)).why


def test_nobody_there_and_a_number_that_is_none() -> None:
    assert "no connection" in read_until(config(free_port()), lambda one: bool(one.why)).why
    nan = struct.unpack(">2H", struct.pack(">f", float("nan")))
    with ModbusDevice() as device:
        for offset, word in enumerate(nan):
            device.set("holding", 3 + offset, word)
        asked = config(device.port, table="holding", encoding="float32")
        assert "accepted: a finite number" in read_until(asked, lambda one: bool(one.why)).why


def silent(_: bytes) -> bytes | None:
    return None


def garbage(_: bytes) -> bytes | None:
    return b"\x00" * 12


def reset(_: bytes) -> bytes | None:
    raise Reset


@pytest.mark.parametrize("answer", [silent, garbage, reset])
def test_one_that_does_not_answer_hangs_nobody_for_long(answer: Callable[[bytes], bytes | None]) -> None:
    with Misbehaving(answer) as device:
        assert "no usable answer" in read_until(config(device.port), lambda one: bool(one.why)).why


def test_a_poller_is_replaced_and_the_old_one_tells_nothing() -> None:
    into = MemoryInput()
    with Misbehaving(lambda _: None) as device:
        (poller,) = pollers([(config(device.port, timeout_s=0.5), into)])
        poller.start()
        wait_for(lambda: device.asked, "the question")
        left = poller.renew()
        assert poller.alive
        left.join(5)
        poller.stop(5)
    assert poller.overdue_s() < 1


def test_one_thread_per_device_and_each_reading_at_its_own_pace() -> None:
    fast, slow = MemoryInput(), MemoryInput()
    with ModbusDevice() as device:
        asked = [(config(device.port), fast), (config(device.port, poll_ms=10_000), slow)]
        found: list[ModbusPoller] = pollers(asked, time.monotonic)
        assert len(found) == 1
        found[0].start()
        for _ in range(5):
            wait_for(fast.take, "a reading")
        found[0].stop(2)
    assert len(slow.take()) == 1
