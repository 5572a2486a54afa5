"""What has to be told to whom, on disk before it is sent, so that a restart loses nothing."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from edgeguard.center import rows
from edgeguard.center.database import Database
from edgeguard.contract.base import rfc3339

# The pause doubles from the first to the longest; after so long nobody needs to be called for that alarm any more.
FIRST_PAUSE_S: Final = 2.0
LONGEST_PAUSE_S: Final = 300.0
GIVE_UP_AFTER: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Draft:
    """One message to one channel of one recipient, for a step of a rule; the same one is never queued twice.

    `round` tells a call that was pressed again after it had been closed from the first.
    """

    event_id: str
    rule: str
    round: str
    step: int
    level: str
    place: str
    recipient: str
    channel: int
    name: str
    body: str
    text: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A queued message: its row is its id, also towards the other side."""

    id: int
    event_id: str
    recipient: str
    channel: int
    body: str
    text: str
    created_at: datetime
    attempts: int


class Notices:
    """Rows of the tables `routed` and `notice`. Raises StoreError."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def unrouted(self, limit: int) -> list[str]:
        """Cards (JSON) of alarms that nobody has asked the table about, oldest first."""
        found = self._db.read(
            "SELECT card FROM episode WHERE event_id NOT IN (SELECT event_id FROM routed) ORDER BY opened_at LIMIT ?",
            (limit,),
        )
        return [row["card"] for row in found]

    def begin(self, event_id: str, rule: str, round_: str, place: str, came_at: datetime, now: datetime) -> datetime:
        """Since when an alarm is followed by a rule (an empty one: by none).

        The first rule follows it from when it came, also when the center was away then; one that takes over, from now.
        """
        found = self._db.read(
            "SELECT rule, started_at FROM routed WHERE (event_id, round) = (?, ?)", (event_id, round_)
        )
        started = {row["rule"]: row["started_at"] for row in found}
        if rule not in started:
            started[rule] = rfc3339(now if started else came_at)
            with self._db.writing() as tx:
                tx.execute(
                    "INSERT OR IGNORE INTO routed VALUES (?, ?, ?, ?, ?)",
                    (event_id, rule, round_, place, started[rule]),
                )
        return datetime.fromisoformat(started[rule])

    def queue(self, drafts: Sequence[Draft], at: datetime) -> list[Draft]:
        """Make durable; returns those that are new."""
        fresh, stamp = [], rfc3339(at)
        with self._db.writing() as tx:
            for one in drafts:
                added = tx.execute(
                    "INSERT OR IGNORE INTO notice (event_id, rule, round, step, level, place, recipient, channel, name,"
                    " body, text, created_at, next_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        *(one.event_id, one.rule, one.round, one.step, one.level, one.place),
                        *(one.recipient, one.channel, one.name, one.body, one.text, stamp, stamp),
                    ),
                )
                if added.rowcount == 1:
                    fresh.append(one)
                    told = json.dumps({"step": one.step, "to": one.recipient, "level": one.level})
                    rows.audit(tx, stamp, "routes", f"notify/{one.rule}", one.event_id, told)
        return fresh

    def due(self, now: datetime, limit: int) -> list[Notice]:
        """What may be sent now, the longest due first."""
        found = self._db.read(
            "SELECT * FROM notice WHERE state = 'waiting' AND next_at <= ? ORDER BY next_at, id LIMIT ?",
            (rfc3339(now), limit),
        )
        return [
            Notice(
                row["id"], row["event_id"], row["recipient"], row["channel"], row["body"], row["text"],
                datetime.fromisoformat(row["created_at"]), row["attempts"],
            )
            for row in found
        ]  # fmt: skip

    def sent(self, notice: Notice, at: datetime) -> None:
        """The other side has it."""
        self._set(notice, "sent", rfc3339(at), None, "")

    def failed(self, notice: Notice, at: datetime, why: str) -> bool:
        """It is tried again, later and later; False: it was given up."""
        if at - notice.created_at >= GIVE_UP_AFTER:
            self._set(notice, "given_up", None, None, why)
            return False
        pause_s = min(FIRST_PAUSE_S * 2**notice.attempts, LONGEST_PAUSE_S)
        self._set(notice, "waiting", None, rfc3339(at + timedelta(seconds=pause_s)), why)
        return True

    def _set(self, notice: Notice, state: str, sent_at: str | None, next_at: str | None, detail: str) -> None:
        with self._db.writing() as tx:
            tx.execute(
                "UPDATE notice SET state = ?, sent_at = ?, next_at = coalesce(?, next_at), detail = ?,"
                " attempts = attempts + 1 WHERE id = ?",
                (state, sent_at, next_at, detail, notice.id),
            )
