import pytest

from edgeguard.errors import SensorError
from edgeguard.sensors import CutOffConfig, cut_off
from tests.support.modbus import Misbehaving, ModbusDevice
from tests.support.mosquitto import free_port


def config(port: int, **changes: object) -> CutOffConfig:
    usual = {"host": "127.0.0.1", "port": port, "address": 5, "timeout_s": 0.3, "within_s": 0.2}
    return CutOffConfig.model_validate(usual | changes)


@pytest.mark.parametrize("off_is", [0, 1])
def test_the_coil_is_written_and_read_back(off_is: int) -> None:
    with ModbusDevice() as device:
        device.set("coil", 5, 1 - off_is)
        assert cut_off(config(device.port, off_is=off_is)) == f"coil 5 reads back {off_is}"
        assert device.get("coil", 5) == off_is


def test_a_coil_that_stays_on_is_an_error() -> None:
    # Echoes the write, then reads back a coil that is on.
    def stubborn(asked: bytes) -> bytes:
        if asked[7] == 5:
            return asked
        return asked[:4] + b"\x00\x04" + asked[6:7] + b"\x01\x01\x01"

    with Misbehaving(stubborn) as device, pytest.raises(SensorError, match="coil 5 reads back 1, accepted: 0 within"):
        cut_off(config(device.port))


def test_nobody_there_and_no_such_coil() -> None:
    with pytest.raises(SensorError, match="no connection"):
        cut_off(config(free_port()))
    with ModbusDevice() as device, pytest.raises(SensorError, match="no such address"):
        cut_off(config(device.port, address=900))
