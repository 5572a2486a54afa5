"""A real Modbus-TCP server on loopback that can be killed and started again on its port, and one that misbehaves."""

import asyncio
import socket
import struct
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Any, Final, Self

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from tests.support.mosquitto import free_port

COUNT: Final = 16
# The function codes that read them.
TABLES: Final = {"coil": 1, "discrete_input": 2, "holding": 3, "input": 4}


class ModbusDevice:
    """Unit 1 with addresses 0 to 15 in each table, all zero until `set`, which a kill does not undo."""

    def __init__(self) -> None:
        self.port = free_port()
        self._values: dict[str, list[int]] = {table: [0] * COUNT for table in TABLES}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def start(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._call(self._serve())

    def set(self, table: str, address: int, value: int) -> None:
        self._values[table][address] = value
        self._call(self._store(table, address))

    def get(self, table: str, address: int) -> int:
        """What is there now, whoever wrote it."""
        return int(self._call(self._server.async_getValues(1, TABLES[table], address, 1))[0])

    def kill(self) -> None:
        """Close the port and every connection."""
        self._call(self._server.shutdown())  # type: ignore[no-untyped-call]
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(5)

    async def _serve(self) -> None:
        bits, words = DataType.BITS, DataType.REGISTERS
        blocks = (
            [SimData(0, values=[False] * COUNT, datatype=bits)],
            [SimData(0, values=[False] * COUNT, datatype=bits)],
            [SimData(0, values=[0] * COUNT, datatype=words)],
            [SimData(0, values=[0] * COUNT, datatype=words)],
        )
        self._server = ModbusTcpServer(SimDevice(1, simdata=blocks), address=("127.0.0.1", self.port))
        await self._server.serve_forever(background=True)
        for table, values in self._values.items():
            for address in range(len(values)):
                await self._store(table, address)

    async def _store(self, table: str, address: int) -> None:
        value = self._values[table][address]
        stored = bool(value) if table in {"coil", "discrete_input"} else value
        await self._server.async_setValues(1, TABLES[table], address, [stored])


# As SO_LINGER: what is unread or unsent is thrown away, and the other side meets a reset.
_ABORT: Final = struct.pack("ii", 1, 0)


class Reset(Exception):
    """Raised by an `answer`: the connection is reset instead."""


class Misbehaving:
    """Accepts connections and answers each chunk that comes with what `answer` makes of it; None: never."""

    def __init__(self, answer: Callable[[bytes], bytes | None]) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.asked = 0
        self._held: list[socket.socket] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for connection in self._held:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
            connection.close()
        self._thread.join(5)

    def _run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._held.append(connection)
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            while asked := connection.recv(300):
                self.asked += 1
                try:
                    answer = self._answer(asked)
                except Reset:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _ABORT)
                    connection.close()
                    return
                if answer is not None:
                    connection.sendall(answer)
