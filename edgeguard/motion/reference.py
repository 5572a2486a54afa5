"""What a camera shows as a rule: its edges block by block, followed slowly, and how a picture differs from that."""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.motion.glance import SMALL, Glance, Plane, alike, blocks, spread

# So many looks make a first reference; from then on it follows with this time constant.
WARM_LOOKS, FOLLOW_LOOKS = 30, 600
# A block with so much gradient on the mean, in levels, has edges to find again; so many of all blocks are needed.
TEXTURE, TEXTURED_LEAST = 3.0, 0.1
# Edges correlate by so much where they are in place.
IN_PLACE = 0.5
# A block that was not in place for so many looks has strayed.
STRAY_LOOKS = 30
# Edges of less than so much of the contrast that they had are lost.
LOST_CONTRAST = 0.4
# Sharpness is told by so many of the blocks at least.
SHARP_LEAST = 0.2
# As many blocks are in place again when the picture is shifted, scaled or turned.
FOUND_AGAIN = 0.25
SCALES, TURNS_DEG = (1.0, 0.9, 1.1, 0.8, 1.25, 0.65, 1.5), (-10, -5, 5, 10)
LEAST_SHIFT_PX = 2.0
# What is scaled or turned by a little less or more still lies on one another when both are blurred.
TOLERANT_PX = 1.2
EPSILON = 1e-3


class Reference:
    """What the camera shows as a rule, and which of its blocks were in place lately."""

    def __init__(self, first: Glance) -> None:
        self.edges, self.coarse = first.edges.copy(), first.coarse.copy()
        self.narrow, self.broad = first.narrow.copy(), first.broad.copy()
        self.looks = 0
        self.strayed_looks = 0
        self._prepare()
        self._missed = np.zeros(self.textured.shape, np.int32)

    @property
    def warm(self) -> bool:
        return self.looks >= WARM_LOOKS

    def _prepare(self) -> None:
        self.textured = blocks(self.edges) >= TEXTURE
        self.spread = spread(self.edges)
        self.textured_count = max(int(np.count_nonzero(self.textured)), 1)
        self.telling = self.textured_count >= TEXTURED_LEAST * self.textured.size

    def share(self, which: NDArray[np.bool_]) -> float:
        """Of the blocks with edges."""
        return int(np.count_nonzero(which & self.textured)) / self.textured_count

    def light(self, seen: Glance) -> float:
        """Contrast of the coarse picture, next to what it was: of a lamp that is dimmed less than 1."""
        return float(seen.coarse.std() / max(self.coarse.std(), EPSILON))

    def lost(self, left: Plane, light: float = 1.0) -> float:
        """Share of the blocks whose edges are gone in that light; `left`: their spread."""
        return self.share(left <= np.float32((LOST_CONTRAST * light) ** 2) * self.spread)

    def stray(self, in_place: NDArray[np.bool_]) -> float:
        """Take a look; returns the share of the blocks that were in place at any time of the last ones."""
        self._missed = np.where(in_place, 0, self._missed + 1)
        return self.share(self._missed <= STRAY_LOOKS)

    def sharpness(self, seen: Glance, in_place: NDArray[np.bool_], noise: float) -> float:
        """Of the blocks in place, next to what it was; NaN where they are too few. `noise`: its square differences."""
        which = in_place & self.textured
        if np.count_nonzero(which) < SHARP_LEAST * self.textured_count:
            return math.nan
        narrow, broad, narrow_before, broad_before = (
            max(float(plane[which].mean()) - noise, noise, EPSILON)
            for plane in (seen.narrow, seen.broad, self.narrow, self.broad)
        )
        return narrow / broad / (narrow_before / broad_before)

    def follow(self, seen: Glance) -> None:
        self.looks += 1
        follow = 1 / (FOLLOW_LOOKS if self.warm else self.looks + 1)
        for mine, new in (
            (self.edges, seen.edges),
            (self.coarse, seen.coarse),
            (self.narrow, seen.narrow),
            (self.broad, seen.broad),
        ):
            cv2.accumulateWeighted(new, mine, follow)
        self._prepare()


def found_again(edges: Plane, reference: Plane) -> bool:
    """Whether the reference's edges are there, but shifted, scaled or turned."""
    window = cv2.createHanningWindow(SMALL, cv2.CV_32F)
    centre = SMALL[0] / 2, SMALL[1] / 2
    edges, reference = _softened(edges), _softened(reference)
    for scale, degrees in (*((scale, 0) for scale in SCALES), *((1.0, degrees) for degrees in TURNS_DEG)):
        turn = cv2.getRotationMatrix2D(centre, degrees, scale)
        (across, down), _ = cv2.phaseCorrelate(cv2.warpAffine(reference, turn, SMALL), edges, window)
        if (scale, degrees) == (1, 0) and math.hypot(across, down) < LEAST_SHIFT_PX:
            continue
        turn[:, 2] += np.array((across, down))
        there = _share_in_place(edges, np.asarray(cv2.warpAffine(reference, turn, SMALL), np.float32))
        if there >= FOUND_AGAIN:
            return True
    return False


def _softened(edges: Plane) -> Plane:
    return np.asarray(cv2.GaussianBlur(edges, (0, 0), TOLERANT_PX), np.float32)


def _share_in_place(edges: Plane, moved: Plane) -> float:
    textured = blocks(moved) >= TEXTURE
    count = int(np.count_nonzero(textured))
    if count < TEXTURED_LEAST * textured.size:
        return 0.0
    return int(np.count_nonzero(textured & (alike(edges, moved) >= IN_PLACE))) / count
