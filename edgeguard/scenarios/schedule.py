"""When a rule is armed: daily windows in the site's own time."""

import zoneinfo
from datetime import datetime, time, timedelta, tzinfo
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from edgeguard.yamlfile import Strict


class Day(StrEnum):
    """In the order of `datetime.weekday()`."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"


DAYS = tuple(Day)


def _known(name: str) -> str:
    _zone(name)
    return name


def _zone(name: str) -> tzinfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"an IANA time zone such as Asia/Shanghai, and the system's tzdata; met {name!r}") from error


class Window(Strict):
    """From `start` to `end` on the days it starts; `end` at or before `start` runs over midnight."""

    start: time
    end: time
    days: tuple[Day, ...] = Field(default=DAYS, min_length=1)

    def covers(self, local: datetime) -> bool:
        clock = local.time()
        today, yesterday = DAYS[local.weekday()], DAYS[(local - timedelta(days=1)).weekday()]
        if self.start < self.end:
            return today in self.days and self.start <= clock < self.end
        return (today in self.days and clock >= self.start) or (yesterday in self.days and clock < self.end)


class Schedule(Strict):
    """Armed in any of the windows; without windows, always."""

    timezone: Annotated[str, AfterValidator(_known)] | None = None  # None: the windows are in UTC
    windows: tuple[Window, ...] = ()

    def armed(self, at: datetime) -> bool:
        """`at` is aware."""
        if not self.windows:
            return True
        local = at if self.timezone is None else at.astimezone(_zone(self.timezone))
        return any(window.covers(local) for window in self.windows)
