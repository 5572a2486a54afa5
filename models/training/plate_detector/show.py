"""Samples as the network sees them, for the eye."""

from pathlib import Path

import cv2
import numpy as np

from models.training.plate_detector.compose import Composer

COLUMNS, ROWS = 5, 4


def write_sheet(data: Path, shared: Path, target: Path, seed: int = 5) -> None:
    composer = Composer(data, shared, seed)
    tiles = []
    for _ in range(COLUMNS * ROWS):
        sample = composer.sample()
        for corners, rows, sure in sample.plates:
            colour = (0, 255, 0) if sure else (0, 255, 255)
            cv2.polylines(
                sample.picture, [np.rint(corners).astype(np.int32)], isClosed=True, color=colour, thickness=rows
            )
            cv2.circle(sample.picture, [round(float(v)) for v in corners[0]], 3, (0, 0, 255), -1)
        for box in sample.unclear:
            ends = [[round(float(v)) for v in end] for end in (box[:2], box[2:])]
            cv2.rectangle(sample.picture, *ends, (255, 0, 255), 1)
        tiles.append(sample.picture)
    lines = [np.hstack(tiles[row : row + COLUMNS]) for row in range(0, len(tiles), COLUMNS)]
    cv2.imwrite(str(target), np.vstack(lines))
