"""A relay board of one coil on a real socket, in Modbus-TCP: it can fall silent, and remembers what it did and when."""

import struct
import time

from edgeguard.actuators.relay_config import ModbusRelayConfig
from tests.support.modbus import Misbehaving

READ_COILS, WRITE_COIL, WRITE_REGISTER = 1, 5, 6


class RelayBoard(Misbehaving):
    """`history`: (monotonic_s, closed). `silent`: does as told and says nothing; `dead`: does nothing either.

    `misses`: so many messages are lost.
    """

    def __init__(self) -> None:
        super().__init__(self._take)
        self.history: list[tuple[float, bool]] = []
        self.registers: list[tuple[int, int]] = []
        self.silent = self.dead = False
        self.refusal: int | None = None
        self.misses = 0

    @property
    def closed(self) -> bool:
        return bool(self.history) and self.history[-1][1]

    @property
    def pulses_s(self) -> list[float]:
        """Lengths of the pulses that are over."""
        closings = [(at, after) for (at, closed), (after, _) in zip(self.history, self.history[1:]) if closed]  # noqa: B905
        return [after - at for at, after in closings]

    def config(self, **settings: object) -> ModbusRelayConfig:
        usual = {"kind": "modbus", "host": "127.0.0.1", "port": self.port, "coil": 0, "timeout_s": 0.15}
        return ModbusRelayConfig.model_validate(usual | settings)

    def _take(self, asked: bytes) -> bytes | None:
        transaction, _, _, unit, function = struct.unpack(">HHHBB", asked[:8])
        body = asked[7:12]
        if self.dead or self.misses:
            self.misses = max(self.misses - 1, 0)
            return None
        if self.refusal is not None:
            body = bytes((function | 0x80, self.refusal))
        elif function == READ_COILS:
            body = bytes((function, 1, self.closed))
        elif function == WRITE_COIL:
            self._set(asked[10] == 0xFF)
        elif function == WRITE_REGISTER:
            self.registers.append(struct.unpack(">HH", asked[8:12]))
        if self.silent:
            return None
        return struct.pack(">HHHB", transaction, 0, 1 + len(body), unit) + body

    def _set(self, closed: bool) -> None:
        if closed is not self.closed:
            self.history.append((time.monotonic(), closed))
