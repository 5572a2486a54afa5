"""A gate on the luma plane: quiet pictures do not reach the detector.

The picture is brought down to cells of a few pixels by averaging, which takes out most sensor noise, and compared
with a reference that follows slowly. Against the previous frame alone a slowly pushed e-bike would hardly differ;
against a fixed picture dusk would differ for ever. The gate only opens for a change, it never suppresses one.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from edgeguard.types import Picture
from edgeguard.yamlfile import Strict

# Sampled to about 640 columns and every fourth of their rows, then averaged 8 x 2: 640x360 gives 80x45 cells of 16
# samples. Rows are left out before columns because OpenCV reads a row-strided view without a copy.
SAMPLED_COLUMNS = 640
ROWS_PER_SAMPLE = 4
CELL_WIDTH, CELL_HEIGHT = 8, 2
# The median difference between frames of pure noise is 0.95 sigma, so 6 of it is 5.7 sigma: one cell in 10^8.
NOISE_FACTOR = 6.0
# The noise floor may raise the threshold to 3 x 6 levels, not more: an e-bike differs from a lift by 20 and above.
NOISE_MOST = 3.0
# Noise is learnt quickly while warming up, then slowly, so that people moving about do not blunt the gate.
NOISE_STEP_PER_S = 0.05
NOISE_WARMUP_S = 1.0
# Once warm, reference and noise follow at this pace, not with every frame: both take seconds to move, and a quiet
# camera costs a third less.
FOLLOW_EVERY_S = 0.2


class MotionConfig(Strict):
    """Settings of the motion gate; the defaults suit lifts, halls and gates.

    `min_delta_luma`: least change of a cell's mean, of 255. `reference_s`: the reference follows with this time
    constant. `hold_s`: stays open after the last change. `keepalive_s`: one frame goes through at least so often.
    """

    min_delta_luma: float = Field(default=5.0, gt=0, le=100)
    min_cells: int = Field(default=2, ge=1)
    reference_s: float = Field(default=4.0, gt=0, le=60)
    hold_s: float = Field(default=2.0, ge=0, le=60)
    warmup_s: float = Field(default=3.0, ge=0, le=60)
    keepalive_s: float = Field(default=5.0, gt=0, le=60)


class MotionGate:
    """One camera's gate; feed it every frame, in order."""

    def __init__(self, config: MotionConfig | None = None) -> None:
        self._config = config or MotionConfig()
        self._shape: tuple[int, ...] = ()
        self._open_until_s = -math.inf
        self._warm_at_s = -math.inf
        self._passed_at_s = -math.inf
        self._last_s = self._followed_s = -math.inf
        self._cells = self._reference = self._noise = self._threshold = np.zeros((0, 0), np.float32)
        self._mean_noise = 0.0
        self._was_held = False

    def update(self, picture: Picture, monotonic_s: float, held: bool) -> bool:
        """Whether to look at this frame; `held` keeps the gate open whatever is seen."""
        if (picture.height, picture.width) != self._shape or monotonic_s < self._last_s:
            self._anchor(picture.luma, monotonic_s)
        elif self._changed(picture, monotonic_s, held):
            self._open_until_s = max(self._open_until_s, monotonic_s + self._config.hold_s)
        self._last_s = monotonic_s
        due = monotonic_s - self._passed_at_s >= self._config.keepalive_s
        if due or held or monotonic_s <= self._open_until_s:
            self._passed_at_s = monotonic_s
            return True
        return False

    def _anchor(self, luma: NDArray[np.uint8], now_s: float) -> None:
        """Start anew: the first frame, another resolution, a clock set back."""
        self._shape = luma.shape
        self._cells = cells_of(luma)
        self._reference = self._cells.copy()
        self._noise = np.zeros_like(self._cells)
        self._threshold = np.full_like(self._cells, self._config.min_delta_luma)
        self._mean_noise = 0.0
        self._followed_s = now_s
        self._warm_at_s = self._open_until_s = now_s + self._config.warmup_s

    def _changed(self, picture: Picture, now_s: float, held: bool) -> bool:
        """Compare with the reference, then let reference and noise floor follow.

        A warm gate that is held learns nothing: whatever it would say does not matter, and what it knows of the quiet
        scene is what it will need when it is let go.
        """
        warming = now_s < self._warm_at_s
        if held and not warming:
            self._was_held = True
            return True
        cells = cells_of(picture.luma)
        moved = held or self._moved(cells)
        if self._was_held:
            # The frame before is too old to tell noise by.
            self._was_held, self._followed_s = False, now_s
        elif warming or now_s - self._followed_s >= FOLLOW_EVERY_S:
            self._follow(cells, now_s)
        self._cells = cells
        return moved

    def _follow(self, cells: NDArray[np.float32], now_s: float) -> None:
        elapsed_s = now_s - self._followed_s
        self._learn_noise(cells, elapsed_s, warming=now_s < self._warm_at_s)
        cv2.accumulateWeighted(cells, self._reference, 1.0 - math.exp(-elapsed_s / self._config.reference_s))
        self._followed_s = now_s

    def _moved(self, cells: NDArray[np.float32]) -> bool:
        """A light step moves the mean of all cells; an object moves some cells apart from that mean."""
        shift, apart = _apart(cells, self._reference)
        if shift > self._config.min_delta_luma + NOISE_FACTOR * self._mean_noise:
            return True
        return int(np.count_nonzero(apart > self._threshold)) >= self._config.min_cells

    def _learn_noise(self, cells: NDArray[np.float32], elapsed_s: float, warming: bool) -> None:
        """Follow the frame to frame difference, of each cell and of the mean: lamps that flicker move only the mean."""
        shift, apart = _apart(cells, self._cells)
        if warming:
            follow = 1.0 - math.exp(-elapsed_s / NOISE_WARMUP_S)
            cv2.accumulateWeighted(apart, self._noise, follow)
            self._mean_noise += (shift - self._mean_noise) * follow
        else:
            step = NOISE_STEP_PER_S * elapsed_s  # equal steps up and down lead to the median, whatever passes by
            self._noise += np.clip(apart - self._noise, -step, step)
            self._mean_noise += min(max(shift - self._mean_noise, -step), step)
        np.minimum(self._noise, NOISE_MOST, out=self._noise)
        self._threshold = np.maximum(self._noise * NOISE_FACTOR, np.float32(self._config.min_delta_luma))
        self._mean_noise = min(self._mean_noise, NOISE_MOST)


class SeldomGate:
    """For a camera whose rules need no detector: one frame goes through every `keepalive_s`, whatever moves."""

    def __init__(self, keepalive_s: float) -> None:
        self._keepalive_s = keepalive_s
        self._passed_at_s = -math.inf

    def update(self, picture: Picture, monotonic_s: float, held: bool) -> bool:  # noqa: ARG002
        """Whether it is time again; also where the clock was set back."""
        passes = not 0 <= monotonic_s - self._passed_at_s < self._keepalive_s
        if passes:
            self._passed_at_s = monotonic_s
        return passes


def _apart(cells: NDArray[np.float32], others: NDArray[np.float32]) -> tuple[float, NDArray[np.float32]]:
    """How far the mean moved, and how far each cell moved apart from it: (h, w) float32; both >= 0."""
    delta = cells - others
    shift = cv2.mean(delta)[0]
    delta -= np.float32(shift)
    return abs(shift), np.abs(delta, out=delta)


def cells_of(luma: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(h, w) float32 cell means of luma (H, W) uint8."""
    columns = max(1, round(luma.shape[1] / SAMPLED_COLUMNS))
    rows = max(1, round(luma.shape[1] * ROWS_PER_SAMPLE / SAMPLED_COLUMNS))
    sampled = luma[::rows, ::columns]
    height, width = max(1, sampled.shape[0] // CELL_HEIGHT), max(1, sampled.shape[1] // CELL_WIDTH)
    whole = sampled[: height * CELL_HEIGHT, : width * CELL_WIDTH]
    cells = cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA)
    return cells.astype(np.float32)
