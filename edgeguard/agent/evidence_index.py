"""What evidence there is: a row per file in `evidence.sqlite3`, so that a restart knows what was kept and sent."""

import logging
import math
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from threading import RLock

from edgeguard.errors import EvidenceError

log = logging.getLogger(__name__)

_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE item (
    event_id TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, made_s REAL NOT NULL,
    bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, tries INTEGER NOT NULL, note TEXT NOT NULL,
    PRIMARY KEY (event_id, name)
) WITHOUT ROWID;
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""


class ItemState(StrEnum):
    """PROMISED is being made. KEPT stays on the box, WAITING goes to the center, SENT is there, REFUSED never will be.

    MISSING was never made, DROPPED had to give up its room.
    """

    PROMISED = "promised"
    KEPT = "kept"
    WAITING = "waiting"
    SENT = "sent"
    REFUSED = "refused"
    MISSING = "missing"
    DROPPED = "dropped"


# States in which there is a file.
ON_DISK = (ItemState.KEPT, ItemState.WAITING, ItemState.SENT, ItemState.REFUSED)
_MARKS = ", ".join("?" for _ in ON_DISK)


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of evidence; `note` says what it lacks, or why there is none. `made_s` is Unix time."""

    event_id: str
    name: str
    state: ItemState
    made_s: float
    size_bytes: int = 0
    sha256: str = ""
    tries: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Totals:
    """How many files there are, what they take, and how many of them wait for their upload."""

    files: int
    size_bytes: int
    waiting: int


class EvidenceIndex:
    """Any thread may call it; raises EvidenceError when it cannot be read or written.

    A damaged file is set aside; where none can be made (full disk) the index lives in memory until the next start.
    """

    def __init__(self, path: Path) -> None:
        self._lock = RLock()
        self._connection = _open(path)

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    def put(self, item: Item) -> None:
        """Write a row, or write it anew; durable when this returns."""
        row = (item.event_id, item.name, item.state, item.made_s, item.size_bytes, item.sha256, item.tries, item.note)
        with self._open() as connection:
            connection.execute("INSERT OR REPLACE INTO item VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def get(self, event_id: str, name: str) -> Item | None:
        return next(iter(self._select("WHERE event_id = ? AND name = ?", event_id, name)), None)

    def of_event(self, event_id: str) -> list[Item]:
        """All of an episode, by name."""
        return self._select("WHERE event_id = ? ORDER BY name", event_id)

    def on_disk(self, before_s: float = math.inf, limit: int = -1) -> list[Item]:
        """What has a file and is older than that, oldest first, at most `limit` of it."""
        where = f"WHERE state IN ({_MARKS}) AND made_s < ? ORDER BY made_s, event_id, name LIMIT ?"
        return self._select(where, *ON_DISK, before_s, limit)

    def totals(self) -> Totals:
        """Of what has a file."""
        sums = "count(*), coalesce(sum(bytes), 0), coalesce(sum(state = ?), 0)"
        with self._open() as connection:
            row = connection.execute(
                f"SELECT {sums} FROM item WHERE state IN ({_MARKS})",  # noqa: S608 - marks only
                (ItemState.WAITING, *ON_DISK),
            ).fetchone()
        return Totals(*row)

    def promised(self) -> list[Item]:
        return self._select("WHERE state = ?", ItemState.PROMISED)

    def next_waiting(self) -> Item | None:
        """What failed least goes first, then the newest: an alarm of today does not wait for last week's."""
        rows = self._select("WHERE state = ? ORDER BY tries, made_s DESC, name LIMIT 1", ItemState.WAITING)
        return rows[0] if rows else None

    def settle(self, event_id: str, name: str, state: ItemState, note: str | None = None) -> None:
        """Note what an attempt to send it came to; nothing where it has given up its room meanwhile."""
        with self._open() as connection:
            connection.execute(
                "UPDATE item SET state = ?, tries = tries + 1, note = coalesce(?, note)"
                " WHERE event_id = ? AND name = ? AND state = ?",
                (state, note, event_id, name, ItemState.WAITING),
            )

    def forget(self, before_s: float) -> None:
        """Delete the rows of files that are no more and are older than that."""
        with self._open() as connection:
            connection.execute(f"DELETE FROM item WHERE made_s < ? AND state NOT IN ({_MARKS})", (before_s, *ON_DISK))  # noqa: S608 - marks only

    def count(self, name: str, amount: int = 1) -> None:
        with self._open() as connection:
            connection.execute(
                "INSERT INTO counter VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
                (name, amount),
            )

    def counters(self) -> dict[str, int]:
        """What was counted over the box's life."""
        with self._open() as connection:
            return dict(connection.execute("SELECT name, value FROM counter").fetchall())

    def _select(self, where: str, *values: object) -> list[Item]:
        columns = "event_id, name, state, made_s, bytes, sha256, tries, note"
        with self._open() as connection:
            rows = connection.execute(f"SELECT {columns} FROM item {where}", values).fetchall()  # noqa: S608 - own text
        return [Item(event_id, name, ItemState(state), *rest) for event_id, name, state, *rest in rows]

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                yield self._connection
            except sqlite3.Error as error:
                raise EvidenceError(f"the index of the evidence cannot be used: {error}") from error


def _open(path: Path) -> sqlite3.Connection:
    try:
        return _checked(path)
    except sqlite3.OperationalError as error:
        log.error("%s cannot be used (%s): the index lives in memory until the next start", path, error)  # noqa: TRY400
        return _checked(Path(":memory:"))
    except sqlite3.DatabaseError:
        aside = path.with_suffix(".damaged")
        log.error("%s is damaged: set aside as %s, made anew from the files", path, aside.name)  # noqa: TRY400
        for suffix in ("-wal", "-shm", ""):
            with suppress(OSError):
                path.with_name(path.name + suffix).rename(aside.with_name(aside.name + suffix))
    try:
        return _checked(path)
    except sqlite3.Error as error:
        raise EvidenceError(f"{path}: {error}") from error


def _checked(path: Path) -> sqlite3.Connection:
    """A connection whose every statement is on the disk when it returns."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=5.0)
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
        raise sqlite3.DatabaseError("quick_check failed")
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version={_SCHEMA_VERSION}; COMMIT;")
    elif version != _SCHEMA_VERSION:
        raise EvidenceError(f"evidence.sqlite3 has schema version {version}, accepted: {_SCHEMA_VERSION}")
