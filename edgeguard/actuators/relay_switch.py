"""A relay in use: one thread closes and releases it, sees that its board lives, and never opens late or twice."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from threading import Condition, Event, Thread

from edgeguard.actuators.relay import Pulse, Relay
from edgeguard.actuators.relay_config import SwitchConfig
from edgeguard.errors import RelayError, RelayLate

log = logging.getLogger(__name__)

# A contact that is perhaps still closed is released again at this pace until the board confirms it.
RETRY_S = 0.5
# Who asks twice asks soon: a lost answer, a repeated message.
KEYS_KEPT = 256
# A driver has its own time-outs; whatever takes so much longer hangs.
SLACK_S = 12.0


class SwitchState(StrEnum):
    """LOST: the board does not answer, or its contact is not known to be released."""

    STARTING = "starting"
    OK = "ok"
    LOST = "lost"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SwitchHealth:
    """`since_s` is monotonic; `pulses` were confirmed, `failures` were not, `refused` never reached the board.

    `closed`: its contact is, or may be: it is not known to be released.
    """

    state: SwitchState
    reason: str
    since_s: float
    pulses: int = 0
    failures: int = 0
    refused: int = 0
    closed: bool = True


@dataclass(frozen=True, slots=True)
class Pulsed:
    """What came of a request: "opened", "failed", "refused" or "expired". `started_at`: when the contact was closed."""

    result: str
    detail: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(slots=True)
class _Job:
    key: str
    pulse: Pulse
    done: "Future[Pulsed]" = field(default_factory=Future)
    started_at: datetime | None = None

    def finish(self, pulsed: Pulsed) -> None:
        if not self.done.done():
            self.done.set_result(pulsed)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Switch:
    """`start` and `stop` it; `pulse`, `cut` and `health` from any thread, none of them waits.

    `build` makes the driver, and another one where the first hangs.
    """

    def __init__(
        self,
        name: str,
        config: SwitchConfig,
        build: Callable[[], Relay],
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
        utcnow: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.name = name
        self.config = config
        self.relay = build()
        self._build = build
        self._clock, self._utcnow = monotonic_s, utcnow
        self._changed = Condition()
        self._job: _Job | None = None
        self._asked: OrderedDict[str, Future[Pulsed]] = OrderedDict()
        self._rested_s = float("-inf")
        self._check_s = monotonic_s()
        self._overdue_after_s: float | None = None
        self._health = SwitchHealth(SwitchState.STARTING, "not asked yet", monotonic_s())
        self._stopping = Event()
        self._thread = self._new_thread()

    @property
    def health(self) -> SwitchHealth:
        return self._health

    @property
    def alive(self) -> bool:
        """False before the start, after the end, and after a defect killed its thread."""
        return self._thread.is_alive()

    @property
    def busy(self) -> bool:
        """A pulse is asked for or going on."""
        return self._job is not None

    def overdue_s(self) -> float:
        """For how long the driver has hung beyond all its time-outs; 0 where it has not."""
        after_s = self._overdue_after_s
        return 0.0 if after_s is None else max(self._clock() - after_s, 0.0)

    def start(self) -> None:
        """Release the contact, whatever an earlier run left, and see that the board lives."""
        self._thread.start()

    def stop(self, within_s: float) -> None:
        """Release it now, and wait so long for it."""
        self._stopping.set()
        self.cut()
        if self._thread.ident is not None:
            self._thread.join(within_s)
        self._tell(SwitchState.STOPPED, "stopped")

    def renew(self) -> list[Thread]:
        """Leave a driver that hangs behind and go on with another; returns its thread."""
        left, relay = self._thread, self._build()
        self._stopping.set()
        with self._changed:
            job, self._job = self._job, None
            self._overdue_after_s, self._stopping, self.relay = None, Event(), relay
            self._check_s = self._clock()  # what the old one left closed is released first of all
            self._thread = self._new_thread()
        if job is not None:
            job.pulse.cut.set()
            job.finish(Pulsed("failed", "the board's driver hangs", job.started_at, self._utcnow()))
        self._thread.start()
        return [left]

    def pulse(self, key: str, within_s: float, seconds: float | None = None) -> "Future[Pulsed]":
        """Ask for one pulse that begins within so long or never; a key that was asked for before is not asked again."""
        with self._changed:
            known = self._asked.get(key)
            if known is not None:
                return known
            refusal = self._refusal()
            if refusal is not None:
                self._count(refused=1)
                done: Future[Pulsed] = Future()
                done.set_result(Pulsed("refused", refusal))
                return done
            pulse = Pulse(seconds or self.config.pulse_s, self._clock() + within_s, monotonic_s=self._clock)
            self._job = job = _Job(key, pulse)
            self._asked[key] = job.done
            if len(self._asked) > KEYS_KEPT:
                self._asked.popitem(last=False)
            self._changed.notify_all()
            return job.done

    def cut(self) -> None:
        """Release the contact at once, where it is closed."""
        with self._changed:
            if self._job is not None:
                self._job.pulse.cut.set()
            self._changed.notify_all()

    def _refusal(self) -> str | None:
        if self._stopping.is_set() or not self._thread.is_alive():
            return "the relay is not in use"
        if self._job is not None:
            return f"busy: {self._job.key} has it opened"
        left_s = self._rested_s + self.config.rest_s - self._clock()
        return f"too soon: it rests for {left_s:.1f} s more" if left_s > 0 else None

    def _new_thread(self) -> Thread:
        return Thread(target=self._run, args=(self._stopping, self.relay), name=f"relay-{self.name}", daemon=True)

    def _run(self, stopping: Event, relay: Relay) -> None:
        # It logs every failure with its traffic; what changes is told here once.
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
        try:
            while (job := self._next(stopping)) is not None or not stopping.is_set():
                if job is None:
                    self._check(stopping, relay)
                else:
                    self._perform(stopping, relay, job)
            if self._health.closed and self._stopping is stopping:
                # Its release was not confirmed: once more, there is no later.
                with suppress(RelayError):
                    relay.check()
        finally:
            relay.close()

    def _next(self, stopping: Event) -> _Job | None:
        """A job, or None when it is time for a check or to stop."""
        with self._changed:
            while not stopping.is_set() and self._job is None and (left_s := self._check_s - self._clock()) > 0:
                self._changed.wait(left_s)
            if not stopping.is_set():
                return self._job
            left = self._job if self._stopping is stopping else None
            if left is not None:
                self._job = None
        # Not under the lock: who waits for it may ask again.
        if left is not None:
            left.finish(Pulsed("refused", "the box stops"))
        return None

    def _perform(self, stopping: Event, relay: Relay, job: _Job) -> None:
        def closed() -> None:
            job.started_at = self._utcnow()
            with self._changed:
                self._health = replace(self._health, closed=True)

        self._overdue_after_s = self._clock() + job.pulse.seconds + SLACK_S
        error: RelayError | None = None
        try:
            relay.pulse(replace(job.pulse, closed=closed))
        except RelayError as failure:
            error = failure
        if not stopping.is_set() or self._stopping is stopping:
            self._finish(job, error)

    def _finish(self, job: _Job, error: RelayError | None) -> None:
        late = isinstance(error, RelayLate)
        with self._changed:
            self._job, self._overdue_after_s = None, None
            if not late:
                self._rested_s = self._clock()
                self._health = replace(self._health, closed=error is not None)
            # After a failure the contact may be closed: seen to at once.
            self._check_s = self._clock() + (self.config.check_every_s if error is None else 0.0)
        self._count(pulses=error is None, failures=error is not None)
        if error is None:
            self._tell(SwitchState.OK, "")
            cut = "released early" if job.pulse.cut.is_set() else ""
            job.finish(Pulsed("opened", cut, job.started_at, self._utcnow()))
            return
        if not late:
            self._tell(SwitchState.LOST, str(error))
        job.finish(Pulsed("expired" if late else "failed", str(error), job.started_at, self._utcnow()))

    def _check(self, stopping: Event, relay: Relay) -> None:
        self._overdue_after_s = self._clock() + SLACK_S
        reason = ""
        try:
            relay.check()
        except RelayError as error:
            reason = str(error)
        if stopping.is_set():
            return
        self._overdue_after_s = None
        self._check_s = self._clock() + (RETRY_S if reason else self.config.check_every_s)
        self._tell(SwitchState.LOST if reason else SwitchState.OK, reason)

    def _count(self, *, pulses: int = 0, failures: int = 0, refused: int = 0) -> None:
        with self._changed:
            was = self._health
            self._health = replace(
                was, pulses=was.pulses + pulses, failures=was.failures + failures, refused=was.refused + refused
            )

    def _tell(self, state: SwitchState, reason: str) -> None:
        """Log what changes, once."""
        with self._changed:
            was = self._health
            since_s = was.since_s if was.state is state else self._clock()
            closed = was.closed and state is not SwitchState.OK
            self._health = replace(was, state=state, reason=reason, since_s=since_s, closed=closed)
        if state is SwitchState.LOST and (was.state, was.reason) != (state, reason):
            log.warning("relay %s (%s) is lost: %s", self.name, self.relay.name, reason)
        elif was.state is not state:
            log.info("relay %s (%s) is %s", self.name, self.relay.name, state)
