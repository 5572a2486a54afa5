"""What a sensor gives, and the seam behind which it is read."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Sample:
    """One value as it came, in the reading's unit; None: what came could not be used, `why` tells.

    `monotonic_s` is when it was asked for or came, by the clock that also ticks the rules.
    """

    monotonic_s: float
    value: float | None
    why: str = ""


class SensorInput(Protocol):
    """Where the values of one reading come from."""

    def take(self) -> Sequence[Sample]:
        """What has come since the last call, oldest first. Never waits; from one thread."""


# A box that is busy for a while must not drown: the oldest go, which were overtaken anyway.
MOST_WAITING = 1000


class MemoryInput:
    """Samples that somebody puts there, from any thread: what the real inputs hand over with, and a test's own."""

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque(maxlen=MOST_WAITING)
        self._lock = Lock()

    def put(self, *samples: Sample) -> None:
        """They come together or not at all."""
        with self._lock:
            self._samples.extend(samples)

    def take(self) -> Sequence[Sample]:
        with self._lock:
            taken = tuple(self._samples)
            self._samples.clear()
        return taken
