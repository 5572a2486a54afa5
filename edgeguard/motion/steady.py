"""A camera on a pole shakes in the wind: each frame is moved back to where the first ones stood.

How far it is off is told from the means of its columns and of its rows, which cost a tenth of a millisecond where a
phase correlation of the picture costs several. Walls with windows have plenty of both.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Profile = NDArray[np.float32]

# Farther than poles shake, nearer than the next row of windows.
REACH_CELLS = 10
# Less is not worth the blur of moving it.
LEAST_CELLS = 0.12
# What changes over more cells than this is light and weather.
SMOOTH_CELLS = 31
# What is learnt follows the picture at this pace per frame: minutes, for light and shadows.
FOLLOW = 0.002
# It looks otherwise than learnt, by this share of what is there to see, in so many frames on end: another scene. What
# lasts less is a car's headlights on the wall.
LOST_SHARE, LOST_FRAMES = 0.6, 50


@dataclass(frozen=True, slots=True, eq=False)
class Steadied:
    """A frame in its place; `xy` how far it was off, in cells; `anew`: nothing before it can be compared with it."""

    cells: NDArray[np.uint8]
    xy: tuple[float, float]
    anew: bool


class Steadier:
    """Feed it every frame, in order."""

    def __init__(self) -> None:
        self._learnt: tuple[Profile, Profile] | None = None
        self._lost = 0

    def update(self, cells: NDArray[np.uint8]) -> Steadied:
        """Take (h, w) uint8 and return it in its place."""
        seen = _profile(cells, 0), _profile(cells, 1)
        if self._learnt is None or any(len(a) != len(b) for a, b in zip(seen, self._learnt, strict=True)):
            return self._anchor(cells, seen)
        found = [_offset(now, learnt) for now, learnt in zip(seen, self._learnt, strict=True)]
        self._lost = self._lost + 1 if None in found else 0
        if self._lost:
            return self._anchor(cells, seen) if self._lost >= LOST_FRAMES else Steadied(cells, (0.0, 0.0), anew=False)
        dx, dy = (offset or 0.0 for offset in found)
        for now, learnt, off in zip(seen, self._learnt, (dx, dy), strict=True):
            _follow(learnt, now, off)
        if max(abs(dx), abs(dy)) < LEAST_CELLS:
            return Steadied(cells, (0.0, 0.0), anew=False)
        back = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
        how = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = cells.shape[1], cells.shape[0]
        moved = cv2.warpAffine(cells, back, size, flags=how, borderMode=cv2.BORDER_REPLICATE).astype(
            np.uint8, copy=False
        )
        return Steadied(moved, (dx, dy), anew=False)

    def _anchor(self, cells: NDArray[np.uint8], seen: tuple[Profile, Profile]) -> Steadied:
        self._learnt, self._lost = seen, 0
        return Steadied(cells, (0.0, 0.0), anew=True)


def _profile(cells: NDArray[np.uint8], axis: int) -> Profile:
    """Means along an axis, without what changes slowly."""
    means = cv2.reduce(cells, axis, cv2.REDUCE_AVG, dtype=cv2.CV_32F).ravel()
    smooth = cv2.blur(means[None], (SMOOTH_CELLS, 1)).ravel()
    return np.asarray(means - smooth, np.float32)


def _offset(now: Profile, learnt: Profile) -> float | None:
    """How far `now` lies to the right of `learnt`, in cells; None where they are not alike anywhere."""
    reach = min(REACH_CELLS, len(now) // 4)
    middle = learnt[reach : len(learnt) - reach]
    windows = np.lib.stride_tricks.sliding_window_view(now, len(middle))
    errors = np.square(windows - middle).mean(1)
    best = int(errors.argmin())
    power = float(np.square(middle).mean())
    if power < 1e-3:  # nothing to hold on to
        return 0.0
    if float(errors[best]) > LOST_SHARE * power:
        return None
    if best in {0, len(errors) - 1}:
        return float(best - reach)
    before, at, after = (float(errors[best + step]) for step in (-1, 0, 1))
    bend = before - 2 * at + after
    return best - reach + (0.5 * (before - after) / bend if bend > 0 else 0.0)


def _follow(learnt: Profile, now: Profile, off: float) -> None:
    places = np.arange(len(now), dtype=np.float32)
    learnt += np.float32(FOLLOW) * (np.interp(places + off, places, now).astype(np.float32) - learnt)
