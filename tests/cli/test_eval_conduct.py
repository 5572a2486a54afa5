"""`eval clips` and `eval stills` with the bundled networks, on recordings and pictures that show nobody."""

import json
from pathlib import Path

import av
import cv2
import numpy as np
import pytest

from edgeguard.cli import main
from edgeguard.recordings import recording
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


def until(film: Path, out: Path, end_s: float) -> None:
    """The beginning of a film, as it was encoded."""
    with av.open(str(film)) as whole, av.open(str(out), "w") as part:
        stream = part.add_stream_from_template(whole.streams.video[0])
        for packet in whole.demux(video=0):
            if packet.dts is not None and packet.dts * packet.time_base < end_s:
                packet.stream = stream
                part.mux(packet)


CLIPS = "video,label\nquiet.mp4,no_fight\nother.mp4,fight\n"
STILLS = "image,label\nempty.png,no_fall\nempty.png,fall\n"


@pytest.mark.parametrize(
    ("what", "text", "scenario", "kind"),
    [
        ("clips", CLIPS, "fight", "conduct_fight"),
        ("clips", CLIPS, "conduct_fight", "conduct_fight"),
        ("clips", "video,label\nquiet.mp4,no_fall\nother.mp4,fall\n", "fall", "conduct_fall"),
        ("clips", "video,label\nquiet.mp4,no_thrown\nother.mp4,thrown\n", "thrown", "conduct_thrown"),
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
    seen = 1 if what == "clips" else 0
    assert (got["told_n"], got["falsely_told_n"], got["failed"]) == (seen, seen, [])
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
        ("clips", CLIPS, ("smoking",), "--scenario is 'smoking', accepted: conduct_fight, fight, conduct_fall, fall"),
        ("stills", STILLS, ("fight",), "--scenario is 'fight', accepted: conduct_fall, fall"),
        ("stills", STILLS, ("fall", "--scores", "/no/such/folder/x.csv"), "--scores /no/such/folder/x.csv: No such"),
    ],
)
def test_bad_input_is_told(
    folder: Path, capsys: pytest.CaptureFixture[str], what: str, text: str, more: tuple[str, ...], message: str
) -> None:
    assert score(folder, what, text, "--scenario", *more) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("what", "scenario", "damaged", "sound", "message"),
    [
        ("clips", "fight", "text.mp4", "quiet.mp4", "text.mp4: not a video, or damaged, accepted: a video"),
        ("stills", "fall", "text.jpg", "empty.png", "text.jpg: 17 bytes that are no picture, accepted: a JPEG"),
    ],
)
def test_what_cannot_be_read_is_told_and_the_rest_is_scored(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    what: str,
    scenario: str,
    damaged: str,
    sound: str,
    message: str,
) -> None:
    column = "video" if what == "clips" else "image"
    text = f"{column},label\n{damaged},{scenario}\n{sound},no_{scenario}\n"
    scores = folder / "scores.csv"
    assert score(folder, what, text, "--scenario", scenario, "--scores", str(scores), "--json") == 2
    printed = capsys.readouterr()
    got = json.loads(printed.out.splitlines()[-1])
    assert (got["n"], got["recall_n"], got["false_rate_n"]) == (1, 0, 1)
    assert len(got["failed"]) == 1
    assert got["failed"][0].startswith(f"{folder / 'set.csv'}:2: ")
    assert message in got["failed"][0]
    assert got["failed"][0] in printed.err
    assert [line.split(",")[0] for line in scores.read_text().splitlines()] == ["file", str(folder / sound)]
    assert score(folder, what, text, "--scenario", scenario) == 2
    assert "1 could not be read" in capsys.readouterr().out


def test_a_scores_file_that_cannot_be_written_is_told_before_anything_is_looked_at(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "video,label\ntext.mp4,fight\n"
    assert score(folder, "clips", text, "--scenario", "fight", "--scores", str(folder / "none" / "x.csv")) == 2
    assert "text.mp4" not in capsys.readouterr().err


def test_other_columns_are_passed_over(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "video,label,source\nquiet.mp4,no_fight,3\n"
    assert score(folder, "clips", text, "--scenario", "fight", "--json") == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["n"] == 1


def test_evidence_is_one_thing_and_an_alarm_another(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who has fallen at 7.3 s is told after 6 s of it: not in the first 10 s."""
    film = recording("lift_fall")
    until(film, folder / "begun.mp4", 10)
    assert score(folder, "clips", f"video,label\n{film},fall\nbegun.mp4,fall\n", "--scenario", "fall", "--json") == 0
    got = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (got["recall"], got["told"], got["told_n"], got["falsely_told"]) == (1.0, 0.5, 2, None)


def test_a_thing_that_falls_is_told_from_a_quiet_film(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = f"video,label\n{recording('facade_fall')},thrown\nquiet.mp4,no_thrown\n{recording('yard')},no_thrown\n"
    assert score(folder, "clips", text, "--scenario", "thrown", "--json") == 0
    got = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (got["recall"], got["false_rate"], got["told"], got["falsely_told"], got["auc"]) == (1, 0, 1, 0, 1)


def test_the_help_names_all_that_is_accepted(capsys: pytest.CaptureFixture[str]) -> None:
    for what, names in (
        ("clips", "conduct_fight, fight, conduct_fall, fall, conduct_thrown, thrown"),
        ("stills", "conduct_fall, fall"),
    ):
        with pytest.raises(SystemExit):
            main(["eval", what, "--help"])
        assert names in " ".join(capsys.readouterr().out.split())


def test_an_empty_manifest_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(folder, "clips", "video,label\n", "--scenario", "fight") == 2
    assert "no row, accepted: at least one" in capsys.readouterr().err
