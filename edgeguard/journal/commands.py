"""Which commands were taken, so that a repeated id executes once, also over a restart."""

import sqlite3
from datetime import datetime, timedelta

from edgeguard.contract import CommandAck, CommandStatus

# A repeat that comes after its memory is gone has long expired; a day covers clocks that disagree.
_REMEMBERED_AFTER_EXPIRY = timedelta(days=1)
# A sender with a wild expiry must not fill the disk.
_REMEMBERED_AT_MOST = timedelta(days=30)


def take(connection: sqlite3.Connection, *, command_id: str, name: str, expires_at: datetime, now: datetime) -> bool:
    """Remember a command; False when its id was known before."""
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
    connection.execute("DELETE FROM command WHERE forget_s < ?", (now.timestamp(),))
