"""Slows down guessing: after a few failures a name or address has to wait."""

from collections import deque
from datetime import datetime, timedelta
from typing import Final

from edgeguard.errors import AccessError

# Ten guesses in a quarter of an hour: a person who mistypes gets through, a list of passwords does not.
MAX_FAILURES: Final = 10
WINDOW: Final = timedelta(minutes=15)
# Guessers choose names and addresses: what is remembered of them is bounded, the oldest goes first.
MAX_KEYS: Final = 10_000


class Attempts:
    """Counts failures per key in memory over a sliding window."""

    def __init__(self) -> None:
        self._failures: dict[str, deque[datetime]] = {}

    def check(self, key: str, now: datetime) -> None:
        """Raises AccessError when the key has to wait."""
        failures = self._failures.get(key)
        if failures is None:
            return
        while failures and now - failures[0] > WINDOW:
            failures.popleft()
        if len(failures) >= MAX_FAILURES:
            raise AccessError("too_many")

    def failed(self, key: str, now: datetime) -> None:
        if key not in self._failures and len(self._failures) >= MAX_KEYS:
            del self._failures[next(iter(self._failures))]
        self._failures.setdefault(key, deque(maxlen=MAX_FAILURES)).append(now)

    def succeeded(self, key: str) -> None:
        self._failures.pop(key, None)
