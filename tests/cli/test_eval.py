import json
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeguard.cli import main

MakeModel = Callable[..., Path]

# The network's 64 x 64 input is the whole of a 128 x 128 picture.
ANSWER = np.array([[[0, 0, 32, 32, 0.9, 1], [40, 40, 60, 60, 0.1, 0]]], np.float32)
BIKE: dict[str, object] = {"label": "e-bike", "xyxy": [0, 0, 64, 64]}
PERSON: dict[str, object] = {"label": "person", "xyxy": [80, 80, 120, 120]}


@pytest.fixture
def folder(make_model: MakeModel) -> Path:
    folder = make_model(ANSWER)
    (folder / "pictures").mkdir()
    cv2.imwrite(str(folder / "pictures" / "a.png"), np.zeros((128, 128, 3), np.uint8))
    return folder


def detect(folder: Path, *objects: list[dict[str, object]], more: tuple[str, ...] = ()) -> int:
    lines = [json.dumps({"image": "pictures/a.png", "objects": row}) for row in objects]
    (folder / "set.jsonl").write_text("\n".join(lines))
    words = ["eval", "detect", "--manifest", str(folder / "set.jsonl"), "--models-dir", str(folder)]
    return main([*words, *(more or ("--model", "tiny"))])


def test_the_last_line_is_one_json_object(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert detect(folder, [BIKE, PERSON], [], more=("--model", "tiny", "--json")) == 0
    out = capsys.readouterr().out
    assert json.loads(out.splitlines()[-1]) == {
        "images": 2,
        "labels": {
            "person": {"n": 1, "found": 0, "recall": 0.0, "ap50": 0.5},
            "e-bike": {"n": 1, "found": 1, "recall": 1.0, "ap50": 0.5},
            "bicycle": {"n": 0, "found": 0, "recall": None, "ap50": None},
        },
        "false_alarm_images": 1,
        "groups": {},
    }


def test_groups_are_told_apart(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [([BIKE], ["lift 3", "above"]), ([], ["lift 3"]), ([], [])]
    lines = [json.dumps({"image": "pictures/a.png", "objects": own, "groups": groups}) for own, groups in rows]
    (folder / "set.jsonl").write_text("\n".join(lines))
    words = ["eval", "detect", "--manifest", str(folder / "set.jsonl"), "--models-dir", str(folder), "--model", "tiny"]
    assert main([*words, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["false_alarm_images"] == 2
    assert result["groups"] == {
        "lift 3": {"images": 2, "n": 1, "found": 1, "false_alarm_images": 1},
        "above": {"images": 1, "n": 1, "found": 1, "false_alarm_images": 0},
    }
    assert main(words) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "lift 3" in line)
    assert "1/1" in row
    assert "1/2" in row


def test_pictures_of_cameras_that_look_down_are_looked_at_upside_down_too(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert detect(folder, [BIKE], more=("--model", "tiny", "--looks-down", "--json")) == 0
    told = capsys.readouterr()
    assert "tiny has no second look and asks no other model" in " ".join(told.err.split())
    assert json.loads(told.out)["labels"]["e-bike"]["found"] == 1
    manifest = str(folder / "set.jsonl")
    assert main(["eval", "detect", "--manifest", manifest, "--model", "lift-n", "--looks-down", "--json"]) == 0
    told = capsys.readouterr()
    assert "changes nothing" not in told.err
    assert json.loads(told.out)["labels"]["e-bike"]["found"] == 0


def test_people_get_a_table_with_intervals(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert detect(folder, [BIKE]) == 0
    out = capsys.readouterr().out
    assert "1 pictures, 0 with an e-bike that is not there" in " ".join(out.split())
    row = next(line for line in out.splitlines() if "e-bike" in line and "1.000" in line)
    assert "0.207..1.000" in row


def test_a_report_shows_misses_and_false_alarms(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = folder / "report"
    assert detect(folder, [BIKE, PERSON], [], more=("--model", "tiny", "--report", str(report))) == 0
    html = (report / "index.html").read_text("utf-8")
    assert "person: missed in 1 pictures" in html
    assert "a.png: 1 missed, strongest on it 0.10" in html
    assert "e-bike: seen, but not there, in 1 pictures" in html
    assert len(list((report / "pictures").iterdir())) == 2


def test_the_model_may_be_given_by_path(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert detect(folder, [BIKE], more=("--model", str(folder / "tiny.onnx"), "--json")) == 0
    assert json.loads(capsys.readouterr().out)["labels"]["e-bike"]["found"] == 1


@pytest.mark.parametrize(
    ("objects", "more", "message"),
    [
        ([{**BIKE, "label": "moped"}], (), "set.jsonl:1: label 'moped', accepted: person, e-bike, bicycle"),
        ([BIKE], ("--model", "none"), "no model 'none', accepted: tiny"),
    ],
)
def test_bad_input_is_told_in_one_line(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    objects: list[dict[str, object]],
    more: tuple[str, ...],
    message: str,
) -> None:
    assert detect(folder, objects, more=more) == 2
    told = capsys.readouterr()
    assert message in told.err
    assert told.out == ""
