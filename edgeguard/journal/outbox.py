"""What waits to be sent, and in which order.

Live first: the rows of every episode (or command) that is open or got a row since the connection came up, oldest
first, so that an episode's own backlog precedes its news. Then the pictures of those. Then history at the rate the
caller allows: most urgent first, newest episode first, an episode in its own order, pictures last.
"""

import sqlite3
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from edgeguard.contract.outbox import OutboxKind, OutboxRow
from edgeguard.types import Severity

# Place in the queue: evidence never stands before a fact.
_PLACES = {OutboxKind.EVENT: 0, OutboxKind.REPLY: 0, OutboxKind.PICTURE: 1, OutboxKind.EVIDENCE: 1}
_URGENCY = {Severity.INFO: 0, Severity.WARNING: 1, Severity.CRITICAL: 2}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message on its way into the outbox; an event's payload is kept with the event, not twice."""

    kind: OutboxKind
    topic: str
    event_id: str
    payload: bytes | None
    bytes: int
    queued_s: float
    seq: int | None = None
    retain: bool = False
    historical: bool = False
    severity: Severity = Severity.INFO


def put(connection: sqlite3.Connection, waiting: Waiting) -> int:
    """Queue a message; an episode waits with the urgency of its most urgent row, so its order is kept."""
    queued = connection.execute("SELECT max(urgency) FROM outbox WHERE event_id = ?", (waiting.event_id,)).fetchone()[0]
    urgency = max(_URGENCY[waiting.severity], queued or 0)
    if queued is not None and queued < urgency:
        connection.execute("UPDATE outbox SET urgency = ? WHERE event_id = ?", (urgency, waiting.event_id))
    cursor = connection.execute(
        "INSERT INTO outbox (kind, place, urgency, event_id, seq, topic, payload, bytes, retain, historical, queued_s)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            waiting.kind,
            _PLACES[waiting.kind],
            urgency,
            waiting.event_id,
            waiting.seq,
            waiting.topic,
            waiting.payload,
            waiting.bytes,
            waiting.retain,
            waiting.historical,
            waiting.queued_s,
        ),
    )
    return int(cursor.lastrowid or 0)


def remove(connection: sqlite3.Connection, ids: Iterable[int]) -> None:
    connection.executemany("DELETE FROM outbox WHERE id = ?", [(row_id,) for row_id in ids])


_COLUMNS = (
    "o.id, o.kind, o.event_id, o.seq, o.topic, coalesce(o.payload, e.payload), o.retain, o.historical, o.queued_s"
)
_FROM = "FROM outbox o LEFT JOIN event e ON e.seq = o.seq"
# Two look-ups in indexes: however long the history is, what is live is found at once.
_LIVE = "(SELECT event_id FROM episode UNION SELECT event_id FROM outbox WHERE queued_s >= :since AND NOT historical)"
_SELECT_LIVE = f"SELECT {_COLUMNS} {_FROM} WHERE o.event_id IN {_LIVE} ORDER BY o.place, o.id"
_SELECT_HISTORY = (
    f"SELECT {_COLUMNS} {_FROM} WHERE o.event_id NOT IN {_LIVE} ORDER BY o.place, o.urgency DESC, o.event_id DESC, o.id"
)


def first(
    connection: sqlite3.Connection, *, limit: int, history: int, live_since_s: float, skip: Collection[int]
) -> list[OutboxRow]:
    """At most `limit` rows in the order to send them, at most `history` of them history, none of `skip`."""
    live = _read(connection, _SELECT_LIVE, limit, live_since_s, skip, live=True)
    room = min(history, limit - len(live))
    return live + _read(connection, _SELECT_HISTORY, room, live_since_s, skip, live=False)


def _read(
    connection: sqlite3.Connection, select: str, limit: int, since_s: float, skip: Collection[int], *, live: bool
) -> list[OutboxRow]:
    rows: list[OutboxRow] = []
    if limit <= 0:
        return rows
    for row in connection.execute(select, {"since": since_s}):
        if row[0] in skip:
            continue
        rows.append(_row(row, live=live))
        if len(rows) == limit:
            break
    return rows


def _row(columns: tuple[int, str, str, int | None, str, bytes, int, int, float], *, live: bool) -> OutboxRow:
    row_id, kind, event_id, seq, topic, payload, retain, historical, queued_s = columns
    return OutboxRow(
        row_id, OutboxKind(kind), event_id, seq, topic, payload, bool(retain), bool(historical), queued_s, live
    )


def drop_evidence(connection: sqlite3.Connection, at_least_bytes: int) -> int:
    """Drop the oldest pictures until so many bytes are free; return how many went."""
    dropped: list[int] = []
    for row_id, size in connection.execute("SELECT id, bytes FROM outbox WHERE kind = 'picture' ORDER BY id"):
        if at_least_bytes <= 0:
            break
        dropped.append(row_id)
        at_least_bytes -= size
    remove(connection, dropped)
    return len(dropped)


def evidence_bytes(connection: sqlite3.Connection) -> int:
    """How much the waiting pictures take."""
    total: int | None = connection.execute("SELECT sum(bytes) FROM outbox WHERE kind = 'picture'").fetchone()[0]
    return total or 0
