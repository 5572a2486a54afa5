"""A camera that knows of no door."""

import numpy as np
from numpy.typing import NDArray

from edgeguard.types import DoorState


class UnknownDoor:
    """Nobody says, so nobody guesses."""

    def state(self, monotonic_s: float, luma: NDArray[np.uint8] | None = None) -> DoorState:  # noqa: ARG002
        return DoorState.UNKNOWN
