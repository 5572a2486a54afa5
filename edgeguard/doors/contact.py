"""The door's own contact, read over Modbus-TCP by a thread that no camera waits for."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread
from types import TracebackType
from typing import Literal, Self

from pydantic import Field, model_validator

from edgeguard.doors.modbus import ModbusBit, Table
from edgeguard.errors import DoorError
from edgeguard.types import DoorState, Picture
from edgeguard.yamlfile import Strict

log = logging.getLogger(__name__)

# A device that does not answer is asked again at this pace: it may be starting, and nobody needs a faster one.
RETRY_S = 1.0
STOP_TIMEOUT_S = 2.0


class ContactConfig(Strict):
    """A door contact at a Modbus-TCP device; `address` counts from 0, `bit` of a register from the least significant.

    `closed_when`: what the contact reads when the door is closed. A reading older than `stale_s` counts no more.
    """

    kind: Literal["contact"]
    host: str = Field(min_length=1)
    port: int = Field(default=502, ge=1, le=65535)
    unit: int = Field(default=1, ge=0, le=255)
    table: Table = "discrete_input"
    address: int = Field(ge=0, le=65535)
    bit: int = Field(default=0, ge=0, le=15)
    closed_when: Literal[0, 1] = 1
    poll_ms: float = Field(default=200, ge=20, le=10_000)
    timeout_s: float = Field(default=0.5, gt=0, le=10)
    stale_s: float = Field(default=1.5, gt=0, le=60)

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if self.stale_s * 1000 < self.poll_ms:
            raise ValueError(f"stale_s at least poll_ms, met stale_s {self.stale_s:g}, poll_ms {self.poll_ms:g}")
        if self.bit and self.table in {"coil", "discrete_input"}:
            raise ValueError(f"bit only for the tables holding and input, met bit {self.bit}, table {self.table}")
        return self


@dataclass(frozen=True, slots=True)
class ContactHealth:
    """`reason` is None while the contact answers; `read_s` is when it last did (monotonic), None for never."""

    reason: str | None
    read_s: float | None
    failures: int  # readings that failed since start


@dataclass(frozen=True, slots=True)
class _Reading:
    at_s: float
    closed: bool


class ContactDoor:
    """Open it with `with`, or `start` and `stop` it; closed it knows nothing. `state` never waits.

    `monotonic_s` is the clock that also stamps frames.
    """

    def __init__(
        self, config: ContactConfig, camera_id: str, monotonic_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._config = config
        self._name = camera_id
        self._clock = monotonic_s
        # Replaced whole: camera threads read it without a lock.
        self._reading: _Reading | None = None
        self._reason: str | None = "not read yet"
        self._failures = 0
        self._asked_s: float | None = None  # since when the present question waits for its answer
        self._stopping = Event()
        self._thread = self._new_thread()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(STOP_TIMEOUT_S)

    def start(self) -> None:
        """Begin to ask."""
        self._thread.start()

    def renew(self) -> Thread:
        """Ask anew in another thread; returns the one that is left behind, which tells nothing any more."""
        left = self._thread
        self._stopping.set()
        self._stopping, self._asked_s = Event(), None
        self._thread = self._new_thread()
        self._thread.start()
        return left

    def stop(self, within_s: float) -> None:
        """Ask no more, wait so long for an answer that is on its way."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(within_s)
        self._reading, self._reason = None, "stopped"

    @property
    def name(self) -> str:
        """Of its thread, once among those of a box."""
        return f"door-{self._name}"

    @property
    def alive(self) -> bool:
        """False before the start, after the end, and after a defect killed its thread."""
        return self._thread.is_alive()

    def overdue_s(self) -> float:
        """For how long the present question has hung beyond its time-outs; 0 where it has not."""
        asked_s = self._asked_s
        return 0.0 if asked_s is None else max(self._clock() - asked_s - 2 * self._config.timeout_s, 0.0)

    def health(self) -> ContactHealth:
        """What a person or a metric wants to know of it."""
        reading = self._reading
        return ContactHealth(self._reason, None if reading is None else reading.at_s, self._failures)

    def state(self, monotonic_s: float, picture: Picture | None = None) -> DoorState:  # noqa: ARG002
        """The contact's last reading, if it is fresh at that moment; the picture is not asked."""
        reading = self._reading
        if reading is None or monotonic_s - reading.at_s > self._config.stale_s:
            return DoorState.UNKNOWN
        return DoorState.CLOSED if reading.closed else DoorState.OPEN

    def _new_thread(self) -> Thread:
        return Thread(target=self._run, args=(self._stopping,), name=self.name, daemon=True)

    def _run(self, stopping: Event) -> None:
        config = self._config
        bit = ModbusBit(
            config.host, config.port, config.unit, config.table, config.address, config.bit, config.timeout_s
        )
        # It logs every failure, every second, with its traffic; what changes is told here once.
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
        try:
            pause_s = 0.0
            while not stopping.wait(pause_s):
                pause_s = self._poll(bit, stopping)
        finally:
            bit.close()

    def _poll(self, bit: ModbusBit, stopping: Event) -> float:
        """Read once; return the seconds until the next time. Nothing is told by one that was left behind meanwhile."""
        poll_s = self._config.poll_ms / 1000
        # The contact was so at the latest when it was asked: what the answer took is part of its age.
        asked_s = self._asked_s = self._clock()
        try:
            closed = bit.read() == bool(self._config.closed_when)
        except DoorError as error:
            if not stopping.is_set():
                self._asked_s = None
                self._failures += 1
                self._tell(str(error))
            return max(RETRY_S, poll_s)
        if stopping.is_set():
            return poll_s
        self._asked_s = None
        self._reading = _Reading(asked_s, closed)
        self._tell(None)
        return poll_s

    def _tell(self, reason: str | None) -> None:
        """Log what changes, once."""
        if reason == self._reason:
            return
        if reason is None:
            log.info("door contact of %s answers", self._name)
        else:
            log.warning("door contact of %s gives nothing: %s", self._name, reason)
        self._reason = reason
