"""SQLite for the center: write-ahead log, one writer, readers beside it."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from edgeguard.errors import StoreError

SCHEMA_VERSION = 1
# A reader may meet the moment of a checkpoint; longer than this and something is wrong.
BUSY_TIMEOUT_S = 5.0

SCHEMA = """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;

CREATE TABLE event (
  site TEXT NOT NULL, box TEXT NOT NULL, id TEXT NOT NULL, event_id TEXT NOT NULL, rev INTEGER NOT NULL,
  seq INTEGER NOT NULL, received_at TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (site, box, id)) STRICT;
CREATE INDEX event_episode ON event (event_id, rev);

CREATE TABLE episode (
  event_id TEXT PRIMARY KEY, site TEXT NOT NULL, box TEXT NOT NULL, code TEXT NOT NULL, opened_at TEXT NOT NULL,
  open INTEGER NOT NULL, card TEXT NOT NULL) STRICT;
CREATE INDEX episode_time ON episode (open, opened_at);

CREATE TABLE picture (
  site TEXT NOT NULL, box TEXT NOT NULL, event_id TEXT NOT NULL, n INTEGER NOT NULL, received_at TEXT NOT NULL,
  jpeg BLOB NOT NULL, PRIMARY KEY (event_id, n, site, box)) STRICT;

CREATE TABLE box (
  site TEXT NOT NULL, box TEXT NOT NULL, state TEXT, birth TEXT, updated_at TEXT NOT NULL,
  PRIMARY KEY (site, box)) STRICT;
CREATE TABLE camera (
  site TEXT NOT NULL, box TEXT NOT NULL, camera TEXT NOT NULL, health TEXT NOT NULL, updated_at TEXT NOT NULL,
  PRIMARY KEY (site, box, camera)) STRICT;

CREATE TABLE ack (
  id INTEGER PRIMARY KEY, event_id TEXT NOT NULL, kind TEXT NOT NULL, why TEXT NOT NULL, note TEXT NOT NULL,
  by TEXT NOT NULL, at TEXT NOT NULL, site TEXT NOT NULL, box TEXT NOT NULL, sent_at TEXT) STRICT;
CREATE INDEX ack_episode ON ack (event_id, id);
CREATE INDEX ack_unsent ON ack (id) WHERE sent_at IS NULL;

CREATE TABLE command (
  id TEXT PRIMARY KEY, event_id TEXT NOT NULL, site TEXT NOT NULL, box TEXT NOT NULL, name TEXT NOT NULL,
  args TEXT NOT NULL, by TEXT NOT NULL, issued_at TEXT NOT NULL, expires_at TEXT NOT NULL, state TEXT NOT NULL,
  detail TEXT NOT NULL) STRICT;

CREATE TABLE dead_letter (
  id INTEGER PRIMARY KEY, received_at TEXT NOT NULL, topic TEXT NOT NULL, reason TEXT NOT NULL,
  payload BLOB NOT NULL) STRICT;

CREATE TABLE audit (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
  detail TEXT NOT NULL) STRICT;

CREATE TABLE user (
  name TEXT PRIMARY KEY, password TEXT NOT NULL, language TEXT NOT NULL, created_at TEXT NOT NULL) STRICT;
CREATE TABLE session (
  token_hash TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES user (name), created_at TEXT NOT NULL,
  seen_at TEXT NOT NULL) STRICT;
"""

Row = sqlite3.Row


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
            raise StoreError(f"{self._path}: the center's database cannot be opened: {error}") from error

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
        connection = self._opened(self._writer)
        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version == 0:
            connection.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version={SCHEMA_VERSION}; COMMIT;")
        elif version != SCHEMA_VERSION:
            raise StoreError(f"{self._path}: has schema {version}, this program knows schema {SCHEMA_VERSION}")

    def _opened(self, connection: sqlite3.Connection | None) -> sqlite3.Connection:
        if connection is None:
            raise StoreError(f"{self._path}: the center's database is not open")
        return connection
