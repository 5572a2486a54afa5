"""The center's trail: a chain, also in a database that was there before, and one changed row is found."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edgeguard.center.audit import Audit, Trail
from edgeguard.center.database import Database, database_in
from edgeguard.center.schema import CREATE
from edgeguard.cli import main

NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)


def changed(folder: Path, sql: str) -> None:
    with closing(sqlite3.connect(database_in(folder))) as somebody:
        somebody.execute(sql)
        somebody.commit()


def noted(database: Database, count: int) -> None:
    for number in range(count):
        Audit(database, lambda: NOW).note("operator", "seen", f"e{number}", "")


def test_what_was_done_is_a_chain_and_a_changed_row_is_found(
    data_dir: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    noted(database, 5)
    words = ["center", "audit", "--data", str(data_dir)]
    assert main([*words, "--verify"]) == 0
    whole = capsys.readouterr().out
    assert whole.startswith("whole: 5 rows up to 5:")
    row = whole.split()[-1]
    noted(database, 1)
    assert main([*words, "--row", row]) == 0
    assert "row 5 holds" in capsys.readouterr().out
    assert main([*words, "--limit", "2"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == ["6", "5"]
    changed(data_dir, "UPDATE audit SET who = 'somebody' WHERE id = 3")
    assert main([*words, "--verify"]) == 1
    assert "BROKEN: row 3" in capsys.readouterr().out
    assert main([*words, "--row", f"5:{'0' * 64}"]) == 1
    assert "does NOT lie in the trail" in capsys.readouterr().out


def test_a_trail_of_an_earlier_release_goes_on(data_dir: Path) -> None:
    data_dir.mkdir()
    with closing(sqlite3.connect(database_in(data_dir))) as old:
        old.executescript(f"{CREATE} PRAGMA user_version=1;")
        rows = [(number,) for number in (1, 2, 7)]
        old.executemany("INSERT INTO audit VALUES (?, 'at', 'who', 'seen', 'e', '')", rows)
        old.commit()
    database = Database(database_in(data_dir))
    database.open()
    noted(database, 2)
    trail = Trail(database)
    assert [row.id for row in trail.rows(4)] == [9, 8, 7, 2]
    assert (trail.verify().rows, trail.verify().broken_at) == (2, None)
    database.close()
