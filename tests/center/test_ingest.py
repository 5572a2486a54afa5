"""Ingest: acknowledged after it is durable, kept while the disk is not there, told to the hub."""

import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from edgeguard.center.config import RetentionConfig
from edgeguard.center.database import Database
from edgeguard.center.hub import Hub
from edgeguard.center.ingest import Ingest
from edgeguard.center.intake import Received
from edgeguard.center.sqlite_store import SqliteStore
from edgeguard.types import Phase
from tests.center.support import Box
from tests.support.mosquitto import wait_for


class Acknowledged:
    """Notes what was acknowledged, and how much of it the store held at that moment."""

    def __init__(self, store: SqliteStore) -> None:
        self.mids: list[int] = []
        self.durable: list[int] = []
        self._store = store

    def __call__(self, messages: Sequence[Received]) -> None:
        self.mids += [message.mid for message in messages]
        self.durable.append(len(self._store.board()))


def received(box: Box, mid: int) -> Received:
    event = box.event(Phase.NEW)
    return Received(f"eg1/riverside/{box.name}/event/lift", event.to_json(), datetime.now(UTC), mid, 1)


def test_acknowledged_only_when_durable_and_all_of_it(data_dir: Path) -> None:
    database = Database(data_dir / "center.sqlite3")
    store = SqliteStore(database, RetentionConfig(), 600)
    acknowledged = Acknowledged(store)
    ingest = Ingest(store, Hub(), acknowledged)
    box = Box(0)
    ingest.start()
    for mid in range(5):
        ingest.put(received(box, mid))
    # The database is not there yet: as with a full disk, nothing may be acknowledged.
    assert not threading.Event().wait(0.3)
    assert acknowledged.mids == []
    database.open()
    wait_for(lambda: len(acknowledged.mids) == 5, "five acknowledgements")
    ingest.put(received(box, 5))
    ingest.stop()
    assert acknowledged.mids == [0, 1, 2, 3, 4, 5]
    assert acknowledged.durable[-1] == 6
    database.close()


def test_stop_does_not_wait_for_a_disk_that_stays_away(data_dir: Path) -> None:
    store = SqliteStore(Database(data_dir / "center.sqlite3"), RetentionConfig(), 600)
    acknowledged = Acknowledged(store)
    ingest = Ingest(store, Hub(), acknowledged)
    ingest.start()
    ingest.put(received(Box(0), 1))
    ingest.stop()
    assert acknowledged.mids == []
