import json
from pathlib import Path

import pytest

from edgeguard.cli import main
from tests.support import face_models

GREEN, RED, BLACK = (0, 200, 0), (0, 0, 200), (0, 0, 0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, bgr in {"green": GREEN, "red": RED, "black": BLACK}.items():
        face_models.picture(tmp_path / f"{name}.png", bgr)
    for tiny in (face_models.finder(), face_models.liveness("narrow", 2.7), face_models.liveness("wide", 4.0)):
        tiny.put(tmp_path / "models")
    return tmp_path


def score(folder: Path, text: str, *more: str) -> int:
    (folder / "set.csv").write_text(text)
    return main(["eval", "liveness", "--manifest", str(folder / "set.csv"), "--in", str(folder / "models"), *more])


CLIPS = "image,label\ngreen.png,real\nred.png,fake\ngreen.png,fake\nblack.png,real\n"


def test_the_last_line_is_one_json_object(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(folder, CLIPS, "--json") == 0
    got = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert got["models"] == ["narrow", "wide"]
    assert (got["clips"], got["clips_unseen"], got["looks"], got["looks_unseen"]) == (4, 1, 3, 1)
    assert (got["apcer"], got["apcer_n"], got["bpcer"], got["bpcer_n"]) == (0.5, 2, 0.0, 1)
    assert got["auc"] == 0.75
    assert got["auc_n"] == [1, 2]
    assert got["threshold"] == 0.6


def test_people_get_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(folder, CLIPS, "--model", "wide") == 0
    out = capsys.readouterr().out
    assert "wide: 3 looks of 4 clips, threshold 0.6" in out
    assert "looks without one face: 1, clips without any look: 1" in out


@pytest.mark.parametrize(
    ("text", "more", "message"),
    [
        ("clip,label\n", (), "set.csv:1: columns clip,label, accepted: video,label or image,label"),
        ("image,label\ngreen.png,alive\n", (), "set.csv:2: label: met 'alive', accepted: real, fake"),
        ("image,label\nnone.png,real\n", (), "none.png is not there, accepted: a file"),
        (CLIPS, ("--every", "0"), "--every is 0, accepted: 1 or more"),
        (CLIPS, ("--model", "deep"), "no model 'deep' that tells people from pictures, accepted: narrow, wide"),
    ],
)
def test_bad_input_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], text: str, more: tuple[str, ...], message: str
) -> None:
    assert score(folder, text, *more) == 2
    assert message in capsys.readouterr().err


def test_without_a_model_the_command_that_mends_it_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("narrow", "wide"):
        (folder / "models" / f"{name}.yaml").unlink()
    assert score(folder, CLIPS) == 2
    assert "accepted: edgeguard models import FILE --describe ENTRY.yaml --to" in capsys.readouterr().err


@pytest.mark.shared
def test_the_stand_ins_tell_two_people_from_their_replays(
    shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Few frames of four videos; how little that proves is told in docs/faces.md."""
    names = ("lestari_real", "lestari_fake", "tranvan_real", "tranvan_fake")
    rows = [f"{shared}/data/liveness/{name}.mp4,{name.split('_')[1]}" for name in names]
    face_models.stand_ins(tmp_path / "models", shared)
    assert score(tmp_path, "\n".join(["video,label", *rows]), "--every", "20", "--json") == 0
    got = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert got["looks"] >= 60
    assert got["auc"] >= 0.97
