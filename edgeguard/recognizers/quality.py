"""Is this look at a face worth a template? Told with its reasons, so that the person can be asked to mend it."""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from edgeguard.yamlfile import Strict


class Flaw(StrEnum):
    """What is wrong with a look at a face."""

    SMALL = "small"
    BLURRED = "blurred"
    TURNED = "turned"
    NODDED = "nodded"
    TILTED = "tilted"
    CUT_OFF = "cut_off"


class QualityGate(Strict):
    """What a look must have. How the numbers were found: docs/faces.md."""

    # The network's picture has 35 pixels between the eyes: below about half of that it is fed what was never seen.
    min_eyes_px: Annotated[float, Field(ge=4)] = 20.0
    # Variance of the Laplacian of the aligned face.
    min_sharpness: Annotated[float, Field(ge=0)] = 25.0
    # Nose beside the middle of the eyes, in eye distances: 0 looks into the camera, 0.5 has the nose below an eye.
    max_turn: Annotated[float, Field(gt=0, le=1)] = 0.35
    # Where the nose is between eyes (0) and mouth (1): small looks up, large looks down.
    min_nod: Annotated[float, Field(ge=0, le=1)] = 0.25
    max_nod: Annotated[float, Field(ge=0, le=1)] = 0.80
    max_roll_deg: Annotated[float, Field(gt=0, le=180)] = 35.0


@dataclass(frozen=True, slots=True)
class Quality:
    """What was measured, in the units of QualityGate; no flaws: good enough."""

    eyes_px: float
    sharpness: float
    turn: float
    nod: float
    roll_deg: float
    flaws: tuple[Flaw, ...]


def assess(
    gate: QualityGate, landmarks: NDArray[np.float32], aligned: NDArray[np.uint8], picture: tuple[int, int]
) -> Quality:
    """`landmarks` (5, 2) in pixels of a picture of (height, width), `aligned` the face's (112, 112, 3) uint8."""
    eyes_px, turn, nod, roll_deg = pose(landmarks)
    sharpness = float(cv2.Laplacian(cv2.cvtColor(aligned, cv2.COLOR_BGR2GRAY), cv2.CV_32F).var())
    inside = (landmarks >= 0).all() and (landmarks[:, 0] < picture[1]).all() and (landmarks[:, 1] < picture[0]).all()
    found = {
        Flaw.SMALL: eyes_px < gate.min_eyes_px,
        Flaw.BLURRED: sharpness < gate.min_sharpness,
        Flaw.TURNED: abs(turn) > gate.max_turn,
        Flaw.NODDED: not gate.min_nod <= nod <= gate.max_nod,
        Flaw.TILTED: abs(roll_deg) > gate.max_roll_deg,
        Flaw.CUT_OFF: not inside,
    }
    return Quality(eyes_px, sharpness, turn, nod, roll_deg, tuple(flaw for flaw, there in found.items() if there))


def pose(landmarks: NDArray[np.float32]) -> tuple[float, float, float, float]:
    """Eye distance in pixels, turn, nod and roll as QualityGate has them; turn > 0: towards the left of the person.

    Measured along and across the line of the eyes, so that a tilted head is neither turned nor nodded.
    """
    right, left, nose, *corners = landmarks.astype(np.float64)
    across = left - right
    eyes_px = math.hypot(*across)
    if eyes_px == 0:
        return 0.0, 1.0, 0.0, 0.0
    along = across / eyes_px
    down = np.array([-along[1], along[0]])
    middle = (right + left) / 2
    mouth = float((np.mean(corners, axis=0) - middle) @ down)
    nod = float((nose - middle) @ down) / mouth if mouth > 0 else 0.0
    return eyes_px, float((nose - middle) @ along) / eyes_px, nod, math.degrees(math.atan2(across[1], across[0]))
