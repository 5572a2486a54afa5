"""Crops of plates as the finder's training pictures show them: another light, another dirt, another camera.

`degrade` knows one camera, `plate_detector.compose` another; a reader of pictures meets both.
"""

import cv2
import numpy as np

from models.training.plate_detector.compose import lit, photographed, put_on
from models.training.plates.degrade import Floats, Image, Range, surroundings, weathered
from models.training.plates.draw import Plate
from models.training.plates.placed import misplaced, rectified, seen, upright

VIEW_PX = (400, 225)
"""Of the picture around a plate: dates and names are written into its left half."""

WIDTHS_PX: Range = (65, 180)


def crop_at_gate(rng: np.random.Generator, plate: Plate) -> tuple[Image, Floats]:
    """(48, 168, 3) BGR of a plate on something in a picture, and what of the plate it shows, as `degrade.crop` does."""
    height, width = plate.image.shape[:2]
    corners = seen(rng, (width, height), float(np.exp(rng.uniform(*np.log(WIDTHS_PX)))))
    corners = np.asarray(corners + (VIEW_PX - corners.max(0)) * rng.uniform((0.3, 0.3), (1, 0.9)), np.float32)
    picture = surroundings(rng, VIEW_PX[::-1])
    half = cv2.resize(plate.image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA).astype(np.uint8)
    put_on(picture, lit(rng, weathered(rng, half), picture, corners), corners)
    taken, found = photographed(rng, picture), misplaced(rng, corners)
    onto_plate = cv2.getPerspectiveTransform(corners, upright(0, 0, width, height))
    shown = cv2.perspectiveTransform(found[None], onto_plate)[0]
    return rectified(taken, found, plate.rows), np.asarray(shown, np.float32)
