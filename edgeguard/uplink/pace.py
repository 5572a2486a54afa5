"""When to try again, and how fast history may go."""

from collections.abc import Callable


class Backoff:
    """Waits that double up to a most, spread by chance so that a thousand boxes do not come back at once."""

    def __init__(self, first_s: float, most_s: float, random: Callable[[], float]) -> None:
        self._first_s = first_s
        self._most_s = most_s
        self._random = random
        self._tries = 0

    def next_s(self) -> float:
        """Half to all of the doubled wait."""
        wait_s = min(self._most_s, self._first_s * 2.0 ** min(self._tries, 30))
        self._tries += 1
        return wait_s * (0.5 + 0.5 * self._random())

    def reset(self) -> None:
        self._tries = 0


class Bucket:
    """Lets `rate_hz` things through per second, at most `size` at once."""

    def __init__(self, rate_hz: float, size: int, now_s: Callable[[], float]) -> None:
        self._rate_hz = rate_hz
        self._size = size
        self._now_s = now_s
        self._level = float(size)
        self._at_s = now_s()

    def available(self) -> int:
        now_s = self._now_s()
        self._level = min(float(self._size), self._level + (now_s - self._at_s) * self._rate_hz)
        self._at_s = now_s
        return int(self._level)

    def take(self, count: int) -> None:
        self._level -= count
