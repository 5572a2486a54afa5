"""What is known about a camera: its state, why and since when, and how long it has been blind."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from threading import RLock

from edgeguard.errors import SourceAuth, SourceError, SourceStalled
from edgeguard.sources.base import Clock


class ReaderState(StrEnum):
    """What a camera's reader is doing."""

    CONNECTING = "connecting"
    OK = "ok"
    STALLED = "stalled"
    AUTH_FAILED = "auth_failed"
    FAILED = "failed"
    ENDED = "ended"
    STOPPED = "stopped"


BLIND_STATES = frozenset(
    {ReaderState.CONNECTING, ReaderState.STALLED, ReaderState.AUTH_FAILED, ReaderState.FAILED},
)


@dataclass(frozen=True, slots=True)
class ReaderStatus:
    """A snapshot; `blind_for_s` is the present blindness (0 while frames come), `blind_s` all of it by state."""

    state: ReaderState
    reason: str
    since: datetime
    frames_in: int
    dropped: Mapping[str, int]
    reconnects: int
    blind_for_s: float
    blind_s: Mapping[str, float]


@dataclass(slots=True)
class ReaderHealth:
    """The book-keeping of one reader. A stall is noticed by whoever asks, also while the reader's thread hangs."""

    clock: Clock
    stall_after_s: float
    state: ReaderState = ReaderState.STOPPED
    reason: str = "not started"
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
            if self.state not in BLIND_STATES:
                self._enter(ReaderState.CONNECTING, "opening", self.clock.monotonic_s())

    def frame(self) -> None:
        """A frame came."""
        with self._lock:
            now_s = self.clock.monotonic_s()
            self._notice_stall(now_s)
            self.frames_in += 1
            self._last_frame_s = now_s
            if self.state is not ReaderState.OK:
                self._enter(ReaderState.OK, "", now_s)

    def broke(self, error: SourceError) -> None:
        """The source gave up."""
        state = ReaderState.FAILED
        if isinstance(error, SourceAuth):
            state = ReaderState.AUTH_FAILED
        elif isinstance(error, SourceStalled):
            state = ReaderState.STALLED
        self.finish(state, str(error))

    def finish(self, state: ReaderState, reason: str) -> None:
        """Enter a state in which no frames come."""
        with self._lock:
            self._enter(state, reason, self.clock.monotonic_s())

    def died(self) -> None:
        """The reader's thread is gone: a defect, unless it had said good-bye."""
        with self._lock:
            if self.state not in {ReaderState.ENDED, ReaderState.STOPPED}:
                self._enter(ReaderState.FAILED, "the reader's thread died", self.clock.monotonic_s())

    def snapshot(self, dropped: Mapping[str, int]) -> ReaderStatus:
        """Everything at this moment."""
        with self._lock:
            now_s = self.clock.monotonic_s()
            self._notice_stall(now_s)
            self._book(now_s)
            blind_for_s = 0.0 if self._blind_since_s is None else now_s - self._blind_since_s
            reconnects = max(self.connections - 1, 0)
            blind_s = dict(self._blind_s)
            return ReaderStatus(
                self.state, self.reason, self.since, self.frames_in, dropped, reconnects, blind_for_s, blind_s
            )

    def _notice_stall(self, now_s: float) -> None:
        silent_s = now_s - self._last_frame_s
        if self.state is ReaderState.OK and silent_s > self.stall_after_s:
            self._enter(ReaderState.STALLED, f"no frame for {silent_s:.1f} s", now_s)

    def _enter(self, state: ReaderState, reason: str, now_s: float) -> None:
        self._book(now_s)
        if state not in BLIND_STATES:
            self._blind_since_s = None
        elif self._blind_since_s is None:
            # The camera has been blind since its last frame, not only since that was noticed.
            self._blind_since_s = self._last_frame_s if self.state is ReaderState.OK else now_s
            self._counted_to_s = self._blind_since_s
        if state is not self.state:
            self.since = self.clock.utcnow()
        self.state, self.reason = state, reason
        self._book(now_s)

    def _book(self, now_s: float) -> None:
        if self._blind_since_s is not None:
            self._blind_s[self.state.value] += now_s - self._counted_to_s
            self._counted_to_s = now_s
