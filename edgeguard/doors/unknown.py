"""A camera that knows of no door."""

from edgeguard.types import DoorState, Picture


class UnknownDoor:
    """Nobody says, so nobody guesses."""

    def state(self, monotonic_s: float, picture: Picture | None = None) -> DoorState:  # noqa: ARG002
        return DoorState.UNKNOWN
