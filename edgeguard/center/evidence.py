"""Uploaded clips and pictures: files in the data folder with a row each, within a quota and for a while."""

import contextlib
import hashlib
import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from edgeguard.center.attachments import KINDS, MEDIA_TYPES
from edgeguard.center.config import EvidenceConfig
from edgeguard.center.database import Database, Row
from edgeguard.contract.base import rfc3339
from edgeguard.durable import sync_folder
from edgeguard.errors import StoreError

_PART: Final = ".part"
_MIB: Final = 1024 * 1024
_GIB: Final = 1024 * _MIB
# A file without a row was cut off between the two; younger ones may be on their way.
_ORPHAN_AFTER_S: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a file belongs; every part has been checked before."""

    site: str
    box: str
    event_id: str
    name: str

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self.name]


class Draft:
    """A file on its way in: written beside its place, seen by nobody until it is whole. Raises OSError."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = path
        self._part = path.with_name(f".{path.name}.{secrets.token_hex(4)}{_PART}")
        self._file: BinaryIO = self._part.open("xb")
        self._hash = hashlib.sha256()
        self.size_bytes = 0
        self.head = b""

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def write(self, piece: bytes) -> None:
        if len(self.head) < 12:
            self.head += piece[: 12 - len(self.head)]
        self._hash.update(piece)
        self.size_bytes += len(piece)
        self._file.write(piece)

    def finish(self) -> None:
        """On disk, under its name, after a power cut too."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        self._part.rename(self._path)
        sync_folder(self._path.parent)

    def drop(self) -> None:
        """Leave nothing; harmless after `finish`."""
        with contextlib.suppress(OSError):  # closing may flush into a full disk
            self._file.close()
        self._part.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # other files of the alarm are there
            self._part.parent.rmdir()


class EvidenceFiles:
    """Raises StoreError for the database; what the disk refuses is OSError."""

    def __init__(self, database: Database, folder: Path, config: EvidenceConfig, now: Callable[[], datetime]) -> None:
        self._db = database
        self._folder = folder
        self._quota_bytes = int(config.quota_gb * _GIB)
        self._limits = {"clip": int(config.max_clip_mb * _MIB), "picture": int(config.max_picture_mb * _MIB)}
        self._now = now
        self._keeping = threading.Lock()

    def limit_bytes(self, place: Place) -> int:
        return min(self._limits[KINDS[place.media_type]], self._quota_bytes)

    def sha256(self, place: Place) -> str | None:
        """Of what is stored there; None: nothing."""
        found = self._db.read(
            "SELECT sha256 FROM evidence WHERE event_id = ? AND name = ? AND site = ? AND box = ?", _key(place)
        )
        return str(found[0]["sha256"]) if found and self._path(place).is_file() else None

    def owner(self, event_id: str) -> tuple[str, str] | None:
        """The box an alarm belongs to; None: it has not come yet."""
        found = self._db.read("SELECT site, box FROM episode WHERE event_id = ?", (event_id,))
        return (found[0]["site"], found[0]["box"]) if found else None

    def draft(self, place: Place) -> Draft:
        return Draft(self._path(place))

    def keep(self, place: Place, draft: Draft) -> list[str]:
        """Make a whole draft what is stored, and room for it before. Returns the alarms that lost a file to it."""
        row = (*_key(place), KINDS[place.media_type], place.media_type, draft.sha256, draft.size_bytes)
        # One after the other: two that look for room at once would take more than they need, what came last too.
        with self._keeping:
            touched = self._make_room(draft.size_bytes)
            draft.finish()
            with self._db.writing() as tx:
                tx.execute(
                    "INSERT OR REPLACE INTO evidence (event_id, name, site, box, kind, media_type, sha256, size_bytes,"
                    " received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (*row, rfc3339(self._now())),
                )
        return touched

    def find(self, event_id: str, name: str) -> tuple[Path, str] | None:
        """(file, media type) of an alarm's own evidence."""
        owner = self.owner(event_id)
        if owner is None or name not in MEDIA_TYPES:
            return None
        place = Place(*owner, event_id, name)
        return (self._path(place), place.media_type) if self.sha256(place) else None

    def prune(self, older_than: timedelta) -> list[str]:
        """Forget what is old, except of open alarms; sweep up what a crash left. Returns the alarms touched."""
        limit = rfc3339(self._now() - older_than)
        old = self._db.read(
            "SELECT * FROM evidence WHERE received_at < ?"
            " AND event_id NOT IN (SELECT event_id FROM episode WHERE open = 1)",
            (limit,),
        )
        for row in old:
            self._forget(row)
        self._sweep()
        return list(dict.fromkeys(row["event_id"] for row in old))

    def forget(self, event_id: str) -> int:
        """Delete what was uploaded of one alarm; how many files there were."""
        found = self._db.read("SELECT * FROM evidence WHERE event_id = ?", (event_id,))
        for row in found:
            self._forget(row)
        return len(found)

    def _make_room(self, size_bytes: int) -> list[str]:
        """The oldest of the box that holds most goes first; open alarms last of all."""
        touched: dict[str, None] = {}
        while self._used_bytes() + size_bytes > self._quota_bytes:
            victim = self._db.read(
                "SELECT evidence.*, coalesce(episode.open, 0) AS open FROM evidence LEFT JOIN episode USING (event_id)"
                " ORDER BY open, (SELECT sum(size_bytes) FROM evidence AS other"
                " WHERE (other.site, other.box) = (evidence.site, evidence.box)) DESC, received_at LIMIT 1"
            )
            if not victim:
                raise StoreError(f"{size_bytes} bytes do not fit into the quota of {self._quota_bytes}")
            self._forget(victim[0])
            touched[victim[0]["event_id"]] = None
        return list(touched)

    def _used_bytes(self) -> int:
        return int(self._db.read("SELECT coalesce(sum(size_bytes), 0) AS used FROM evidence")[0]["used"])

    def _forget(self, row: Row) -> None:
        place = Place(row["site"], row["box"], row["event_id"], row["name"])
        with self._db.writing() as tx:
            tx.execute("DELETE FROM evidence WHERE event_id = ? AND name = ? AND site = ? AND box = ?", _key(place))
        path = self._path(place)
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # another file of the alarm is still there
            path.parent.rmdir()

    def _sweep(self) -> None:
        now_s = self._now().timestamp()
        for path in self._folder.glob("*/*/*/*"):
            place = Place(*path.relative_to(self._folder).parts)
            known = place.name in MEDIA_TYPES and self.sha256(place) is not None
            with contextlib.suppress(OSError):  # it went by itself in between
                if not known and now_s - path.stat().st_mtime > _ORPHAN_AFTER_S:
                    path.unlink()
                    path.parent.rmdir()

    def _path(self, place: Place) -> Path:
        return self._folder / place.site / place.box / place.event_id / place.name


def _key(place: Place) -> tuple[str, str, str, str]:
    return (place.event_id, place.name, place.site, place.box)
