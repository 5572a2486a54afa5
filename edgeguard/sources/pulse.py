"""Whether a stream that delivers does so as it used to: fast enough, in time, undamaged."""

from dataclasses import dataclass, field

from edgeguard.errors import Fault
from edgeguard.sources.timeline import LATE_S

# Long enough for a rate of a frame or two a second, short enough to be told before somebody has left the lift.
SPAN_S = 3.0
# The usual rate rises at once and forgets slowly: a camera that is set to half the rate is taken at its word after
# some 7 minutes, one that gets slower by and by is noticed all the same.
FORGET = 0.005
DAMAGED_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is not as it should be while frames come."""

    fault: Fault
    reason: str


@dataclass(slots=True)
class Pulse:
    """Judges spans of about SPAN_S. `least_fps`: fewer are too few, whatever was usual; `slow_ratio`: of the usual."""

    slow_ratio: float = 0.5
    least_fps: float = 2.0
    fps: float = 0.0  # of the latest whole span
    usual_fps: float = 0.0
    trouble: Trouble | None = None
    _began_s: float | None = None
    _frames: int = 0
    _damaged: int = 0
    _least_lag_s: float = field(default=float("inf"))

    def restart(self) -> None:
        """A new connection: what was usual stays, a span begins with the next frame."""
        self._began_s = None

    def frame(self, now_s: float, lag_s: float, damaged: int) -> bool:
        """Take a frame, `lag_s` late, with `damaged` ones before it; True at the end of a span: `trouble` is new."""
        if self._began_s is None:
            self._begin(now_s)
            return False
        self._frames += 1
        self._damaged += damaged
        self._least_lag_s = min(self._least_lag_s, lag_s)
        if now_s - self._began_s < SPAN_S:
            return False
        self._judge(now_s - self._began_s)
        self._begin(now_s)
        return True

    def _begin(self, now_s: float) -> None:
        self._began_s = now_s
        self._frames = self._damaged = 0
        self._least_lag_s = float("inf")

    def _judge(self, span_s: float) -> None:
        self.fps = self._frames / span_s
        self.trouble = self._find()
        faster = self.fps > self.usual_fps
        self.usual_fps = self.fps if faster else self.usual_fps + (self.fps - self.usual_fps) * FORGET

    def _find(self) -> Trouble | None:
        if self._least_lag_s > LATE_S:
            return Trouble(Fault.LATE, f"pictures come {self._least_lag_s:.1f} s late")
        if self._damaged > DAMAGED_SHARE * (self._frames + self._damaged):
            return Trouble(Fault.DAMAGED, f"{self._damaged} of {self._frames + self._damaged} pictures damaged")
        if self.fps < max(self.least_fps, self.slow_ratio * self.usual_fps):
            usual = f", usually {self.usual_fps:.1f}" if self.usual_fps > self.fps else ""
            return Trouble(Fault.SLOW, f"{self.fps:.1f} pictures a second{usual}")
        return None
