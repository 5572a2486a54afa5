import struct
from collections.abc import Callable
from random import Random

import pytest

from edgeguard.doors.modbus import ModbusBit, Table
from edgeguard.errors import DoorError
from tests.support.modbus import Misbehaving, ModbusDevice

Answer = Callable[[bytes], bytes | None]


def bit(port: int, table: Table = "discrete_input", address: int = 3, number: int = 0) -> ModbusBit:
    return ModbusBit("127.0.0.1", port, 1, table, address, number, 0.3)


@pytest.mark.parametrize(
    ("table", "number", "value", "read"),
    [
        ("coil", 0, 0, False),
        ("coil", 0, 1, True),
        ("discrete_input", 0, 0, False),
        ("discrete_input", 0, 1, True),
        ("holding", 0, 0b0100, False),
        ("holding", 2, 0b0100, True),
        ("holding", 15, 0x8000, True),
        ("input", 3, 0b0111, False),
        ("input", 2, 0b0100, True),
    ],
)
def test_reads_one_bit_of_each_table(table: Table, number: int, value: int, read: bool) -> None:
    with ModbusDevice() as device:
        device.set(table, 3, value)
        contact = bit(device.port, table, number=number)
        assert contact.read() is read
        device.set(table, 3, 0)
        assert contact.read() is False
        contact.close()


def test_what_the_device_refuses_is_told() -> None:
    with ModbusDevice() as device:
        contact = bit(device.port, address=99)
        with pytest.raises(DoorError, match=r"127\.0\.0\.1:\d+: exception 2 \(no such address\)"):
            contact.read()


def test_nobody_there() -> None:
    with ModbusDevice() as device:
        contact = bit(device.port)
    with pytest.raises(DoorError, match="no connection"):
        contact.read()


def test_a_host_that_does_not_exist() -> None:
    with pytest.raises(DoorError, match=r"door\.invalid:502: no connection"):
        ModbusBit("door.invalid", 502, 1, "coil", 0, 0, 0.3).read()


def header(asked: bytes, body: bytes, *, transaction: int | None = None, length: int | None = None) -> bytes:
    number = struct.unpack(">H", asked[:2])[0] if transaction is None else transaction
    return struct.pack(">HHH", number, 0, len(body) if length is None else length) + body


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: None,
        lambda _: b"HTTP/1.1 400 Bad Request\r\n\r\n",
        lambda _: b"\x00",
        lambda asked: asked,
        lambda asked: header(asked, b"\x01\x02\x00"),
        lambda asked: header(asked, b"\x01\x02\xff"),
        lambda asked: header(asked, b"\x01\x02"),
        lambda asked: header(asked, b"\x01\x7b\x01\x01"),
        lambda asked: header(asked, b"\x01\x03\x02\x00\x01"),
        lambda asked: header(asked, b"\x09\x02\x01\x01"),
        lambda asked: header(asked, b"\x01\x02\x01\x01", transaction=4711),
        lambda asked: header(asked, b"\x01\x02\x01\x01", length=60_000),
        lambda asked: header(asked, b"\x01\x82\x63"),
        lambda asked: header(asked, b"\x01\x82"),
    ],
    ids=[
        "never",
        "another protocol",
        "one byte",
        "an echo",
        "no values",
        "more values than there are",
        "no count",
        "an unknown function",
        "another function",
        "another unit",
        "another transaction",
        "a length that never comes",
        "an unknown exception",
        "an exception without a code",
    ],
)
def test_answers_that_are_none(answer: Answer) -> None:
    with Misbehaving(answer) as device:
        contact = bit(device.port)
        for _ in range(2):
            with pytest.raises(DoorError):
                contact.read()


def test_noise_is_never_a_value_and_never_another_error() -> None:
    random = Random(7)

    def answer(asked: bytes) -> bytes:
        noise = random.randbytes(random.randrange(1, 40))
        return header(asked, b"\x01" + noise) if random.random() < 0.7 else noise

    with Misbehaving(answer) as device:
        contact = ModbusBit("127.0.0.1", device.port, 1, "holding", 3, 0, 0.02)
        for _ in range(60):
            with pytest.raises(DoorError):
                contact.read()
