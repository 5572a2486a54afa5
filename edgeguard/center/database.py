"""SQLite for the center: write-ahead log, one writer, readers beside it."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edgeguard.center.schema import CREATE, SCHEMA_VERSION, UPGRADES
from edgeguard.errors import StoreError

# A reader may meet the moment of a checkpoint; longer than this and something is wrong.
BUSY_TIMEOUT_S = 5.0

Row = sqlite3.Row


def database_in(data_dir: Path) -> Path:
    return data_dir / "center.sqlite3"


class Database:
    """One connection that writes, one that reads; each guarded by its own lock, so a slow commit stops no reader.

    Raises StoreError for everything SQLite refuses.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._write_lock = threading.RLock()
        self._read_lock = threading.Lock()
        self._writer: sqlite3.Connection | None = None
        self._reader: sqlite3.Connection | None = None

    def open(self) -> None:
        if self._writer is not None:
            return
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._writer = self._connect()
            # FULL: a message is acknowledged to the broker after the commit, so the commit must survive a power cut.
            self._writer.execute("PRAGMA journal_mode=WAL")
            self._writer.execute("PRAGMA synchronous=FULL")
            self._path.chmod(0o600)
            self._create()
            self._reader = self._connect()
            self._reader.execute("PRAGMA query_only=ON")
        except (OSError, sqlite3.Error) as error:
            # A step that failed half-way holds its lock until the connection goes.
            self.close()
            raise StoreError(f"{self._path}: the center's database cannot be opened: {error}") from error
        except StoreError:
            self.close()
            raise

    def close(self) -> None:
        with self._write_lock, self._read_lock:
            for connection in (self._reader, self._writer):
                if connection is not None:
                    connection.close()
            self._reader = self._writer = None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, committed at the end; everything is rolled back when anything in it fails."""
        with self._write_lock:
            connection = self._opened(self._writer)
            try:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    connection.execute("ROLLBACK")
                    raise
                connection.execute("COMMIT")
            except sqlite3.Error as error:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise StoreError(f"{self._path}: cannot write: {error}") from error

    def setting(self, name: str, first: str) -> str:
        """The stored value of a setting; `first` becomes it when there is none."""
        with self.writing() as tx:
            tx.execute("INSERT OR IGNORE INTO setting VALUES (?, ?)", (name, first))
        return str(self.read("SELECT value FROM setting WHERE name = ?", (name,))[0]["value"])

    def read(self, sql: str, args: tuple[Any, ...] = ()) -> list[Row]:
        with self._read_lock:
            try:
                return self._opened(self._reader).execute(sql, args).fetchall()
            except sqlite3.Error as error:
                raise StoreError(f"{self._path}: cannot read: {error}") from error

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA foreign_keys=ON")
        return connection

    def _create(self) -> None:
        """Bring the schema to this program's version, one committed step at a time."""
        connection = self._opened(self._writer)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise StoreError(f"{self._path}: has schema {version}, this program knows schemas up to {SCHEMA_VERSION}")
        for step, script in enumerate((CREATE, *UPGRADES), start=1):
            if step > version:
                connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version={step}; COMMIT;")

    def _opened(self, connection: sqlite3.Connection | None) -> sqlite3.Connection:
        if connection is None:
            raise StoreError(f"{self._path}: the center's database is not open")
        return connection
