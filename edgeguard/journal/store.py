"""The file under the journal: opened by one process only, checked, set aside when it is damaged.

Beside `journal.sqlite3` lie `journal.lock` (one writer), `journal.seq` (the last `seq` given out, in case the
database is lost) and `journal.reserve` (room to work in when the disk is full).
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from edgeguard.errors import JournalError

SCHEMA_VERSION = 1

PAGE_BYTES = 4096
# Commits go to the write-ahead log; it is folded back when idle (see `writer`), and at 1 MB at the latest: on a full
# disk folding needs as much room again, which the reserve has.
_AUTOCHECKPOINT_PAGES = 256

_SCHEMA = """
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE event (
    seq INTEGER PRIMARY KEY, event_id TEXT NOT NULL, rev INTEGER NOT NULL, phase TEXT NOT NULL,
    topic TEXT NOT NULL, payload BLOB NOT NULL, UNIQUE (event_id, rev)
);
CREATE TABLE episode (
    event_id TEXT PRIMARY KEY, code TEXT NOT NULL, camera TEXT NOT NULL, rule TEXT NOT NULL,
    opened_at TEXT NOT NULL, sighting TEXT
) WITHOUT ROWID;
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, place INTEGER NOT NULL, urgency INTEGER NOT NULL,
    event_id TEXT NOT NULL, seq INTEGER, topic TEXT NOT NULL, payload BLOB, bytes INTEGER NOT NULL,
    retain INTEGER NOT NULL, historical INTEGER NOT NULL, queued_s REAL NOT NULL
);
CREATE INDEX outbox_history ON outbox (place, urgency DESC, event_id DESC, id);
CREATE INDEX outbox_episode ON outbox (event_id, id);
CREATE INDEX outbox_queued ON outbox (queued_s);
CREATE INDEX outbox_seq ON outbox (seq);
CREATE TABLE command (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, status TEXT NOT NULL, forget_s REAL NOT NULL, answer BLOB
) WITHOUT ROWID;
CREATE TABLE tombstone (
    from_seq INTEGER PRIMARY KEY, to_seq INTEGER NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL
);
"""


@dataclass(frozen=True, slots=True)
class Files:
    """The journal's files, by the path of the database."""

    database: Path

    @property
    def lock(self) -> Path:
        return self.database.with_suffix(".lock")

    @property
    def seq(self) -> Path:
        return self.database.with_suffix(".seq")

    @property
    def reserve(self) -> Path:
        return self.database.with_suffix(".reserve")


@contextmanager
def only_writer(files: Files) -> Iterator[None]:
    """Hold the journal for this process; raise JournalError when another one has it."""
    try:
        files.database.parent.mkdir(parents=True, exist_ok=True)
        handle = files.lock.open("a")
    except OSError as error:
        raise JournalError(f"journal {files.database}: {error.strerror}: {error.filename}") from error
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise JournalError(f"journal {files.database} is in use by another process") from error
        yield


def connect(database: Path) -> sqlite3.Connection:
    """A connection whose every commit is on the disk when it returns; transactions are begun by hand."""
    connection = sqlite3.connect(database, isolation_level=None, check_same_thread=False, timeout=10.0)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(f"PRAGMA wal_autocheckpoint={_AUTOCHECKPOINT_PAGES}")
    except BaseException:
        connection.close()
        raise
    return connection


def open_database(files: Files, stamp: str) -> tuple[sqlite3.Connection, Path | None]:
    """Open or make the database; a damaged one is renamed to `NAME.damaged-STAMP`, whose path comes back too."""
    try:
        return _open_checked(files.database), None
    except sqlite3.DatabaseError as error:
        if not _is_damage(error):
            raise JournalError(f"journal {files.database}: {error}") from error
    aside = _set_aside(files.database, stamp)
    try:
        return _open_checked(files.database), aside
    except sqlite3.Error as error:
        raise JournalError(f"journal {files.database}: {error}") from error


def _open_checked(database: Path) -> sqlite3.Connection:
    connection = connect(database)
    try:
        _check(connection)
        _migrate(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection) -> None:
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise _Damaged(found)


def _migrate(connection: sqlite3.Connection) -> None:
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version == 0:
        connection.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version={SCHEMA_VERSION}; COMMIT;")
    elif version != SCHEMA_VERSION:
        raise JournalError(f"journal has schema version {version}, accepted: {SCHEMA_VERSION}")


class _Damaged(sqlite3.DatabaseError):
    """The check found something."""


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return isinstance(error, _Damaged) or code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


def _set_aside(database: Path, stamp: str) -> Path:
    aside = database.with_name(f"{database.stem}.damaged-{stamp}")
    for suffix in ("-wal", "-shm", ""):
        part = database.with_name(database.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside


def note_seq(files: Files, seq: int) -> None:
    """Keep the last `seq` beside the database; not synced, so it may be some seconds old after a power cut."""
    # On a full disk the note stays behind; the database has the number.
    with suppress(OSError):
        handle = os.open(files.seq, os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            os.pwrite(handle, b"%020d\n" % seq, 0)
        finally:
            os.close(handle)


def noted_seq(files: Files) -> int:
    """The last `seq` noted, 0 without a readable note."""
    try:
        return int(files.seq.read_text())
    except (OSError, ValueError):
        return 0


def make_reserve(files: Files, size_bytes: int) -> None:
    """Lay the reserve by, where the disk has room for it."""
    try:
        with files.reserve.open("ab") as handle:
            os.posix_fallocate(handle.fileno(), 0, size_bytes)
    except OSError:
        files.reserve.unlink(missing_ok=True)


def fold(connection: sqlite3.Connection) -> None:
    """Fold the log back into the database and give its room back, where that can be done now."""
    with suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def free_reserve(files: Files) -> None:
    files.reserve.unlink(missing_ok=True)
