"""`edgeguard center box-token`: make, list, revoke; also where no center has run yet."""

from pathlib import Path

import pytest

from edgeguard.center.tokens import PREFIX
from edgeguard.cli import main


def told(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> str:
    assert main(["center", *words]) == status
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_make_list_replace_revoke(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ("--data", str(tmp_path / "new"))
    assert told(capsys, "box-token", *place) == ""
    first = told(capsys, "box-token", "riverside/box-1", *place)
    second = told(capsys, *place, "box-token", "riverside/box-1")
    assert first != second
    assert all(line.startswith(PREFIX) and line.count("\n") == 1 for line in (first, second))
    listed = told(capsys, "box-token", *place)
    assert listed.startswith("riverside/box-1  made ")
    assert "never used" in listed
    assert PREFIX not in listed
    assert told(capsys, "box-token", "riverside/box-1", "--revoke", *place) == "riverside/box-1: revoked\n"
    again = told(capsys, "box-token", "riverside/box-1", "--revoke", *place, status=1)
    assert again == "riverside/box-1: has no token\n"


def test_the_data_folder_of_a_settings_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "center.yaml"
    file.write_text("broker: {insecure_lab: true}\ndata_dir: kept\n")
    told(capsys, "box-token", "riverside/box-1", "--config", str(file))
    assert (tmp_path / "kept" / "center.sqlite3").stat().st_mode & 0o077 == 0
    assert "riverside/box-1" in told(capsys, "--config", str(file), "box-token")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["riverside"], "met 'riverside', accepted: SITE/BOX"),
        (["a/b/c"], "met 'a/b/c', accepted: SITE/BOX"),
        (["/box-1"], "site '' cannot be part of a topic"),
        (["riverside/.."], "box '..' cannot be part of a topic"),
        (["--revoke"], "met no box, accepted: edgeguard center box-token SITE/BOX --revoke"),
    ],
)
def test_wrong_words(tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str) -> None:
    assert message in told(capsys, "box-token", *words, "--data", str(tmp_path), status=2)


def test_a_folder_that_is_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").write_text("")
    assert str(tmp_path) in told(capsys, "box-token", "riverside/box-1", "--data", str(tmp_path / "data"), status=2)
