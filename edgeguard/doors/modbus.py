"""One bit of a Modbus-TCP device, read again and again; what goes wrong is a DoorError with its reason."""

from edgeguard.errors import DoorError, SensorError
from edgeguard.modbus import ModbusLink, Table, in_bits

__all__ = ["ModbusBit", "Table"]


class ModbusBit:
    """`bit` counts from 0, the least significant, in a register; coils and discrete inputs are one bit each.

    The connection is made by the first `read` and kept. One thread at a time.
    """

    def __init__(self, host: str, port: int, unit: int, table: Table, address: int, bit: int, timeout_s: float) -> None:
        self._link = ModbusLink(host, port, timeout_s)
        self._unit, self._table, self._address, self._bit = unit, table, address, bit

    def read(self) -> bool:
        """The bit; within about twice the time-out. Raises DoorError, and then the next read connects anew."""
        try:
            if in_bits(self._table):
                return self._link.read_bit(self._table, self._unit, self._address)
            (word,) = self._link.read_words(self._table, self._unit, self._address, 1)
        except SensorError as error:
            raise DoorError(str(error)) from error
        return bool(word >> self._bit & 1)

    def close(self) -> None:
        self._link.close()
