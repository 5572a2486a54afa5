"""How long a camera has been blind today."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo


@dataclass(slots=True)
class BlindDay:
    """One camera's seconds since midnight of `zone` (None: the box's own), or since the box's later start.

    It is fed with a counter that only rises, and starts from 0 again where a reader was replaced.
    """

    zone: tzinfo | None = None
    today_s: float = 0.0
    _day: date | None = None
    _counted_s: float = 0.0

    def count(self, blind_s: float, now: datetime) -> float:
        """Take the counter at `now` (aware); returns today's seconds. A step counts to the day it ends in."""
        day = now.astimezone(self.zone).date()
        if day != self._day:
            self._day, self.today_s = day, 0.0
        replaced = blind_s < self._counted_s
        self.today_s += blind_s if replaced else blind_s - self._counted_s
        self._counted_s = blind_s
        return self.today_s
