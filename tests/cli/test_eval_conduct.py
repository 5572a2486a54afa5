"""`eval clips` and `eval stills` with the bundled networks, on recordings and pictures that show nobody."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeguard.cli import main
from tests.support.recordings import write_video


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_video(tmp_path / "quiet.mp4", frames=12)
    write_video(tmp_path / "other.mp4", frames=12)
    cv2.imwrite(str(tmp_path / "empty.png"), np.full((120, 160, 3), 90, np.uint8))
    (tmp_path / "text.jpg").write_text("no picture at all")
    (tmp_path / "text.mp4").write_text("no video at all")
    return tmp_path


def score(folder: Path, what: str, text: str, *more: str) -> int:
    (folder / "set.csv").write_text(text)
    return main(["eval", what, "--manifest", str(folder / "set.csv"), *more])


CLIPS = "video,label\nquiet.mp4,no_fight\nother.mp4,fight\n"
STILLS = "image,label\nempty.png,no_fall\nempty.png,fall\n"


@pytest.mark.parametrize(
    ("what", "text", "scenario", "kind"),
    [
        ("clips", CLIPS, "fight", "conduct_fight"),
        ("clips", CLIPS, "conduct_fight", "conduct_fight"),
        ("clips", "video,label\nquiet.mp4,no_fall\nother.mp4,fall\n", "fall", "conduct_fall"),
        ("stills", STILLS, "fall", "conduct_fall"),
    ],
)
def test_the_last_line_is_one_json_object(
    folder: Path, capsys: pytest.CaptureFixture[str], what: str, text: str, scenario: str, kind: str
) -> None:
    assert score(folder, what, text, "--scenario", scenario, "--json") == 0
    got = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (got["scenario"], got["model"], got["n"]) == (kind, "lift-n", 2)
    # Nobody is there: neither can be told from the other.
    assert (got["auc"], got["auc_n"]) == (0.5, [1, 1])
    assert (got["recall"], got["recall_n"]) == (0.0, 1)
    assert (got["false_rate"], got["false_rate_n"]) == (0.0, 1)
    for name in ("auc", "recall", "false_rate"):
        low, high = got[f"{name}_interval"]
        assert 0 <= low <= got[name] <= high <= 1


def test_people_get_a_table_and_a_file_of_scores(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(folder, "stills", STILLS, "--scenario", "fall", "--scores", str(folder / "scores.csv")) == 0
    assert "conduct_fall: 2 stills, threshold" in capsys.readouterr().out
    header, first, _ = (folder / "scores.csv").read_text().splitlines()
    assert header == "file,label,score"
    assert first.endswith("empty.png,fall,0.0000")


@pytest.mark.parametrize(
    ("what", "text", "more", "message"),
    [
        ("clips", "clip,label\n", ("fight",), "set.csv:1: columns clip,label, accepted: video,label"),
        ("stills", "video,label\n", ("fall",), "set.csv:1: columns video,label, accepted: image,label"),
        (
            "clips",
            "video,label\nquiet.mp4,brawl\n",
            ("fight",),
            "set.csv:2: label: met 'brawl', accepted: fight, no_fight",
        ),
        ("stills", "image,label\nempty.png,fight\n", ("fall",), "met 'fight', accepted: fall, no_fall"),
        ("clips", "video,label\nnone.mp4,fight\n", ("fight",), "none.mp4 is not there, accepted: a file"),
        ("clips", "video,label\ntext.mp4,fight\n", ("fight",), "set.csv:2: "),
        (
            "stills",
            "image,label\ntext.jpg,fall\n",
            ("fall",),
            "text.jpg: 17 bytes that are no picture, accepted: a JPEG",
        ),
        ("clips", CLIPS, ("smoking",), "--scenario is 'smoking', accepted: conduct_fight, fight, conduct_fall, fall"),
        ("stills", STILLS, ("fight",), "--scenario is 'fight', accepted: conduct_fall, fall"),
        ("stills", STILLS, ("fall", "--scores", "/no/such/folder/x.csv"), "--scores /no/such/folder/x.csv: cannot be"),
    ],
)
def test_bad_input_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], what: str, text: str, more: tuple[str, ...], message: str
) -> None:
    assert score(folder, what, text, "--scenario", *more) == 2
    assert message in capsys.readouterr().err


def test_an_empty_manifest_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(folder, "clips", "video,label\n", "--scenario", "fight") == 2
    assert "no row, accepted: at least one" in capsys.readouterr().err
