"""From the source to the evidence picture with every size a camera may have, and one that changes on the way."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeguard.detectors.letterbox import Preprocessor
from edgeguard.motion import MotionGate
from edgeguard.networks import InputSpec
from edgeguard.pipeline import CameraPipeline
from edgeguard.pipeline.snapshot import MAX_JPEG_BYTES, snapshot
from edgeguard.sources import FileConfig, FileSource
from edgeguard.trackers import GreedyTracker
from edgeguard.types import Detections, Frame, Observation, Picture, Verdict
from tests.support.sizes import write_changing, write_sized


class Middle:
    """Loads the picture as the network's input, then sees an e-bike in its middle."""

    def __init__(self) -> None:
        spec = InputSpec.model_validate({"size": (64, 64), "color": "rgb", "scale": 1 / 255})
        self._preprocessor = Preprocessor(spec, centred=True)

    def detect(self, picture: Picture) -> Detections:
        inner = self._preprocessor.load(picture)
        assert np.isfinite(self._preprocessor.tensor).all()
        box = np.array([inner.to_frame((24, 24, 40, 40))], np.float32)
        return Detections(box, np.ones(1, np.float32), np.zeros(1, np.int16))


class Attentive:
    def __init__(self) -> None:
        self.told: list[Observation] = []

    def update(self, observation: Observation) -> Verdict:
        self.told.append(observation)
        return Verdict(attentive=True)


def frames(path: Path) -> list[Frame]:
    return list(FileSource(FileConfig(path=path, pace="max"), "lift-1").frames())


def looked(seen: list[Frame]) -> list[Observation]:
    scenario = Attentive()
    pipeline = CameraPipeline(MotionGate(), Middle(), GreedyTracker(("e-bike",)), [scenario], "lift-1")
    for frame in seen:
        pipeline.look(frame)
    return scenario.told


SIZES = [(1, 1), (2, 2), (1, 90), (90, 1), (3, 5), (637, 359), (360, 640), (7680, 4320)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_any_size_goes_the_whole_way(tmp_path: Path, width: int, height: int) -> None:
    seen = frames(write_sized(tmp_path / "clip.avi", width, height, frames=2))
    assert {frame.picture.luma.shape for frame in seen} == {(height, width)}
    for told in looked(seen):
        assert (told.width_px, told.height_px) == (width, height)
        assert told.tracks is not None
        assert (told.tracks.boxes.xyxy <= np.array([width, height, width, height])).all()
    jpeg = snapshot(seen[-1].picture, (0.2, 0.2, 0.8, 0.8), np.array([[0, 0, width, height]], np.float32))
    assert len(jpeg) <= MAX_JPEG_BYTES
    shown = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert shown is not None
    assert shown.shape[1] == min(width, 960)


def test_a_size_that_changes_on_the_way(tmp_path: Path) -> None:
    seen = frames(write_changing(tmp_path / "clip.h264", [(640, 360), (352, 288), (1280, 720)]))
    told = looked(seen)
    sizes = [(one.width_px, one.height_px) for one in told]
    assert sizes == [(640, 360)] * 15 + [(352, 288)] * 15 + [(1280, 720)] * 15
    for one in told:
        assert one.tracks is not None
        x0, _, x1, _ = one.tracks.boxes.xyxy[0] / one.width_px
        assert (x0, x1) == (pytest.approx(0.375, abs=0.02), pytest.approx(0.625, abs=0.02))


def test_the_same_thing_in_another_size_is_another_track_or_the_same_but_never_two(tmp_path: Path) -> None:
    told = looked(frames(write_changing(tmp_path / "clip.h264", [(640, 360), (352, 288)])))
    assert all(one.tracks is not None and len(one.tracks) == 1 for one in told)
    ids = {int(one.tracks.id[0]) for one in told if one.tracks is not None}
    assert len(ids) <= 2
