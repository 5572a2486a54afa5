"""Daily windows in the site's own time: when a rule is armed, when a contractor may come in."""

import re
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


def known_zone(name: str) -> str:
    """The name of a time zone that this machine knows. Raises ValueError."""
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

    timezone: Annotated[str, AfterValidator(known_zone)] | None = None  # None: the windows are in UTC
    windows: tuple[Window, ...] = ()

    def armed(self, at: datetime) -> bool:
        """`at` is aware."""
        if not self.windows:
            return True
        local = at if self.timezone is None else at.astimezone(_zone(self.timezone))
        return any(window.covers(local) for window in self.windows)


# `mon-fri 08:00-18:00`; days may be left out, a list of them has commas.
_HOURS = re.compile(r"(?:(?P<days>[a-z,-]+)\s+)?(?P<start>\d{1,2}:\d{2})\s*-\s*(?P<end>\d{1,2}:\d{2})")
HOURS_ACCEPTED = "hours such as mon-fri 08:00-18:00; sat 09:00-12:00"


def read_hours(text: str, timezone: str | None = None) -> Schedule:
    """`mon-fri 08:00-18:00; sat 09:00-12:00` as a schedule; no text: always. Raises ValueError."""
    return Schedule(timezone=timezone, windows=tuple(_window(part) for part in text.lower().split(";") if part.strip()))


def write_hours(windows: tuple[Window, ...]) -> str:
    """The one text of these windows that `read_hours` reads."""
    return "; ".join(f"{_written_days(window.days)}{window.start:%H:%M}-{window.end:%H:%M}" for window in windows)


def _window(text: str) -> Window:
    found = _HOURS.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{HOURS_ACCEPTED}; met {text.strip()!r}")
    try:
        start, end = _time(found["start"]), _time(found["end"])
    except ValueError as error:
        raise ValueError(f"{HOURS_ACCEPTED}; met {text.strip()!r}") from error
    return Window(start=start, end=end, days=DAYS if found["days"] is None else _days(found["days"]))


def _time(text: str) -> time:
    hour, minute = text.split(":")
    return time(int(hour), int(minute))


def _days(text: str) -> tuple[Day, ...]:
    """Of `mon-wed,sat`, in the order of the week."""
    met: set[Day] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        if first not in DAYS or (dash and last not in DAYS):
            raise ValueError(f"days {', '.join(DAYS)}, as mon-fri or mon,wed; met {text!r}")
        begin = DAYS.index(Day(first))
        length = (DAYS.index(Day(last or first)) - begin) % len(DAYS)
        met.update(DAYS[(begin + step) % len(DAYS)] for step in range(length + 1))
    return tuple(day for day in DAYS if day in met)


def _written_days(days: tuple[Day, ...]) -> str:
    places = sorted(DAYS.index(day) for day in days)
    if len(places) == len(DAYS):
        return ""
    if len(places) > 2 and places[-1] - places[0] == len(places) - 1:
        return f"{DAYS[places[0]]}-{DAYS[places[-1]]} "
    return f"{','.join(DAYS[place] for place in places)} "
