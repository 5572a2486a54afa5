"""What is written is read again to the last bit, also what is known of people and of things that fall."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from edgeguard.detectors import ScriptedDetector
from edgeguard.errors import ConfigError
from edgeguard.pipeline import ChainConfig, Model
from edgeguard.replay.detections import Line, Recorder, read_recording
from edgeguard.replay.whatif import rerun, scenarios_of
from edgeguard.scenarios import Thresholds
from edgeguard.types import KEYPOINTS, Bodies, BodyAsk, Flight, Observation, Tracks

AT = datetime(2026, 1, 31, 8, tzinfo=UTC)
RANDOM = np.random.default_rng(1)
END = Observation(1.0, AT, 640, 360, ending="end_of_recording")


def again(observation: Observation) -> Observation:
    return Line.model_validate_json(Line.of(observation).model_dump_json(exclude_defaults=True)).observation()


def recorder(out: io.StringIO, **chain: object) -> Recorder:
    model = Model(ScriptedDetector(("person",), {}, lambda _: 0.0), ("person",), {"person": Thresholds(0.25, 0.4)}, "m")
    return Recorder(out, "clip.mp4", "yard", ChainConfig.model_validate(chain), model)


def test_bodies_are_read_as_they_were_written() -> None:
    joints = np.zeros((3, KEYPOINTS, 3), np.float32)
    joints[1] = RANDOM.uniform(0, 600, (KEYPOINTS, 3))
    lying = np.array([0.1, np.nan, 1 / 3], np.float32)
    written = Bodies(np.array([4, 7, 9]), lying, joints, 0.1 + 0.2, (1.5, 2.25, 300.125, 1 / 3))
    read = again(Observation(0.5, AT, 640, 360, Tracks.empty(), bodies=written)).bodies
    assert read is not None
    for name in ("track_id", "lying", "keypoints"):
        np.testing.assert_array_equal(getattr(read, name), getattr(written, name), strict=True)
    assert (read.fight, read.group) == (written.fight, written.group)


def test_flights_are_read_as_they_were_written() -> None:
    at_s, xy = np.cumsum(RANDOM.uniform(0, 0.1, 6)), RANDOM.uniform(0, 900, (6, 2)).astype(np.float32)
    written = Flight(at_s, xy, RANDOM.uniform(1, 9, 6).astype(np.float32), 8, -12.345, 960, 540)
    (read,) = again(Observation(0.5, AT, 960, 540, flights=(written,))).flights or ()
    for name in ("at_s", "xy", "size_px"):
        np.testing.assert_array_equal(getattr(read, name), getattr(written, name), strict=True)
    assert (read.frames, read.chance, read.width_px, read.height_px) == (8, -12.345, 960, 540)


def test_nobody_looked_is_not_nothing_there() -> None:
    blank = again(Observation(0.5, AT, 640, 360))
    assert (blank.bodies, blank.flights) == (None, None)
    empty = again(Observation(0.5, AT, 640, 360, Tracks.empty(), flights=(), bodies=Bodies.empty()))
    assert empty.flights == ()
    assert empty.bodies is not None
    assert len(empty.bodies) == 0
    assert empty.bodies.keypoints.shape == (0, KEYPOINTS, 3)


@pytest.mark.parametrize(
    ("chain", "bodies", "flights"),
    [
        ({}, (), False),
        ({"scenarios": [{"kind": "conduct_fall"}, {"kind": "conduct_fight"}]}, {"fight", "posture"}, False),
        ({"scenarios": [{"kind": "conduct_smoking"}]}, (), False),
        ({"scenarios": [{"kind": "conduct_smoking"}], "pose": "pose.onnx"}, {"pose"}, False),
        ({"scenarios": [{"kind": "conduct_thrown"}]}, (), True),
    ],
)
def test_the_file_says_what_was_looked_for(
    tmp_path: Path, chain: dict[str, object], bodies: set[str], flights: bool
) -> None:
    out = io.StringIO()
    recorder(out, **chain).update(END)
    (tmp_path / "seen.jsonl").write_text(out.getvalue())
    header = read_recording(tmp_path / "seen.jsonl").header
    assert (header.version, set(header.bodies), header.flights) == (2, {BodyAsk(ask) for ask in bodies}, flights)


def test_a_file_of_before_is_read_and_one_of_later_is_refused(tmp_path: Path) -> None:
    """Before, neither bodies nor flights were kept, and the version was not told."""
    out = io.StringIO()
    recorder(out, scenarios=[{"kind": "conduct_loiter"}, {"kind": "conduct_fall"}]).update(END)
    header, *lines = out.getvalue().splitlines()
    told = json.loads(header)
    file = tmp_path / "seen.jsonl"
    before = {name: value for name, value in told.items() if name not in {"version", "bodies", "flights"}}
    file.write_text("\n".join([json.dumps(before), *lines]) + "\n")
    recording = read_recording(file)
    assert rerun(recording, scenarios_of(recording, "conduct_loiter")) == ()
    with pytest.raises(ConfigError, match=r"met conduct_fall, accepted: one that goes by .*; posture of people is not"):
        scenarios_of(recording, "conduct_fall")
    file.write_text("\n".join([json.dumps(told | {"version": 3}), *lines]) + "\n")
    with pytest.raises(ConfigError, match=r"seen\.jsonl:1: version: Input should be 1 or 2"):
        read_recording(file)


@pytest.mark.parametrize(
    "line",
    [
        {"bodies": {"people": [[1, 0.5, [[1, 2, 0.9]] * 16]]}},
        {"bodies": {"people": [[1, 0.5]]}},
        {"flights": [{"specks": [], "frames": 3, "chance": -9, "size": [960, 540]}]},
    ],
)
def test_a_damaged_line_is_told(tmp_path: Path, line: dict[str, object]) -> None:
    out = io.StringIO()
    recorder(out).update(END)
    header, last = out.getvalue().splitlines()
    damaged = json.dumps(json.loads(last) | line)
    (tmp_path / "seen.jsonl").write_text(f"{header}\n{damaged}\n")
    with pytest.raises(ConfigError, match=r"seen.jsonl:2: (bodies|flights)\."):
        read_recording(tmp_path / "seen.jsonl")
