"""The evidence on the box's disk: whole files only, within its quota, and never in the way of an event."""

import hashlib
import logging
import shutil
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from edgeguard.agent.evidence_config import MEGABYTE, EvidenceConfig
from edgeguard.agent.evidence_index import ON_DISK, EvidenceIndex, Item, ItemState
from edgeguard.durable import HALF, sync_folder, write_durably
from edgeguard.errors import EvidenceError
from edgeguard.uplink.upload import Parcel

log = logging.getLogger(__name__)

CLIP = "clip.mp4"
# Before, at, after, and the clip.
FILES_PER_EPISODE = 4
# So many files are looked at in one go where room is needed.
BATCH = 32
MEDIA_TYPES = {".mp4": "video/mp4", ".jpg": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class EvidenceStats:
    """What lies there now; `dropped` counts files by reason over the box's life."""

    files: int
    size_bytes: int
    waiting: int
    dropped: dict[str, int]


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


class EvidenceStore:
    """`folder/{event id}/{name}` and its index. `spared` names the episodes whose evidence must stay: the open ones."""

    def __init__(
        self,
        folder: Path,
        index: EvidenceIndex,
        config: EvidenceConfig,
        *,
        spared: Callable[[], Collection[str]],
        utcnow: Callable[[], datetime],
        free_bytes: Callable[[Path], int] = _free_bytes,
    ) -> None:
        self._folder = folder
        self._index = index
        self._config = config
        self._spared = spared
        self._utcnow = utcnow
        self._free_bytes = free_bytes

    def tidy(self) -> None:
        """After a start: halves go, whole files without a row come back into the index, promises are settled."""
        for path in self._files():
            if path.suffix == HALF:
                path.unlink(missing_ok=True)
            elif path.suffix in MEDIA_TYPES and self._lacks(path):
                self._take_back(path)
        for item in self._index.promised():
            self.miss(item.event_id, item.name, "the box stopped before it was made")
        for item in self._index.on_disk():
            if not self.path_of(item).is_file():
                self._index.put(replace(item, state=ItemState.DROPPED, note="its file is gone"))
        self.sweep()

    def promise(self, event_id: str, name: str) -> None:
        """Note that there will be a file; should the box stop before, its absence is explained."""
        self._index.put(Item(event_id, name, ItemState.PROMISED, self._now_s()))

    def keep(self, event_id: str, name: str, data: bytes, note: str = "") -> bool:
        """Write a file, whole or not at all, also when the power goes; False when there is no room for it."""
        if not self._make_room(len(data)):
            return self._dropped(event_id, name, "no_room")
        path = self._folder / event_id / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_durably(path, data)
            sync_folder(path.parent.parent)
        except OSError as error:
            log.error("%s of %s not kept: %s", name, event_id, error.strerror)  # noqa: TRY400 - one line is enough
            return self._dropped(event_id, name, "disk_error")
        self._index.put(
            Item(
                event_id, name, self._wanted(name), self._now_s(), len(data), hashlib.sha256(data).hexdigest(), 0, note
            )
        )
        return True

    def miss(self, event_id: str, name: str, why: str) -> None:
        """Note that there is none."""
        self._index.put(Item(event_id, name, ItemState.MISSING, self._now_s(), note=why))

    def sweep(self) -> None:
        """Delete what is too old, then what is too much, oldest first; never of an open episode."""
        oldest_s = self._now_s() - timedelta(days=self._config.keep_days).total_seconds()
        spared = self._spared()
        for item in self._index.on_disk(before_s=oldest_s):
            if item.event_id not in spared:
                self._drop(item, "age")
        self._make_room(0)
        self._index.forget(oldest_s)

    def forget(self, event_ids: Collection[str]) -> None:
        """Delete what there is of these episodes, whoever spares them: somebody has a right to it."""
        for event_id in event_ids:
            for item in self._index.of_event(event_id):
                if item.state in ON_DISK:
                    self._drop(item, "erased")

    def items(self, event_id: str) -> list[Item]:
        """What there is of an episode, and what there is not."""
        return self._index.of_event(event_id)

    def path_of(self, item: Item) -> Path:
        return self._folder / item.event_id / item.name

    def stats(self) -> EvidenceStats:
        totals = self._index.totals()
        return EvidenceStats(totals.files, totals.size_bytes, totals.waiting, self._index.counters())

    def next_parcel(self) -> Parcel | None:
        """What to upload next."""
        item = self._index.next_waiting()
        if item is None:
            return None
        path = self.path_of(item)
        if not path.is_file():
            self._index.put(replace(item, state=ItemState.DROPPED, note="its file is gone"))
            return self.next_parcel()
        kind, media_type = "clip" if item.name == CLIP else "picture", MEDIA_TYPES[path.suffix]
        return Parcel(path, item.event_id, item.name, kind, media_type, item.sha256, item.size_bytes, item.note)

    def settle(self, parcel: Parcel, state: ItemState, note: str | None = None) -> None:
        """What became of an upload; WAITING: it will be tried again, behind the others."""
        self._index.settle(parcel.event_id, parcel.name, state, note)

    def _wanted(self, name: str) -> ItemState:
        upload = self._config.upload_clips if name == CLIP else self._config.upload_pictures
        return ItemState.WAITING if upload else ItemState.KEPT

    def _make_room(self, size_bytes: int) -> bool:
        """Give up the oldest until quota and disk have room for so many bytes; False when they have not."""
        while (missing := self._missing_bytes(size_bytes)) > 0:
            if not self._drop_oldest(missing):
                return False
        return True

    def _drop_oldest(self, size_bytes: int) -> bool:
        """At least so many bytes, a few files at a time; False where nothing is left to give up."""
        spared = self._spared()
        # Of thousands of files the first few are wanted, however many of them belong to open episodes.
        oldest = self._index.on_disk(limit=BATCH + FILES_PER_EPISODE * len(spared))
        droppable = [item for item in oldest if item.event_id not in spared]
        given_up = 0
        for item in droppable:
            if given_up >= size_bytes:
                break
            self._drop(item, "room")
            given_up += item.size_bytes
        return bool(droppable)

    def _missing_bytes(self, size_bytes: int) -> int:
        over_quota = self._index.totals().size_bytes + size_bytes - self._config.quota_mb * MEGABYTE
        below_floor = self._config.reserve_mb * MEGABYTE + size_bytes - self._free()
        return max(over_quota, below_floor)

    def _free(self) -> int:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            return self._free_bytes(self._folder)
        except OSError as error:
            raise EvidenceError(f"{self._folder}: {error.strerror}") from error

    def _drop(self, item: Item, reason: str) -> None:
        path = self.path_of(item)
        path.unlink(missing_ok=True)
        with suppress(OSError):  # not the last one of its episode
            path.parent.rmdir()
        unsent = item.state is ItemState.WAITING
        self._index.count("unsent" if unsent else reason)
        if unsent or reason != "age":
            log.warning("%s of %s given up for %s%s", item.name, item.event_id, reason, ", not uploaded" * unsent)
        self._index.put(replace(item, state=ItemState.DROPPED, size_bytes=0, note=f"given up: {reason}"))

    def _dropped(self, event_id: str, name: str, reason: str) -> bool:
        log.error("%s of %s not kept: %s", name, event_id, reason)
        self._index.count(reason)
        self._index.put(Item(event_id, name, ItemState.DROPPED, self._now_s(), note=f"not kept: {reason}"))
        return False

    def _files(self) -> list[Path]:
        return sorted(path for path in self._folder.glob("*/*") if path.is_file())

    def _lacks(self, path: Path) -> bool:
        item = self._index.get(path.parent.name, path.name)
        return item is None or item.state in {ItemState.PROMISED, ItemState.MISSING, ItemState.DROPPED}

    def _take_back(self, path: Path) -> None:
        try:
            data, made_s = path.read_bytes(), path.stat().st_mtime
        except OSError as error:
            raise EvidenceError(f"{path}: {error.strerror}") from error
        state, sha256 = self._wanted(path.name), hashlib.sha256(data).hexdigest()
        self._index.put(
            Item(path.parent.name, path.name, state, made_s, len(data), sha256, 0, "found without a record")
        )

    def _now_s(self) -> float:
        return self._utcnow().timestamp()
