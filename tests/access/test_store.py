import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from edgeguard.access import CardClaim, Directory, Doorkeeper, PlateClaim, Reason
from edgeguard.access.keys import Keys, new_key, read_key, write_key
from edgeguard.access.store import new_key_file
from edgeguard.errors import DirectoryError
from tests.support.directories import START, act, at, directory, enrol, files, person, vehicle


def test_the_key_is_made_at_first_use_for_its_owner_only(tmp_path: Path) -> None:
    with directory(tmp_path):
        assert (tmp_path / "access.key").stat().st_mode & 0o777 == 0o600
        assert (tmp_path / "access.sqlite3").stat().st_mode & 0o777 == 0o600


def test_what_was_put_in_is_there_after_a_start(tmp_path: Path) -> None:
    with directory(tmp_path) as box:
        box.people.put(person(label="flat 12"), act())
        template = enrol(box, "p-2")
    with directory(tmp_path) as box:
        assert box.people.get("p-1").label == "flat 12"
        np.testing.assert_array_equal(box.faces.of("p-2", at())[0].vector, template.vector)


def test_a_stolen_file_tells_nothing_and_matches_nothing(tmp_path: Path) -> None:
    home, thief = tmp_path / "home", tmp_path / "thief"
    with directory(home) as box:
        template = enrol(box, "p-1")
        box.people.put(person("p-1", label="张三"), act())
        box.credentials.add_card("p-1", "0012345678", act())
        box.credentials.set_pin("p-1", "1203", "582914", act())
        box.vehicles.put(vehicle("粤B12345"), act())
    thief.mkdir()
    (thief / "access.sqlite3").write_bytes((home / "access.sqlite3").read_bytes())
    for secret in (
        template.vector.tobytes(),
        "张三".encode(),
        b"0012345678",
        b"582914",
        b"1203",
        "粤B12345".encode(),
        b"B12345",
    ):
        assert secret not in files(home)
    with (
        pytest.raises(DirectoryError, match="No such file or directory, accepted: a file of 64 hex digits"),
        directory(thief),
    ):
        pass
    write_key(thief / "access.key", new_key())
    with (
        pytest.raises(
            DirectoryError, match=r"was made with another key than the one in .*access\.key; nothing was read"
        ),
        directory(thief),
    ):
        pass


def test_a_template_opens_only_for_its_person_its_box_and_its_model(tmp_path: Path) -> None:
    with directory(tmp_path) as box:
        enrol(box, "p-1")
        enrol(box, "p-2")
        for change in ("ref = 'p-2' WHERE ref = 'p-1'", f"model = '{'c' * 64}' WHERE ref = 'p-2'"):
            with box.store.writing() as tx:
                tx.execute("SAVEPOINT before")
                tx.execute(f"UPDATE face SET {change}")
                with pytest.raises(
                    DirectoryError, match="a sealed entry does not open: another key, or it was changed or moved"
                ):
                    box.faces.all(at())
                tx.execute("ROLLBACK TO before")
        assert len(box.faces.all(at())) == 2


def test_the_database_of_another_box_is_refused(tmp_path: Path) -> None:
    with directory(tmp_path):
        pass
    with (
        pytest.raises(DirectoryError, match="belongs to box demo/box-1, this is demo/box-2"),
        directory(tmp_path, box="box-2"),
    ):
        pass


@pytest.mark.parametrize(
    ("text", "mode", "message"),
    [
        ("ab" * 32, 0o644, r"has mode 0644, accepted: a file of 64 hex digits with mode 0600 \(chmod 600 "),
        ("ab" * 31, 0o600, "31 bytes, accepted: a file of 64 hex digits"),
        ("secret", 0o600, "6 bytes that are no hex digits"),
        ("", 0o600, "0 bytes, accepted"),
    ],
)
def test_a_key_file_that_is_none_is_told(tmp_path: Path, text: str, mode: int, message: str) -> None:
    path = tmp_path / "access.key"
    path.write_text(text)
    path.chmod(mode)
    with pytest.raises(DirectoryError, match=message) as told:
        read_key(path)
    assert text == "" or text not in str(told.value)


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    write_key(tmp_path / "k", new_key())
    with pytest.raises(DirectoryError, match="cannot be made"):
        write_key(tmp_path / "k", new_key())


def test_a_damaged_file_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    with directory(tmp_path) as box:
        enrol(box, "p-1")
    damaged = bytearray((tmp_path / "access.sqlite3").read_bytes())
    damaged[:100] = os.urandom(100)
    (tmp_path / "access.sqlite3").write_bytes(damaged)
    with (
        pytest.raises(DirectoryError, match="cannot be opened: file is not a database; restore it or move it away"),
        directory(tmp_path),
    ):
        pass
    assert (tmp_path / "access.sqlite3").read_bytes() == bytes(damaged)


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    with directory(tmp_path):
        pass
    connection = sqlite3.connect(tmp_path / "access.sqlite3")
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(DirectoryError, match="has schema version 99, accepted: 1"), directory(tmp_path):
        pass


def fill(box: Directory) -> None:
    enrol(box, "p-1")
    box.people.put(person("p-1", label="flat 12"), act())
    box.credentials.add_card("p-1", "00112233", act())
    box.credentials.set_pin("p-1", "1203", "582914", act())
    box.vehicles.put(vehicle(), act())
    box.anchors.drop(START)


def same_as_filled(box: Directory) -> None:
    keeper = Doorkeeper(box)
    assert box.people.get("p-1").label == "flat 12"
    assert len(box.faces.all(at())) == 1
    assert box.credentials.cards("p-1") == ["00112233"]
    assert box.credentials.try_pin("1203", "582914", "north", at()).ref == "p-1"
    assert keeper.decide(CardClaim("00112233"), at(), "north").reason is Reason.LISTED
    assert keeper.decide(PlateClaim("粤B12345", votes=2), at(), "north").reason is Reason.LISTED
    assert box.anchors.verify().whole


def test_everything_goes_under_a_new_key(tmp_path: Path) -> None:
    with directory(tmp_path) as box:
        fill(box)
        old = (tmp_path / "access.key").read_bytes()
        box.rekey(act())
        same_as_filled(box)
    with directory(tmp_path) as box:
        same_as_filled(box)
    (tmp_path / "access.key").write_bytes(old)
    with pytest.raises(DirectoryError, match="another key"), directory(tmp_path):
        pass


def test_a_running_box_takes_the_new_key_that_a_command_made(tmp_path: Path) -> None:
    with directory(tmp_path) as running:
        fill(running)
        with directory(tmp_path) as command:
            command.rekey(act())
        same_as_filled(running)


def test_a_change_of_the_key_cut_short_after_its_commit_is_finished_at_the_next_start(tmp_path: Path) -> None:
    with directory(tmp_path) as box:
        fill(box)
        old = (tmp_path / "access.key").read_bytes()
        box.rekey(act())
    key = tmp_path / "access.key"
    key.rename(new_key_file(key))
    key.write_bytes(old)
    key.chmod(0o600)
    with directory(tmp_path) as box:
        same_as_filled(box)
    assert not new_key_file(key).exists()


def test_a_change_of_the_key_cut_short_before_its_commit_leaves_the_old_one(tmp_path: Path) -> None:
    with directory(tmp_path) as box:
        fill(box)
    write_key(new_key_file(tmp_path / "access.key"), new_key())
    with directory(tmp_path) as box:
        same_as_filled(box)
        box.rekey(act())
        same_as_filled(box)


def half_a_change(box: Directory) -> None:
    with box.store.writing() as tx:
        box.people.put(person(), act())
        tx.execute("SELECT * FROM nobody")


def test_what_fails_half_way_changes_nothing(box: Directory) -> None:
    with pytest.raises(DirectoryError, match="no such table"):
        half_a_change(box)
    assert box.people.count() == 0
    assert box.trail() == []


def test_keys_of_two_directories_have_nothing_in_common() -> None:
    one, other = Keys(new_key()), Keys(new_key())
    assert one.digest("card", "1") != other.digest("card", "1")
    assert one.digest("card", "1") != one.digest("plate", "1")
    with pytest.raises(DirectoryError):
        other.open(one.seal(b"x", "about"), "about")
