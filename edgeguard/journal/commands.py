"""Which commands were taken, so that a repeated id executes once, also over a restart.

Signed commands for ever: what is forgotten of them leaves a floor, and one that expired at or below it is known. A
clock that ran ahead and was set back brings none of them to life again.
"""

import math
import sqlite3
from datetime import datetime, timedelta

from edgeguard.contract import COMMANDS, CommandAck, CommandStatus

# A repeat that comes after its memory is gone has long expired; a day covers clocks that disagree.
_REMEMBERED_AFTER_EXPIRY = timedelta(days=1)
# A sender with a wild expiry must not fill the disk.
_REMEMBERED_AT_MOST = timedelta(days=30)
_SIGNED = tuple(name for name, kind in COMMANDS.items() if kind.signed)
_FLOOR = "signed_floor_s"


def take(connection: sqlite3.Connection, *, command_id: str, name: str, expires_at: datetime, now: datetime) -> bool:
    """Remember a command; False when its id was known before, or may have been."""
    if name in _SIGNED and expires_at.timestamp() <= _floor_s(connection):
        return False
    forget = min(expires_at + _REMEMBERED_AFTER_EXPIRY, now + _REMEMBERED_AT_MOST)
    row = (command_id, name, CommandStatus.ACCEPTED, forget.timestamp(), None)
    return connection.execute("INSERT OR IGNORE INTO command VALUES (?, ?, ?, ?, ?)", row).rowcount == 1


def answer(connection: sqlite3.Connection, ack: CommandAck) -> None:
    """Keep the latest word on a command."""
    connection.execute("UPDATE command SET status = ?, answer = ? WHERE id = ?", (ack.status, ack.to_json(), ack.id))


def last_answer(connection: sqlite3.Connection, command_id: str) -> CommandAck | None:
    row = connection.execute("SELECT answer FROM command WHERE id = ?", (command_id,)).fetchone()
    return CommandAck.from_json(row[0]) if row and row[0] else None


def unfinished(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """(id, name) of the commands that were accepted and got no last word: the box stopped in between."""
    rows = connection.execute("SELECT id, name FROM command WHERE status = ?", (CommandStatus.ACCEPTED,))
    return [(command_id, name) for command_id, name in rows]


def forget(connection: sqlite3.Connection, now: datetime) -> None:
    signed = ", ".join("?" * len(_SIGNED))
    highest_s = connection.execute(
        f"SELECT max(forget_s) FROM command WHERE forget_s < ? AND name IN ({signed})",  # noqa: S608 - question marks
        (now.timestamp(), *_SIGNED),
    ).fetchone()[0]
    if highest_s is not None:
        # A signed command lives for minutes, so it is remembered for exactly so long after its expiry.
        raise_floor(connection, highest_s - _REMEMBERED_AFTER_EXPIRY.total_seconds())
    connection.execute("DELETE FROM command WHERE forget_s < ?", (now.timestamp(),))


def raise_floor(connection: sqlite3.Connection, floor_s: float) -> None:
    """Signed commands that expire until then (Unix time) are not taken any more."""
    connection.execute(
        "INSERT INTO meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = max(value, excluded.value)",
        (_FLOOR, math.ceil(floor_s)),
    )


def _floor_s(connection: sqlite3.Connection) -> float:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (_FLOOR,)).fetchone()
    return float(row[0]) if row else float("-inf")
