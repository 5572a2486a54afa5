"""Uploaded files over time: old ones go, open alarms keep theirs, what a crash left is swept up."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from edgeguard.center.config import EvidenceConfig, RetentionConfig
from edgeguard.center.database import Database
from edgeguard.center.evidence import EvidenceFiles, Place
from edgeguard.center.intake import Received
from edgeguard.center.sqlite_store import SqliteStore
from edgeguard.types import Phase
from tests.center.support import Box
from tests.support.events import ManualClock, episode_id

KEPT = timedelta(days=30)
JPEG = b"\xff\xd8\xff\xe0 a picture"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime.now(UTC))


@pytest.fixture
def folder(data_dir: Path) -> Path:
    return data_dir / "evidence"


@pytest.fixture
def files(database: Database, folder: Path, clock: ManualClock) -> EvidenceFiles:
    return EvidenceFiles(database, folder, EvidenceConfig(quota_gb=100 / 1024**3), clock)


def keep(files: EvidenceFiles, event_id: str, name: str = "at.jpg", *, box: str = "box-1", body: bytes = JPEG) -> Path:
    place = Place("riverside", box, event_id, name)
    draft = files.draft(place)
    draft.write(body)
    files.keep(place, draft)
    draft.drop()
    return files._path(place)


def alarm(database: Database, *, open_: bool) -> str:
    box = Box(0)
    steps = [box.event(Phase.NEW, severity="info" if not open_ else "critical")]
    if not open_:
        steps.append(box.event(Phase.END, steps[0].subject, end_reason="cleared", severity="info"))
    store = SqliteStore(database, RetentionConfig(), late_after_s=600)
    topic = "eg1/riverside/box-1/event/lift"
    store.take([Received(topic, step.to_json(), datetime.now(UTC)) for step in steps])
    card = store.card(steps[0].subject)
    assert card is not None
    assert card.open == open_
    return card.event_id


def test_empty(files: EvidenceFiles) -> None:
    assert files.prune(KEPT) == []
    assert files.find("x", "clip.mp4") is None


def test_old_ones_go_but_not_of_open_alarms(
    files: EvidenceFiles, database: Database, clock: ManualClock, folder: Path
) -> None:
    over, going_on = alarm(database, open_=False), alarm(database, open_=True)
    paths = [keep(files, over), keep(files, going_on), keep(files, episode_id())]
    clock.move(KEPT.total_seconds() - 1)
    assert files.prune(KEPT) == []
    clock.move(2)
    touched = files.prune(KEPT)
    assert over in touched
    assert going_on not in touched
    assert [path.exists() for path in paths] == [False, True, False]
    assert files.find(over, "at.jpg") is None
    assert files.find(going_on, "at.jpg") == (paths[1], "image/jpeg")
    assert [path.name for path in (folder / "riverside" / "box-1").iterdir()] == [going_on]


def test_what_a_crash_left_is_swept_up(files: EvidenceFiles, folder: Path, clock: ManualClock) -> None:
    whole = keep(files, episode_id())
    left = [whole.with_name(name) for name in (".clip.mp4.0badcafe.part", "after.jpg")]
    young = whole.with_name(".before.jpg.0badcafe.part")
    for path in (*left, young):
        path.write_bytes(JPEG)
    hours_ago = clock.at.timestamp() - 2 * 3600
    for path in (*left, whole):
        os.utime(path, (hours_ago, hours_ago))
    assert files.prune(KEPT) == []
    assert sorted(path.name for path in whole.parent.iterdir()) == sorted([whole.name, young.name])


def test_a_row_without_its_file_is_nothing(files: EvidenceFiles, database: Database) -> None:
    event_id = alarm(database, open_=True)
    keep(files, event_id).unlink()
    assert files.find(event_id, "at.jpg") is None
    assert files.sha256(Place("riverside", "box-1", event_id, "at.jpg")) is None
    path = keep(files, event_id)
    assert files.find(event_id, "at.jpg") == (path, "image/jpeg")


def test_room_is_made_by_the_box_that_holds_most(files: EvidenceFiles, clock: ManualClock) -> None:
    """A hundred bytes in all: box-2's only file is the oldest and stays."""
    first = keep(files, episode_id(), box="box-2", body=bytes(20))
    seconds = []
    for _ in range(3):
        clock.move(1)
        seconds.append(keep(files, episode_id(), body=bytes(25)))
    clock.move(1)
    last = keep(files, episode_id(), body=bytes(25))
    assert [path.exists() for path in (first, *seconds, last)] == [True, False, True, True, True]


class Hesitant(EvidenceFiles):
    """Looks how much is used, and acts on it later the later it looked."""

    looks = count()

    def _used_bytes(self) -> int:
        used = super()._used_bytes()
        time.sleep(0.02 * next(self.looks))
        return used


def test_what_has_just_come_is_not_taken_for_the_room_of_another(
    database: Database, folder: Path, clock: ManualClock
) -> None:
    files = Hesitant(database, folder, EvidenceConfig(quota_gb=100 / 1024**3), clock)
    old = keep(files, episode_id(0), body=JPEG + bytes(80))
    with ThreadPoolExecutor(4) as pool:
        new = list(pool.map(lambda number: keep(files, episode_id(number)), range(1, 5)))
    assert not old.exists()
    assert all(path.exists() for path in new)
    assert len(database.read("SELECT * FROM evidence", ())) == len(new)
