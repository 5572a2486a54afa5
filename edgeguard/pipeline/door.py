"""One camera's door over time: its state of this moment, its cycles, and whether it has just opened."""

import math

import numpy as np
from numpy.typing import NDArray

from edgeguard.types import Door, DoorState

# Whoever was waiting is inside by then.
LATELY_S = 5.0


class DoorWatch:
    """`cycles` counts how often the door was open and then closed, `state` is the latest."""

    def __init__(self, door: Door) -> None:
        self.cycles = 0
        self.state = DoorState.UNKNOWN
        self._door = door
        self._known = DoorState.UNKNOWN
        self._opened_s = -math.inf

    def update(self, monotonic_s: float, luma: NDArray[np.uint8] | None = None) -> DoorState:
        """Ask the door; `luma` (H, W) uint8 of a new frame, None on a tick."""
        before, self.state = self.state, self._door.state(monotonic_s, luma)
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
