"""Taking the current off a charging point: one coil, written because a person asked for it, and read back."""

import time
from collections.abc import Callable

from edgeguard.errors import SensorError
from edgeguard.modbus import ModbusLink
from edgeguard.sensors.config import CutOffConfig

# A contactor module may need a moment to tell what it has done.
LOOK_EVERY_S = 0.1


def cut_off(
    config: CutOffConfig,
    monotonic_s: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> str:
    """Write the coil and read it back until it is off; returns what was seen. Raises SensorError where it was not."""
    off = bool(config.off_is)
    link = ModbusLink(config.host, config.port, config.timeout_s)
    try:
        link.write_coil(config.device_id, config.address, value=off)
        until_s = monotonic_s() + config.within_s
        while (met := link.read_bit("coil", config.device_id, config.address)) is not off:
            if monotonic_s() >= until_s:
                where = f"{config.host}:{config.port} coil {config.address}"
                raise SensorError(
                    f"{where} reads back {int(met)}, accepted: {config.off_is} within {config.within_s:g} s"
                )
            sleep(LOOK_EVERY_S)
    finally:
        link.close()
    return f"coil {config.address} reads back {config.off_is}"
