"""One place where a change becomes known to every open page and stream, at the same moment."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from edgeguard.center.cards import Card

# A reader this far behind is not reading: it is dropped and starts again from a snapshot.
MAX_BEHIND: Final = 1000


@dataclass(frozen=True, slots=True)
class CardChanged:
    """An alarm is new or has changed."""

    card: Card


@dataclass(frozen=True, slots=True)
class HealthChanged:
    """A box, a camera or the connection to the broker has changed."""


@dataclass(frozen=True, slots=True)
class CommandChanged:
    """A command sent from here was answered: `state` is sent, accepted, rejected, done, failed or expired."""

    command_id: str
    event_id: str
    state: str
    detail: str


Change = CardChanged | HealthChanged | CommandChanged


class Subscription:
    """The changes since the subscription began; `next()` returns None when the reader fell too far behind."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Change | None] = asyncio.Queue()

    async def next(self) -> Change | None:
        return await self._queue.get()

    def put(self, change: Change | None) -> bool:
        """False when the reader is dropped."""
        dropped = self._queue.qsize() >= MAX_BEHIND
        self._queue.put_nowait(None if dropped else change)
        return not dropped


class Hub:
    """Fans changes out; lives on one event loop, `publish` may be called from any thread."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._subscriptions: set[Subscription] = set()

    def start(self) -> None:
        """Bind to the running loop; before and after, changes are only stored."""
        self._loop = asyncio.get_running_loop()

    def stop(self) -> None:
        """End every subscription, so that streams let go of their connections; from any thread."""
        loop, self._loop = self._loop, None
        if loop is not None:
            loop.call_soon_threadsafe(self._end_all)

    @property
    def running(self) -> bool:
        return self._loop is not None

    def publish(self, *changes: Change) -> None:
        loop = self._loop
        if loop is not None and changes:
            loop.call_soon_threadsafe(self._fan_out, changes)

    @contextmanager
    def subscribe(self) -> Iterator[Subscription]:
        subscription = Subscription()
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    def _fan_out(self, changes: tuple[Change, ...]) -> None:
        for subscription in list(self._subscriptions):
            if not all(subscription.put(change) for change in changes):
                self._subscriptions.discard(subscription)

    def _end_all(self) -> None:
        for subscription in self._subscriptions:
            subscription.put(None)
        self._subscriptions.clear()
