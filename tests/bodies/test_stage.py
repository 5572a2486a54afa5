"""Who is looked at, and where in the picture: with networks that see the mean colour of a square."""

from pathlib import Path

import numpy as np
import pytest

from edgeguard.bodies import BodyStage, PoseNet, PostureNet, open_bodies
from edgeguard.errors import ConfigError
from edgeguard.networks import ExecutionConfig
from edgeguard.sources.picture import DecodedPicture, picture_from_array
from edgeguard.types import BodyAsk, Detections, Tracks
from tests.support import body_models

LABELS = ("e-bike", "person")
RUN = ExecutionConfig()


def picture(width: int = 320, height: int = 240) -> DecodedPicture:
    """The left half is green, the right half black."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2, 1] = 255
    return picture_from_array(pixels, "bgr24")


def tracks(*rows: tuple[int, tuple[float, float, float, float]], label: int = 1) -> Tracks:
    """(track id, box) of each."""
    n = len(rows)
    xyxy = np.array([box for _, box in rows], np.float32).reshape(n, 4)
    boxes = Detections(xyxy, np.full(n, 0.9, np.float32), np.full(n, label, np.int16))
    return Tracks(boxes, np.array([track_id for track_id, _ in rows], np.int64), np.zeros(n, np.float32))


LEFT, RIGHT = (20.0, 60.0, 120.0, 160.0), (200.0, 60.0, 300.0, 160.0)


def test_each_person_has_their_own_posture(tmp_path: Path) -> None:
    stage = BodyStage(1, posture=PostureNet(body_models.posture(tmp_path), RUN))
    bodies = stage.read(picture(), tracks((7, LEFT), (8, RIGHT)), 0.0)
    assert bodies.track_id.tolist() == [7, 8]
    assert bodies.lying[0] > 0.95
    assert bodies.lying[1] < 0.05
    assert not bodies.keypoints.any()
    assert (bodies.fight, bodies.group) == (None, None)


def test_what_is_no_person_is_not_looked_at(tmp_path: Path) -> None:
    stage = BodyStage(1, posture=PostureNet(body_models.posture(tmp_path), RUN))
    assert len(stage.read(picture(), tracks((7, LEFT), label=0), 0.0)) == 0
    assert len(stage.read(picture(), Tracks.empty(), 0.2)) == 0


@pytest.mark.parametrize("size", [(320, 240), (1280, 960), (1920, 1440)])
def test_joints_are_in_pixels_of_the_picture(tmp_path: Path, size: tuple[int, int]) -> None:
    stage = BodyStage(1, pose=PoseNet(body_models.pose(tmp_path), RUN))
    scale = size[0] / 320
    x0, y0, x1, y1 = (side * scale for side in LEFT)
    bodies = stage.read(picture(*size), tracks((7, (x0, y0, x1, y1))), 0.0)
    assert np.isnan(bodies.lying).all()
    assert bodies.keypoints.shape == (1, 17, 3)
    np.testing.assert_allclose(bodies.keypoints[0, :, 0], 70 * scale, atol=2 * scale)
    np.testing.assert_allclose(bodies.keypoints[0, :, 1], 110 * scale, atol=2 * scale)
    np.testing.assert_allclose(bodies.keypoints[0, :, 2], 1.0, atol=0.05)


def left(box: tuple[float, float, float, float]) -> bool:
    """Whether a box, in 0..1 of the picture, is in the left half."""
    return box[2] <= 0.5


def test_who_is_outside_is_not_looked_at_and_takes_nobodys_turn(tmp_path: Path) -> None:
    net = PostureNet(body_models.posture(tmp_path), RUN)
    stage, alone = BodyStage(1, net, asked={BodyAsk.POSTURE: [left]}), BodyStage(1, net)
    outside = [(number, RIGHT) for number in range(8, 12)]
    for look in range(20):
        read = stage.read(picture(), tracks(*outside, (7, LEFT)), look / 8)
        expected = alone.read(picture(), tracks((7, LEFT)), look / 8)
        assert read.track_id.tolist() == expected.track_id.tolist()
        assert read.lying.tolist() == expected.lying.tolist()


def test_each_network_sees_only_of_whom_it_is_asked(tmp_path: Path) -> None:
    posture, pose = PostureNet(body_models.posture(tmp_path), RUN), PoseNet(body_models.pose(tmp_path), RUN)
    stage = BodyStage(
        1, posture, pose=pose, asked={BodyAsk.POSTURE: [left, left], BodyAsk.POSE: [lambda _: False, left]}
    )
    assert stage.read(picture(), tracks((8, RIGHT)), 0.0).track_id.tolist() == []
    stage = BodyStage(1, posture, pose=pose, asked={BodyAsk.POSE: [left]})
    bodies = stage.read(picture(), tracks((7, LEFT), (8, RIGHT)), 0.0)
    assert not np.isnan(bodies.lying).any()
    assert bodies.keypoints.any(axis=(1, 2)).tolist() == [True, False]


def test_nobody_asks_for_nothing() -> None:
    assert open_bodies(frozenset(), LABELS, None, RUN) is None


def test_without_a_pose_network_what_needs_one_stays_off(caplog: pytest.LogCaptureFixture) -> None:
    assert open_bodies({BodyAsk.POSE}, LABELS, None, RUN) is None
    assert "edgeguard models convert yolo11n-pose.pt" in caplog.text


def test_a_pose_network_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"pose: .*none\.onnx is not there, accepted: .*edgeguard models convert"):
        open_bodies({BodyAsk.POSE}, LABELS, tmp_path / "none.onnx", RUN)


def test_a_network_without_its_description_is_refused(tmp_path: Path) -> None:
    spec = body_models.pose(tmp_path)
    with pytest.raises(ConfigError, match=r"tiny-pose\.yaml is not there"):
        open_bodies({BodyAsk.POSE}, LABELS, spec.path, RUN)


def test_the_bundled_networks_are_what_the_manifest_says() -> None:
    stage = open_bodies({BodyAsk.POSTURE, BodyAsk.FIGHT}, LABELS, None, RUN)
    assert stage is not None
    lying = stage.read(picture(), tracks((7, LEFT)), 0.0).lying
    assert 0 <= lying[0] <= 1
