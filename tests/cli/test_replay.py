import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edgeguard.cli import main
from tests.support.recordings import write_video

MakeModel = Callable[..., Path]

ANSWER = np.array([[[10, 10, 50, 50, 0.9, 1]]], np.float32)
SITE = """
site: demo
box: box-1
data_dir: data
cameras:
  - id: lift-1
    source: {kind: synthetic}
  - id: lift-2
    place: {lift: B}
    source: {kind: synthetic}
    model: tiny
    scenarios:
      - kind: lift_ebike
        cabin: [[0.9, 0], [1, 0], [1, 0.1]]
"""
GATE = """
site: demo
box: box-1
data_dir: data
voice: {output: {kind: memory}}
cameras: [{id: gate, source: {kind: synthetic}, scenarios: [{kind: gate_plate, gate: north}]}]
relays: [{id: strike, driver: {kind: memory}}]
gates: [{id: north, relay: strike}]
access: {gates: [{id: north, means: [plate, card]}]}
"""


@pytest.fixture
def folder(make_model: MakeModel) -> Path:
    folder = make_model(ANSWER)
    clip = folder / "clip"
    clip.mkdir()
    for number in range(24):
        cv2.imwrite(str(clip / f"{number}.png"), np.full((64, 64, 3), 90, np.uint8))
    (folder / "truth.yaml").write_text("- {code: LIFT.EBIKE.ENTER, start_s: 0, end_s: 3, tolerance_s: 0.5}\n")
    (folder / "site.yaml").write_text(SITE)
    return folder


def replay(folder: Path, *more: str) -> int:
    common = ["--fps", "8", "--model", "tiny", "--models-dir", str(folder)]
    return main(["replay", str(folder / "clip"), *common, *more])


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


def test_the_last_line_is_one_json_object(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(folder, "--truth", str(folder / "truth.yaml"), "--json", "--scenario", "lift_ebike") == 0
    found = last_line(capsys)
    (episode,) = found["episodes"]
    assert (episode["code"], episode["new_s"], episode["end_s"]) == ("LIFT.EBIKE.ENTER", 0.125, 2.875)
    assert (episode["outcome"], episode["end_reason"], episode["max_score"]) == ("unknown", "end_of_recording", 0.9)
    assert found["score"] == {"matched": 1, "missed": 0, "false_alarms": 0, "latency_ms": [125.0], "set_aside": 0}


def test_information_is_a_false_alarm_where_its_rule_is_asked_for(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = "{kind: conduct_loiter, labels: [e-bike], dwell_s: 1, clear_s: 1}"
    (folder / "site.yaml").write_text(SITE + f"      - {rules}\n")
    (folder / "truth.yaml").write_text("[]\n")
    words = ("--config", str(folder / "site.yaml"), "--camera", "lift-2", "--truth", str(folder / "truth.yaml"))
    told = []
    for more in ((), ("--scenario", "loiter"), ("--scenario", "lift_ebike")):
        assert replay(folder, *words, *more, "--report", str(folder / "report"), "--json") == 0
        found = last_line(capsys)
        told.append((len(found["episodes"]), found["score"]["false_alarms"]))
        page = (folder / "report" / "index.html").read_text("utf-8")
        assert page.count('class="bad">false alarm') == found["score"]["false_alarms"]
    assert told == [(1, 0), (1, 1), (0, 0)]


def test_without_a_truth_there_is_no_score(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(folder, "--json") == 0
    assert last_line(capsys)["score"] is None


def test_the_event_log_is_the_same_on_every_run(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs = [folder / name for name in ("first.jsonl", "second.jsonl")]
    for log in logs:
        assert replay(folder, "--log", str(log), "--json") == 0
    first, second = (log.read_bytes() for log in logs)
    assert first == second
    assert len(first.splitlines()) == 4
    assert json.loads(first.splitlines()[1])["event"]["data"]["model"]["name"] == "tiny"


def test_a_video_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = write_video(folder / "clip.mp4", frames=30, fps=10)
    assert main(["replay", str(clip), "--model", "tiny", "--models-dir", str(folder), "--json"]) == 0
    assert [(episode["new_s"], episode["end_s"]) for episode in last_line(capsys)["episodes"]] == [(0.1, 2.9)]


def test_people_read_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(folder, "--truth", str(folder / "truth.yaml")) == 0
    out = capsys.readouterr().out
    assert "LIFT.EBIKE.ENTER" in out
    assert "1 matched, 0 missed, 0 false alarms" in out


def test_a_report_is_a_page_with_pictures(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert replay(folder, "--truth", str(folder / "truth.yaml"), "--report", str(folder / "report"), "--json") == 0
    assert "index.html" in capsys.readouterr().err
    assert "1 of 1" in (folder / "report" / "index.html").read_text("utf-8")
    assert list((folder / "report" / "pictures").iterdir())


def test_a_report_of_a_gate_draws_people(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "gate.yaml").write_text(GATE)
    assert replay(folder, "--config", str(folder / "gate.yaml"), "--report", str(folder / "report"), "--json") == 0
    assert last_line(capsys)["episodes"] == []
    assert ">person</text>" in (folder / "report" / "index.html").read_text("utf-8")


@pytest.mark.parametrize(("camera", "episodes"), [((), 1), (("--camera", "lift-2"), 0)])
def test_a_sites_camera(
    folder: Path, capsys: pytest.CaptureFixture[str], camera: tuple[str, ...], episodes: int
) -> None:
    assert replay(folder, "--config", str(folder / "site.yaml"), "--json", *camera) == 0
    assert len(last_line(capsys)["episodes"]) == episodes


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--camera", "lift-1"), "--camera: met 'lift-1' without --config"),
        (("--config", "SITE", "--camera", "lift-9"), "--camera: met 'lift-9', accepted: lift-1, lift-2"),
        (("--config", "none.yaml"), "none.yaml: No such file"),
        (("--truth", "none.yaml"), "none.yaml: No such file"),
        (("--scenario", "rain"), "--scenario is 'rain', accepted: access_tailgate, conduct_child_ledge, child_ledge"),
        (("--fps", "0"), "fps: met 0.0, accepted: more than 0"),
        (("--report", "/dev/null/report"), "accepted: a folder that can be made"),
        (("--log", "/"), "accepted: a file that can be written"),
    ],
)
def test_wrong_input_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str
) -> None:
    words = tuple(str(folder / "site.yaml") if word == "SITE" else word for word in words)
    assert replay(folder, *words) == 2
    assert message in capsys.readouterr().err


def test_a_damaged_picture_ends_the_replay_but_loses_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "clip" / "20.png").write_bytes(b"not a picture")
    assert replay(folder, "--json") == 2
    printed = capsys.readouterr()
    assert json.loads(printed.out.splitlines()[-1])["episodes"][0]["end_reason"] == "recording_damaged"
    assert "20.png" in printed.err
