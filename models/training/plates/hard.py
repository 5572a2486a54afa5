"""Crops that the reader finds hard: its rare kinds, small ones, night, and what cameras write into their pictures.

They are rendered for a training that goes on. What is measured stays as it was: `pool.rendered` without emphasis.
"""

from collections.abc import Callable
from difflib import SequenceMatcher

import cv2
import numpy as np

from models.training.plates.degrade import Floats, Image, Range, crop
from models.training.plates.draw import Artist
from models.training.plates.kinds import COLOURS
from models.training.plates.pool import Crops, unmeasured

SHARES = {
    "green_small": 0.24,
    "green_large": 0.13,
    "yellow_two_row": 0.15,
    "trailer": 0.13,
    "armed_police": 0.12,
    "trainer": 0.06,
    "blue": 0.07,
    "yellow": 0.03,
    "police": 0.02,
    "consulate": 0.015,
    "embassy": 0.015,
    "hong_kong": 0.005,
    "macau": 0.005,
    "emergency": 0.01,
}

WIDTHS_PX: Range = (55, 150)
STAMPED, BLOOMING = 0.08, 0.12
"""Chances of a line of writing over an edge of the plate, and of light that runs over."""

SURE = 0.9
"""Least probability of a character of which nothing more is to be learnt."""

KEPT_SURE, KEPT_LOST, LOST_BELOW = 0.15, 0.2, 0.45
"""Shares kept of crops that are read right and surely, and of those in which next to nothing can be read."""

Read = Callable[[Image], tuple[str, float]]
"""(48, 168, 3) -> text, and the probability of its most doubtful character."""

FORMS = ("{:04d}/{:02d}/{:02d}", "{:04d}-{:02d}-{:02d} 06:01:25", "CAM {1:02d} {2:02d}:{1:02d}")


def pressed(rng: np.random.Generator, picture: Image, corners: Floats) -> Image:
    """What may be done to a picture (h, w, 3) of a plate with `corners` (4, 2) before it is taken."""
    if rng.random() < BLOOMING:
        picture = bloomed(rng, picture)
    return stamped(rng, picture, corners) if rng.random() < STAMPED else picture


def bloomed(rng: np.random.Generator, picture: Image) -> Image:
    """A flash or headlamps on the sheet: what is bright runs over what lies beside it."""
    bright = picture.astype(np.float32) * np.float32(rng.uniform(1.2, 2.2))
    beyond = np.maximum(bright - 150, 0)
    glow = cv2.GaussianBlur(beyond, (0, 0), rng.uniform(0.006, 0.02) * picture.shape[1] + 0.3)
    return np.asarray((bright + glow * np.float32(rng.uniform(0.2, 0.7))).clip(0, 255), np.uint8)


def stamped(rng: np.random.Generator, picture: Image, corners: Floats) -> Image:
    """A date or a name that the camera writes, over a sixth of the plate's height at most, above or below."""
    text = str(rng.choice(FORMS)).format(*(int(one) for one in rng.integers((2012, 1, 1), (2027, 13, 29))))
    height = float(np.linalg.norm(corners[3] - corners[0]))
    size = height * rng.uniform(0.35, 0.8)
    below = rng.random() < 0.7
    edge = corners[2:, 1].mean() if below else corners[:2, 1].mean()
    over = rng.uniform(-0.1, 0.17) * height
    baseline = edge - over + size if below else edge + over
    at = (int(rng.uniform(-0.4, 0.6) * picture.shape[1]), int(baseline))
    scale, face = size / 22, int(rng.choice([cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_PLAIN]))
    stamp = picture.copy()
    cv2.putText(stamp, text, at, face, scale, (0, 0, 0), max(1, round(3 * scale)), cv2.LINE_AA)
    cv2.putText(stamp, text, at, face, scale, (240, 240, 240), max(1, round(1.6 * scale)), cv2.LINE_AA)
    return stamp


def doubted(artist: Artist, read: Read, seed: int, count: int) -> Crops:
    """What `read` is not sure of among `count` crops, and some of the others; always the same of a seed."""
    rng = np.random.default_rng(seed)
    kinds = rng.choice([*SHARES], p=[*SHARES.values()], size=count)
    rows: list[tuple[Image, str, int, str]] = []
    for kind in kinds:
        plate = artist.draw(rng, str(kind))
        image, _ = crop(rng, plate, WIDTHS_PX, pressed)
        if rng.random() < chance(plate.text, *read(image)):
            rows.append((image, plate.text, COLOURS.index(plate.colour), plate.kind))
    images, texts, colours, names = zip(*rows, strict=True)
    return Crops(np.stack(images), np.array(texts), np.array(colours), np.array(names), unmeasured(len(rows)))


def chance(text: str, met: str, least: float) -> float:
    """That a crop is kept which shows `text` and is read as `met`."""
    if met == text:
        return KEPT_SURE if least >= SURE else 1.0
    return KEPT_LOST if SequenceMatcher(None, text, met).ratio() < LOST_BELOW else 1.0
