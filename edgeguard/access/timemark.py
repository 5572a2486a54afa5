"""The latest time this box has ever met: a clock that is set back makes nothing valid again."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from edgeguard.access.moments import moment, seconds
from edgeguard.access.store import Act, Store

_NAME = "latest_s"
# Not every look is a write: after a crash the mark may be so much behind.
STEP_S = 60
# A time server may pull a clock back by so much.
TOLERATED = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Moment:
    """`at`: what the clock says; `now`: what is reckoned with, never earlier than it ever was."""

    at: datetime
    now: datetime

    @property
    def set_back(self) -> bool:
        return self.now - self.at > TOLERATED


class TimeMark:
    """Kept in the database, so that it outlives the process and the clock's battery."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._latest_s = 0

    def reckon(self, at: datetime) -> Moment:
        """Take notice of the clock; `at` is aware."""
        at_s, stored_s = seconds(at), self._store.number(_NAME)
        self._latest_s = max(self._latest_s, stored_s)
        if at_s >= stored_s + STEP_S:
            with self._store.writing() as tx:
                self._store.set_number(tx, _NAME, at_s)
        if at_s >= self._latest_s:
            self._latest_s = at_s
            return Moment(at, at)
        return Moment(at, moment(self._latest_s))

    def trust(self, act: Act) -> None:
        """The clock is right as it is now, and what it said before was wrong: an operator's word."""
        with self._store.writing() as tx:
            before_s = self._store.number(_NAME)
            self._store.set_number(tx, _NAME, act.at_s)
            self._store.note(tx, act, "clock_trusted", "", f"{before_s} -> {act.at_s}")
        self._latest_s = act.at_s
