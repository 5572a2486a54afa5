"""A database of the last release is opened, with all that is in it; one of a later program is left alone."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edgeguard.center.config import RetentionConfig
from edgeguard.center.database import Database
from edgeguard.center.hub import CardChanged
from edgeguard.center.intake import Received
from edgeguard.center.schema import CREATE, SCHEMA_VERSION
from edgeguard.center.sequence import Hole
from edgeguard.center.sqlite_store import SqliteStore
from edgeguard.contract import Event, Tail
from edgeguard.contract.base import rfc3339
from edgeguard.errors import StoreError
from edgeguard.types import Phase
from tests.center.support import Box

NOW = datetime.now(UTC)
# A card as version 1 stored it: without the fields that came later.
LATER_FIELDS = {"pictures", "clip", "talks"}


def row_of(event: Event) -> tuple[object, ...]:
    data = event.data
    return (event.site, event.box, event.id, event.subject, data.rev, data.seq, rfc3339(NOW), event.to_json())


def release_1(path: Path, events: list[Event], card: str | None = None) -> None:
    """A file as the last release left it."""
    path.parent.mkdir(parents=True)
    with closing(sqlite3.connect(path)) as database:
        database.executescript(f"{CREATE} PRAGMA user_version=1;")
        database.execute("PRAGMA journal_mode=WAL")
        database.executemany("INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(row_of, events))
        for event in events[:1]:
            key = (event.subject, event.site, event.box, event.data.code, rfc3339(event.time), 1, card)
            database.execute("INSERT INTO episode VALUES (?, ?, ?, ?, ?, ?, ?)", key)
            database.execute("INSERT INTO box VALUES ('riverside', 'box-1', NULL, NULL, ?)", (rfc3339(NOW),))
        database.commit()


def columns(path: Path) -> set[tuple[object, ...]]:
    """Every table's and index's name with its columns."""
    with closing(sqlite3.connect(path)) as database:
        found = database.execute(
            'SELECT schema.name, column.name, column.type, column.pk, column."notnull" FROM sqlite_schema AS schema,'
            " pragma_table_xinfo(schema.name) AS column"
        )
        return set(found.fetchall())


def store_of(database: Database) -> SqliteStore:
    return SqliteStore(database, RetentionConfig(), late_after_s=600)


def opened(path: Path) -> Database:
    """Raises StoreError, and lets go of the file then."""
    database = Database(path)
    database.open()
    return database


def with_seq(box: Box, *seqs: int) -> list[Event]:
    events = []
    for seq in seqs:
        box._seq = seq - 1
        events.append(box.event(Phase.NEW))
    return events


def test_the_empty_database_of_release_1_becomes_a_new_one(tmp_path: Path) -> None:
    old, new = tmp_path / "old" / "center.sqlite3", tmp_path / "new" / "center.sqlite3"
    release_1(old, [])
    for path in (old, new):
        opened(path).close()
    assert columns(old) == columns(new)
    with closing(sqlite3.connect(old)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_cards_of_release_1_are_read_and_go_on(tmp_path: Path) -> None:
    path = tmp_path / "data" / "center.sqlite3"
    box = Box(0)
    event = box.event(Phase.NEW, reason="confirmed")
    fresh = opened(tmp_path / "other" / "center.sqlite3")
    told = Received("eg1/riverside/box-1/event/lift", event.to_json(), NOW)
    change = store_of(fresh).take([told])[0]
    fresh.close()
    assert isinstance(change, CardChanged)
    release_1(path, [event], change.card.model_dump_json(exclude=LATER_FIELDS))
    database = opened(path)
    store = store_of(database)
    assert store.board() == [change.card]
    # What the broker repeats is known; the episode goes on.
    assert [c for c in store.take([told]) if isinstance(c, CardChanged)] == []
    end = box.event(Phase.END, event.subject, end_reason="cleared")
    store.take([Received("eg1/riverside/box-1/event/lift", end.to_json(), NOW)])
    card = store.card(event.subject)
    assert card is not None
    assert (card.state, store.holes(), [known.box for known in store.boxes()]) == ("ended", [], ["box-1"])
    database.close()


@pytest.mark.parametrize(
    ("seqs", "holes"),
    [
        ([7], []),
        ([7, 8, 9], []),
        ([9, 7, 8], []),
        ([7, 9], [(8, 8)]),
        ([1, 2, 5, 6, 10], [(3, 4), (7, 9)]),
        ([5, 5, 7], [(6, 6)]),
    ],
)
def test_what_had_come_is_counted(tmp_path: Path, seqs: list[int], holes: list[tuple[int, int]]) -> None:
    path = tmp_path / "data" / "center.sqlite3"
    release_1(path, with_seq(Box(0), *seqs), "{}")
    database = opened(path)
    store = store_of(database)
    assert store.holes() == [Hole("riverside", "box-1", first, last) for first, last in holes]
    tail = Tail(seq=max(seqs) + 2)
    store.take([Received("eg1/riverside/box-1/tail", tail.to_json(), NOW)])
    assert store.holes()[-1] == Hole("riverside", "box-1", max(seqs) + 1, max(seqs) + 2)
    database.close()


def test_a_step_that_fails_leaves_the_old_database(tmp_path: Path) -> None:
    path = tmp_path / "data" / "center.sqlite3"
    release_1(path, [])
    with closing(sqlite3.connect(path)) as database:
        database.execute("CREATE TABLE seq_range (in_the_way TEXT)")
    before = columns(path)
    with pytest.raises(StoreError, match="cannot be opened"):
        opened(path)
    assert columns(path) == before
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (1,)
        database.execute("DROP TABLE seq_range")
    opened(path).close()


def test_a_later_programs_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "center.sqlite3"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA user_version=99")
    with pytest.raises(StoreError, match=f"has schema 99, this program knows schemas up to {SCHEMA_VERSION}"):
        opened(path)


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"\0" * 4096])
def test_a_file_that_is_no_database(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "center.sqlite3"
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"center\.sqlite3"):
        opened(path)
    assert path.read_bytes() == content
