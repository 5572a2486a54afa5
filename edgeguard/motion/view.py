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

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from edgeguard.motion.glance import Glance, alike, correlation, spread
from edgeguard.motion.reference import IN_PLACE, WARM_LOOKS, Reference, found_again
from edgeguard.types import Picture
from edgeguard.yamlfile import Strict

INTERVAL_S = 1.0
# The same scene in whatever light and focus: its coarse picture correlates by so much. With fewer blocks in place there
# is nothing to learn.
SAME_SCENE, LEARN_IN_PLACE = 0.5, 0.5
# Covered: so many blocks have lost their edges, so few are in place.
LOST_SHARE, COVERED_IN_PLACE = 0.5, 0.2
# All the same from edge to edge: covered since before the box was started.
BLANK_SPREAD, BLANK_GRADIENT = 6.0, 3.0
# Moved: so few blocks have not strayed, and enough are found again when the picture is shifted, scaled or turned.
# Hardly any at all: it looks elsewhere.
STRAYED, ELSEWHERE = 0.35, 0.12
# Out of focus: in the blocks in place the sharpest picture of the last looks has so much of the sharpness it had, which
# is what one pixel has of an edge's rise over four. Or most edges are lost, in the same scene and in its light.
BLURRED, SHARP_LOOKS = 0.6, 20
# Square differences of neighbours in noise, and the mean difference of two pictures in it: 2 and 1.128 sigma.
NOISE_SQUARE = 2 / 1.128**2
# In limited range black is 16.
DARK_MEAN, DARK_BRIGHT = 28.0, 40.0
# Pictures of a sensor differ by its noise. Frozen: one is nearer to one of the last few than a tenth of that, for a
# still picture that is encoded anew looks one way or the other; or they differ by nothing at all, for so many times as
# long, where an encoder takes the noise out.
STILL, NOISE_LEAST, CLEAN_FACTOR, LAST_LOOKS = 0.1, 0.02, 10.0, 6
NOISE_LOOKS = 300
# No sensor has more, in levels: something always moves there.
NOISE_MOST = 3.0
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
        self._before: deque[Glance] = deque(maxlen=LAST_LOOKS)
        self._reference: Reference | None = None
        self._changes: deque[tuple[float, float]] = deque(maxlen=NOISE_LOOKS)
        self._sharpest: deque[float] = deque(maxlen=SHARP_LOOKS)
        self._equal_looks = self._learnt_noise = 0
        # From one picture to the next; and to the nearest of the last few, in most rows.
        self._noise = self._grain = 0.0
        self._stretches = {fault: _Stretch() for fault in ViewFault}

    def _shown(self, seen: Glance) -> set[ViewFault]:
        """What this look shows."""
        shown = {ViewFault.FROZEN} if self._frozen(seen) else set()
        if seen.mean <= DARK_MEAN and seen.bright <= DARK_BRIGHT:
            return shown | {ViewFault.DARK}
        if self._reference is None:
            self._reference = Reference(seen)
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
        before = tuple(self._before)
        self._before.append(seen)
        if not before:
            return False
        change, grain = seen.apart(before[-1]), min(map(seen.mostly_apart, before))
        self._equal_looks = 0 if change else self._equal_looks + 1
        if self._equal_looks * INTERVAL_S >= (CLEAN_FACTOR - 1) * self.config.frozen_s:
            return True
        if self._grain >= NOISE_LEAST and grain <= STILL * self._grain:
            return True
        self._learn_noise(change, grain)
        return False

    def _learn_noise(self, change: float, grain: float) -> None:
        """What pictures differ by in which nothing moves: a low quantile, for people come and go."""
        self._changes.append((change, grain))
        self._learnt_noise += 1
        if self._learnt_noise % WARM_LOOKS == 0:
            self._noise, self._grain = np.quantile(self._changes, 0.2, axis=0).tolist()

    def _compared(self, seen: Glance, reference: Reference, in_place: NDArray[np.bool_]) -> ViewFault | None:
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

    def _strayed(self, seen: Glance, reference: Reference, kept: float) -> ViewFault | None:
        reference.strayed_looks += 1
        if kept <= ELSEWHERE or found_again(seen.edges, reference.edges):
            return ViewFault.MOVED
        if reference.strayed_looks >= RELEARN_LOOKS:
            self._reference = None
        return None


def _blank(seen: Glance) -> bool:
    return float(seen.coarse.std()) <= BLANK_SPREAD and float(seen.edges.mean()) <= BLANK_GRADIENT
