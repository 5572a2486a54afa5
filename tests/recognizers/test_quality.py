from typing import Any

import cv2
import numpy as np
import pytest

from edgeguard.recognizers import Flaw, QualityGate
from edgeguard.recognizers.align import REFERENCE
from edgeguard.recognizers.quality import assess, pose

NOISE = np.random.default_rng(1).integers(0, 256, (112, 112, 3), np.uint8)
FACE = (REFERENCE * 2 + 100).astype(np.float32)


def turned(landmarks: np.ndarray[Any, Any], degrees: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    matrix = cv2.getRotationMatrix2D((200, 200), -degrees, 1)
    return (landmarks @ matrix[:, :2].T + matrix[:, 2]).astype(np.float32)


def with_nose(x: float, y: float) -> np.ndarray[Any, np.dtype[np.float32]]:
    changed = FACE.copy()
    changed[2] += (x, y)
    return changed


@pytest.mark.parametrize(
    ("landmarks", "aligned", "flaws"),
    [
        (FACE, NOISE, []),
        (FACE / 4, NOISE, [Flaw.SMALL]),
        (FACE, np.full_like(NOISE, 90), [Flaw.BLURRED]),
        (FACE, cv2.GaussianBlur(NOISE, (0, 0), 6), [Flaw.BLURRED]),
        (with_nose(40, 0), NOISE, [Flaw.TURNED]),
        (with_nose(-40, 0), NOISE, [Flaw.TURNED]),
        (with_nose(0, 30), NOISE, [Flaw.NODDED]),
        (with_nose(0, -30), NOISE, [Flaw.NODDED]),
        (turned(FACE, 50), NOISE, [Flaw.TILTED]),
        (turned(FACE, 20), NOISE, []),
        (FACE - 190, NOISE, [Flaw.CUT_OFF]),
        (FACE + 300, NOISE, [Flaw.CUT_OFF]),
        (FACE * 0, NOISE, [Flaw.SMALL, Flaw.TURNED, Flaw.NODDED]),
    ],
)
def test_flaws_by_name(landmarks: Any, aligned: Any, flaws: list[Flaw]) -> None:
    assert list(assess(QualityGate(), landmarks, aligned, (480, 480)).flaws) == flaws


def test_a_tilted_head_is_neither_turned_nor_nodded() -> None:
    for degrees in (-170, -60, 0, 45, 90):
        eyes_px, turn, nod, roll_deg = pose(turned(FACE, degrees))
        straight = pose(FACE)
        assert (eyes_px, turn, nod) == pytest.approx(straight[:3], abs=1e-3)
        assert roll_deg - straight[3] == pytest.approx(degrees, abs=0.01)
