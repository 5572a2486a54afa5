"""Keeps a fresh view of the box for whoever asks, so that no one who asks ever waits for a part that hangs."""

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from edgeguard.agent.status import Status

log = logging.getLogger(__name__)

# The view is made anew so often when nobody asks, and told to `publish` so often.
EVERY_S = 1.0
PUBLISH_EVERY_S = 60.0
# A view so young is a new one: somebody who asks all the time gets no more of the box than that.
FRESH_S = 0.2


class Pulse:
    """Open it with `with`: a thread of its own makes the view, everybody else only reads what it made."""

    def __init__(
        self,
        survey: Callable[[], Status],
        publish: Callable[[Status], None],
        publish_every_s: float = PUBLISH_EVERY_S,
    ) -> None:
        self._survey = survey
        self._publish = publish
        self._publish_every_s = publish_every_s
        self._changed = threading.Condition()
        self._status: Status | None = None
        self._begun_s = 0.0  # of the making of `_status`
        self._asked_s = 0.0
        self._published_s = time.monotonic()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="pulse", daemon=True)

    def status(self, within_s: float) -> tuple[Status | None, float]:
        """The view and its age in seconds: a new one where it comes `within_s`, else the latest there is."""
        asked_s = time.monotonic() - FRESH_S
        with self._changed:
            self._asked_s = asked_s
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._begun_s >= asked_s, within_s)
            return self._status, time.monotonic() - self._begun_s

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        # What it waits for may hang; the box must stop all the same.
        self._thread.join(EVERY_S)

    def _run(self) -> None:
        while not self._stopping:
            begun_s = time.monotonic()
            status = self._survey()
            with self._changed:
                self._status, self._begun_s = status, begun_s
                self._changed.notify_all()
            if begun_s - self._published_s >= self._publish_every_s:
                self._published_s = begun_s
                self._publish(status)
            with self._changed:
                self._changed.wait_for(lambda: self._stopping or self._asked_s > self._begun_s, EVERY_S)
