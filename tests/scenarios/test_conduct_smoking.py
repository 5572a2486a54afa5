"""Joints are drawn: a trunk of 100 pixels, and a hand that goes where the test says."""

from collections.abc import Callable

import numpy as np
import pytest

from edgeguard.bodies import ScriptedBodies
from edgeguard.bodies.scripted import Joints
from edgeguard.scenarios.conduct_smoking import ConductSmokingConfig, hand_at_mouth
from edgeguard.types import KEYPOINTS, Phase
from tests.support.zone_rule import Camera, Row

CONFIG = ConductSmokingConfig()
SMOKER: Row = ("person", (100, 100, 200, 400), 1)
LABEL = "CONDUCT.SMOKING"


def body(reach_px: float, sure: float = 0.9, unsure: tuple[int, ...] = ()) -> Joints:
    """Nose at (150, 130), shoulders at 170, hips at 270; the right wrist `reach_px` below the nose."""
    joints = np.zeros((KEYPOINTS, 3), np.float32)
    joints[:, 2] = sure
    joints[0, :2] = 150, 130
    joints[[5, 11], :2], joints[[6, 12], :2] = ((120, 170), (120, 270)), ((180, 170), (180, 270))
    joints[9, :2], joints[10, :2] = (100, 300), (150, 130 + reach_px)
    joints[list(unsure), 2] = 0.1
    return joints


@pytest.mark.parametrize(
    ("joints", "at_mouth"),
    [
        (body(20), True),
        (body(39), True),
        (body(42), False),
        (body(150), False),
        (body(20, unsure=(0,)), False),
        (body(20, unsure=(10,)), False),
        (body(20, unsure=(11,)), False),
        (body(20, sure=0.2), False),
        (np.zeros((KEYPOINTS, 3), np.float32), False),
    ],
)
def test_a_hand_at_the_mouth(joints: Joints, at_mouth: bool) -> None:
    assert hand_at_mouth(joints) is at_mouth


def puffs(count: int, up_s: float, down_s: float, camera: Camera | None = None) -> Camera:
    """So many times the hand goes up and comes down."""
    camera = camera or Camera(CONFIG)
    for _ in range(count):
        for seconds, reach_px in ((up_s, 20), (down_s, 150)):
            camera.bodies = ScriptedBodies(joints=_holds(reach_px))
            camera.play([SMOKER], seconds)
    return camera


def _only(smoker: int, reach_px: float) -> Callable[[int], Joints]:
    return lambda who: body(reach_px if who == smoker else 150)


def _holds(reach_px: float) -> Callable[[int], Joints]:
    return lambda _: body(reach_px)


@pytest.mark.parametrize(
    ("count", "up_s", "down_s", "told"),
    [
        (3, 1.5, 8, 1),
        (3, 1.5, 2, 1),
        (2, 1.5, 8, 0),
        # Scratches the nose; holds a telephone, or the head; too seldom.
        (6, 0.25, 3, 0),
        (3, 12, 3, 0),
        (4, 1.5, 35, 0),
    ],
)
def test_puffs_are_counted(count: int, up_s: float, down_s: float, told: int) -> None:
    assert len(puffs(count, up_s, down_s).told(Phase.NEW)) == told


def test_it_is_over_when_the_hand_stays_down() -> None:
    camera = puffs(3, 1.5, 5)
    puffs(1, 0.25, CONFIG.within_s + CONFIG.clear_s + 5, camera)
    assert camera.story()[0] == "confirmed"
    assert camera.story()[-1] == "left"


def test_without_a_pose_network_it_stays_off() -> None:
    camera = Camera(CONFIG)
    camera.bodies = None
    assert camera.play([SMOKER], 60).log == []


def test_each_person_has_their_own_count() -> None:
    camera = Camera(CONFIG)
    other: Row = ("person", (400, 100, 500, 400), 2)
    for number in range(4):
        for seconds, reach_px in ((1.5, 20), (4.0, 150)):
            smoker = 1 + number % 2
            camera.bodies = ScriptedBodies(joints=_only(smoker, reach_px))
            camera.play([SMOKER, other], seconds)
    assert camera.log == []
