"""Faces with landmarks, by YuNet: W. Wu, H. Peng, S. Yu, "YuNet: A Tiny Millisecond-level Face Detector" (2023)."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.errors import ModelError
from edgeguard.networks import verify_file
from edgeguard.recognizers.manifest import YunetSpec
from edgeguard.types import Faces

# Candidates that go into the suppression of copies, which takes quadratic time; a gate sees a handful of people.
MAX_CANDIDATES = 500


class YunetFinder:
    """OpenCV's `FaceDetectorYN` on a verified file; threads take turns. Raises ModelError for what is no YuNet."""

    def __init__(self, spec: YunetSpec) -> None:
        self.spec = spec
        self._lock = Lock()
        verify_file(spec)
        try:
            with _warnings_off():
                self._net = cv2.FaceDetectorYN.create(
                    str(spec.path), "", (32, 32), spec.score, spec.nms_iou, MAX_CANDIDATES
                )
        except cv2.error as error:
            raise ModelError(f"{spec.path}: not a model that can be run: {' '.join(str(error).split())}") from error
        self.find(np.zeros((spec.longest_px, spec.longest_px, 3), np.uint8))

    def find(self, bgr: NDArray[np.uint8]) -> Faces:
        """Faces in (h, w, 3) uint8, the surest first, in its pixels; what reaches beyond its edge is cut off."""
        height, width = bgr.shape[:2]
        scale = min(1.0, self.spec.longest_px / max(height, width))
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        seen = bgr if scale == 1.0 else cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)
        try:
            with self._lock:
                self._net.setInputSize(size)
                rows: Any = self._net.detect(seen)[1]  # the stubs know nothing of None: no face
        except cv2.error as error:
            told = " ".join(str(error).split())
            raise ModelError(f"{self.spec.path}: the network failed, accepted: a YuNet file: {told}") from error
        if rows is None:
            return Faces.empty()
        return _faces(np.asarray(rows, np.float32), (width / size[0], height / size[1]), (width, height))


def _faces(rows: NDArray[np.float32], per: tuple[float, float], size: tuple[int, int]) -> Faces:
    """`rows` (n, 15): x y w h, five points, score; `per`: the picture's pixels per pixel looked at."""
    rows = rows[np.argsort(-rows[:, 14], kind="stable")]
    scale = np.array(per, np.float32)
    low, high = rows[:, :2] * scale, (rows[:, :2] + rows[:, 2:4]) * scale
    edge = np.array(size, np.float32)
    xyxy = np.concatenate((np.clip(low, 0, edge), np.clip(high, 0, edge)), axis=1)
    inside = (xyxy[:, 2] > xyxy[:, 0]) & (xyxy[:, 3] > xyxy[:, 1])
    return Faces(xyxy, rows[:, 4:14].reshape(-1, 5, 2) * scale, rows[:, 14])[inside]


@contextmanager
def _warnings_off() -> Iterator[None]:
    """OpenCV 5 tells on standard error that its new engine has one target, which is the one that is wanted."""
    before = cv2.utils.logging.getLogLevel()
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
    try:
        yield
    finally:
        cv2.utils.logging.setLogLevel(before)
