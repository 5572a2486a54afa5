"""Crops cut a little elsewhere, and in another light, each time they are shown: a pool holds each only once."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.plates.kinds import KINDS
from models.training.plates.placed import READER_PX, bands, upright

Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Moves:
    """`chance` of another cut, whose corners lie `along_px` and `down_px` beside the old ones (standard deviations);
    `light`: chance of another gain and gamma."""

    chance: float
    along_px: float
    down_px: float
    light: float

    def of(self, rng: np.random.Generator, crop: Image, kind: str) -> Image:
        """(48, 168, 3) -> the same size. `kind` of the generator; the rows of a plate are moved one by one."""
        if rng.random() < self.chance:
            rows = KINDS[kind].rows if kind in KINDS else 1
            crop = np.hstack([self._cut(rng, crop[:, left : left + width]) for left, width, *_ in bands(rows)])
        return relit(rng, crop) if rng.random() < self.light else crop

    def _cut(self, rng: np.random.Generator, band: Image) -> Image:
        height, width = band.shape[:2]
        spread = np.array([self.along_px, self.down_px]) * width / READER_PX[0]
        corners = upright(0, 0, width, height)
        met = corners + (rng.normal(0, 0.7, 2) + rng.normal(0, 0.7, (4, 2))) * spread
        matrix = cv2.getPerspectiveTransform(np.asarray(met, np.float32), corners)
        return np.asarray(cv2.warpPerspective(band, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def relit(rng: np.random.Generator, crop: Image) -> Image:
    """Gain and gamma a little off."""
    gain, gamma = np.exp(rng.normal(0, 0.2, 2))
    curve = 255 * gain * np.linspace(0, 1, 256) ** gamma
    return np.asarray(cv2.LUT(crop, curve.clip(0, 255).astype(np.uint8)), np.uint8)
