"""How much of a plate is left in a crop of it. No reader is asked: the generator knows what it drew.

Each character as it was drawn is held against what the crop shows in its place. A text is read only where every
character of it is, so the weakest one speaks for the crop.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.plates.draw import DOT, Plate, layout
from models.training.plates.placed import READER_PX, bands, onto, rectified, upright

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]

LEGIBLE_FROM = 0.45
"""Set once, and not again, by 46 crops of seed 95001 between 0.35 and 0.69 whose texts were covered: of the weakest
characters 1 of 11 was read by eye below it, 17 of 35 from here on: digits, letters and marks 11 of 12, provinces 6 of
23. It lets through more than an eye reads."""

SHIFT_PX = 2
"""Of the crop: how far beside its place a character is looked for. Where it stands exactly is nobody's business."""

LIGHT_PX = 7.0
"""Light that changes over more than half a character is taken out: shadows and glare do not make a stroke."""


def legibility(crop: Image, plate: Plate, shown: Floats) -> float:
    """Of a crop (48, 168, 3) BGR: the correlation of its weakest character with what was drawn, -1..1; 1 undamaged.

    `shown`: corners (4, 2) of what the crop shows, in the pixels of `plate.image`.
    """
    return min(strokes(crop, plate, shown))


def strokes(crop: Image, plate: Plate, shown: Floats) -> list[float]:
    """The same of each character of the text."""
    met, drawn = _strokes_of(crop), _strokes_of(undamaged(plate, shown))
    return [_alike(met, drawn, box) for box in _boxes(plate, shown)]


def undamaged(plate: Plate, shown: Floats) -> Image:
    """(48, 168, 3): what the crop of a plate would be in good light, from near, by a perfect camera."""
    sigma = 0.35 * plate.image.shape[1] / READER_PX[0]  # the warp alone would skip pixels
    soft = cv2.GaussianBlur(plate.image[..., :3], (0, 0), sigma)
    return rectified(np.asarray(soft, np.uint8), shown, plate.rows)


def _strokes_of(bgr: Image) -> Floats:
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY).astype(np.float32)
    return np.asarray(grey - cv2.GaussianBlur(grey, (0, 0), LIGHT_PX), np.float32)


def _boxes(plate: Plate, shown: Floats) -> Iterator[tuple[int, int, int, int]]:
    """x0, y0, x1, y1 of each character in the crop, a pixel around it included."""
    for _, place, _ in (one for one in layout(plate.kind, plate.text) if one[0] != DOT):
        upper = place[1] + place[3] / 2 < plate.image.shape[0] / 3
        band = bands(plate.rows)[0 if plate.rows == 1 or upper else 1]
        corners = cv2.perspectiveTransform(upright(*place)[None], onto(shown, band))[0]
        low, high = np.floor(corners.min(0)).astype(int) - 1, np.ceil(corners.max(0)).astype(int) + 1
        x0, x1 = np.clip([low[0] + band[0], high[0] + band[0]], 0, READER_PX[0]).tolist()
        y0, y1 = np.clip([low[1], high[1]], 0, READER_PX[1]).tolist()
        yield x0, y0, x1, y1


def _alike(met: Floats, drawn: Floats, box: tuple[int, int, int, int]) -> float:
    """Normalised cross-correlation, where it is best."""
    x0, y0, x1, y1 = box
    if x1 - x0 < 3 or y1 - y0 < 3:  # it lies beyond the crop
        return 0.0
    around = met[max(y0 - SHIFT_PX, 0) : y1 + SHIFT_PX, max(x0 - SHIFT_PX, 0) : x1 + SHIFT_PX]
    return float(cv2.matchTemplate(around, drawn[y0:y1, x0:x1], cv2.TM_CCOEFF_NORMED).max())
