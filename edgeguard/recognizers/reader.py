"""The face chain: picture -> the one face meant -> quality, template."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from edgeguard.recognizers.align import align
from edgeguard.recognizers.quality import Quality, QualityGate, assess
from edgeguard.recognizers.template import Template, TemplateMaker
from edgeguard.types import FaceFinder, Faces

# Who stands before the camera has at least so many times the area of whoever is next: about 1.4 times as near. Where
# two are as near as that, nobody can say who is meant.
CLEARLY_LARGER = 2.0


class Unseen(StrEnum):
    """Why a picture gives no template."""

    NO_FACE = "no_face"
    SEVERAL_FACES = "several_faces"


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the face that is meant; `box` xyxy in the picture's pixels, `faces` how many were found in it."""

    template: Template
    quality: Quality
    box: tuple[float, float, float, float]
    faces: int


class FaceReader:
    """Detector, quality gate and face model as one. Not for two threads at once."""

    def __init__(self, finder: FaceFinder, maker: TemplateMaker, gate: QualityGate | None = None) -> None:
        self._finder = finder
        self._maker = maker
        self._gate = gate or QualityGate()

    def read(self, bgr: NDArray[np.uint8]) -> Look | Unseen:
        """Look at (h, w, 3) uint8. A poor look has a template too: what to do with its flaws is the caller's."""
        faces = self._finder.find(bgr)
        row = meant(faces)
        if isinstance(row, Unseen):
            return row
        landmarks = faces.landmarks[row]
        aligned = align(bgr, landmarks)
        quality = assess(self._gate, landmarks, aligned, (bgr.shape[0], bgr.shape[1]))
        x0, y0, x1, y1 = faces.xyxy[row].tolist()
        return Look(self._maker.make_of_aligned(aligned), quality, (x0, y0, x1, y1), len(faces))


def meant(faces: Faces) -> int | Unseen:
    """Row of the largest face, where it is clearly the largest."""
    if not len(faces):
        return Unseen.NO_FACE
    areas = (faces.xyxy[:, 2] - faces.xyxy[:, 0]) * (faces.xyxy[:, 3] - faces.xyxy[:, 1])
    order = np.argsort(-areas, kind="stable")
    if len(order) > 1 and areas[order[0]] < CLEARLY_LARGER * areas[order[1]]:
        return Unseen.SEVERAL_FACES
    return int(order[0])
