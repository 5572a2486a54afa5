"""One bit of a Modbus-TCP device, read again and again; what goes wrong is a DoorError with its reason."""

from typing import Final, Literal

from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from edgeguard.errors import DoorError

Table = Literal["coil", "discrete_input", "holding", "input"]
# Modbus Application Protocol V1.1b3, section 7.
EXCEPTIONS: Final = {
    1: "function not supported",
    2: "no such address",
    3: "illegal value",
    4: "device failure",
    5: "acknowledged, still busy",
    6: "device busy",
    10: "gateway path unavailable",
    11: "gateway target does not answer",
}
# One bit comes in a byte.
BITS_IN_A_BYTE: Final = 8


class ModbusBit:
    """`bit` counts from 0, the least significant, in a register; coils and discrete inputs are one bit each.

    The connection is made by the first `read` and kept. One thread at a time.
    """

    def __init__(self, host: str, port: int, unit: int, table: Table, address: int, bit: int, timeout_s: float) -> None:
        self._client = ModbusTcpClient(host, port=port, timeout=timeout_s, retries=0)
        self._where = f"{host}:{port}"
        self._unit, self._table, self._address, self._bit = unit, table, address, bit

    def read(self) -> bool:
        """The bit; within about twice the time-out. Raises DoorError, and then the next read connects anew."""
        try:
            return self._value_of(self._ask())
        except DoorError:
            self.close()
            raise
        except (ModbusException, TimeoutError) as error:
            self.close()
            raise DoorError(f"{self._where}: no usable answer") from error

    def close(self) -> None:
        self._client.close()  # type: ignore[no-untyped-call]

    def _ask(self) -> ModbusPDU:
        if not self._client.connect():  # type: ignore[no-untyped-call]
            raise DoorError(f"{self._where}: no connection")
        client, address, unit = self._client, self._address, self._unit
        if self._table == "coil":
            return client.read_coils(address, count=1, device_id=unit)
        if self._table == "discrete_input":
            return client.read_discrete_inputs(address, count=1, device_id=unit)
        if self._table == "holding":
            return client.read_holding_registers(address, count=1, device_id=unit)
        return client.read_input_registers(address, count=1, device_id=unit)

    def _value_of(self, answer: ModbusPDU) -> bool:
        if answer.isError():
            code = answer.exception_code
            raise DoorError(f"{self._where}: exception {code} ({EXCEPTIONS.get(code, 'unknown')})")
        in_bits = self._table in {"coil", "discrete_input"}
        values = answer.bits if in_bits else answer.registers
        # The library takes what comes: an echo of the question would be three bytes of bits.
        expected = BITS_IN_A_BYTE if in_bits else 1
        if len(values) != expected:
            raise DoorError(f"{self._where}: met an answer of {len(values)} values, accepted: {expected}")
        return bool(values[0]) if in_bits else bool(values[0] >> self._bit & 1)
