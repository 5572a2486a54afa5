"""When a frame of a recording is due, and what the clocks show then."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from edgeguard.sources.base import Clock

Pace = Literal["real", "max"]


@dataclass(frozen=True, slots=True)
class Moment:
    """A frame's time: monotonic seconds and aware UTC."""

    monotonic_s: float
    captured_at: datetime


class Pacer:
    """Pace "max" never waits and counts from 0; pace "real" sleeps so that this machine's clocks follow the PTS."""

    def __init__(self, pace: Pace, recorded_at: datetime, clock: Clock) -> None:
        self._pace = pace
        self._clock = clock
        self._start = Moment(0.0, recorded_at) if pace == "max" else None

    def wait(self, pts_s: float) -> Moment:
        """Return when the frame at `pts_s` (>= 0, since the start) is due; late frames are not waited for."""
        due = self.due(pts_s)
        if self._pace == "real" and (ahead_s := due.monotonic_s - self._clock.monotonic_s()) > 0:
            self._clock.sleep_s(ahead_s)
        return due

    def due(self, pts_s: float) -> Moment:
        """When the frame at `pts_s` is due; the first to ask starts the clock."""
        if self._start is None:
            self._start = Moment(self._clock.monotonic_s(), self._clock.utcnow())
        return Moment(self._start.monotonic_s + pts_s, self._start.captured_at + timedelta(seconds=pts_s))
