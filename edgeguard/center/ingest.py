"""Messages into the store: one thread that writes in batches, acknowledges after the commit, then tells the hub."""

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Final

from edgeguard.center.hub import Hub
from edgeguard.center.intake import Received
from edgeguard.center.store import Store
from edgeguard.errors import StoreError

log = logging.getLogger(__name__)

# One commit costs one fsync: under load many messages share it, a lone one never waits.
MAX_BATCH: Final = 200
# A full or busy disk is asked again after this long; the broker keeps what is not acknowledged.
RETRY_S: Final = 1.0


class Ingest:
    """`put` from any thread; `acknowledge` is called with every batch that is durable."""

    def __init__(self, store: Store, hub: Hub, acknowledge: Callable[[Sequence[Received]], None]) -> None:
        self._store = store
        self._hub = hub
        self._acknowledge = acknowledge
        self._queue: queue.SimpleQueue[Received | None] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="center-ingest", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what was put before; what cannot be stored stays with the broker."""
        self._stopping.set()
        self._queue.put(None)
        if self._thread is not None:
            self._thread.join()

    def put(self, message: Received) -> None:
        self._queue.put(message)

    def _run(self) -> None:
        while batch := self._next_batch():
            self._store_batch(batch)

    def _next_batch(self) -> list[Received]:
        """Blocks for the first message, takes what else is there; empty: stop."""
        first = self._queue.get()
        batch = [] if first is None else [first]
        while batch and len(batch) < MAX_BATCH and not self._queue.empty():
            message = self._queue.get()
            if message is None:
                self._queue.put(None)
                break
            batch.append(message)
        return batch

    def _store_batch(self, batch: Sequence[Received]) -> None:
        while True:
            try:
                changes = self._store.take(batch)
            except StoreError as error:
                log.error("%d messages wait for the database: %s", len(batch), error)  # noqa: TRY400 - one line a second
                if self._stopping.wait(RETRY_S):
                    return
                continue
            self._acknowledge(batch)
            self._hub.publish(*changes)
            return
