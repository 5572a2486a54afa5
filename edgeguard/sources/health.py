"""What is known about a camera: its state, why and since when, and how long it has been blind."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import RLock

from edgeguard.errors import Fault, SourceAuth, SourceError, SourceStalled
from edgeguard.sources.base import Clock, Vitals
from edgeguard.sources.pulse import Pulse


class ReaderState(StrEnum):
    """What a camera's reader is doing."""

    CONNECTING = "connecting"
    OK = "ok"
    DEGRADED = "degraded"
    STALLED = "stalled"
    AUTH_FAILED = "auth_failed"
    FAILED = "failed"
    ENDED = "ended"
    STOPPED = "stopped"


BLIND_STATES = frozenset(
    {ReaderState.CONNECTING, ReaderState.STALLED, ReaderState.AUTH_FAILED, ReaderState.FAILED},
)


AT_REST = Vitals()
SEEING_STATES = frozenset({ReaderState.OK, ReaderState.DEGRADED})


@dataclass(frozen=True, slots=True)
class ReaderStatus:
    """A snapshot; `blind_for_s` is the present blindness (0 while frames come), `blind_s` all of it by fault.

    `fault`: why in one word, `reason`: in a sentence; both empty while all is well. `fps` of the latest seconds.
    `busy_s`, `overdue_s`, `lag_s`: of the source, see `Vitals`; one with `overdue_s` > 0 hangs, nothing but the end of
    the process ends it.
    """

    state: ReaderState
    reason: str
    since: datetime
    frames_in: int
    dropped: Mapping[str, int]
    reconnects: int
    blind_for_s: float
    blind_s: Mapping[str, float]
    fault: str = ""
    fps: float = 0.0
    busy_s: float = 0.0
    overdue_s: float = 0.0
    lag_s: float = 0.0


@dataclass(slots=True)
class ReaderHealth:
    """The book-keeping of one reader. A stall is noticed by whoever asks, also while the reader's thread hangs."""

    clock: Clock
    stall_after_s: float
    pulse: Pulse = field(default_factory=Pulse)
    state: ReaderState = ReaderState.STOPPED
    reason: str = "not started"
    fault: str = ""
    frames_in: int = 0
    connections: int = 0
    since: datetime = field(init=False)
    _lock: RLock = field(default_factory=RLock)
    _blind_since_s: float | None = None  # start of the present blindness
    _counted_to_s: float = 0.0  # blindness is booked up to here
    _last_frame_s: float = 0.0
    _blind_s: dict[str, float] = field(default_factory=lambda: defaultdict(float))

    def __post_init__(self) -> None:
        self.since = self.clock.utcnow()

    def connecting(self) -> None:
        """A connection is being made; a failure stays shown until it succeeds."""
        with self._lock:
            self.connections += 1
            self.pulse.restart()
            if self.state not in BLIND_STATES:
                self._enter(ReaderState.CONNECTING, "opening", self.clock.monotonic_s())

    def frame(self, lag_s: float = 0.0, damaged: int = 0) -> None:
        """A frame came, `lag_s` late, after `damaged` ones."""
        with self._lock:
            now_s = self.clock.monotonic_s()
            self._notice_stall(now_s)
            self.frames_in += 1
            self._last_frame_s = now_s
            judged = self.pulse.frame(now_s, lag_s, damaged)
            if self.state not in SEEING_STATES:
                self._come_back(now_s)
            elif judged:
                self._judge(now_s)

    def broke(self, error: SourceError) -> None:
        """The source gave up."""
        state = ReaderState.FAILED
        if isinstance(error, SourceAuth):
            state = ReaderState.AUTH_FAILED
        elif isinstance(error, SourceStalled):
            state = ReaderState.STALLED
        with self._lock:
            self._enter(state, str(error), self.clock.monotonic_s(), error.fault)

    def finish(self, state: ReaderState, reason: str) -> None:
        """Enter a state in which no frames come."""
        with self._lock:
            self._enter(state, reason, self.clock.monotonic_s())

    def died(self) -> None:
        """The reader's thread is gone: a defect, unless it had said good-bye."""
        with self._lock:
            if self.state not in {ReaderState.ENDED, ReaderState.STOPPED}:
                self._enter(ReaderState.FAILED, "the reader's thread died", self.clock.monotonic_s())

    def snapshot(self, dropped: Mapping[str, int], vitals: Vitals = AT_REST) -> ReaderStatus:
        """Everything at this moment."""
        with self._lock:
            now_s = self.clock.monotonic_s()
            self._notice_stall(now_s)
            self._book(now_s)
            return ReaderStatus(
                state=self.state,
                reason=self.reason,
                since=self.since,
                frames_in=self.frames_in,
                dropped=dropped,
                reconnects=max(self.connections - 1, 0),
                blind_for_s=0.0 if self._blind_since_s is None else now_s - self._blind_since_s,
                blind_s=dict(self._blind_s),
                fault=self.fault,
                fps=self.pulse.fps if self.state in SEEING_STATES else 0.0,
                busy_s=vitals.busy_s,
                overdue_s=vitals.overdue_s,
                lag_s=vitals.lag_s,
            )

    def _come_back(self, now_s: float) -> None:
        """The first picture after blindness: one is not yet a stream, unless nothing was ever wrong."""
        if self.state in BLIND_STATES - {ReaderState.CONNECTING}:
            self.pulse.restart()
            self._enter(ReaderState.DEGRADED, f"pictures again, after: {self.reason}", now_s, Fault.RETURNING)
        else:
            self._enter(ReaderState.OK, "", now_s)

    def _judge(self, now_s: float) -> None:
        trouble = self.pulse.trouble
        if trouble is None:
            self._enter(ReaderState.OK, "", now_s)
        elif (self.state, self.fault) != (ReaderState.DEGRADED, trouble.fault):
            self._enter(ReaderState.DEGRADED, trouble.reason, now_s, trouble.fault)

    def _notice_stall(self, now_s: float) -> None:
        silent_s = now_s - self._last_frame_s
        if self.state in SEEING_STATES and silent_s > self.stall_after_s:
            self._enter(ReaderState.STALLED, f"no frame for {silent_s:.1f} s", now_s)

    def _enter(self, state: ReaderState, reason: str, now_s: float, fault: str = "") -> None:
        self._book(now_s)
        was, self.fault = self.state, str(fault) or (state.value if state in BLIND_STATES else "")
        if state not in BLIND_STATES:
            self._blind_since_s = None
        elif self._blind_since_s is None:
            # The camera has been blind since its last frame, not only since that was noticed.
            self._blind_since_s = self._last_frame_s if was in SEEING_STATES else now_s
            self._counted_to_s = self._blind_since_s
        if state is not was:
            self.since = self.clock.utcnow()
        self.state, self.reason = state, reason
        self._book(now_s)

    def _book(self, now_s: float) -> None:
        if self._blind_since_s is not None:
            self._blind_s[self.fault] += now_s - self._counted_to_s
            self._counted_to_s = now_s
