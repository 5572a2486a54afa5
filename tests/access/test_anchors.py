from pathlib import Path

import pytest

from edgeguard.access import Directory
from edgeguard.access.anchors import EVERY_ROWS
from tests.support.directories import act, at, directory, enrol, person


def test_an_anchor_is_dropped_once_a_day_where_there_is_something_new(box: Directory) -> None:
    assert not box.anchors.drop(at())
    box.people.put(person(), act())
    assert box.anchors.drop(at())
    assert not box.anchors.drop(at(100))
    box.people.put(person("p-2"), act())
    assert not box.anchors.drop(at(23))
    assert box.anchors.drop(at(24))
    assert box.anchors.verify().anchors == 2


def test_many_rows_are_anchored_at_once(box: Directory) -> None:
    box.people.put(person(), act())
    box.anchors.drop(at())
    with box.store.writing() as tx:
        for _ in range(EVERY_ROWS):
            box.store.note(tx, act(), "action", "")
    assert box.anchors.drop(at(0.1))


def test_one_flipped_byte_anywhere_in_the_trail_is_found(tmp_path: Path) -> None:
    with directory(tmp_path) as box:
        for number in range(5):
            enrol(box, f"p-{number}")
        box.anchors.drop(at())
        rows = box.store.rows("SELECT id, at, who, action, subject, detail, hash FROM audit")
        for row, *fields in rows:
            for column, value in zip(("at", "who", "action", "subject", "detail", "hash"), fields, strict=True):
                flipped = bytes([value[0] ^ 1]) + value[1:] if column == "hash" else f"{value}"[:-1] + "~"
                with box.store.writing() as tx:
                    tx.execute("SAVEPOINT before")
                    tx.execute(f"UPDATE audit SET {column} = ? WHERE id = ?", (flipped, row))
                    assert not box.anchors.verify().whole
                    tx.execute("ROLLBACK TO before")
        assert box.anchors.verify().whole


@pytest.mark.parametrize("cut", [True, False])
def test_a_trail_cut_off_and_an_anchor_made_up_are_found(box: Directory, tmp_path: Path, cut: bool) -> None:
    enrol(box, "p-1")
    box.anchors.drop(at())
    if cut:
        with box.store.writing() as tx:
            tx.execute("DELETE FROM audit WHERE id = (SELECT max(id) FROM audit)")
    else:
        with (tmp_path / "access.anchors").open("a") as file:
            file.write(f"1 {'0' * 64} 2026-06-01T08:00:00.000Z {'0' * 32}\n")
    found = box.anchors.verify()
    assert (found.broken_at, found.torn) == (None, 3 if cut else 1)
    box.rekey(act())
    assert not box.anchors.verify().whole  # a new key washes nothing clean
