"""A flowerpot of four pixels from the 11th floor, on a windy day: the drawn recording, from file to event."""

import json
from pathlib import Path
from typing import Any

import av
import pytest

from edgeguard.cli import main
from edgeguard.recordings import recording, truth

SITE = """
site: demo
box: box-1
data_dir: data
cameras:
  - id: facade-1
    source: {kind: synthetic}
    scenarios:
      - kind: conduct_thrown
        facade:
          floor_lines_y: [1.379, 1.254, 1.138, 1.028, 0.925, 0.827, 0.736, 0.649, 0.566,
                          0.488, 0.414, 0.343, 0.276, 0.212, 0.151, 0.092, 0.036, -0.017]
"""
FLOOR = 11


def test_the_recording_is_small_and_as_fast_as_a_camera() -> None:
    path = recording("facade_fall")
    assert path.stat().st_size < 400_000
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, float(stream.average_rate or 0)) == (960, 540, 25.0)


def test_what_falls_is_told_with_its_moment_and_floor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "site.yaml").write_text(SITE)
    words = ["--config", str(tmp_path / "site.yaml"), "--truth", str(truth("facade_fall"))]
    log = tmp_path / "log.jsonl"
    assert main(["replay", str(recording("facade_fall")), *words, "--json", "--log", str(log)]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    score = {key: told["score"][key] for key in ("matched", "missed", "false_alarms")}
    assert score == {"matched": 1, "missed": 0, "false_alarms": 0}
    # It lands at 4.83 s.
    assert told["episodes"][0]["new_s"] == pytest.approx(5.1, abs=0.2)
    sensors = _new(log)["sensors"]
    floors = [sensors[name]["value"] for name in ("floor", "floor_low", "floor_high")]
    assert floors == [FLOOR, FLOOR - 1, FLOOR]


def _new(log: Path) -> dict[str, Any]:
    events = [json.loads(line)["event"]["data"] for line in log.read_text().splitlines() if "THROWN" in line]
    return next(event for event in events if event["phase"] == "new")
