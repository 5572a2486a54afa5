"""One thread writes; jobs that wait at the same time share one commit.

A job is a function of the connection without side effects, so that it can run again after room was made on a full
disk. A durable job's result is there only when the commit is on the disk; a lazy one may be lost by a power cut (not
by a crash of the program), which is right for what would only be sent once more.
"""

import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

from edgeguard.errors import JournalError

T = TypeVar("T")
Connection = sqlite3.Connection

# Long enough to share a commit, short enough that the first of them does not wait for the last.
_MAX_BATCH = 200
# The log is folded back into the database when nothing came for so long: an event then does not wait for it.
_IDLE_S = 0.5


@dataclass(frozen=True, slots=True)
class _Job:
    run: Callable[[Connection], Any]
    future: Future[Any]
    durable: bool


class Writer:
    """Owns a connection.

    `make_room` is called when the disk or the quota is full, before the only retry; `after_commit` after every durable
    commit; `on_idle` when nothing came for a while.
    """

    def __init__(
        self,
        connection: Connection,
        make_room: Callable[[Connection], None],
        after_commit: Callable[[Connection], None],
        on_idle: Callable[[Connection], None],
    ) -> None:
        self._connection = connection
        self._make_room = make_room
        self._after_commit = after_commit
        self._on_idle = on_idle
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._lock = Lock()
        self._open = False
        self._thread = Thread(target=self._work, name="journal-writer", daemon=True)
        self._busy_since_s: float | None = None

    def start(self) -> None:
        self._thread.start()
        self._open = True

    def close(self) -> None:
        """Write what waits, then close the connection."""
        with self._lock:
            self._open = False
            self._jobs.put(None)
        self._thread.join()
        self._connection.close()

    def do(self, run: Callable[[Connection], T], *, durable: bool = True) -> T:
        """Run a job and wait for its commit; raise JournalError when it cannot be written."""
        result: T = self.submit(run, durable=durable).result()
        return result

    def submit(self, run: Callable[[Connection], T], *, durable: bool) -> "Future[T]":
        future: Future[T] = Future()
        with self._lock:
            if not self._open:
                raise JournalError("journal is not open")
            self._jobs.put(_Job(run, future, durable))
        return future

    def beat(self) -> tuple[bool, float]:
        """Whether it lives, and for how long it has been at its present commit."""
        since_s = self._busy_since_s
        return self._thread.is_alive() or not self._open, 0.0 if since_s is None else time.monotonic() - since_s

    def _work(self) -> None:
        busy = False
        while True:
            try:
                job = self._jobs.get(timeout=_IDLE_S if busy else None)
            except Empty:
                self._idle()
                busy = False
                continue
            if job is None:
                return
            busy = True
            batch, last = self._gather(job)
            self._commit(batch)
            if last:
                return

    def _gather(self, first: _Job) -> tuple[list[_Job], bool]:
        batch = [first]
        while len(batch) < _MAX_BATCH:
            try:
                job = self._jobs.get_nowait()
            except Empty:
                break
            if job is None:
                return batch, True
            batch.append(job)
        return batch, False

    def _commit(self, batch: list[_Job]) -> None:
        self._busy_since_s = time.monotonic()
        try:
            outcomes = self._transaction(batch)
        except sqlite3.Error as error:
            outcomes = self._again(batch, error)
        finally:
            self._busy_since_s = None
        for job, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                job.future.set_exception(outcome)
            else:
                job.future.set_result(outcome)
        if any(job.durable for job in batch):
            with suppress(sqlite3.Error):
                self._after_commit(self._connection)

    def _again(self, batch: list[_Job], error: sqlite3.Error) -> list[Any]:
        if not is_full(error):
            return [_translated(error)] * len(batch)
        try:
            self._make_room(self._connection)
            return self._transaction(batch)
        except sqlite3.Error as second:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            return [_translated(second)] * len(batch)

    def _transaction(self, batch: list[_Job]) -> list[Any]:
        """Outcomes in the order of the batch: an error of one job undoes that job only."""
        connection = self._connection
        level = "FULL" if any(job.durable for job in batch) else "NORMAL"
        connection.execute(f"PRAGMA synchronous={level}")
        connection.execute("BEGIN IMMEDIATE")
        try:
            outcomes = [_guarded(connection, job) for job in batch]
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        return outcomes

    def _idle(self) -> None:
        # Housekeeping only: what matters is told to the next one who records.
        with suppress(sqlite3.Error):
            self._transaction([_Job(self._on_idle, Future(), durable=False)])
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _guarded(connection: Connection, job: _Job) -> Any:  # noqa: ANN401  # whatever the job gives
    connection.execute("SAVEPOINT job")
    try:
        outcome = job.run(connection)
    except sqlite3.Error:
        raise
    except Exception as error:  # noqa: BLE001  # goes to the caller through its future
        connection.execute("ROLLBACK TO job")
        outcome = error
    connection.execute("RELEASE job")
    return outcome


def is_full(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def _translated(error: sqlite3.Error) -> JournalError:
    translated = JournalError(f"journal cannot be written: {error}")
    translated.__cause__ = error
    return translated
