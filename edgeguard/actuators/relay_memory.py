"""A relay that is only remembered, for tests and demonstrations."""

import time
from collections.abc import Callable

from edgeguard.actuators.relay import Promises, Pulse, timed
from edgeguard.errors import RelayError


class MemoryRelay:
    """`history`: (monotonic_s, closed) of every change. `silent`: it does what it is asked and never says so.

    `away`: it does nothing, as a board without power.
    """

    def __init__(self, monotonic_s: Callable[[], float] = time.monotonic, promises: Promises | None = None) -> None:
        self.history: list[tuple[float, bool]] = []
        self.closed = False
        self.silent = self.away = False
        self._clock = monotonic_s
        self._promises = promises or Promises()

    @property
    def name(self) -> str:
        return "memory"

    @property
    def promises(self) -> Promises:
        return self._promises

    def pulse(self, pulse: Pulse) -> None:
        def close() -> None:
            pulse.begin()
            self._set(True)

        timed(pulse, close, lambda: self._set(False))

    def check(self) -> None:
        if self.closed:
            self._set(False)
        self._answer()

    def close(self) -> None:
        """Nothing to leave."""

    def _set(self, closed: bool) -> None:
        if not self.away and closed is not self.closed:
            self.closed = closed
            self.history.append((self._clock(), closed))
        self._answer()

    def _answer(self) -> None:
        if self.away or self.silent:
            raise RelayError("memory: no answer")
