"""Who looks next: the sessions of a detector shared between cameras by the age of the waiting frame."""

import heapq
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Lock

# A camera with an open episode or a suspicion goes before others whose frames are up to so much older. Beyond that
# age decides again: nobody starves, and a quiet camera's first look is never later than this because of others.
HEAD_START_S = 0.4


@dataclass(slots=True, order=True)
class Turn:
    """A place in the queue: the smaller `rank_s` comes first, of equals the one who asked first."""

    rank_s: float
    number: int
    camera_id: str = field(compare=False)
    session: int | None = field(default=None, compare=False)  # None while it waits
    granted: Event = field(default_factory=Event, compare=False, repr=False)


class TurnQueue:
    """The rule alone: no clock, no lock. A session is idle only while nobody waits."""

    def __init__(self, sessions: int) -> None:
        if sessions < 1:
            raise ValueError(f"sessions is {sessions}, accepted: 1 or more")
        self.since_s: list[float | None] = [None] * sessions  # when each session was given out
        self._waiting: list[Turn] = []
        self._asked = 0

    def __len__(self) -> int:
        """How many wait."""
        return len(self._waiting)

    def ask(self, camera_id: str, captured_s: float, now_s: float, *, urgent: bool) -> Turn:
        """A turn for a frame; it has its session at once where one is idle, else from a later `finish` on."""
        # Time stamps are a camera's own word: one whose clock lags may gain no more than an urgent one does.
        waiting_since_s = min(max(captured_s, now_s - HEAD_START_S), now_s)
        self._asked += 1
        turn = Turn(waiting_since_s - HEAD_START_S * urgent, self._asked, camera_id)
        if None in self.since_s:
            self._grant(turn, self.since_s.index(None), now_s)
        else:
            heapq.heappush(self._waiting, turn)
        return turn

    def finish(self, turn: Turn, now_s: float) -> Turn | None:
        """Take the session back; returns whose turn it is now, if anybody waits."""
        if turn.session is None:
            raise ValueError(f"{turn.camera_id} has no session to give back, accepted: a turn that was granted")
        session, turn.session = turn.session, None
        self.since_s[session] = None
        if not self._waiting:
            return None
        following = heapq.heappop(self._waiting)
        self._grant(following, session, now_s)
        return following

    def _grant(self, turn: Turn, session: int, now_s: float) -> None:
        self.since_s[session] = now_s
        turn.session = session
        turn.granted.set()


class Scheduler:
    """Thread-safe turns at `sessions` sessions; whoever has a turn looks in its own thread: nothing is handed over."""

    def __init__(self, sessions: int, now_s: Callable[[], float] = time.monotonic) -> None:
        self._queue = TurnQueue(sessions)
        self._lock = Lock()
        self._now_s = now_s

    @contextmanager
    def turn(self, camera_id: str, captured_s: float, *, urgent: bool) -> Iterator[None]:
        """Wait for a session, hold it within the block. An error in there gives it back like an end."""
        with self._lock:
            turn = self._queue.ask(camera_id, captured_s, self._now_s(), urgent=urgent)
        turn.granted.wait()
        try:
            yield
        finally:
            with self._lock:
                self._queue.finish(turn, self._now_s())

    @property
    def waiting(self) -> int:
        """Frames that wait for a session; at most one of each camera."""
        return len(self._queue)

    @property
    def busy_s(self) -> tuple[float, ...]:
        """How long each session has been at its present frame, 0 where it is idle: seconds mean that it hangs."""
        with self._lock:
            now_s = self._now_s()
            return tuple(0.0 if since_s is None else now_s - since_s for since_s in self._queue.since_s)
