# ruff: noqa: INP001  # a module of the scripts beside it, not a package
"""Whether what falls can be seen at all, told from the decoded picture: never from what a sieve finds in it.

The scene is drawn with the thing and without it, both without noise. What it should change is looked for in what the
decoded frame really has beside the scene without it, at its own place and at others nearby: there is what noise and
compression give by chance. Flakes, leaves and birds are in both drawings, so they are no noise; a thing behind leaves
changes nothing.
"""

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from facade_scenes import Scene
from numpy.typing import NDArray

Floats = NDArray[np.float32]

# A feature stands out from noise for an eye from so many times its spread on (Rose's criterion).
ROSE = 5.0
# What it changes by fewer levels is none: drawings are whole levels.
LEAST_LEVELS = 2.0
# Noise is looked for so many times its own sides around it, and so many pixels at least.
AROUND, AROUND_PX = 2, 24


def sights(scene: Scene, frames: Iterator[tuple[float, Any]]) -> list[list[float]]:
    """Of each decoded frame in which the thing should be: seconds, its y as a share, how far it stands out of noise."""
    truth, (fall, *_) = scene.truth, scene.truth.falls
    found = []
    for at_s, picture in frames:
        if fall.start_s <= at_s <= fall.end_s:
            x, y = (np.interp(at_s, *np.array(fall.points)[:, [0, axis]].T) for axis in (1, 2))
            out = _stands_out(scene, at_s, picture.luma, (float(x), float(y)), fall.size_px)
            found.append([round(at_s, 3), round(float(y) / truth.height, 4), round(out, 2)])
    return found


def seen_fall(sights: list[list[float]]) -> tuple[float, float]:
    """How far it can be seen to fall, as a share of the height, and in which share of its frames it can be seen."""
    seen = [y for _, y, out in sights if out >= ROSE]
    return (seen[-1] - min(seen), len(seen) / len(sights)) if seen else (0.0, 0.0)


def _stands_out(scene: Scene, at_s: float, luma: NDArray[np.uint8], xy: tuple[float, float], size_px: float) -> float:
    without = scene.clean(at_s, thrown=False).astype(np.float32)
    change = scene.clean(at_s).astype(np.float32) - without
    near, (left, top) = _cut(change, xy, 3 * size_px + AROUND_PX)
    rows, columns = np.nonzero(np.abs(near) >= LEAST_LEVELS)
    if not len(rows):
        return 0.0
    y0, y1, x0, x1 = top + rows.min(), top + rows.max() + 1, left + columns.min(), left + columns.max() + 1
    thing = np.ascontiguousarray(change[y0:y1, x0:x1])
    high, wide = thing.shape
    up, side = (max(AROUND * length, AROUND_PX) for length in (high, wide))
    around = np.ascontiguousarray((luma - without)[max(y0 - up, 0) : y1 + up, max(x0 - side, 0) : x1 + side])
    answers = cv2.matchTemplate(around, thing, cv2.TM_CCORR)
    row, column = int(y0 - max(y0 - up, 0)), int(x0 - max(x0 - side, 0))
    apart = np.ones(answers.shape, np.bool_)
    apart[max(row - high, 0) : row + high + 1, max(column - wide, 0) : column + wide + 1] = False
    noise = float(np.sqrt(np.square(answers[apart]).mean())) if apart.any() else 0.0
    return float(answers[row, column]) / noise if noise > 0 else 0.0


def _cut(picture: Floats, xy: tuple[float, float], reach: float) -> tuple[Floats, tuple[int, int]]:
    left, top = (max(int(middle - reach), 0) for middle in xy)
    return picture[top : int(xy[1] + reach) + 1, left : int(xy[0] + reach) + 1], (left, top)
