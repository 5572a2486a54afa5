"""Movement through a recording: places by time, steps that follow from them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .kit import Floats, pose

STEP_CYCLE_M = 1.12
_SMOOTH_S = 0.2
_GRID_S = 0.02


@dataclass(frozen=True)
class Track:
    """Key places: rows of (time s, x m, y m, heading deg), times rising; before and after it stands still."""

    keys: tuple[tuple[float, float, float, float], ...]

    def at(self, time_s: float) -> tuple[float, float, float]:
        """Place (x m, y m, heading deg), corners rounded off over 0.4 s."""
        table = np.asarray(self.keys)
        when = time_s + np.linspace(-_SMOOTH_S, _SMOOTH_S, 9)
        x, y, heading = (float(np.interp(when, table[:, 0], table[:, k]).mean()) for k in (1, 2, 3))
        return x, y, heading

    def matrix(self, time_s: float) -> Floats:
        return pose(*self.at(time_s))

    @cached_property
    def _walked(self) -> tuple[Floats, Floats]:
        times = np.arange(self.keys[0][0] - 1, self.keys[-1][0] + 1, _GRID_S)
        places = np.array([self.at(float(t)) for t in times])
        steps = np.diff(places[:, :2], axis=0)
        ahead = np.stack([np.cos(np.radians(places[1:, 2])), np.sin(np.radians(places[1:, 2]))], axis=1)
        signed = np.linalg.norm(steps, axis=1) * np.where((steps * ahead).sum(axis=1) < 0, -1, 1)
        return times, np.concatenate([[0.0], np.cumsum(signed)])

    def phase(self, time_s: float) -> float:
        """Step cycle 0..1; runs backwards when going backwards, and rests where both feet are down."""
        times, walked = self._walked
        return float(np.interp(time_s, times, walked)) / STEP_CYCLE_M % 1.0

    def moving(self, time_s: float) -> bool:
        """Whether the place changes around that time."""
        return self.at(time_s - _GRID_S) != self.at(time_s + _GRID_S)


def ramp(time_s: float, keys: tuple[tuple[float, float], ...]) -> float:
    """A value between key values (time s, value), eased in and out."""
    times, values = np.asarray(keys).T
    k = int(np.clip(np.searchsorted(times, time_s) - 1, 0, len(times) - 2))
    share = float(np.clip((time_s - times[k]) / (times[k + 1] - times[k]), 0, 1))
    return float(values[k] + (values[k + 1] - values[k]) * share * share * (3 - 2 * share))
