"""From the timestamps of a live stream to this machine's monotonic clock."""

from dataclasses import dataclass, field

# The least delayed frame of a window tells the offset; ten seconds hold enough frames and are short for clock drift.
WINDOW_S = 10.0
# Timestamps that run ahead of their arrival by more have jumped (a camera restarted its clock, 32 bit RTP time
# wrapped); so have those that run back by BACK_S. What only comes late has waited in the line.
AHEAD_S = 2.0
BACK_S = 0.5
# Crystals differ by a ten-thousandth; a lag that grows faster than this is no drift.
MAX_DRIFT = 0.01
# Later than this a spoken word meets an empty lift.
LATE_S = 1.0
# Frames that would run backwards are set this far apart: small for any frame rate, and never a division by zero.
STEP_S = 0.001


@dataclass(slots=True)
class LiveTimeline:
    """Maps PTS to monotonic seconds for one connection.

    No frame is later than its arrival and none is earlier than the one before. The offset follows the least delayed
    frame of each window, so jitter of the network stays out and drift of the camera's clock is taken up.
    What comes later and later is not drift: `lag_s` tells it.
    """

    window_s: float = WINDOW_S
    anchors: int = 0
    lag_s: float = 0.0  # of the latest frame, against the least delayed one
    _offset_s: float = 0.0
    _pts_s: float = 0.0
    _last_s: float = field(default=float("-inf"))
    _late_since_s: float | None = None
    _window_end_s: float = 0.0
    _window_min_lag_s: float = 0.0

    def monotonic_s(self, pts_s: float | None, arrived_s: float) -> float:
        """Time of capture of a frame that arrived at `arrived_s`; strictly increasing from call to call."""
        estimate_s = arrived_s if pts_s is None else self._map(pts_s, arrived_s)
        self._last_s = max(estimate_s, self._last_s + STEP_S)
        return self._last_s

    def late_for_s(self, now_s: float) -> float:
        """Since when every frame has come more than LATE_S late."""
        return 0.0 if self._late_since_s is None else now_s - self._late_since_s

    def _map(self, pts_s: float, arrived_s: float) -> float:
        lag_s = arrived_s - (pts_s + self._offset_s)
        step_s, self._pts_s = pts_s - self._pts_s, pts_s
        if self.anchors == 0 or lag_s < -AHEAD_S or step_s < -BACK_S:
            self.anchors += 1
            return self._anchor(pts_s, arrived_s)
        if lag_s < 0:  # captured after it arrived: this frame was less delayed than all before
            return self._anchor(pts_s, arrived_s)
        self._note(lag_s, arrived_s)
        return pts_s + self._offset_s

    def _note(self, lag_s: float, arrived_s: float) -> None:
        self.lag_s = lag_s
        if lag_s <= LATE_S:
            self._late_since_s = None
        elif self._late_since_s is None:
            self._late_since_s = arrived_s
        self._window_min_lag_s = min(self._window_min_lag_s, lag_s)
        if arrived_s >= self._window_end_s:
            self._offset_s += min(self._window_min_lag_s, self.window_s * MAX_DRIFT)
            self._open_window(arrived_s)

    def _anchor(self, pts_s: float, arrived_s: float) -> float:
        self._offset_s = arrived_s - pts_s
        self.lag_s = 0.0
        self._late_since_s = None
        self._open_window(arrived_s)
        return arrived_s

    def _open_window(self, arrived_s: float) -> None:
        self._window_end_s = arrived_s + self.window_s
        self._window_min_lag_s = float("inf")
