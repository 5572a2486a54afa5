"""One camera's door over time: its state of this moment, its cycles, and whether it has just opened."""

import math
from threading import Lock

from edgeguard.types import Door, DoorState, Picture

# Whoever was waiting is inside by then.
LATELY_S = 5.0


class DoorWatch:
    """`cycles` counts how often the door was open and then closed, `state` is the latest.

    Frames come from one thread and ticks from another.
    """

    def __init__(self, door: Door) -> None:
        self.cycles = 0
        self.state = DoorState.UNKNOWN
        self._door = door
        self._known = DoorState.UNKNOWN
        self._opened_s = -math.inf
        self._lock = Lock()

    def update(self, monotonic_s: float, picture: Picture | None = None) -> DoorState:
        """Ask the door; `picture` of a new frame, None on a tick."""
        with self._lock:
            return self._update(monotonic_s, picture)

    def _update(self, monotonic_s: float, picture: Picture | None) -> DoorState:
        before, self.state = self.state, self._door.state(monotonic_s, picture)
        if self.state is DoorState.OPEN and before is not DoorState.OPEN:
            self._opened_s = monotonic_s
        if self.state is not DoorState.UNKNOWN:
            # Open, then unknown, then closed: it has closed, whoever stood in between.
            self.cycles += self._known is DoorState.OPEN and self.state is DoorState.CLOSED
            self._known = self.state
        return self.state

    def opened_lately(self, monotonic_s: float) -> bool:
        """Whether somebody may be coming in: a reason to look at every frame, never one not to."""
        return monotonic_s - self._opened_s <= LATELY_S
