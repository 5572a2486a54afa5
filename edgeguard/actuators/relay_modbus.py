"""A coil of a Modbus-TCP relay board."""

import math
import socket
import struct
import time
from collections.abc import Callable

from pymodbus.client import ModbusTcpClient
from pymodbus.constants import ExcCodes
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from edgeguard.actuators.relay import LONGEST_PULSE_S, Promises, Pulse, timed
from edgeguard.actuators.relay_config import ModbusRelayConfig
from edgeguard.errors import RelayError

# Nothing of a connection that is given up is sent any more: TCP would deliver "close" when the cable is back.
_FORGET_UNSENT = struct.pack("ii", 1, 0)
# A board that releases after so much silence hears from us so many times within it.
RENEWALS = 3


class ModbusRelay:
    """Every write has its answer within `timeout_s`, or the connection is reset and RelayError raised."""

    def __init__(self, config: ModbusRelayConfig, monotonic_s: Callable[[], float] = time.monotonic) -> None:
        self._config = config
        self._client = ModbusTcpClient(config.host, port=config.port, timeout=config.timeout_s, retries=0)
        self._where = f"{config.host}:{config.port}"
        self._clock = monotonic_s

    @property
    def name(self) -> str:
        return f"{self._where} coil {self._config.coil}"

    @property
    def promises(self) -> Promises:
        return Promises(self._config.pulse_register is not None, self._config.watchdog_s)

    def pulse(self, pulse: Pulse) -> None:
        self._connect()
        every_s = (self._config.watchdog_s or RENEWALS * LONGEST_PULSE_S) / RENEWALS
        register = self._config.pulse_register
        if register is None:
            timed(pulse, lambda: self._begin(pulse), self._release, lambda: self._write(True), every_s)
        else:
            # Any message tells the board's watchdog that the box lives; its own clock ends the pulse.
            timed(pulse, lambda: self._begin_by_board(pulse, register), self._release, self._is_closed, every_s)

    def check(self) -> None:
        if self._is_closed():
            self._release()
            if self._is_closed():
                raise RelayError(f"{self.name}: stays closed although it was released")

    def close(self) -> None:
        self._client.close()  # type: ignore[no-untyped-call]

    def _begin(self, pulse: Pulse) -> None:
        pulse.begin(self._config.timeout_s)
        self._write(True)

    def _begin_by_board(self, pulse: Pulse, register: int) -> None:
        ticks = math.ceil(pulse.seconds * 1000 / self._config.pulse_tick_ms)
        pulse.begin(self._config.timeout_s)
        self._ask(lambda: self._client.write_register(register, ticks, device_id=self._config.unit))

    def _release(self) -> None:
        self._write(False)

    def _write(self, closed: bool) -> None:
        coil, unit = self._config.coil, self._config.unit
        self._ask(lambda: self._client.write_coil(coil, closed, device_id=unit))

    def _is_closed(self) -> bool:
        answer = self._ask(lambda: self._client.read_coils(self._config.coil, count=1, device_id=self._config.unit))
        if not answer.bits:
            raise self._broken("met an answer without a value")
        return bool(answer.bits[0])

    def _ask(self, question: Callable[[], ModbusPDU]) -> ModbusPDU:
        self._connect()
        try:
            answer = question()
        except (ModbusException, OSError) as error:
            raise self._broken("no usable answer") from error
        if answer.isError():
            raise self._broken(_refusal(answer.exception_code))
        return answer

    def _connect(self) -> None:
        if not self._client.connect():  # type: ignore[no-untyped-call]
            raise RelayError(f"{self.name}: no connection")
        if self._client.socket is not None:
            self._client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _FORGET_UNSENT)

    def _broken(self, why: str) -> RelayError:
        self.close()
        return RelayError(f"{self.name}: {why}")


def _refusal(code: int) -> str:
    """`exception 2 (illegal address)`: Modbus Application Protocol V1.1b3, section 7."""
    name = ExcCodes(code).name.replace("_", " ").lower() if code in set(ExcCodes) else "unknown"
    return f"exception {code} ({name})"
