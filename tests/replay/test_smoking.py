"""A minute of somebody who smokes, with drawn joints: told exactly, and again from the file of what the rule saw."""

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from edgeguard.bodies import ScriptedBodies
from edgeguard.detectors import ScriptedDetector
from edgeguard.motion import MotionGate
from edgeguard.pipeline import CameraPipeline, ChainConfig, Model, Scene
from edgeguard.replay.detections import Recorder, read_recording
from edgeguard.replay.eventlog import EventLog
from edgeguard.replay.player import event_ids, play
from edgeguard.replay.score import score
from edgeguard.replay.truth import TruthEntry
from edgeguard.replay.whatif import changed, rerun, scenarios_of
from edgeguard.scenarios import Thresholds, build
from edgeguard.trackers import GreedyTracker
from edgeguard.types import KEYPOINTS, Bodies, Detections, Picture, Tracks
from tests.support.scripted import frames, steady, time_of

LABELS = ("person",)
THRESHOLDS = {"person": Thresholds(0.25, 0.4)}
CHAIN = ChainConfig.model_validate({"scenarios": [{"kind": "conduct_smoking", "clear_s": 10}], "pose": "drawn.onnx"})
SOMEBODY = Detections(np.array([[10, 4, 30, 44]], np.float32), np.array([0.9], np.float32), np.zeros(1, np.int16))
# From 10 s on a hand goes up every 6 s, for 1.5 s each time, four times; from 45 s on it holds a telephone.
PUFFS = [(10 + 6 * number, 11.5 + 6 * number) for number in range(4)]
RAISED = [*PUFFS, (45.0, 60.0)]
# The third puff is over at 23.5 s, which shows when the hand has been down for a moment.
SMOKED = (TruthEntry(code="CONDUCT.SMOKING", start_s=23.5, end_s=25.0),)


@dataclass(frozen=True)
class Drawn:
    """A `BodyReader`: a trunk of 14 pixels, and a wrist at the nose or at the hip, by the time."""

    def read(self, picture: Picture, tracks: Tracks, monotonic_s: float) -> Bodies:
        joints = np.zeros((KEYPOINTS, 3), np.float32)
        joints[:, 2] = 0.9
        joints[0, :2], joints[[5, 6], :2], joints[[11, 12], :2] = (20, 8), (20, 14), (20, 28)
        up = any(begun <= monotonic_s < over for begun, over in RAISED)
        joints[[9, 10], :2] = (14, 28), (22, 10 if up else 28)
        return ScriptedBodies(joints=lambda _: joints).read(picture, tracks, monotonic_s)


@pytest.mark.parametrize("fps", [5, 8])
def test_who_smokes_is_told_exactly_live_and_from_the_file(tmp_path: Path, fps: int) -> None:
    model = Model(ScriptedDetector(LABELS, {0.0: SOMEBODY}, time_of), LABELS, THRESHOLDS, "scripted")
    out, log = io.StringIO(), EventLog(Scene())
    recorder = Recorder(out, "drawn", "yard", CHAIN, model)
    rules = build(CHAIN.scenarios, "yard", LABELS, THRESHOLDS, event_ids())
    stages = MotionGate(), model.detector, GreedyTracker(LABELS), [*rules, recorder]
    assert play(frames(steady(62, fps)), CameraPipeline(*stages, "yard", bodies=Drawn()), log) is None
    result = score(log.episodes, SMOKED)
    assert (result.matched, result.missed, result.false_alarms) == (1, 0, 0), log.episodes
    (tmp_path / "seen.jsonl").write_text(out.getvalue())
    recording = read_recording(tmp_path / "seen.jsonl")
    configs = scenarios_of(recording, "conduct_smoking")
    assert rerun(recording, configs) == log.episodes
    assert [len(rerun(recording, changed(configs, "puffs", puffs))) for puffs in (2.0, 3.0, 4.0, 5.0)] == [1, 1, 1, 0]
