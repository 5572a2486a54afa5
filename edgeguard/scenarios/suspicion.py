"""From a candidate to a conviction: enough strong frames in a short window."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from edgeguard.scenarios.zone import Cells, lower_half
from edgeguard.types import Floors, Observation, Sighting

# Sums of frame intervals fall short of the round number by float noise.
EPSILON_S = 1e-6


# Not frozen, which would take six times as long to make: there is one per object, rule and look.
@dataclass(slots=True)
class Candidate:
    """The best object of a frame that may count; `box` in 0..1 of the picture.

    `count`: of how many it stands for. `held_s`: how long it has been there already. `path`, `floors`: of a fall.
    `cells`: where it stands, once a zone has asked.
    """

    label: str
    track_id: int
    box: tuple[float, float, float, float]
    score: float
    count: int | None = None
    held_s: float = 0.0
    path: tuple[tuple[float, float], ...] = ()
    floors: Floors | None = None
    cells: Cells | None = None

    def placed(self) -> Cells:
        """Reckon its cells, once for all zones of a look."""
        self.cells = lower_half(self.box)
        return self.cells


class Seen:
    """What was seen from the first suspicion on; the best score is kept, the box is the latest."""

    __slots__ = ("_before", "_best", "_first_at", "_found", "_frames", "_last_at", "first_s", "last_s")

    def __init__(self, first_s: float, last_s: float, before: Sighting | None = None) -> None:
        """`before`: what was seen of it before a restart."""
        self.first_s, self.last_s = first_s, last_s
        self._before = before
        self._found: Candidate | None = None
        self._best, self._frames = (before.score, before.frames_seen) if before else (0.0, 0)
        self._first_at = before.first_seen if before else None
        self._last_at: datetime | None = None

    @classmethod
    def begin(cls, now: Observation, found: Candidate) -> Self:
        seen = cls(now.monotonic_s - found.held_s, now.monotonic_s)
        seen._first_at = now.captured_at - timedelta(seconds=found.held_s)
        seen.add(now, found)
        seen._frames = max(len(found.path), 1)
        return seen

    def add(self, now: Observation, found: Candidate) -> None:
        self.last_s, self._last_at = now.monotonic_s, now.captured_at
        if self._first_at is None:
            self._first_at = now.captured_at
        self._found = found
        self._frames += 1
        self._best = max(self._best, found.score)

    @property
    def count(self) -> int | None:
        """Of the latest look that showed it, since this process began."""
        return self._found.count if self._found else None

    @property
    def sighting(self) -> Sighting | None:
        """Made when it is told: it is seen far more often."""
        found, first, last = self._found, self._first_at, self._last_at
        if found is None or first is None or last is None:
            return self._before
        seen = found.label, found.track_id, found.box, self._best, self._frames, first, last
        return Sighting(*seen, found.count, found.path, found.floors)


@dataclass(frozen=True, slots=True)
class Conviction:
    """What convinces: `n_min` frames that show it, at least `ratio` of a window of at most `window_s`.

    `strong_min` of them score `c_hi`.
    """

    n_min: int
    strong_min: int
    ratio: float
    window_s: float
    c_hi: float


class Suspicion:
    """Of one kind of object. `seen` is None while nothing is suspected; `dismissed` counts what came to nothing."""

    def __init__(self, conviction: Conviction) -> None:
        self.seen: Seen | None = None
        self.dismissed = 0
        self._conviction = conviction
        self._window: deque[tuple[float, Candidate | None]] = deque()

    def look(self, now: Observation, found: Candidate | None) -> Seen | None:
        """Take a looked-at frame; returns what was seen when it convinces, and has then forgotten it."""
        if found is not None:
            self._suspect(now, found)
        seen, needed = self.seen, self._conviction
        if seen is None:
            return None
        self._window.append((now.monotonic_s, found))
        while self._window[0][0] < now.monotonic_s - needed.window_s - EPSILON_S:
            self._window.popleft()
        if self._convinced():
            self.forget()
            return seen
        if now.monotonic_s - seen.last_s > needed.window_s:
            self.dismissed += 1
            self.forget()
        return None

    def forget(self) -> None:
        self.seen = None
        self._window.clear()

    def _suspect(self, now: Observation, found: Candidate) -> None:
        if self.seen is None:
            self.seen = Seen.begin(now, found)
        else:
            self.seen.add(now, found)

    def _convinced(self) -> bool:
        """Any window that ends now and is not longer than window_s will do.

        So weak or empty frames before the strong ones never delay: a wheel that shows first hides nothing.
        """
        needed = self._conviction
        shown = strong = 0
        for frames, (_, found) in enumerate(reversed(self._window), start=1):
            shown += found is not None
            strong += found is not None and found.score >= needed.c_hi
            if shown >= needed.n_min and strong >= needed.strong_min and shown >= needed.ratio * frames:
                return True
        return False
