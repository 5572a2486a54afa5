"""From a candidate to a conviction: enough strong frames in a short window."""

from collections import deque
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from edgeguard.types import Floors, Observation, Sighting

# Sums of frame intervals fall short of the round number by float noise.
EPSILON_S = 1e-6


# Not frozen, which would take six times as long to make: there is one per object, rule and look.
@dataclass(slots=True)
class Candidate:
    """The best object of a frame that may count; `box` in 0..1 of the picture.

    `count`: of how many it stands for. `held_s`: how long it has been there already. `path`, `floors`: of a fall.
    """

    label: str
    track_id: int
    box: tuple[float, float, float, float]
    score: float
    count: int | None = None
    held_s: float = 0.0
    path: tuple[tuple[float, float], ...] = ()
    floors: Floors | None = None


@dataclass(slots=True)
class Seen:
    """What was seen from the first suspicion on; the best score is kept, the box is the latest."""

    first_s: float
    last_s: float
    sighting: Sighting | None

    @classmethod
    def begin(cls, now: Observation, found: Candidate) -> Self:
        at, since = now.captured_at, now.captured_at - timedelta(seconds=found.held_s)
        seen = found.label, found.track_id, found.box, found.score, max(len(found.path), 1), since, at
        sighting = Sighting(*seen, found.count, found.path, found.floors)
        return cls(now.monotonic_s - found.held_s, now.monotonic_s, sighting)

    def add(self, now: Observation, found: Candidate) -> None:
        before = self.sighting
        self.last_s = now.monotonic_s
        self.sighting = Sighting(
            label=found.label,
            track_id=found.track_id,
            box=found.box,
            score=max(found.score, before.score if before else 0.0),
            frames_seen=before.frames_seen + 1 if before else 1,
            first_seen=before.first_seen if before else now.captured_at,
            last_seen=now.captured_at,
            count=found.count,
            path=found.path,
            floors=found.floors,
        )


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
