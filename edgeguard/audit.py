"""An append-only trail of who did what to what, in which a changed, missing or added row is found.

Every row carries SHA-256 over its own fields and the hash of the row before it. A chain alone cannot tell that its end
was cut off, or that somebody wrote it anew from some row on: for that its head is anchored now and then outside of it.
Functions work on a connection, and inside the transaction that they are given: what is done and its row are one commit.
"""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

CREATE: Final = """
CREATE TABLE audit (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
  detail TEXT NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE TABLE audit_base (id INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Row:
    """`at` in RFC 3339, UTC; `who`: an operator, a command's sender, or the box itself."""

    id: int
    at: str
    who: str
    action: str
    subject: str
    detail: str


@dataclass(frozen=True, slots=True)
class Head:
    """The last row; `id` 0 and no hash: nothing was ever written."""

    id: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Verified:
    """`rows` hold from the first kept one on; `broken_at`: id of the first that does not, None: all do."""

    rows: int
    head: Head
    broken_at: int | None


def append(tx: sqlite3.Connection, at: str, who: str, action: str, subject: str, detail: str) -> None:
    """Add a row. Two writers must not be here at once: the transaction is an immediate one."""
    before = head(tx)
    row = Row(before.id + 1, at, who, action, subject, detail)
    values = (row.id, at, who, action, subject, detail, _hash(before.hash, row))
    tx.execute("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def head(connection: sqlite3.Connection) -> Head:
    last = connection.execute("SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    return _base(connection) if last is None else Head(*last)


def rows(connection: sqlite3.Connection, subject: str | None = None, limit: int = -1) -> list[Row]:
    """The newest first; of one subject, where one is given."""
    where, values = ("", ()) if subject is None else ("WHERE subject = ?", (subject,))
    sql = f"SELECT id, at, who, action, subject, detail FROM audit {where} ORDER BY id DESC LIMIT ?"  # noqa: S608
    return [Row(*row) for row in connection.execute(sql, (*values, limit))]


def verify(connection: sqlite3.Connection) -> Verified:
    """Reckon every row's hash again."""
    before = _base(connection)
    for count, (row, stored) in enumerate(_all(connection)):
        if row.id != before.id + 1 or stored != _hash(before.hash, row):
            return Verified(count, before, row.id)
        before = Head(row.id, stored)
    return Verified(before.id - _base(connection).id, before, None)


def holds(connection: sqlite3.Connection, anchor: Head) -> bool:
    """Whether the trail goes through this row still; true of one that was given up as too old."""
    base = _base(connection)
    if anchor.id <= base.id:
        return anchor.id < base.id or anchor.hash == base.hash
    found = connection.execute("SELECT hash FROM audit WHERE id = ?", (anchor.id,)).fetchone()
    return found is not None and found[0] == anchor.hash


def prune(tx: sqlite3.Connection, before: str) -> int:
    """Give up the rows older than that, from the first on; the hash of the last of them stays as the new base."""
    last = tx.execute(
        "SELECT max(id) FROM audit WHERE id < (SELECT ifnull(min(id), 1 << 62) FROM audit WHERE at >= ?)", (before,)
    ).fetchone()[0]
    if last is None:
        return 0
    stays = tx.execute("SELECT hash FROM audit WHERE id = ?", (last,)).fetchone()[0]
    tx.execute("DELETE FROM audit_base")
    tx.execute("INSERT INTO audit_base VALUES (?, ?)", (last, stays))
    return tx.execute("DELETE FROM audit WHERE id <= ?", (last,)).rowcount


def _base(connection: sqlite3.Connection) -> Head:
    found = connection.execute("SELECT id, hash FROM audit_base").fetchone()
    return Head(0, b"") if found is None else Head(*found)


def _all(connection: sqlite3.Connection) -> Iterator[tuple[Row, bytes]]:
    for *fields, stored in connection.execute("SELECT * FROM audit ORDER BY id"):
        yield Row(*fields), stored


def _hash(before: bytes, row: Row) -> bytes:
    told = json.dumps([row.id, row.at, row.who, row.action, row.subject, row.detail], ensure_ascii=True)
    return hashlib.sha256(before + told.encode()).digest()
