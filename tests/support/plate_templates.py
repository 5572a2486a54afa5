"""Glyphs that nobody drew: a plate generator can be tried without the shared material."""

from pathlib import Path

import cv2
import numpy as np

from models.training.plates.kinds import ALPHABET


def made_up(folder: Path) -> Path:
    """A folder like `plate_templates`: every character a block with a mark of its own."""
    glyphs = folder / "font_model"
    glyphs.mkdir(parents=True)
    for row, character in enumerate(ALPHABET):
        glyph = np.full((90, 45), 255, np.uint8)
        glyph[5:85, 5:40] = 0
        glyph[10 + row : 14 + row] = 255
        cv2.imencode(".jpg", glyph)[1].tofile(glyphs / f"140_{character}.jpg")
    return folder
