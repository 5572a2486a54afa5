import json
from pathlib import Path
from typing import Any

import pytest

from edgeguard.cli import main
from tests.support import face_models

RED, REDDISH, GREEN, BLUE = (0, 0, 200), (10, 20, 200), (0, 200, 0), (200, 0, 0)
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
COLOURS = {"red": RED, "reddish": REDDISH, "green": GREEN, "blue": BLUE, "black": BLACK, "white": WHITE}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Pictures by colour, and a finder and a face model in `models`."""
    for name, bgr in COLOURS.items():
        face_models.picture(tmp_path / f"{name}.png", bgr)
    for tiny in (face_models.finder(), face_models.template()):
        tiny.put(tmp_path / "models")
    return tmp_path


def score(folder: Path, text: str, *more: str) -> int:
    (folder / "set.csv").write_text(text)
    return main(["eval", "face", "--manifest", str(folder / "set.csv"), "--in", str(folder / "models"), *more])


def scored(folder: Path, text: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    assert score(folder, text, "--json") == 0
    last: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return last


PAIRS = "a,b,same\nred.png,reddish.png,1\nred.png,green.png,0\ngreen.png,blue.png,0\n"


def test_pairs_as_one_json_object(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    got = scored(folder, PAIRS + "red.png,black.png,1\nwhite.png,red.png,0\n", capsys)
    assert {name: got[name] for name in ("pairs", "compared", "no_face", "several_faces")} == {
        "pairs": 5,
        "compared": 3,
        "no_face": 1,
        "several_faces": 1,
    }
    assert got["unseen_lines"] == [5, 6]
    assert (got["accuracy"], got["accuracy_n"]) == (1.0, 3)
    assert got["rule_threshold"] == 0.8
    assert got["rule_accuracy"] == 1.0
    assert got["tar_at_far_1e-2"] == got["tar_at_far_1e-3"] == 1.0
    assert got["tar_at_far_1e-3_interval"][0] == pytest.approx(0.2065, abs=1e-3)
    assert (got["model"], got["finder"]) == ("tiny-face", "tiny-finder")


def test_people_get_a_table_with_n_and_intervals(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(folder, PAIRS) == 0
    out = capsys.readouterr().out
    assert "3 of 3 pairs" in out
    assert "3/3" in out
    assert "none of only 2" in " ".join(out.split())


def test_a_gallery_as_one_json_object(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    got = scored(folder, "image,person\nred.png,ann\nreddish.png,ann\ngreen.png,bob\nblack.png,cat\n", capsys)
    assert (got["people"], got["gallery_size"], got["rank1"], got["rank1_n"]) == (2, 1, 1.0, 1)
    assert (got["fnir"], got["fpir"], got["fpir_n"]) == (0.0, 0.0, 1)
    assert got["impostor_pairs"] == 2
    assert got["impostors"] == []  # too few to say how alike strangers are
    assert got["no_face"] == 1


def test_a_model_without_impostors_says_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    face_models.template(impostors=[]).put(folder / "models")
    assert score(folder, "image,person\nred.png,ann\nreddish.png,ann\ngreen.png,bob\n") == 0
    assert "tiny-face has no table of impostors" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x,y\n", "set.csv:1: columns x,y, accepted: a,b,same or image,person"),
        ("a,b,same\nred.png,none.png,1\n", "set.csv:2: {folder}/none.png is not there, accepted: a file"),
        ("a,b,same\nred.png,red.png,perhaps\n", "set.csv:2: same: met 'perhaps', accepted: 1, 0, yes, no, true, false"),
        ("a,b,same\nred.png,red.png,1\nred.png,letter.jpg,1\n", "set.csv:3: {folder}/letter.jpg: 8 bytes that are no"),
    ],
)
def test_bad_input_is_told_with_its_row(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, message: str
) -> None:
    (folder / "letter.jpg").write_bytes(b"Dear sir")
    assert score(folder, text) == 2
    told = capsys.readouterr()
    assert message.format(folder=folder) in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    ("gone", "message"),
    [
        ("tiny-finder", "no model that finds faces, accepted: edgeguard models pull yunet --to "),
        ("tiny-face", "no model that tells faces apart, accepted: edgeguard models pull sface --to "),
    ],
)
def test_where_a_model_is_missing_the_command_that_mends_it_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], gone: str, message: str
) -> None:
    (folder / "models" / f"{gone}.yaml").unlink()
    assert score(folder, PAIRS) == 2
    assert message in capsys.readouterr().err


def test_of_several_models_one_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    face_models.template("other-face").put(folder / "models")
    assert score(folder, PAIRS) == 2
    assert "accepted: the name of one: other-face, tiny-face" in capsys.readouterr().err
    assert score(folder, PAIRS, "--model", "other-face") == 0
    assert score(folder, PAIRS, "--model", "nobody") == 2
    assert "no model 'nobody' that tells faces apart" in capsys.readouterr().err


@pytest.mark.shared
def test_the_stand_ins_tell_faces_of_lfw_apart(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """120 pairs, half of them of one person: the goals hold, within what so few can show."""
    lfw = shared / "data" / "faces_lfw"
    lines = (lfw / "pairs.csv").read_text("utf-8").splitlines()[1:]
    chosen = [line for same in "10" for line in [each for each in lines if each.endswith(f",{same}")][::12][:60]]
    rows = [",".join((f"{lfw}/{a}", f"{lfw}/{b}", same)) for a, b, same in (line.split(",") for line in chosen)]
    face_models.stand_ins(tmp_path / "models", shared)
    got = scored(tmp_path, "\n".join(["a,b,same", *rows]), capsys)
    assert got["compared"] >= 118
    assert got["accuracy"] >= 0.99
    assert got["tar_at_far_1e-3"] >= 0.95


@pytest.mark.shared
def test_the_stand_ins_find_people_of_lfw_in_a_gallery(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """40 people by two pictures each against 60 strangers; the numbers that count are in docs/faces.md."""
    people: dict[str, list[Path]] = {}
    for path in sorted((shared / "data" / "faces_lfw" / "img").iterdir()):
        people.setdefault(path.stem[:-5], []).append(path)
    known = [files[:2] for files in people.values() if len(files) > 1][::7][:40]
    strangers = [files for files in people.values() if len(files) == 1][::7][:60]
    rows = [f"{path},{path.stem[:-5]}" for files in known + strangers for path in files]
    face_models.stand_ins(tmp_path / "models", shared)
    got = scored(tmp_path, "\n".join(["image,person", *rows]), capsys)
    assert got["gallery_size"] >= 39
    assert got["rank1"] >= 0.95
    assert got["fnir"] <= 0.1
    assert got["fpir"] <= 0.05


@pytest.mark.shared
def test_the_stand_ins_tell_people_in_photos_apart(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """300 pairs of 25 photos."""
    photos = shared / "data" / "faces_pairs"
    pairs = [line.split(",") for line in (photos / "pairs.csv").read_text("utf-8").splitlines()[1:]]
    rows = [f"{photos}/{a},{photos}/{b},{same.lower()}" for a, b, same in pairs]
    face_models.stand_ins(tmp_path / "models", shared)
    got = scored(tmp_path, "\n".join(["a,b,same", *rows]), capsys)
    assert got["compared"] == 300
    assert got["accuracy"] >= 0.99
    assert got["rule_accuracy"] >= 0.99
