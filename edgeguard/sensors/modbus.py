"""Readings of Modbus-TCP devices: one connection and one thread per device, which no rule waits for."""

import logging
import math
import time
from collections.abc import Callable, Sequence
from threading import Event, Thread

from edgeguard.errors import SensorError
from edgeguard.modbus import ModbusLink, decoded, in_bits, words_of
from edgeguard.sensors.base import MemoryInput, Sample
from edgeguard.sensors.config import ModbusReading

log = logging.getLogger(__name__)

# A device that does not answer is asked again at this pace: it may be starting, and nobody needs a faster one.
RETRY_S = 1.0

Asked = tuple[ModbusReading, MemoryInput]


class ModbusPoller:
    """Asks one device for its readings, each at its own pace. `start` it; `renew` leaves a hanging thread behind."""

    def __init__(self, host: str, port: int, asked: Sequence[Asked], monotonic_s: Callable[[], float]) -> None:
        self.name = f"{host}:{port}"
        self._host, self._port = host, port
        self._asked = tuple(asked)
        self._clock = monotonic_s
        self._timeout_s = max(config.timeout_s for config, _ in asked)
        self._told: str | None = None
        self._asked_s: float | None = None  # since when the present question waits for its answer
        self._stopping = Event()
        self._thread = self._new_thread()

    def start(self) -> None:
        self._thread.start()

    def stop(self, within_s: float) -> None:
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(within_s)

    def renew(self) -> Thread:
        """Ask anew in another thread; returns the one that is left behind, which tells nothing any more."""
        left = self._thread
        self._stopping.set()
        self._stopping, self._asked_s = Event(), None
        self._thread = self._new_thread()
        self._thread.start()
        return left

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def overdue_s(self) -> float:
        """For how long the present question has hung beyond its time-outs; 0 where it has not."""
        asked_s = self._asked_s
        return 0.0 if asked_s is None else max(self._clock() - asked_s - 2 * self._timeout_s, 0.0)

    def _new_thread(self) -> Thread:
        return Thread(target=self._run, args=(self._stopping,), name=f"modbus-{self.name}", daemon=True)

    def _run(self, stopping: Event) -> None:
        link = ModbusLink(self._host, self._port, self._timeout_s)
        due_s = [self._clock()] * len(self._asked)
        try:
            while not stopping.wait(max(min(due_s) - self._clock(), 0.0)):
                index = due_s.index(min(due_s))
                config, into = self._asked[index]
                pause_s = self._ask(link, config, into, stopping)
                due_s[index] = max(due_s[index], self._clock() - pause_s) + pause_s
        finally:
            link.close()

    def _ask(self, link: ModbusLink, config: ModbusReading, into: MemoryInput, stopping: Event) -> float:
        """Read once; return the seconds until the next time. Nothing is told by one that was left behind meanwhile."""
        # The value was so at the latest when it was asked for: what the answer took is part of its age.
        asked_s = self._asked_s = self._clock()
        why = None
        try:
            raw = read_raw(link, config)
        except SensorError as error:
            raw, why = math.nan, str(error)
        if stopping.is_set():
            return RETRY_S
        self._asked_s = None
        into.put(scaled(config, raw, asked_s, why or f"{self.name}: met {raw}, accepted: a finite number"))
        self._tell(why)
        return config.poll_ms / 1000 if why is None else max(RETRY_S, config.poll_ms / 1000)

    def _tell(self, why: str | None) -> None:
        """Log what changes, once."""
        if why != self._told:
            self._told = why
            if why is None:
                log.info("sensors at %s answer", self.name)
            else:
                log.warning("a sensor at %s gives nothing: %s", self.name, why)


def read_raw(link: ModbusLink, config: ModbusReading) -> float:
    """The number that the device has; raises SensorError."""
    if in_bits(config.table):
        return float(link.read_bit(config.table, config.device_id, config.address))
    encoding = "uint16" if config.bit is not None else config.encoding
    words = link.read_words(config.table, config.device_id, config.address, words_of(encoding))
    if config.bit is not None:
        return float(words[0] >> config.bit & 1)
    return decoded(words, encoding, config.word_order)


def scaled(config: ModbusReading, raw: float, at_s: float, why: str) -> Sample:
    """In the reading's unit; what is no number is unusable."""
    if not math.isfinite(raw):
        return Sample(at_s, None, why)
    return Sample(at_s, raw * config.scale + config.offset)


def pollers(asked: Sequence[Asked], monotonic_s: Callable[[], float] = time.monotonic) -> list[ModbusPoller]:
    """One per device."""
    devices: dict[tuple[str, int], list[Asked]] = {}
    for config, into in asked:
        devices.setdefault((config.host, config.port), []).append((config, into))
    return [ModbusPoller(host, port, mine, monotonic_s) for (host, port), mine in devices.items()]
