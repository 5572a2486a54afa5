"""A face, however it is held -> the same 112 x 112 pixels that its network was trained with."""

import cv2
import numpy as np
from numpy.typing import NDArray

SIDE_PX = 112
# Where ArcFace puts eyes, nose and corners of the mouth: insightface, recognition/arcface_torch, `arcface_src`
# (github.com/deepinsight/insightface, python-package/insightface/utils/face_align.py). SFace was trained with the same.
REFERENCE = np.array(
    [(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)], np.float64
)

Points = NDArray[np.float32] | NDArray[np.float64]


def similarity(points: Points, onto: Points) -> NDArray[np.float64]:
    """(2, 3) rotation, one scale and shift that bring `points` (n, 2) nearest to `onto` (n, 2) in the least squares.

    S. Umeyama, "Least-squares estimation of transformation parameters between two point patterns", IEEE PAMI 13 (1991),
    equations 38 to 43. Points that all lie in one place give scale 0.
    """
    from_centre, to_centre = points.mean(axis=0), onto.mean(axis=0)
    source, target = points - from_centre, onto - to_centre
    u, singular, vt = np.linalg.svd(target.T @ source / len(points))
    # A mirrored face is no face: the reflection is turned back.
    sign = np.array([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt)) or 1.0])
    rotation = u @ np.diag(sign) @ vt
    spread = float((source**2).sum() / len(points))
    scale = float(singular @ sign) / spread if spread > 0 else 0.0
    shift = to_centre - scale * rotation @ from_centre
    return np.hstack((scale * rotation, shift[:, None]))


def align(bgr: NDArray[np.uint8], landmarks: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(112, 112, 3) uint8 of the face with these `landmarks` (5, 2); black where the picture ends."""
    matrix = similarity(landmarks, REFERENCE)
    return np.asarray(cv2.warpAffine(bgr, matrix, (SIDE_PX, SIDE_PX)), np.uint8)
