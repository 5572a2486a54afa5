import sqlite3
from collections.abc import Iterator

import pytest

from edgeguard import audit


@pytest.fixture
def trail() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(audit.CREATE)
    for number in range(1, 11):
        audit.append(
            connection, f"2026-01-{number:02d}T00:00:00.000Z", "who", "action", f"subject-{number % 2}", "detail"
        )
    yield connection
    connection.close()


def test_a_trail_that_nobody_touched_holds(trail: sqlite3.Connection) -> None:
    found = audit.verify(trail)
    assert (found.rows, found.broken_at) == (10, None)
    assert found.head == audit.head(trail)


def test_the_newest_row_comes_first_and_a_subject_has_its_own(trail: sqlite3.Connection) -> None:
    assert [row.id for row in audit.rows(trail, limit=2)] == [10, 9]
    assert [row.id for row in audit.rows(trail, "subject-1")] == [9, 7, 5, 3, 1]


@pytest.mark.parametrize(
    "change",
    [
        *(
            f"UPDATE audit SET {column} = {column} || ' ' WHERE id = 4"
            for column in ("at", "who", "action", "subject", "detail")
        ),
        "UPDATE audit SET hash = zeroblob(32) WHERE id = 4",
        "UPDATE audit SET id = 40 WHERE id = 4",
        "DELETE FROM audit WHERE id = 4",
        "UPDATE audit SET who = action, action = who WHERE id = 4",
    ],
)
def test_a_changed_row_is_found(trail: sqlite3.Connection, change: str) -> None:
    trail.execute(change)
    assert audit.verify(trail).broken_at in {4, 5}


def test_a_missing_end_is_found_by_an_anchor(trail: sqlite3.Connection) -> None:
    anchor = audit.head(trail)
    trail.execute("DELETE FROM audit WHERE id > 8")
    assert audit.verify(trail).broken_at is None
    assert not audit.holds(trail, anchor)


def test_a_trail_written_anew_is_found_by_an_anchor(trail: sqlite3.Connection) -> None:
    anchor = audit.head(trail)
    trail.execute("DELETE FROM audit WHERE id > 3")
    for _ in range(7):
        audit.append(trail, "2026-01-01T00:00:00.000Z", "who", "another", "", "")
    assert audit.verify(trail).broken_at is None
    assert not audit.holds(trail, anchor)


def test_old_rows_are_given_up_and_the_rest_holds(trail: sqlite3.Connection) -> None:
    old, young = audit.Head(2, b"?"), audit.head(trail)
    assert audit.prune(trail, "2026-01-05") == 4
    assert audit.prune(trail, "2026-01-05") == 0
    assert audit.verify(trail).rows == 6
    assert audit.holds(trail, old)
    assert audit.holds(trail, young)
    assert audit.prune(trail, "2027") == 6
    audit.append(trail, "2027-01-01T00:00:00.000Z", "who", "action", "", "")
    assert (audit.head(trail).id, audit.verify(trail).broken_at) == (11, None)


def test_rows_are_given_up_from_the_first_on_only(trail: sqlite3.Connection) -> None:
    audit.append(trail, "2025-01-01T00:00:00.000Z", "who", "a clock set back", "", "")
    assert audit.prune(trail, "2026-01-03") == 2
    assert audit.verify(trail).broken_at is None
