"""Conduct, counted and scored: the rendered recording through the bundled detector, and a drawn minute."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from edgeguard.cli import main
from edgeguard.detectors import ScriptedDetector
from edgeguard.pipeline import ChainConfig, Model, Scene, build_pipeline
from edgeguard.recordings import recording
from edgeguard.recordings import site as site_of
from edgeguard.recordings import truth as truth_of
from edgeguard.replay.eventlog import EventLog
from edgeguard.replay.player import event_ids, play
from edgeguard.replay.score import score
from edgeguard.replay.truth import TruthEntry
from edgeguard.scenarios import Thresholds
from edgeguard.types import Detections
from tests.support.recordings import write_video
from tests.support.scripted import frames, steady, time_of

HEAD = """
site: demo
box: box-1
data_dir: data
cameras:
  - id: lift-1
    source: {kind: synthetic}
    scenarios:
"""
# The floor of the cabin in `lift_people`, without the landing above it in the picture.
SITE = """
      - {kind: lift_ebike}
      - {kind: lift_crowd, zone: &cabin [[0, 0.4], [1, 0.4], [1, 1], [0, 1]], most: 2, dwell_s: 2, clear_s: 1}
      - {kind: conduct_loiter, name: cabin, zone: *cabin, dwell_s: 5, clear_s: 3}
      - kind: conduct_crowd
        name: cabin
        zone: *cabin
        dwell_s: 1
        clear_s: 1
        levels: [{enter: 2, leave: 2, severity: warning}, {enter: 3, leave: 3}, {enter: 4, leave: 4}]
"""
# By the script of the scene: one walks out; a wheelchair is pushed in, two people are in the cabin from 5 s on; a third
# comes in with a pram at 7.3 s and leaves at 12. Nobody has an e-bike, four there never are.
TRUTH = """
- {code: CONDUCT.CROWD.L1, start_s: 5, end_s: 7, tolerance_s: 0.5}
- {code: CONDUCT.CROWD.L2, start_s: 7.3, end_s: 9, tolerance_s: 0.5}
- {code: LIFT.CROWD.OVER, start_s: 7.3, end_s: 10, tolerance_s: 0.5}
- {code: CONDUCT.LOITER, start_s: 9, end_s: 11, tolerance_s: 0.5}
"""


def scored(
    folder: Path, capsys: pytest.CaptureFixture[str], name: str, site: str, truth: str
) -> tuple[tuple[int, int, int], dict[str, tuple[Any, str]]]:
    """`scored_by` with rules and a truth of the test's own."""
    (folder / "site.yaml").write_text(HEAD + site)
    (folder / "truth.yaml").write_text(truth)
    return scored_by(folder / "site.yaml", folder / "truth.yaml", capsys, name)


def scored_by(
    site: Path, truth: Path, capsys: pytest.CaptureFixture[str], name: str
) -> tuple[tuple[int, int, int], dict[str, tuple[Any, str]]]:
    """Matched, missed, false alarms of a bundled recording; when and why each episode ended."""
    words = ["--config", str(site), "--truth", str(truth), "--json"]
    assert main(["replay", str(recording(name)), *words]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    counts = (told["score"]["matched"], told["score"]["missed"], told["score"]["false_alarms"])
    return counts, {episode["code"]: (episode["end_s"], episode["end_reason"]) for episode in told["episodes"]}


def test_the_bundled_recording_is_counted_exactly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    matched, ends = scored(tmp_path, capsys, "lift_people", SITE, TRUTH)
    assert matched == (4, 0, 0)
    assert ends["CONDUCT.CROWD.L2"][1] == ends["LIFT.CROWD.OVER"][1] == "left"
    assert ends["LIFT.CROWD.OVER"][0] == pytest.approx(13, abs=0.7)


FLOOR = """
      - kind: vehicle_parked
        what: ebike
        name: cabin
        zone: &cabin [[0, 0.4], [1, 0.4], [1, 1], [0, 1]]
        dwell_s: 2
        clear_s: 1
      - {kind: conduct_intrusion, name: cabin, zone: *cabin, clear_s: 2}
"""
# By the script of the scene: over the sill from 3.1 s on, the e-bike stands from 4.0 to 7.0 s, all are out by 8.5 s.
STOOD = """
- {code: CONDUCT.INTRUSION, start_s: 4.1, end_s: 8.5, tolerance_s: 0.5}
- {code: VEHICLE.EBIKE.PARKED, start_s: 6, end_s: 7, tolerance_s: 0.2}
"""


def test_an_ebike_that_stands_and_somebody_in_a_closed_zone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    matched, ends = scored(tmp_path, capsys, "lift_ebike", FLOOR, STOOD)
    assert matched == (2, 0, 0)
    assert ends["VEHICLE.EBIKE.PARKED"] == (pytest.approx(8, abs=0.5), "left")
    assert ends["CONDUCT.INTRUSION"] == (pytest.approx(9.4, abs=0.7), "left")


def test_somebody_who_falls_in_a_lift_and_lies_there(capsys: pytest.CaptureFixture[str]) -> None:
    matched, ends = scored_by(site_of("lift_fall"), truth_of("lift_fall"), capsys, "lift_fall")
    assert matched == (2, 0, 0)
    assert ends["CONDUCT.FALL"][1] == ends["LIFT.PERSON.DOWN"][1] == "end_of_recording"


def test_the_truth_of_a_film_is_held_to_the_one_rule_that_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--scenario", "fall", "--truth", str(truth_of("lift_fall")), "--json"]
    assert main(["replay", str(recording("lift_fall")), *words]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])["score"]
    assert (told["matched"], told["missed"], told["false_alarms"], told["set_aside"]) == (1, 0, 0, 1)


def test_somebody_who_stands_in_the_doorway(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The zone is the floor of the doorway, between its posts; whoever walks over it blocks nothing."""
    matched, ends = scored_by(site_of("lift_doorway"), truth_of("lift_doorway"), capsys, "lift_doorway")
    assert matched == (1, 0, 0)
    assert ends["LIFT.DOOR.BLOCKED"] == (pytest.approx(14.6, abs=0.5), "left")
    (tmp_path / "truth.yaml").write_text("[]\n")
    assert scored_by(site_of("lift_doorway"), tmp_path / "truth.yaml", capsys, "lift_fall")[0] == (0, 0, 0)


# What is found of what is so small, and that the crowd hides the bicycle once: docs/scenarios/zones.md.
FOUND = {
    "CONDUCT.INTRUSION",
    "CONDUCT.LOITER",
    "CONDUCT.CROWD.L1",
    "CONDUCT.CROWD.L2",
    "VEHICLE.PARK.FIRELANE",
    "VEHICLE.WRONGWAY",
}


BESIDE = {"CONDUCT.DOG.ALONE", "CONDUCT.LITTER", "CONDUCT.OBJECT.TAKEN"}
CROWDS = {"CONDUCT.CROWD.L1", "CONDUCT.CROWD.L2", "CONDUCT.CROWD.L3"}


@pytest.mark.parametrize(
    ("film", "model", "found", "false_alarms"),
    [
        ("yard", "lift-s", FOUND, 0),
        ("yard", "yard-n", FOUND | BESIDE, 1),
        ("yard_night", "lift-s", CROWDS | {"CONDUCT.INTRUSION", "CONDUCT.CLIMB"}, 0),
        ("yard_night", "yard-n", CROWDS | {"CONDUCT.INTRUSION"}, 0),
    ],
)
def test_what_is_found_in_a_yard(
    film: str, model: str, found: set[str], false_alarms: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [row for row in yaml.safe_load(truth_of(film).read_text("utf-8")) if row["code"] in found]
    (tmp_path / "truth.yaml").write_text(yaml.safe_dump(rows))
    words = ["--config", str(site_of(film)), "--truth", str(tmp_path / "truth.yaml"), "--model", model, "--json"]
    assert main(["replay", str(recording(film)), *words]) == 0
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["score"]["matched"], told["score"]["missed"]) == (len(found), 0)
    assert told["score"]["false_alarms"] == false_alarms
    assert {episode["code"] for episode in told["episodes"]} == found


@pytest.mark.parametrize("name", ["lift_people", "lift_ebike"])
def test_nobody_lies_in_the_others(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    matched, _ = scored(tmp_path, capsys, name, "      - {kind: lift_person_down, dwell_s: 2}\n", "[]\n")
    assert matched == (0, 0, 0)


def test_a_scenario_alone_needs_no_site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clip = write_video(tmp_path / "clip.mp4", frames=10)
    assert main(["replay", str(clip), "--scenario", "vehicle_parked", "--json"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["episodes"] == []


def test_a_report_draws_what_the_scenario_is_about(tmp_path: Path) -> None:
    clip = write_video(tmp_path / "clip.mp4", frames=10)
    assert main(["replay", str(clip), "--scenario", "conduct_dog", "--report", str(tmp_path / "report"), "--json"]) == 0
    assert ">dog</text>" in (tmp_path / "report" / "index.html").read_text("utf-8")


def test_one_that_needs_settings_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["replay", str(recording("lift_people")), "--scenario", "access_tailgate"]) == 2
    assert "scenarios.0.access_tailgate.line: met nothing, accepted: a value" in capsys.readouterr().err


LABELS = ("person", "car", "dog")
LEFT, RIGHT = [[0, 0], [0.5, 0], [0.5, 1], [0, 1]], [[0.5, 0], [1, 0], [1, 1], [0.5, 1]]
YARD = ChainConfig.model_validate(
    {
        "scenarios": [
            {"kind": "conduct_intrusion", "name": "right", "zone": RIGHT},
            {"kind": "conduct_dog", "dwell_s": 5, "clear_s": 5, "near_heights": 0.5},
            {"kind": "vehicle_parked", "name": "left", "zone": LEFT, "dwell_s": 20, "clear_s": 5},
            {
                "kind": "conduct_crowd",
                "name": "left",
                "zone": LEFT,
                "dwell_s": 2,
                "clear_s": 2,
                "levels": [{"enter": 2, "leave": 2}, {"enter": 3, "leave": 3}],
            },
        ]
    }
)
CAR, DOG = ("car", 2, 20), ("dog", 10, 30)
AT_LEFT = [("person", 2 + 7 * n, 10) for n in range(3)]
INTRUDER = ("person", 45, 10)


def seen(*rows: tuple[str, int, int]) -> Detections:
    """Label, left and top edge, in a picture of 64 x 48 pixels."""
    size = {"person": (6, 24), "car": (26, 16), "dog": (6, 6)}
    boxes = [(x, y, x + size[label][0], y + size[label][1]) for label, x, y in rows]
    labels = [LABELS.index(label) for label, *_ in rows]
    n = len(rows)
    return Detections(
        np.array(boxes, np.float32).reshape(n, 4), np.full(n, 0.9, np.float32), np.array(labels, np.int16)
    )


MINUTE: dict[float, Detections] = {
    1: seen(CAR),
    8: seen(CAR, INTRUDER),
    11: seen(CAR),
    30: seen(),
    31: seen(*AT_LEFT[:2]),
    36: seen(*AT_LEFT),
    41: seen(*AT_LEFT[:1]),
    46: seen(DOG),
    47: seen(DOG, ("person", 12, 12)),
    50: seen(DOG, ("person", 45, 12)),
    58: seen(),
}
HAPPENED = (
    TruthEntry(code="CONDUCT.INTRUSION", start_s=8, end_s=10),
    TruthEntry(code="VEHICLE.PARK.FIRELANE", start_s=20.5, end_s=22),
    TruthEntry(code="CONDUCT.CROWD.L1", start_s=33, end_s=34),
    TruthEntry(code="CONDUCT.CROWD.L2", start_s=38, end_s=39),
    TruthEntry(code="CONDUCT.INTRUSION", start_s=50, end_s=52),
    TruthEntry(code="CONDUCT.DOG.ALONE", start_s=54.5, end_s=56.5),
)


@pytest.mark.parametrize("fps", [2, 5, 10])
def test_a_drawn_minute_is_told_exactly(fps: int) -> None:
    thresholds = {label: Thresholds(0.25, 0.4) for label in LABELS}
    model = Model(ScriptedDetector(LABELS, MINUTE, time_of), LABELS, thresholds, "scripted")
    log = EventLog(Scene())
    assert play(frames(steady(62, fps)), build_pipeline(YARD, "yard", model, event_ids()), log) is None
    result = score(log.episodes, HAPPENED)
    assert (result.matched, result.missed, result.false_alarms) == (len(HAPPENED), 0, 0)
    assert len(log.episodes) == len(HAPPENED)
    assert {episode.end_reason for episode in log.episodes} <= {"left", "end_of_recording"}


GATE = ChainConfig.model_validate(
    {
        "scenarios": [
            {"kind": "access_tailgate", "zone": RIGHT, "line": [[0.45, 0], [0.45, 1]], "clear_s": 3},
            {"kind": "object_left", "zone": LEFT, "labels": ["dog"], "dwell_s": 10, "clear_s": 4, "near_heights": 0.5},
        ]
    }
)
# One walks through alone, then two a second apart; and a thing (drawn as a dog) that somebody puts down and fetches.
WALKS = ((2, 10), (20, 10), (21, 20))
THING = {30: [("person", 2, 10), DOG], 33: [DOG], 50: [("person", 6, 10), DOG], 52: []}


def passing(at_s: float) -> Detections:
    """Eight seconds from left to right, four pixels a second."""
    walkers = [("person", round(16 + 4 * (at_s - begun)), y) for begun, y in WALKS if begun <= at_s < begun + 8]
    thing = next((rows for begun, rows in reversed(THING.items()) if begun <= at_s), [])
    return seen(*walkers, *thing)


PASSED = (
    TruthEntry(code="ACCESS.TAILGATE", start_s=23.4, end_s=24.5),
    TruthEntry(code="CONDUCT.LITTER", start_s=42.5, end_s=44),
)


@pytest.mark.parametrize("fps", [4, 10])
def test_a_gate_and_a_thing_left_behind_are_told_exactly(fps: int) -> None:
    thresholds = {label: Thresholds(0.25, 0.4) for label in LABELS}
    table = {quarter / 4: passing(quarter / 4) for quarter in range(240)}
    model = Model(ScriptedDetector(LABELS, table, time_of), LABELS, thresholds, "scripted")
    log = EventLog(Scene())
    assert play(frames(steady(60, fps)), build_pipeline(GATE, "gate", model, event_ids()), log) is None
    told = [(episode.code, episode.new_s) for episode in log.episodes]
    result = score(log.episodes, PASSED)
    assert (result.matched, result.missed, result.false_alarms) == (len(PASSED), 0, 0), told
