"""The center without its pages: database, store, accounts, hub, ingest, link and desk, wired together."""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Final

from edgeguard.center.accounts import Accounts, Session
from edgeguard.center.audit import Audit
from edgeguard.center.config import CenterConfig
from edgeguard.center.database import Database, database_in
from edgeguard.center.desk import Desk
from edgeguard.center.dispatch import Dispatcher
from edgeguard.center.evidence import EvidenceFiles
from edgeguard.center.gaps import GapKeeper
from edgeguard.center.hub import CardChanged, HealthChanged, Hub
from edgeguard.center.ingest import Ingest
from edgeguard.center.intake import Received
from edgeguard.center.keys import KeyFile
from edgeguard.center.link import Link
from edgeguard.center.live import LiveViews
from edgeguard.center.notices import Notices
from edgeguard.center.notifiers import Notifier, build_notifier
from edgeguard.center.orders import Orders
from edgeguard.center.rights import Rights
from edgeguard.center.routes import Routes, load_routes
from edgeguard.center.rule_words import RuleWords
from edgeguard.center.sqlite_store import SqliteStore
from edgeguard.center.talk import Talks
from edgeguard.center.talk_log import TalkLog
from edgeguard.center.tokens import BoxTokens
from edgeguard.center.visits import Visits
from edgeguard.center.whatif import WhatIf
from edgeguard.contract.base import rfc3339
from edgeguard.contract.topics import Kind, parse
from edgeguard.errors import ContractError, StoreError

log = logging.getLogger(__name__)

# Retention counts in days; once an hour is often enough and cheap.
PRUNE_EVERY_S: Final = 3600.0


# Sound, pictures and counters of the moment: worth nothing later, so they never meet the database.
_FLEETING: Final = frozenset({Kind.VIEW, Kind.TALK, Kind.METRICS})


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _notifiers(routes: Routes | None) -> dict[tuple[str, int], Notifier]:
    """By recipient and number of the channel. Raises ConfigError."""
    recipients = {} if routes is None else routes.recipients
    return {
        (name, number): build_notifier(channel)
        for name, recipient in recipients.items()
        for number, channel in enumerate(recipient.channels)
    }


class Center:
    """Everything the pages and the API act on; `start` needs the event loop they run on.

    Raises ConfigError for routes that are wrong, or whose secrets are not there.
    """

    def __init__(self, config: CenterConfig, now: Callable[[], datetime] = _utc_now) -> None:
        self.config = config
        self.now = now
        self.hub = Hub()
        self.database = self._database = Database(database_in(config.data_dir))
        self.accounts = Accounts(self._database, now)
        self.store = SqliteStore(self._database, config.retention, config.late_after_s, config.sla)
        self.link = Link(config.broker, self._receive, self._connection_changed)
        self.ingest = Ingest(self.store, self.hub, self.link.acknowledge)
        self.audit = Audit(self._database, now)
        self.tokens = BoxTokens(self._database, now)
        self.evidence = EvidenceFiles(self._database, config.data_dir / "evidence", config.evidence, now)
        self.orders = Orders(self.link, now, KeyFile(config.data_dir).read)
        self.desk = Desk(self.store, self.hub, self.link, self.orders, now)
        self.views = LiveViews(self.orders, self._online, config.live, now)
        self.rights = Rights(
            self._database, self.store, self.evidence, self.orders, self.hub, now, config.privacy.officers
        )
        self.visits = Visits(self._database, now)
        self.rule_words = RuleWords(self.hub, now)
        self.whatif = WhatIf()
        self._talk_log = TalkLog(self._database)
        self.talks = Talks(
            self.store, self._talk_log, self.hub, self.orders, self.link.publish_now, self._online,
            config.talk.longest_s, now,
        )  # fmt: skip
        self.routes = None if config.routes is None else load_routes(config.routes)
        self.dispatcher = Dispatcher(
            self.store, Notices(self._database), self.hub, now, self.routes, _notifiers(self.routes), config.language
        )
        self._gaps = GapKeeper(self.store, self.hub, self.link.publish)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def open(self) -> None:
        """Find out now what would go wrong later; may be called again. Raises StoreError and ConfigError."""
        self._database.open()
        client_id = self._database.setting("client_id", f"edgeguard-center-{secrets.token_hex(6)}")
        self.link.open(client_id)
        self.dispatcher.name = client_id
        if self.routes is not None:
            first = self._database.setting("routes_since", rfc3339(self.now()))
            self.dispatcher.since = datetime.fromisoformat(first)

    async def start(self) -> None:
        """Raises StoreError and ConfigError."""
        self.open()
        for event_id in self._talk_log.cut_off():
            self.store.refresh(event_id)
        self._loop = asyncio.get_running_loop()
        self.hub.start()
        self.orders.start()
        self.views.start()
        self.ingest.start()
        self.link.start()
        self._spawn(self._prune())
        self._spawn(self._gaps.run())
        self._spawn(self.dispatcher.run())
        self._spawn(self.rights.run())

    async def stop(self) -> None:
        self._loop = None
        await asyncio.to_thread(self.link.stop)
        await asyncio.to_thread(self.ingest.stop)
        self.orders.stop()
        await self.views.stop()
        await self.desk.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.dispatcher.stop()
        self.hub.stop()
        self._database.close()

    def setup_invitation(self) -> str | None:
        """A fresh set-up token while there is no account."""
        return self.accounts.new_setup_token() if self.accounts.needs_setup() else None

    def lives(self, session: Session) -> bool:
        """Whether a session goes on; a program's token has none that could end."""
        return not session.token_hash or self.accounts.session_of_hash(session.token_hash) is not None

    def _receive(self, message: Received) -> None:
        """On the link's thread."""
        try:
            address = parse(message.topic)
        except ContractError:
            self.ingest.put(message)  # which buries it
            return
        if address.kind is Kind.VIEW:
            self.views.frame(address, message.payload)
        elif address.kind is Kind.CMD_ACK:
            self.orders.heard(address, message.payload)
        if address.kind in _FLEETING:
            self.link.acknowledge([message])
        else:
            self.ingest.put(message)

    async def _online(self, site: str, box: str) -> bool:
        boxes = await asyncio.to_thread(self.store.boxes)
        return any(known.online for known in boxes if (known.site, known.box) == (site, box))

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
                await asyncio.to_thread(self.visits.prune)
                await asyncio.to_thread(self._prune_evidence)
            await asyncio.sleep(PRUNE_EVERY_S)

    def _prune_evidence(self) -> None:
        try:
            touched = self.evidence.prune(timedelta(days=self.config.retention.pictures_days))
        except OSError as error:
            log.warning("evidence that is too old cannot be removed: %s", error)
            return
        cards = [self.store.refresh(event_id) for event_id in touched]
        self.hub.publish(*(CardChanged(card) for card in cards if card is not None))
