"""Calls into FFmpeg that no thread can end, watched from outside."""

from collections.abc import Callable
from typing import TypeVar

from edgeguard.sources.base import Clock, Vitals
from edgeguard.sources.translate import translated

T = TypeVar("T")


class NativeCalls:
    """Runs the native calls of one source, one at a time; any thread may ask how long the present one lasts."""

    def __init__(self, where: str, clock: Clock) -> None:
        self._where = where
        self._clock = clock
        self._call: tuple[float, float] | None = None  # begin, seconds allowed

    def run(self, step: Callable[[], T], allowed_s: float) -> T:
        """`translated`; `allowed_s`: what the call bounds itself to, so that one above it hangs."""
        self._call = (self._clock.monotonic_s(), allowed_s)
        try:
            return translated(self._where, step)
        finally:
            self._call = None

    def vitals(self, lag_s: float = 0.0) -> Vitals:
        """Now; never waits."""
        call = self._call
        if call is None:
            return Vitals(lag_s=lag_s)
        began_s, allowed_s = call
        busy_s = max(self._clock.monotonic_s() - began_s, 0.0)
        return Vitals(busy_s, max(busy_s - allowed_s, 0.0), lag_s)
