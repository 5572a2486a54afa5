"""Events in the database: numbered, stored and queued in one transaction; counters; what was lost."""

from collections.abc import Sequence
from datetime import datetime

from edgeguard.contract import Event, EventDraft, Topics, family_of
from edgeguard.contract.base import rfc3339
from edgeguard.contract.outbox import OutboxKind
from edgeguard.journal import episodes, outbox
from edgeguard.journal.outbox import Waiting
from edgeguard.journal.writer import Connection
from edgeguard.types import Phase

# Some at a time, so that nobody waits for the tidying.
_PRUNED_AT_ONCE = 2000


def record(connection: Connection, draft: EventDraft, topics: Topics, seq_floor: int, queued_s: float) -> Event:
    """Number a step, store it and queue it; `seq` goes on above `seq_floor`."""
    episodes.check_phase(connection, draft.event_id, draft.phase)
    seq = max(last_seq(connection), seq_floor) + 1
    rev = _next_rev(connection, draft, seq)
    event = Event.of(draft, site=topics.site, box=topics.box, seq=seq, rev=rev)
    payload, topic = event.to_json(), topics.event(family_of(draft.code))
    connection.execute(
        "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?)", (seq, draft.event_id, rev, draft.phase, topic, payload)
    )
    episodes.follow(connection, event)
    size, severity = len(payload), draft.severity
    outbox.put(
        connection,
        Waiting(OutboxKind.EVENT, topic, draft.event_id, None, size, queued_s, seq=seq, severity=severity),
    )
    return event


def _next_rev(connection: Connection, draft: EventDraft, seq: int) -> int:
    row = connection.execute("SELECT max(rev) FROM event WHERE event_id = ?", (draft.event_id,)).fetchone()
    if row[0] is not None:
        return int(row[0]) + 1
    # An episode that a damaged journal forgot goes on above any `rev` it can have had.
    return 0 if draft.phase is Phase.NEW else seq


def resend(connection: Connection, from_seq: int, to_seq: int, queued_s: float) -> int:
    """Queue what is stored of a gap and not queued anyway, as history; return how many."""
    rows = connection.execute(
        "SELECT seq, event_id, topic, length(payload) FROM event WHERE seq BETWEEN ? AND ?"
        " AND seq NOT IN (SELECT seq FROM outbox WHERE seq IS NOT NULL) ORDER BY seq",
        (from_seq, to_seq),
    ).fetchall()
    for seq, event_id, topic, size in rows:
        outbox.put(
            connection, Waiting(OutboxKind.EVENT, topic, event_id, None, size, queued_s, seq=seq, historical=True)
        )
    return len(rows)


def episodes_of(connection: Connection, subjects: Sequence[str]) -> list[str]:
    """Ids of the episodes whose decision names one of these pseudonyms."""
    named = "json_extract(CAST(payload AS TEXT), '$.data.decision.subject_ref')"
    marks = ", ".join("?" for _ in subjects)
    sql = f"SELECT DISTINCT event_id FROM event WHERE {named} IN ({marks}) ORDER BY event_id"  # noqa: S608 - marks only
    return [event_id for (event_id,) in connection.execute(sql, tuple(subjects))]


def prune(connection: Connection, below_seq: int) -> None:
    """Forget confirmed events of closed episodes."""
    connection.execute(
        "DELETE FROM event WHERE seq IN (SELECT seq FROM event WHERE seq < ?"
        " AND event_id NOT IN (SELECT event_id FROM episode)"
        " AND seq NOT IN (SELECT seq FROM outbox WHERE seq IS NOT NULL) LIMIT ?)",
        (below_seq, _PRUNED_AT_ONCE),
    )


def lose(connection: Connection, from_seq: int, to_seq: int, reason: str, at: datetime) -> None:
    """Keep for ever that these numbers will not come."""
    row = (from_seq, to_seq, reason, rfc3339(at))
    connection.execute("INSERT OR REPLACE INTO tombstone VALUES (?, ?, ?, ?)", row)


def last_seq(connection: Connection) -> int:
    """The highest `seq` stored, 0 without any."""
    highest: int | None = connection.execute("SELECT max(seq) FROM event").fetchone()[0]
    return highest or 0


def value(connection: Connection, key: str) -> int:
    """A counter that lives over restarts, 0 before its first count."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return int(row[0]) if row else 0


def count(connection: Connection, key: str, amount: int) -> None:
    connection.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = value + excluded.value", (key, amount)
    )
