import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from edgeguard.agent.evidence_config import MEGABYTE, EvidenceConfig
from edgeguard.agent.evidence_index import EvidenceIndex, ItemState
from edgeguard.agent.evidence_store import EvidenceStore
from tests.support.events import ManualClock

DAY_S = 86_400.0
UPLOAD = {"url": "https://center", "token_env": "T"}


@dataclass
class Disk:
    """How much is free, and which episodes are open."""

    free_bytes: int = 10**12
    open_ids: set[str] = field(default_factory=set)
    clock: ManualClock = field(default_factory=ManualClock)


@contextmanager
def opened(folder: Path, disk: Disk, **settings: Any) -> Iterator[EvidenceStore]:
    index = EvidenceIndex(folder / "evidence.sqlite3")
    yield EvidenceStore(
        folder / "evidence",
        index,
        EvidenceConfig.model_validate(settings),
        spared=lambda: disk.open_ids,
        utcnow=disk.clock,
        free_bytes=lambda _: disk.free_bytes,
    )
    index.close()


@pytest.fixture
def disk() -> Disk:
    return Disk()


def states(store: EvidenceStore, event_id: str) -> dict[str, ItemState]:
    return {item.name: item.state for item in store.items(event_id)}


def on_disk(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder / "evidence")) for path in (folder / "evidence").rglob("*.*"))


def test_an_empty_store(tmp_path: Path, disk: Disk) -> None:
    with opened(tmp_path, disk) as store:
        store.tidy()
        assert store.items("A") == []
        assert store.next_parcel() is None
        assert (store.stats().files, store.stats().size_bytes, store.stats().dropped) == (0, 0, {})


def test_what_is_kept_is_whole_and_known_after_a_restart(tmp_path: Path, disk: Disk) -> None:
    with opened(tmp_path, disk) as store:
        assert store.keep("A", "clip.mp4", b"clip", "starts 1.0 s late")
    with opened(tmp_path, disk) as store:
        store.tidy()
        [item] = store.items("A")
        assert store.path_of(item).read_bytes() == b"clip"
    assert (item.state, item.size_bytes, item.note) == (ItemState.KEPT, 4, "starts 1.0 s late")
    assert item.sha256 == hashlib.sha256(b"clip").hexdigest()
    assert on_disk(tmp_path) == ["A/clip.mp4"]


def test_a_restart_clears_halves_and_takes_back_what_has_no_record(tmp_path: Path, disk: Disk) -> None:
    with opened(tmp_path, disk) as store:
        for name in ("clip.mp4", "after.jpg"):
            store.promise("A", name)
        store.keep("A", "gone.jpg", b"gone")
    (tmp_path / "evidence" / "A" / "gone.jpg").unlink()
    (tmp_path / "evidence" / "A" / "clip.mp4").write_bytes(b"whole")
    (tmp_path / "evidence" / "A" / "after.jpg.part").write_bytes(b"half")
    (tmp_path / "evidence" / "B").mkdir()
    (tmp_path / "evidence" / "B" / "at.jpg").write_bytes(b"whole")
    with opened(tmp_path, disk) as store:
        store.tidy()
        assert states(store, "A") == {
            "clip.mp4": ItemState.KEPT,
            "after.jpg": ItemState.MISSING,
            "gone.jpg": ItemState.DROPPED,
        }
        assert states(store, "B") == {"at.jpg": ItemState.KEPT}
        assert store.items("A")[0].note == "the box stopped before it was made"
    assert on_disk(tmp_path) == ["A/clip.mp4", "B/at.jpg"]


@pytest.mark.parametrize("damage", [b"not a database" * 1000, b""])
def test_a_damaged_index_is_made_anew_from_the_files(tmp_path: Path, disk: Disk, damage: bytes) -> None:
    with opened(tmp_path, disk) as store:
        store.keep("A", "clip.mp4", b"clip")
    (tmp_path / "evidence.sqlite3").write_bytes(damage)
    with opened(tmp_path, disk) as store:
        store.tidy()
        assert states(store, "A") == {"clip.mp4": ItemState.KEPT}


def test_an_index_that_cannot_be_written_lives_in_memory(
    tmp_path: Path, disk: Disk, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "evidence.sqlite3").mkdir()
    with opened(tmp_path, disk) as store:
        assert store.keep("A", "clip.mp4", b"clip")
    assert "lives in memory" in caplog.text


def test_age_takes_the_oldest_and_never_an_open_episode(tmp_path: Path, disk: Disk) -> None:
    disk.open_ids.add("open")
    with opened(tmp_path, disk, keep_days=10) as store:
        for event_id in ("old", "open"):
            store.keep(event_id, "clip.mp4", b"clip")
        disk.clock.move(11 * DAY_S)
        store.keep("new", "clip.mp4", b"clip")
        store.sweep()
        assert on_disk(tmp_path) == ["new/clip.mp4", "open/clip.mp4"]
        assert store.items("old") == []
        assert store.stats().dropped == {"age": 1}


def test_what_somebody_has_a_right_to_have_deleted_goes_at_once(tmp_path: Path, disk: Disk) -> None:
    disk.open_ids.add("theirs")
    with opened(tmp_path, disk) as store:
        for event_id in ("theirs", "anothers"):
            store.keep(event_id, "at.jpg", b"face")
        store.promise("theirs", "clip.mp4")
        store.forget(["theirs", "nobodys"])
        assert on_disk(tmp_path) == ["anothers/at.jpg"]
        assert states(store, "theirs") == {"at.jpg": ItemState.DROPPED, "clip.mp4": ItemState.PROMISED}


def test_the_quota_takes_the_oldest_first(tmp_path: Path, disk: Disk) -> None:
    disk.open_ids.add("b")
    with opened(tmp_path, disk, quota_mb=1) as store:
        for event_id in "abcd":
            assert store.keep(event_id, "clip.mp4", bytes(MEGABYTE // 3))
            disk.clock.move(1)
        assert on_disk(tmp_path) == ["b/clip.mp4", "c/clip.mp4", "d/clip.mp4"]
        assert states(store, "a") == {"clip.mp4": ItemState.DROPPED}
        assert not store.keep("e", "clip.mp4", bytes(MEGABYTE + 1))
        # It tried: all that is not of an open episode had to go for it.
        assert on_disk(tmp_path) == ["b/clip.mp4"]
        assert store.stats().dropped == {"room": 3, "no_room": 1}


def test_a_large_file_takes_the_room_of_many_small_ones_and_of_no_open_episode(tmp_path: Path, disk: Disk) -> None:
    old = [f"open-{number:02d}" for number in range(10)]
    disk.open_ids.update(old)
    with opened(tmp_path, disk, quota_mb=1) as store:
        for number in range(90):
            event_id = old[number] if number < len(old) else f"e-{number:02d}"
            assert store.keep(event_id, "at.jpg", bytes(10_000))
            disk.clock.move(1)
        assert store.keep("large", "clip.mp4", bytes(700_000))
        kept = on_disk(tmp_path)
        assert {f"{event_id}/at.jpg" for event_id in old} <= set(kept)
        assert "e-89/at.jpg" in kept
        assert "e-10/at.jpg" not in kept
        stats = store.stats()
        assert (stats.files, stats.waiting) == (len(kept), 0)
        assert 900_000 < stats.size_bytes <= MEGABYTE
        assert stats.dropped == {"room": 91 - len(kept)}


def test_below_the_floor_evidence_goes_and_none_comes(tmp_path: Path, disk: Disk) -> None:
    with opened(tmp_path, disk, reserve_mb=100, upload_clips=True, upload=UPLOAD) as store:
        store.keep("a", "clip.mp4", b"clip")
        store.keep("a", "at.jpg", b"jpeg")
        disk.free_bytes = 99 * MEGABYTE
        store.sweep()
        assert on_disk(tmp_path) == []
        assert not store.keep("b", "clip.mp4", b"clip")
        assert [item.note for item in store.items("b")] == ["not kept: no_room"]
        # Counted over restarts, what was not uploaded yet by itself.
        assert store.stats().dropped == {"unsent": 1, "room": 1, "no_room": 1}
        disk.free_bytes = 101 * MEGABYTE
        assert store.keep("c", "clip.mp4", b"clip")


@pytest.mark.parametrize(
    ("settings", "waiting"),
    [
        ({}, []),
        ({"upload_clips": True, "upload": UPLOAD}, ["clip.mp4"]),
        ({"upload_pictures": True, "upload": UPLOAD}, ["at.jpg"]),
    ],
)
def test_only_what_a_site_chose_leaves_the_box(
    tmp_path: Path, disk: Disk, settings: dict[str, Any], waiting: list[str]
) -> None:
    with opened(tmp_path, disk, **settings) as store:
        for name in ("clip.mp4", "at.jpg"):
            store.keep("A", name, b"data")
        assert [item.name for item in store.items("A") if item.state is ItemState.WAITING] == waiting
        assert store.stats().waiting == len(waiting)


def test_uploads_are_remembered_and_failing_ones_stand_behind(tmp_path: Path, disk: Disk) -> None:
    settings = {"upload_clips": True, "upload": UPLOAD}
    with opened(tmp_path, disk, **settings) as store:
        for event_id in ("old", "new"):
            store.keep(event_id, "clip.mp4", b"clip")
            disk.clock.move(1)
        first = store.next_parcel()
        assert first is not None
        assert (first.event_id, first.kind, first.media_type, first.size_bytes) == ("new", "clip", "video/mp4", 4)
        store.settle(first, ItemState.WAITING)
    with opened(tmp_path, disk, **settings) as store:
        second = store.next_parcel()
        assert second is not None
        assert second.event_id == "old"
        store.settle(second, ItemState.REFUSED, "413 too large")
        store.settle(first, ItemState.SENT)
        assert store.next_parcel() is None
        assert [item.note for item in store.items("old")] == ["413 too large"]
        assert states(store, "new") == {"clip.mp4": ItemState.SENT}
        assert on_disk(tmp_path) == ["new/clip.mp4", "old/clip.mp4"]


def test_what_had_to_go_is_not_uploaded(tmp_path: Path, disk: Disk) -> None:
    with opened(tmp_path, disk, upload_clips=True, upload=UPLOAD) as store:
        store.keep("A", "clip.mp4", b"clip")
        parcel = store.next_parcel()
        assert parcel is not None
        parcel.path.unlink()
        assert store.next_parcel() is None
        store.settle(parcel, ItemState.SENT)
        assert states(store, "A") == {"clip.mp4": ItemState.DROPPED}


ON_A_FULL_DISK = """
import pathlib, sys
from tests.agent.test_evidence_store import fill_up
fill_up(pathlib.Path(sys.argv[1]), blind=sys.argv[2] == "True")
"""


# A disk of 24 MB, seen by one process alone. In a chroot, where no user may have a namespace, root goes another way.
ON_A_SMALL_DISK = """
small='mount -t tmpfs -o size=24m none "$1" && "$2" -c "$3" "$1" "$4"; status=$?; umount "$1"; exit $status'
if unshare --user --map-root-user --mount true 2>/dev/null
then exec unshare --user --map-root-user --mount sh -c "$small" sh "$@"
else exec unshare --mount --propagation unchanged sh -c "$small" sh "$@"
fi
"""


def fill_up(folder: Path, *, blind: bool) -> None:
    """Clips of open episodes until nothing fits any more; `blind`: nobody says how full the disk is."""
    from edgeguard.journal import Journal  # noqa: PLC0415 - in the other process only
    from tests.support.events import draft, episode_id  # noqa: PLC0415

    index, open_ids = EvidenceIndex(folder / "evidence.sqlite3"), set[str]()
    measure = {"free_bytes": lambda _: 10**12} if blind else {}
    config = EvidenceConfig(reserve_mb=8)
    store = EvidenceStore(folder / "evidence", index, config, spared=lambda: open_ids, utcnow=ManualClock(), **measure)
    with Journal(folder / "journal.sqlite3", "s1", "b1") as journal:
        for _ in range(30):
            event_id = episode_id()
            open_ids.add(event_id)
            kept = store.keep(event_id, "clip.mp4", os.urandom(1_000_000))
            print("kept" if kept else "dropped", 0 if blind else journal.record(draft(event_id)).data.seq)
    print(len(list(folder.rglob("*.part"))), store.stats().dropped)


@pytest.mark.parametrize(("blind", "reason"), [(False, "no_room"), (True, "disk_error")])
def test_a_full_disk_costs_evidence_and_no_event(tmp_path: Path, blind: bool, reason: str) -> None:
    words = (str(tmp_path), sys.executable, ON_A_FULL_DISK, str(blind))
    command = ["sh", "-c", ON_A_SMALL_DISK, "sh", *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    *told, last = done.stdout.splitlines()
    kept = [line.startswith("kept") for line in told]
    assert kept == sorted(kept, reverse=True)
    assert 5 < sum(kept) < 24
    assert last == f"0 {{'{reason}': {30 - sum(kept)}}}"
    if not blind:
        assert [int(line.split()[1]) for line in told] == list(range(1, 31))


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"upload_clips": True}, "upload: {url, token_env}"),
        ({"upload": UPLOAD}, "upload_clips: true"),
        ({"before_s": -1}, "before_s"),
        ({"keep_days": 0}, "keep_days"),
        ({"reserve_mb": 7}, "reserve_mb"),
        ({"keep_day": 1}, "keep_day"),
    ],
)
def test_refuses_what_does_not_fit(settings: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        EvidenceConfig.model_validate(settings)


def test_files_of_the_upload_lie_beside_the_site_file() -> None:
    config = EvidenceConfig.model_validate(
        {"upload_clips": True, "upload": {"url": "https://c", "token_file": "token", "ca": "/etc/ca.pem"}}
    ).placed(Path("/site"))
    assert config.upload is not None
    assert (config.upload.token_file, config.upload.ca) == (Path("/site/token"), Path("/etc/ca.pem"))
    assert EvidenceConfig().placed(Path("/site")).upload is None
