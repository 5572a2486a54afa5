"""A Modbus-TCP device: registers and bits read, a coil written; what goes wrong is a SensorError with its reason.

Function codes and exceptions: Modbus Application Protocol V1.1b3.
"""

import logging
import struct
from collections.abc import Callable
from typing import Final, Literal

from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.pdu import ModbusPDU

from edgeguard.errors import SensorError

Table = Literal["coil", "discrete_input", "holding", "input"]
Encoding = Literal["uint16", "int16", "uint32", "int32", "float32"]
WordOrder = Literal["big", "little"]

# Format of struct, big-endian: within a register the protocol leaves no choice.
_FORMATS: Final[dict[str, str]] = {"uint16": ">H", "int16": ">h", "uint32": ">I", "int32": ">i", "float32": ">f"}
# Section 7.
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


def in_bits(table: Table) -> bool:
    return table in {"coil", "discrete_input"}


def words_of(encoding: Encoding) -> int:
    """Registers that make one number."""
    return struct.calcsize(_FORMATS[encoding]) // 2


def decoded(words: list[int], encoding: Encoding, word_order: WordOrder) -> float:
    """The number in registers as they came."""
    ordered = words if word_order == "big" else words[::-1]
    packed = struct.pack(f">{len(ordered)}H", *ordered)
    return float(struct.unpack(_FORMATS[encoding], packed)[0])


class ModbusLink:
    """One connection, made by the first question and kept; an answer comes within twice the time-out. One thread."""

    def __init__(self, host: str, port: int, timeout_s: float) -> None:
        # It logs every failure with its traffic; who asks tells what changes, once.
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
        self._client = ModbusTcpClient(host, port=port, timeout=timeout_s, retries=0)
        self._where = f"{host}:{port}"

    def read_bit(self, table: Table, device_id: int, address: int) -> bool:
        """A coil or a discrete input. Raises SensorError, and then the next question connects anew."""
        ask = self._client.read_coils if table == "coil" else self._client.read_discrete_inputs
        answer = self._asked(lambda: ask(address, count=1, device_id=device_id))
        # The library takes what comes: an echo of the question would be three bytes of bits.
        if len(answer.bits) != BITS_IN_A_BYTE:
            raise self._broken(f"met an answer of {len(answer.bits)} values, accepted: {BITS_IN_A_BYTE}")
        return bool(answer.bits[0])

    def read_words(self, table: Table, device_id: int, address: int, count: int) -> list[int]:
        """Registers, unsigned. Raises SensorError, and then the next question connects anew."""
        ask = self._client.read_holding_registers if table == "holding" else self._client.read_input_registers
        answer = self._asked(lambda: ask(address, count=count, device_id=device_id))
        if len(answer.registers) != count:
            raise self._broken(f"met an answer of {len(answer.registers)} values, accepted: {count}")
        return list(answer.registers)

    def write_coil(self, device_id: int, address: int, *, value: bool) -> None:
        """Raises SensorError; the device may have done it all the same."""
        self._asked(lambda: self._client.write_coil(address, value, device_id=device_id))

    def close(self) -> None:
        self._client.close()  # type: ignore[no-untyped-call]

    def _asked(self, ask: Callable[[], ModbusPDU]) -> ModbusPDU:
        try:
            if not self._client.connect():  # type: ignore[no-untyped-call]
                raise self._broken("no connection")
            answer = ask()
        except (ModbusException, OSError) as error:
            raise self._broken("no usable answer") from error
        if answer.isError():
            code = answer.exception_code
            raise self._broken(f"exception {code} ({EXCEPTIONS.get(code, 'unknown')})")
        return answer

    def _broken(self, what: str) -> SensorError:
        self.close()
        return SensorError(f"{self._where}: {what}")
