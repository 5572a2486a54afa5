"""What is wrong with a camera's picture, as episodes: DEVICE.CAMERA.COVERED, .MOVED, .DEFOCUSED, .DARK, .FROZEN.

Each is told as blindness is. A box that was started again does not know what its cameras used to show: what was open
ends, and a picture that is still of no use is told anew where it says so by itself.
"""

from collections.abc import Callable, Iterator
from datetime import datetime

from edgeguard.agent.blind import BlindWatch, Sight
from edgeguard.motion import ViewFault, ViewWatch
from edgeguard.scenarios import orphan_end
from edgeguard.types import OpenEpisode, Report

RULES = {fault: f"camera_{fault}" for fault in ViewFault}
# What `decision.reason` says.
WHY = "picture"


class ViewEpisodes:
    """One camera's, of what `view` sees. `resume` is what the journal holds open of it, of any rule."""

    def __init__(
        self,
        camera_id: str,
        view: ViewWatch,
        new_event_id: Callable[[datetime], str],
        resume: tuple[OpenEpisode, ...] = (),
    ) -> None:
        self._view = view
        self._left = [one for one in resume if one.camera_id == camera_id and one.rule in RULES.values()]
        self._watches = {
            fault: BlindWatch(camera_id, 0.0, new_event_id, code=f"DEVICE.CAMERA.{fault.upper()}", rule=rule)
            for fault, rule in RULES.items()
        }

    def step(self, now_s: float, at: datetime, *, over: bool) -> tuple[Report, ...]:
        """Call at 2 Hz or faster; `over`: no more pictures will come."""
        return tuple(self._step(now_s, at, over=over))

    def _step(self, now_s: float, at: datetime, *, over: bool) -> Iterator[Report]:
        left, self._left = self._left, []
        yield from (orphan_end(episode, at, now_s) for episode in left)
        for fault, watch in self._watches.items():
            lasts_s = 0.0 if over else self._view.told(fault)
            yield from watch.step(now_s, at, Sight(lasts_s, WHY, over))
