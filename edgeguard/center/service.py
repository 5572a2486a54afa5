"""The center without its pages: database, store, accounts, hub, ingest, link and desk, wired together."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Final

from edgeguard.center.accounts import Accounts
from edgeguard.center.config import CenterConfig
from edgeguard.center.database import Database
from edgeguard.center.desk import Desk
from edgeguard.center.hub import HealthChanged, Hub
from edgeguard.center.ingest import Ingest
from edgeguard.center.intake import Received
from edgeguard.center.link import Link
from edgeguard.center.sqlite_store import SqliteStore
from edgeguard.errors import StoreError

log = logging.getLogger(__name__)

# Retention counts in days; once an hour is often enough and cheap.
PRUNE_EVERY_S: Final = 3600.0


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Center:
    """Everything the pages and the API act on; `start` needs the event loop they run on."""

    def __init__(self, config: CenterConfig, now: Callable[[], datetime] = _utc_now) -> None:
        self.config = config
        self.now = now
        self.hub = Hub()
        self._database = Database(config.data_dir / "center.sqlite3")
        self.accounts = Accounts(self._database, now)
        self.store = SqliteStore(self._database, config.retention, config.late_after_s)
        self.link = Link(config.broker, self._receive, self._connection_changed)
        self.ingest = Ingest(self.store, self.hub, self.link.acknowledge)
        self.desk = Desk(self.store, self.hub, self.link, now)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """Find out now what would go wrong later; may be called again. Raises StoreError and ConfigError."""
        self._database.open()
        self.link.open(self._database.setting("client_id", f"edgeguard-center-{secrets.token_hex(6)}"))

    async def start(self) -> None:
        """Raises StoreError and ConfigError."""
        self.open()
        self._loop = asyncio.get_running_loop()
        self.hub.start()
        self.ingest.start()
        self.link.start()
        self._spawn(self._prune())

    async def stop(self) -> None:
        self._loop = None
        await asyncio.to_thread(self.link.stop)
        await asyncio.to_thread(self.ingest.stop)
        await self.desk.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.hub.stop()
        self._database.close()

    def setup_invitation(self) -> str | None:
        """A fresh set-up token while there is no account."""
        return self.accounts.new_setup_token() if self.accounts.needs_setup() else None

    def _receive(self, message: Received) -> None:
        self.ingest.put(message)

    def _connection_changed(self, connected: bool) -> None:
        """On the link's thread."""
        self.hub.publish(HealthChanged())
        if connected and self._loop is not None:
            self._loop.call_soon_threadsafe(lambda: self._spawn(self._tell_boxes()))

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _tell_boxes(self) -> None:
        try:
            await asyncio.to_thread(self.desk.tell_boxes)
        except StoreError as error:
            log.error("acknowledgements wait for the database: %s", error)  # noqa: TRY400 - told again on reconnection

    async def _prune(self) -> None:
        while True:
            with contextlib.suppress(StoreError):  # the ingest reports a database that fails
                await asyncio.to_thread(self.store.prune, self.now())
            await asyncio.sleep(PRUNE_EVERY_S)
