"""Where the audit's head was, now and then, in a file beside the database and signed with the directory's key.

Who cuts the end of the trail off, or writes it anew, leaves an anchor hanging in the air.
"""

import os
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from edgeguard import audit
from edgeguard.access.keys import Keys
from edgeguard.access.store import Store
from edgeguard.contract.base import rfc3339
from edgeguard.durable import sync_folder
from edgeguard.errors import DirectoryError

# An anchor after so many rows, and once a day where there is any.
EVERY_ROWS = 1000
EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AuditReport:
    """`broken_at`: the first row that is not as it was written; `torn`: the first anchored row that is not there."""

    rows: int
    head: audit.Head
    anchors: int
    broken_at: int | None
    torn: int | None

    @property
    def whole(self) -> bool:
        return self.broken_at is None and self.torn is None


class Anchors:
    """Lines `id hash time mac`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._path = store.database.with_suffix(".anchors")

    def drop(self, at: datetime) -> bool:
        """Anchor the head, where it is time to; whether it was."""
        with self._store.reading() as connection:
            head = audit.head(connection)
        lines = self._lines()
        if lines and not _due(lines[-1], head.id, at):
            return False
        if head.id == 0:
            return False
        self._append(_line(self._store.keys, head, rfc3339(at)))
        return True

    def verify(self) -> AuditReport:
        """Reckon the whole trail again, and look whether every anchor still lies in it."""
        with self._store.reading() as connection:
            found = audit.verify(connection)
            lines = self._lines()
            torn = next((_id(line) for line in lines if not self._holds(connection, line)), None)
        return AuditReport(found.rows, found.head, len(lines), found.broken_at, torn)

    def sign_anew(self, old: Keys) -> None:
        """After a change of the key; what does not hold under the old one stays as it is, and so stays torn."""
        lines = [_signed(self._store.keys, line) if _sound(old, line) else line for line in self._lines()]
        aside = self._path.with_name(f"{self._path.name}.new")
        try:
            aside.touch(mode=0o600)
            aside.write_text("".join(f"{line}\n" for line in lines), "ascii")
            aside.replace(self._path)
        except OSError as error:
            raise DirectoryError(f"{self._path}: {error.strerror}") from error

    def _holds(self, connection: sqlite3.Connection, line: str) -> bool:
        if not _sound(self._store.keys, line):
            return False
        row, stored, _, _ = line.split(" ")
        return audit.holds(connection, audit.Head(int(row), bytes.fromhex(stored)))

    def _lines(self) -> list[str]:
        try:
            return self._path.read_text("ascii", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            raise DirectoryError(f"{self._path}: {error.strerror}") from error

    def _append(self, line: str) -> None:
        try:
            handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(handle, f"{line}\n".encode())
                os.fsync(handle)
            finally:
                os.close(handle)
            sync_folder(self._path.parent)
        except OSError as error:
            raise DirectoryError(f"{self._path}: {error.strerror}") from error


def _line(keys: Keys, head: audit.Head, at: str) -> str:
    return _signed(keys, f"{head.id} {head.hash.hex()} {at} -")


def _signed(keys: Keys, line: str) -> str:
    told = line.rpartition(" ")[0]
    return f"{told} {keys.digest('anchor', told).hex()}"


def _sound(keys: Keys, line: str) -> bool:
    return line.count(" ") == 3 and line == _signed(keys, line)


def _id(line: str) -> int:
    number = line.partition(" ")[0]
    return int(number) if number.isdigit() else 0


def _due(line: str, head: int, at: datetime) -> bool:
    if head == _id(line):
        return False
    try:
        last = datetime.fromisoformat(line.split(" ")[2])
    except (IndexError, ValueError):
        return True
    return head - _id(line) >= EVERY_ROWS or at - last >= EVERY
