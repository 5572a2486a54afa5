"""From the timestamps of a live stream to this machine's monotonic clock."""

from dataclasses import dataclass, field

# The least delayed frame of a window tells the offset; ten seconds hold enough frames and are short for clock drift.
WINDOW_S = 10.0
# A frame this late is not late, its timestamps jumped (a camera restarted its clock, 32 bit RTP time wrapped).
MAX_LAG_S = 2.0
# Frames that would run backwards are set this far apart: small for any frame rate, and never a division by zero.
STEP_S = 0.001


@dataclass(slots=True)
class LiveTimeline:
    """Maps PTS to monotonic seconds for one connection.

    No frame is later than its arrival and none is earlier than the one before. The offset follows the least delayed
    frame of each window, so jitter of the network stays out and drift of the camera's clock is taken up.
    """

    window_s: float = WINDOW_S
    max_lag_s: float = MAX_LAG_S
    anchors: int = 0
    _offset_s: float = 0.0
    _last_s: float = field(default=float("-inf"))
    _window_end_s: float = 0.0
    _window_min_lag_s: float = 0.0

    def monotonic_s(self, pts_s: float | None, arrived_s: float) -> float:
        """Time of capture of a frame that arrived at `arrived_s`; strictly increasing from call to call."""
        estimate_s = arrived_s if pts_s is None else self._map(pts_s, arrived_s)
        self._last_s = max(estimate_s, self._last_s + STEP_S)
        return self._last_s

    def _map(self, pts_s: float, arrived_s: float) -> float:
        lag_s = arrived_s - (pts_s + self._offset_s)
        ran_back = self.anchors > 0 and arrived_s - lag_s < self._last_s - self.max_lag_s
        if self.anchors == 0 or lag_s > self.max_lag_s or lag_s < -self.max_lag_s or ran_back:
            self.anchors += 1
            return self._anchor(pts_s, arrived_s)
        if lag_s < 0:  # captured after it arrived: this frame was less delayed than all before
            return self._anchor(pts_s, arrived_s)
        self._window_min_lag_s = min(self._window_min_lag_s, lag_s)
        if arrived_s >= self._window_end_s:
            self._offset_s += self._window_min_lag_s
            self._open_window(arrived_s)
        return pts_s + self._offset_s

    def _anchor(self, pts_s: float, arrived_s: float) -> float:
        self._offset_s = arrived_s - pts_s
        self._open_window(arrived_s)
        return arrived_s

    def _open_window(self, arrived_s: float) -> None:
        self._window_end_s = arrived_s + self.window_s
        self._window_min_lag_s = float("inf")
