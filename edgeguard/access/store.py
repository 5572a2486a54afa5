"""The file under the directory: opened with its own key and for its own box only, one transaction for each change."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from edgeguard import audit
from edgeguard.access.keys import Keys, new_key, read_key, write_key
from edgeguard.access.moments import seconds
from edgeguard.access.schema import CREATE, SCHEMA_VERSION
from edgeguard.contract.base import rfc3339
from edgeguard.durable import sync_folder
from edgeguard.errors import DirectoryError

# The command line writes while the box runs: an import of tens of thousands of rows is one transaction of seconds.
BUSY_TIMEOUT_S = 20.0
_KEY_CHECK = "the key of this directory"


@dataclass(frozen=True, slots=True)
class Act:
    """A change: when, and who makes it (an operator, a command's sender, or `box`)."""

    at: datetime
    by: str

    @property
    def at_s(self) -> int:
        return seconds(self.at)


class Attempt:
    """Changes of which some may fail alone; `keep`: whether the others are to stay."""

    def __init__(self, tx: sqlite3.Connection) -> None:
        self._tx = tx
        self.keep = False

    @contextmanager
    def line(self) -> Iterator[None]:
        """One of them: where it fails, it has changed nothing."""
        self._tx.execute("SAVEPOINT line")
        try:
            yield
        except BaseException:
            self._tx.execute("ROLLBACK TO line")
            raise
        finally:
            self._tx.execute("RELEASE line")


class Store:
    """Any thread and several processes may use it. Raises DirectoryError for whatever SQLite refuses."""

    def __init__(self, database: Path, key_file: Path, site: str, box: str) -> None:
        self.database = database
        self.key_file = key_file
        self.site = site
        self.box = box
        self._lock = threading.RLock()
        self._load_key()
        self._connection = self._open()

    def close(self) -> None:
        with self._lock:
            self._connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            self._refresh()
            try:
                yield self._connection
            except sqlite3.Error as error:
                raise DirectoryError(f"{self.database}: cannot be read: {error}") from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, on the disk at the end; all of it is undone where anything in it fails. It may be nested."""
        with self._lock:
            if self._connection.in_transaction:
                yield self._connection
                return
            with self._committed(self._connection) as tx:
                self._refresh()
                yield tx

    @contextmanager
    def _committed(self, tx: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
        try:
            tx.execute("BEGIN IMMEDIATE")
            yield tx
            tx.execute("COMMIT")
        except sqlite3.Error as error:
            raise DirectoryError(f"{self.database}: cannot be written: {error}") from error
        finally:
            if tx.in_transaction:
                tx.execute("ROLLBACK")

    @contextmanager
    def tried(self) -> Iterator["Attempt"]:
        """One transaction that is kept only where the attempt says so at its end."""
        with self._lock, self._committed(self._connection) as tx:
            self._refresh()
            attempt = Attempt(tx)
            yield attempt
            if not attempt.keep:
                tx.execute("ROLLBACK")
                tx.execute("BEGIN")

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with self.reading() as connection:
            return connection.execute(sql, values).fetchall()

    def note(self, tx: sqlite3.Connection, act: Act, action: str, subject: str, detail: str = "") -> None:
        """The row of the audit for what this transaction does."""
        audit.append(tx, rfc3339(act.at), act.by, action, subject, detail)

    def wipe(self) -> None:
        """Overwrite what was deleted in the file too, as far as nobody else reads just now."""
        with self._lock, suppress(sqlite3.OperationalError):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def number(self, name: str) -> int:
        """A counter in `meta`, 0 at first."""
        found = self.rows("SELECT value FROM meta WHERE name = ?", name)
        return int(found[0][0]) if found else 0

    def set_number(self, tx: sqlite3.Connection, name: str, value: int) -> None:
        tx.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (name, value))

    def count_up(self, tx: sqlite3.Connection, name: str) -> None:
        tx.execute("INSERT INTO meta VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1", (name,))

    def change_key(self, reseal: Callable[[sqlite3.Connection, Keys], None]) -> None:
        """A new key, under which `reseal` brings everything.

        Cut short before the commit, the old key stays; after it, the new one lies beside until the next start.
        """
        with self._lock:
            aside = new_key_file(self.key_file)
            aside.unlink(missing_ok=True)
            write_key(aside, new_key())
            fresh = Keys(read_key(aside))
            with self.writing() as tx:
                reseal(tx, fresh)
                self._note_key(tx, fresh)
            self._take_new_key()

    def _note_key(self, tx: sqlite3.Connection, keys: Keys) -> None:
        tx.execute("INSERT OR REPLACE INTO meta VALUES ('key', ?)", (keys.seal(_KEY_CHECK.encode(), self._about),))

    @property
    def _about(self) -> str:
        return f"{self.site}/{self.box}"

    def _load_key(self) -> None:
        if not (self.key_file.exists() or self.database.exists()):
            write_key(self.key_file, new_key())
        self.keys = Keys(read_key(self.key_file))
        self._key_stamp = self._stamp()

    def _refresh(self) -> None:
        """Another process may have given the directory a new key."""
        if self._stamp() != self._key_stamp:
            self._load_key()

    def _stamp(self) -> tuple[int, int]:
        try:
            found = self.key_file.stat()
        except OSError as error:
            raise DirectoryError(f"key {self.key_file}: {error.strerror}") from error
        return found.st_ino, found.st_mtime_ns

    def _open(self) -> sqlite3.Connection:
        try:
            self.database.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            connection = sqlite3.connect(
                self.database, isolation_level=None, check_same_thread=False, timeout=BUSY_TIMEOUT_S
            )
        except (OSError, sqlite3.Error) as error:
            raise DirectoryError(f"{self.database}: cannot be opened: {error}") from error
        try:
            self._prepare(connection)
        except (OSError, sqlite3.Error) as error:
            connection.close()
            raise DirectoryError(f"{self.database}: cannot be opened: {error}; restore it or move it away") from error
        except BaseException:
            connection.close()
            raise
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        self.database.chmod(0o600)
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
            connection.execute(f"PRAGMA {pragma}")
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("quick_check failed")
        connection.execute("BEGIN IMMEDIATE")
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            self._create(connection)
        connection.execute("COMMIT")
        if version not in {0, SCHEMA_VERSION}:
            raise DirectoryError(f"{self.database}: has schema version {version}, accepted: {SCHEMA_VERSION}")
        self._check_owner(connection)

    def _create(self, connection: sqlite3.Connection) -> None:
        for statement in CREATE.split(";\n"):
            connection.execute(statement)
        connection.execute("INSERT INTO meta VALUES ('box', ?)", (self._about,))
        self._note_key(connection, self.keys)
        connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")

    def _check_owner(self, connection: sqlite3.Connection) -> None:
        meta = dict(connection.execute("SELECT name, value FROM meta WHERE name IN ('box', 'key')").fetchall())
        if meta.get("box") != self._about:
            raise DirectoryError(f"{self.database}: belongs to box {meta.get('box')}, this is {self._about}")
        if not self._opens(meta.get("key")):
            self._finish_key_change(meta.get("key"))
            if not self._opens(meta.get("key")):
                raise DirectoryError(
                    f"{self.database}: was made with another key than the one in {self.key_file}; nothing was read"
                )

    def _opens(self, check: bytes | None) -> bool:
        try:
            return check is not None and self.keys.open(check, self._about) == _KEY_CHECK.encode()
        except DirectoryError:
            return False

    def _take_new_key(self) -> None:
        """The database is under the key that lies beside: it takes the place of the old one."""
        try:
            new_key_file(self.key_file).replace(self.key_file)
            sync_folder(self.key_file.parent)
        except OSError as error:
            raise DirectoryError(f"key {self.key_file}: cannot be replaced ({error.strerror})") from error
        self._load_key()

    def _finish_key_change(self, check: bytes | None) -> None:
        """Where a change of the key was cut short after its commit, the new key lies beside the old one."""
        fresh = new_key_file(self.key_file)
        if fresh.exists():
            self.keys = Keys(read_key(fresh))
            if self._opens(check):
                self._take_new_key()


def new_key_file(key_file: Path) -> Path:
    """Where the next key lies until the database is under it."""
    return key_file.with_name(f"{key_file.name}.new")
