"""QR codes: a pass as a picture, and the text of one that is held before a camera."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.boxes import wider

# White around the code, in modules (ISO/IEC 18004).
QUIET_MODULES = 4
_MODULE_PX = 8
# A small code is read more often when it is made larger; a large picture only takes longer.
LARGEST_ENLARGED_PX = 1280
WIDER, HIGHER = (2, 1), (1, 2)
# Where a code is, is asked of a picture so large: what leaves the box is no larger.
PLACES_PX = 960
# Markers are found a little inside of what can be read.
AROUND = 0.15


def draw(text: str, module_px: int = _MODULE_PX) -> NDArray[np.uint8]:
    """(side, side) uint8 of a code, with its quiet zone."""
    return np.asarray(np.kron(_modules(text), np.ones((module_px, module_px), np.uint8)), np.uint8)


def _modules(text: str) -> NDArray[np.uint8]:
    """(n, n) uint8, 0 is black: a code with error correction M, with its quiet zone."""
    settings = cv2.QRCodeEncoder.Params()
    settings.correction_level = cv2.QRCodeEncoder_CORRECT_LEVEL_M
    settings.mode = (
        cv2.QRCodeEncoder_MODE_ALPHANUMERIC if text.isascii() and text.isalnum() else cv2.QRCodeEncoder_MODE_BYTE
    )
    modules = np.asarray(cv2.QRCodeEncoder.create(settings).encode(text), np.uint8)
    return np.pad(_without_margin(modules), QUIET_MODULES, constant_values=255)


def png(text: str) -> bytes:
    """A picture of it, as a file has it."""
    return cv2.imencode(".png", draw(text))[1].tobytes()


def svg(text: str) -> str:
    """A picture of it that is sharp in every size, as an element of a page: black on white."""
    modules = _modules(text)
    side = len(modules)
    path = "".join(f"M{x} {y}h1v1h-1z" for y, x in np.argwhere(modules == 0).tolist())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    )


def places(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Where codes are in (h, w) uint8, with what is around them, read or not: xyxy (n, 4) float32 in its pixels."""
    scale = min(1.0, PLACES_PX / max(luma.shape))
    small = np.asarray(cv2.resize(luma, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    found = [*_corners(cv2.QRCodeDetectorAruco(), small), *_corners(cv2.QRCodeDetector(), small)]
    boxes = [wider(np.concatenate((corners.min(axis=0), corners.max(axis=0))), AROUND) for corners in found]
    return np.array(boxes, np.float32).reshape(-1, 4) / np.float32(scale)


class QrReader:
    """Two readers of OpenCV, one after the other: what one misses the other often reads. Not for two threads.

    Neither finds a code that is seen so much from the side or from below that it looks half as wide, or as high, as it
    is: that is made wider, or higher, before it is given up.
    """

    def __init__(self) -> None:
        self._detector = cv2.QRCodeDetector()
        self._by_markers = cv2.QRCodeDetectorAruco()
        self._wider = False

    def read(self, bgr: NDArray[np.uint8]) -> str | None:
        """The text of the code in (h, w, 3) or (h, w) uint8; None where there is none that can be read."""
        small = max(bgr.shape[:2]) <= LARGEST_ENLARGED_PX
        text = _text(self._by_markers, bgr) or _text(self._detector, _stretched(bgr, 2, 2) if small else bgr)
        if text is None and small:
            tried = (_text(self._by_markers, _stretched(bgr, *factors)) for factors in (WIDER, HIGHER))
            text = next(filter(None, tried), None)
        return text

    def glance(self, bgr: NDArray[np.uint8]) -> str | None:
        """The same in half the time, for a camera that looks again soon: it is made wider and higher by turns."""
        self._wider = not self._wider
        met = _text(self._by_markers, bgr) or _text(self._detector, bgr)
        return met or _text(self._by_markers, _stretched(bgr, *(WIDER if self._wider else HIGHER)))


def _stretched(bgr: NDArray[np.uint8], along: int, down: int) -> NDArray[np.uint8]:
    return np.asarray(cv2.resize(bgr, None, fx=along, fy=down, interpolation=cv2.INTER_CUBIC), np.uint8)


def _text(detector: cv2.QRCodeDetector | cv2.QRCodeDetectorAruco, bgr: NDArray[np.uint8]) -> str | None:
    try:
        return detector.detectAndDecode(bgr)[0] or None
    except cv2.error:  # some damaged codes end in an assertion of OpenCV
        return None


def _corners(detector: cv2.QRCodeDetector | cv2.QRCodeDetectorAruco, luma: NDArray[np.uint8]) -> list[NDArray[Any]]:
    try:
        found, corners = detector.detectMulti(luma)
    except cv2.error:  # as with what is read
        return []
    return list(corners) if found else []


def _without_margin(modules: NDArray[np.uint8]) -> NDArray[np.uint8]:
    rows, columns = np.where(modules == 0)
    return modules[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
