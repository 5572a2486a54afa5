"""Whether a camera still shows what it was put up for: covered, moved, out of focus, dark, frozen.

Once a second its picture is compared with what it has shown for the last ten minutes or so: where edges are, how steep
they are, how much neighbouring pictures differ. Edges are compared in blocks, and by their shape: other light, people,
an open door change some of them, a hand over the lens takes them all away, a push puts them all elsewhere. What this is
worth is told in docs/camera_health.md.
"""

import math
from collections import deque
from collections.abc import Mapping
from enum import StrEnum

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from edgeguard.motion.glance import SMALL, Glance, Plane, alike, blocks, correlation, spread
from edgeguard.types import Picture
from edgeguard.yamlfile import Strict

INTERVAL_S = 1.0
# So many looks make a first reference; from then on it follows with this time constant.
WARM_LOOKS, FOLLOW_LOOKS = 30, 600
# A block with so much gradient on the mean, in levels, has edges to find again; so many of all blocks are needed.
TEXTURE, TEXTURED_LEAST = 3.0, 0.1
# Edges correlate by so much where they are in place. The same scene in whatever light and focus: its coarse picture.
# With fewer in place there is nothing to learn.
IN_PLACE, SAME_SCENE, LEARN_IN_PLACE = 0.5, 0.5, 0.5
# Covered: so many blocks have edges of less than so much of the contrast they had, so few are in place.
LOST_SHARE, LOST_CONTRAST, COVERED_IN_PLACE = 0.5, 0.4, 0.2
# All the same from edge to edge: covered since before the box was started.
BLANK_SPREAD, BLANK_GRADIENT = 6.0, 3.0
# Moved: of the blocks so few were in place at any time of the last looks, and as many are when the picture is shifted
# or scaled. Hardly any at all: it looks elsewhere.
STRAYED, FOUND_AGAIN, ELSEWHERE, STRAY_LOOKS = 0.35, 0.25, 0.12, 30
SCALES, TURNS_DEG = (1.0, 0.9, 1.1, 0.8, 1.25, 0.65, 1.5), (-10, -5, 5, 10)
LEAST_SHIFT_PX = 2.0
# What is scaled or turned by a little less or more still lies on one another when both are blurred.
TOLERANT_PX = 1.2
# Out of focus: in the blocks that are in place, at least so many, the sharpest picture of the last looks has so much of
# the sharpness it had. Sharpness is what one pixel has of an edge's rise over four. Or most edges are lost, in the same
# scene and for the light that there is.
BLURRED, SHARP_LEAST, SHARP_LOOKS = 0.6, 0.2, 20
# Square differences of neighbours in noise, and the mean difference of two pictures in it: 2 and 1.128 sigma.
NOISE_SQUARE = 2 / 1.128**2
# In limited range black is 16.
DARK_MEAN, DARK_BRIGHT = 28.0, 40.0
# Pictures of a sensor differ by its noise. Frozen: by less than a tenth of that; or by nothing at all, for so many
# times as long, where an encoder takes the noise out.
STILL, NOISE_LEAST, CLEAN_FACTOR = 0.1, 0.02, 10.0
NOISE_LOOKS = 300
# No sensor has more, in levels: something always moves there.
NOISE_MOST = 3.0
EPSILON = 1e-3
# A fault goes on through so many looks that do not show it.
LOOKS_BRIDGED = 2
# In another light, as infrared, hardly an edge may be in place. Nothing that was found again for so long: learnt anew.
RELEARN_LOOKS = 300


class ViewFault(StrEnum):
    """What may be wrong with what a camera shows."""

    COVERED = "covered"
    MOVED = "moved"
    DEFOCUSED = "defocused"
    DARK = "dark"
    FROZEN = "frozen"


class ViewConfig(Strict):
    """Which faults of its picture a camera is watched for, and how long each must last."""

    tell: tuple[ViewFault, ...] = Field(
        default=(ViewFault.COVERED, ViewFault.DARK, ViewFault.FROZEN),
        description="What is told; moved and defocused for cameras that neither turn nor zoom.",
    )
    covered_s: float = Field(default=15.0, ge=2, le=3600, description="Told when covered for so long.")
    moved_s: float = Field(default=60.0, ge=2, le=3600, description="Told when moved for so long.")
    defocused_s: float = Field(default=60.0, ge=2, le=3600, description="Told when out of focus for so long.")
    dark_s: float = Field(default=60.0, ge=2, le=3600, description="Told when too dark for so long.")
    frozen_s: float = Field(default=60.0, ge=2, le=3600, description="Told when it is always the same for so long.")

    def after_s(self, fault: ViewFault) -> float:
        """How long it must last."""
        return float(getattr(self, f"{fault}_s"))


class _Stretch:
    """How long looks have shown something, but for a few between."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._lasts_s = 0.0
        self._missed = 0

    def take(self, now_s: float, *, shown: bool) -> float:
        """Returns for how many seconds, to the last look that shows it; 0: it is not so."""
        self._missed = 0 if shown else self._missed + 1
        if shown:
            self._since_s = now_s - INTERVAL_S if self._since_s is None else self._since_s
            self._lasts_s = now_s - self._since_s
        elif self._missed > LOOKS_BRIDGED:
            self._since_s, self._lasts_s = None, 0.0
        return self._lasts_s


class _Reference:
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


class ViewWatch:
    """One camera's. `faults` tells for how many seconds each has lasted; give `update` every frame, in order.

    `faults` may be read from another thread: it is replaced, never changed.
    """

    def __init__(self, config: ViewConfig | None = None) -> None:
        self.config = config or ViewConfig()
        self.faults: Mapping[ViewFault, float] = {}
        self._shape: tuple[int, ...] = ()
        self._last_s = -math.inf
        self._stretches: Mapping[ViewFault, _Stretch] = {}

    def update(self, picture: Picture, monotonic_s: float) -> None:
        """Look once a second."""
        if (picture.height, picture.width) != self._shape or monotonic_s < self._last_s:
            self._shape = (picture.height, picture.width)
            self._forget()
        if monotonic_s - self._last_s < INTERVAL_S:
            return
        self._last_s = monotonic_s
        seen = Glance.take(picture.luma)
        shown = self._shown(seen)
        stretches = {fault: self._stretches[fault].take(monotonic_s, shown=fault in shown) for fault in ViewFault}
        self.faults = {fault: lasts_s for fault, lasts_s in stretches.items() if lasts_s}

    def told(self, fault: ViewFault) -> float:
        """For how long it has lasted where it is to be told; 0: not, or not for long enough."""
        lasts_s = self.faults.get(fault, 0.0)
        return lasts_s if fault in self.config.tell and lasts_s >= self.config.after_s(fault) else 0.0

    def _forget(self) -> None:
        """The first frame, another resolution, a clock set back."""
        self._last_s = -math.inf
        self._before: Glance | None = None
        self._reference: _Reference | None = None
        self._changes: deque[float] = deque(maxlen=NOISE_LOOKS)
        self._sharpest: deque[float] = deque(maxlen=SHARP_LOOKS)
        self._equal_looks = self._learnt_noise = 0
        self._noise = 0.0
        self._stretches = {fault: _Stretch() for fault in ViewFault}

    def _shown(self, seen: Glance) -> set[ViewFault]:
        """What this look shows."""
        shown = {ViewFault.FROZEN} if self._frozen(seen) else set()
        if seen.mean <= DARK_MEAN and seen.bright <= DARK_BRIGHT:
            return shown | {ViewFault.DARK}
        if self._reference is None:
            self._reference = _Reference(seen)
        reference = self._reference
        if _blank(seen):
            return shown | {ViewFault.COVERED}
        if not (reference.warm and reference.telling):
            reference.follow(seen)
            return shown
        in_place = alike(seen.edges, reference.edges) >= IN_PLACE
        fault = self._compared(seen, reference, in_place)
        if fault is not None:
            return shown | {fault}
        if not shown and reference.share(in_place) >= LEARN_IN_PLACE:
            reference.follow(seen)
        return shown

    def _frozen(self, seen: Glance) -> bool:
        before, self._before = self._before, seen
        if before is None or before.rows.shape != seen.rows.shape:
            return False
        change = seen.apart(before)
        self._equal_looks = 0 if change else self._equal_looks + 1
        if self._equal_looks * INTERVAL_S >= (CLEAN_FACTOR - 1) * self.config.frozen_s:
            return True
        if self._noise >= NOISE_LEAST and change <= STILL * self._noise:
            return True
        self._learn_noise(change)
        return False

    def _learn_noise(self, change: float) -> None:
        """Mean difference of two pictures in which nothing moves: a low quantile, for people come and go."""
        self._changes.append(change)
        self._learnt_noise += 1
        if self._learnt_noise % WARM_LOOKS == 0:
            self._noise = float(np.quantile(self._changes, 0.2))

    def _compared(self, seen: Glance, reference: _Reference, in_place: NDArray[np.bool_]) -> ViewFault | None:
        there = reference.share(in_place)
        left = spread(seen.edges)
        same = correlation(seen.coarse, reference.coarse) >= SAME_SCENE
        if not same and there <= COVERED_IN_PLACE and reference.lost(left) >= LOST_SHARE:
            return ViewFault.COVERED
        blurred = self._blurred(reference.sharpness(seen, in_place, NOISE_SQUARE * min(self._noise, NOISE_MOST) ** 2))
        if same and (blurred or reference.lost(left, reference.light(seen)) >= LOST_SHARE):
            return ViewFault.DEFOCUSED
        kept = reference.stray(in_place)
        if kept >= STRAYED:
            reference.strayed_looks = 0
            return None
        return self._strayed(seen, reference, kept)

    def _blurred(self, sharpness: float) -> bool:
        if not math.isnan(sharpness):
            self._sharpest.append(sharpness)
        return len(self._sharpest) == SHARP_LOOKS and max(self._sharpest) <= BLURRED

    def _strayed(self, seen: Glance, reference: _Reference, kept: float) -> ViewFault | None:
        reference.strayed_looks += 1
        if kept <= ELSEWHERE or _found_again(seen.edges, reference.edges):
            return ViewFault.MOVED
        if reference.strayed_looks >= RELEARN_LOOKS:
            self._reference = None
        return None


def _blank(seen: Glance) -> bool:
    return float(seen.coarse.std()) <= BLANK_SPREAD and float(seen.edges.mean()) <= BLANK_GRADIENT


def _found_again(edges: Plane, reference: Plane) -> bool:
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
