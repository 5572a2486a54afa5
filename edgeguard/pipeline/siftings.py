"""What a sieve found, handed from the thread that decodes to the one that judges."""

from threading import Lock

from edgeguard.types import Flight, LumaSieve, Picture


class NoSieve:
    """Most cameras: nothing is searched, at no cost."""

    def update(self, picture: Picture, monotonic_s: float) -> bool:  # noqa: ARG002
        return False

    def take(self) -> tuple[Flight, ...] | None:
        return None

    def finish(self) -> tuple[Flight, ...] | None:
        return None


class Siftings:
    """One thread shows frames, another takes what was found in them."""

    def __init__(self, sieve: LumaSieve) -> None:
        self._sieve = sieve
        self._lock = Lock()
        self._found: tuple[Flight, ...] | None = None

    def update(self, picture: Picture, monotonic_s: float) -> bool:
        """Whether something came down that somebody should judge now."""
        found = self._sieve.update(picture, monotonic_s)
        with self._lock:
            self._found = (self._found or ()) + found
        return bool(found)

    def take(self) -> tuple[Flight, ...] | None:
        """What was found since the last time; None where no frame came meanwhile."""
        with self._lock:
            found, self._found = self._found, None
        return found

    def finish(self) -> tuple[Flight, ...] | None:
        """What was found, and what is still under way."""
        return (self.take() or ()) + self._sieve.finish()
