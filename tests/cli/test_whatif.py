"""The rules again, without the network: the same episodes at the same settings, others at others."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edgeguard.cli import main
from edgeguard.recordings import recording

MakeModel = Callable[..., Path]
ANSWER = np.array([[[10, 10, 50, 50, 0.9, 1], [12.3, 8.7, 40.1, 60, 0.55, 0]]], np.float32)


@pytest.fixture
def folder(make_model: MakeModel) -> Path:
    folder = make_model(ANSWER)
    clip = folder / "clip"
    clip.mkdir()
    for number in range(32):
        cv2.imwrite(str(clip / f"{number}.png"), np.full((64, 64, 3), 90, np.uint8))
    return folder


def replay(folder: Path, capsys: pytest.CaptureFixture[str], *more: str, fps: str = "8") -> dict[str, Any]:
    common = ["--fps", fps, "--model", "tiny", "--models-dir", str(folder), "--json"]
    assert main(["replay", str(folder / "clip"), *common, "--save-detections", str(folder / "seen.jsonl"), *more]) == 0
    return last_line(capsys)


def whatif(folder: Path, scenario: str, sweep: str, *more: str) -> int:
    return main(["whatif", str(folder / "seen.jsonl"), "--scenario", scenario, "--sweep", sweep, *more])


def last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[-1])
    return found


# One frame a second: between them the rules are ticked.
@pytest.mark.parametrize("fps", ["8", "1"])
@pytest.mark.parametrize(
    ("scenario", "sweep"),
    [("lift_ebike", "n_min=2:2:1"), ("conduct_loiter", "dwell_s=120:120:1"), ("lift_crowd", "dwell_s=2:2:1")],
)
def test_the_recorded_settings_give_the_recorded_episodes(
    folder: Path, capsys: pytest.CaptureFixture[str], scenario: str, sweep: str, fps: str
) -> None:
    recorded = replay(folder, capsys, "--scenario", scenario, fps=fps)["episodes"]
    assert whatif(folder, scenario, sweep, "--json") == 0
    found = last_line(capsys)
    assert found["recorded"]["episodes"] == recorded
    assert recorded or scenario != "lift_ebike"


def test_episodes_change_over_a_threshold_as_in_a_replay(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = "site: demo\nbox: b\ndata_dir: d\ncameras: [{id: yard, source: {kind: synthetic}, model: tiny, scenarios: ["
    rule = "{{kind: conduct_intrusion, labels: [e-bike], dwell_s: {dwell_s}, zone: [[0,0],[1,0],[1,1],[0,1]]}}"

    def replayed(dwell_s: float) -> list[dict[str, Any]]:
        (folder / "site.yaml").write_text(f"{site}{rule.format(dwell_s=dwell_s)}]}}]\n")
        episodes: list[dict[str, Any]] = replay(folder, capsys, "--config", str(folder / "site.yaml"))["episodes"]
        return episodes

    expected = {value: replayed(value) for value in (3.0, 2.0, 1.0)}
    assert whatif(folder, "conduct_intrusion", "dwell_s=1:5:1", "--json") == 0
    found = last_line(capsys)
    trials = {trial["value"]: trial["episodes"] for trial in found["trials"]}
    assert found["original"] == 1
    assert {value: trials[value] for value in expected} == expected
    assert [len(trials[value]) for value in (1, 2, 3, 4, 5)] == [1, 1, 1, 0, 0]


def test_a_table_a_score_and_a_page(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replay(folder, capsys)
    truth = folder / "truth.yaml"
    truth.write_text("- {code: LIFT.EBIKE.ENTER, start_s: 0, end_s: 3, tolerance_s: 0.5}\n")
    page = folder / "page.html"
    words = ("--truth", str(truth), "--report", str(page))
    assert whatif(folder, "lift_ebike", "c_hi=0.8:0.95:0.05", *words) == 0
    out = capsys.readouterr().out
    assert "model's (recorded)" in out
    assert [line.split()[1] for line in out.splitlines() if line.startswith("│")][1:] == ["0.8", "0.85", "0.9", "0.95"]
    assert page.read_text("utf-8").count("<rect") == 3, "as recorded, 0.8 and 0.85: the score is 0.9 as a float32"


@pytest.mark.parametrize(
    ("scenario", "sweep", "message"),
    [
        ("lift_ebike", "n_min", "--sweep: met 'n_min', accepted: PARAM=from:to:step"),
        ("lift_ebike", "n_min=1:5:0", "accepted: PARAM=from:to:step"),
        ("lift_ebike", "n_min=5:1:1", "accepted: PARAM=from:to:step"),
        ("lift_ebike", "n_min=1:1e9:1", "at most 1000 values"),
        ("lift_ebike", "n_min=1:nan:1", "accepted: PARAM=from:to:step"),
        ("lift_ebike", "sauce=1:2:1", "met 'sauce', accepted for lift_ebike: blind_close_s"),
        ("lift_ebike", "kind=1:2:1", "accepted: a number"),
        ("lift_ebike", "ratio=1.5:2.5:0.5", "ratio=1.5"),
        ("conduct_thrown", "clear_s=1:2:1", "accepted: one that goes by what was recorded; nothing that falls is in"),
        ("conduct_fall", "dwell_s=1:2:1", "accepted: one that goes by what was recorded; posture of people is not in"),
        ("conduct_rain", "dwell_s=1:2:1", "--scenario is 'conduct_rain', accepted: access_tailgate, "),
        ("gate_plate", "dwell_s=1:2:1", "gate_plate"),
    ],
)
def test_what_cannot_be_swept(
    folder: Path, capsys: pytest.CaptureFixture[str], scenario: str, sweep: str, message: str
) -> None:
    replay(folder, capsys)
    assert whatif(folder, scenario, sweep) == 2
    assert message in capsys.readouterr().err


def test_a_value_that_is_refused_is_a_line_of_the_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replay(folder, capsys)
    page = folder / "page.html"
    assert whatif(folder, "lift_ebike", "ratio=0.5:1.5:0.5", "--report", str(page), "--json") == 0
    trials = last_line(capsys)["trials"]
    assert [(trial["value"], len(trial["episodes"])) for trial in trials] == [(0.5, 1), (1, 1), (1.5, 0)]
    assert ["refused" in trial for trial in trials] == [False, False, True]
    assert trials[2]["refused"].startswith("ratio=1.5: scenarios.0.lift_ebike.ratio: met 1.5, accepted: less than")
    assert "ratio=1.5: " in page.read_text("utf-8")
    assert whatif(folder, "lift_ebike", "ratio=0.5:1.5:0.5") == 0
    out = capsys.readouterr().out
    assert [line.split()[3] for line in out.splitlines() if line.startswith("│")][1:] == ["1", "1", "refused"]
    assert "ratio=1.5: scenarios.0" in out


def test_the_truth_of_other_rules_is_set_aside(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replay(folder, capsys)
    truth = folder / "truth.yaml"
    truth.write_text(
        "- {code: LIFT.EBIKE.ENTER, start_s: 0, end_s: 3}\n- {code: CONDUCT.LOITER, start_s: 0, end_s: 3}\n"
    )
    assert whatif(folder, "lift_ebike", "n_min=2:2:1", "--truth", str(truth), "--json") == 0
    found = last_line(capsys)["recorded"]["score"]
    assert (found["matched"], found["missed"], found["set_aside"]) == (1, 0, 1)


def test_information_counts_in_a_sweep_of_its_rule(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    replay(folder, capsys)
    truth = folder / "truth.yaml"
    truth.write_text("[]\n")
    assert whatif(folder, "loiter", "dwell_s=1:5:4", "--truth", str(truth), "--json") == 0
    assert [trial["score"]["false_alarms"] for trial in last_line(capsys)["trials"]] == [1, 0]


@pytest.mark.parametrize(
    ("film", "scenario", "sweep", "episodes"),
    [
        ("lift_fall", "fall", "min_lying=0.5:0.6:0.1", 1),
        ("lift_fall", "lift_person_down", "dwell_s=10:15:5", 1),
        ("lift_people", "fight", "min_fight=0.02:0.42:0.2", 1),
        ("facade_fall", "thrown", "min_score=0.5:0.6:0.1", 1),
    ],
)
def test_rules_that_see_more_than_boxes_are_swept_without_a_network(
    film: str, scenario: str, sweep: str, episodes: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    param, first = sweep.split("=", maxsplit=1)[0], sweep.split("=")[1].split(":", maxsplit=1)[0]
    kind = scenario if "_" in scenario else f"conduct_{scenario}"
    site = "site: demo\nbox: b\ndata_dir: d\ncameras: [{id: one, source: {kind: synthetic}, scenarios: ["
    (tmp_path / "site.yaml").write_text(f"{site}{{kind: {kind}, {param}: {first}}}]}}]\n")
    words = ["--config", str(tmp_path / "site.yaml"), "--save-detections", str(tmp_path / "seen.jsonl"), "--json"]
    assert main(["replay", str(recording(film)), *words]) == 0
    live = last_line(capsys)["episodes"]
    assert len(live) == episodes
    assert whatif(tmp_path, scenario, sweep, "--json") == 0
    found = last_line(capsys)
    assert found["recorded"]["episodes"] == found["trials"][0]["episodes"] == live


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: [], "seen.jsonl:1: "),
        (lambda lines: lines[:5], "met a recording without its end"),
        (lambda lines: [*lines[:4], lines[4][:9], *lines[5:]], "seen.jsonl:5: "),
        (lambda lines: [lines[0], '{"t": 1}'], "seen.jsonl:2: at: Field required"),
    ],
)
def test_a_damaged_file_is_told_with_its_line(
    folder: Path, capsys: pytest.CaptureFixture[str], change: Callable[[list[str]], list[str]], message: str
) -> None:
    replay(folder, capsys)
    file = folder / "seen.jsonl"
    file.write_text("\n".join(change(file.read_text("utf-8").splitlines())) + "\n")
    assert whatif(folder, "lift_ebike", "n_min=2:3:1") == 2
    assert message in capsys.readouterr().err
