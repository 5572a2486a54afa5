"""Looks after open alarms once a second: timers that run out, steps of the routes that are due, messages to send."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Final

from edgeguard.center.cards import Card
from edgeguard.center.hub import CardChanged, Hub
from edgeguard.center.messages import body_of, text_of
from edgeguard.center.notices import Draft, Notice, Notices
from edgeguard.center.notifiers import GoneNotifier, Message, Notifier
from edgeguard.center.routes import Routes, Rule, Step
from edgeguard.center.sla import MEETS
from edgeguard.center.store import Store
from edgeguard.contract.base import rfc3339
from edgeguard.errors import NotifyError, StoreError

log = logging.getLogger(__name__)

EVERY_S: Final = 1.0
# One platform that hangs keeps one worker busy, not the others waiting: its channel has one message under way.
SENDING_AT_ONCE: Final = 8
BATCH: Final = 200
# Of the messages' ids: the other side tells a repeat by it.
MESSAGE_ID: Final = "{database}-{row}"

ChannelKey = tuple[str, int]


class Dispatcher:
    """`notifiers` by recipient and number of the channel; without `routes` only timers are looked after.

    `since`: alarms that came before the center had routes are nobody's errand. `name` tells this center's messages
    from another's.
    """

    def __init__(
        self,
        store: Store,
        notices: Notices,
        hub: Hub,
        now: Callable[[], datetime],
        routes: Routes | None = None,
        notifiers: Mapping[ChannelKey, Notifier] | None = None,
        language: str = "zh",
    ) -> None:
        self._store, self._notices, self._hub, self._now = store, notices, hub, now
        self._routes = routes
        self._notifiers = notifiers or {}
        self._language = language
        self.since: datetime | None = None
        self.name = "center"
        self._workers = ThreadPoolExecutor(SENDING_AT_ONCE, thread_name_prefix="center-notify")
        self._under_way: set[ChannelKey] = set()

    async def run(self) -> None:
        """Until it is cancelled; a database that fails is asked again."""
        while True:
            try:
                await asyncio.to_thread(self.step)
            except StoreError as error:
                log.error("timers and messages wait for the database: %s", error)  # noqa: TRY400 - asked again
            await asyncio.sleep(EVERY_S)

    def stop(self) -> None:
        """What is under way ends or is sent again after the next start."""
        self._workers.shutdown(wait=False, cancel_futures=True)

    def step(self) -> None:
        """Everything that is due now. Raises StoreError."""
        now = self._now()
        self._hub.publish(*(CardChanged(card) for card in self._store.run_out(now)))
        if self._routes is None:
            return
        touched = dict.fromkeys(event_id for card in self._asking() for event_id in self._route(card, now))
        self._send(now)
        self._refresh(touched)

    def _asking(self) -> list[Card]:
        """Open alarms, and those that came and went between two looks."""
        cards = {card.event_id: card for card in self._store.board()}
        for body in self._notices.unrouted(BATCH):
            card = Card.model_validate_json(body)
            cards.setdefault(card.event_id, card)
        return list(cards.values())

    def _route(self, card: Card, now: datetime) -> Sequence[str]:
        """Queue what is due of one alarm; returns its id where there was something."""
        routes, round_ = self._routes, rfc3339(card.again_at) if card.again_at else ""
        if routes is None:
            return ()
        place = routes.place_of(card.place, card.site)
        old = card.late or (self.since is not None and card.received_at < self.since)
        rule = None if old else routes.rule_for(card.code, card.severity, place)
        name, came_at = rule.name if rule else "", card.again_at or card.received_at
        started_at = self._notices.begin(card.event_id, name, round_, place.id, came_at, now)
        if rule is None:
            return ()
        drafts = [
            draft
            for number, step in enumerate(rule.steps)
            if due(step, card, started_at, now)
            for draft in self._drafts(card, rule, number, round_, now)
        ]
        return [card.event_id] if drafts and self._notices.queue(drafts, now) else ()

    def _drafts(self, card: Card, rule: Rule, number: int, round_: str, now: datetime) -> list[Draft]:
        routes = self._routes
        if routes is None:
            return []
        step = rule.steps[number]
        target = routes.target(step, routes.place_of(card.place, card.site))
        return [
            Draft(
                event_id=card.event_id,
                rule=rule.name,
                round=round_,
                step=number,
                level=target.place.level,
                place=target.place.id,
                recipient=recipient,
                channel=channel,
                name=routes.recipients[recipient].name,
                body=body_of(card, rule, number, target.place, recipient, now),
                text=text_of(card, rule, number, target.place, self._language),
            )
            for recipient in target.recipients
            for channel in range(len(routes.recipients[recipient].channels))
        ]

    def _send(self, now: datetime) -> None:
        for notice in self._notices.due(now, BATCH):
            key = (notice.recipient, notice.channel)
            if key in self._under_way:
                continue
            self._under_way.add(key)
            sending = self._workers.submit(self._send_one, notice, key)
            sending.add_done_callback(_logged)

    def _send_one(self, notice: Notice, key: ChannelKey) -> None:
        """On a worker's thread."""
        try:
            self._deliver(notice, self._notifiers.get(key, GoneNotifier()))
        finally:
            self._under_way.discard(key)
        self._refresh([notice.event_id])

    def _deliver(self, notice: Notice, notifier: Notifier) -> None:
        message = Message(MESSAGE_ID.format(database=self.name, row=notice.id), notice.body, notice.text)
        try:
            notifier.send(message, self._now())
        except NotifyError as error:
            goes_on = self._notices.failed(notice, self._now(), str(error))
            if notice.attempts == 0 or not goes_on:
                log.warning("%s was not told of %s%s: %s", notice.recipient, notice.event_id,
                            "" if goes_on else ", given up", error)  # fmt: skip
            return
        self._notices.sent(notice, self._now())

    def _refresh(self, event_ids: Sequence[str] | Mapping[str, None]) -> None:
        cards = [self._store.refresh(event_id) for event_id in event_ids]
        self._hub.publish(*(CardChanged(card) for card in cards if card is not None))


def due(step: Step, card: Card, started_at: datetime, now: datetime) -> bool:
    """Whether a step is to be taken: a timer was missed, or its time has come and people have not."""
    if step.missed is not None:
        return any(timer.goal == step.missed and timer.missed for timer in card.timers)
    if step.after_s is None or now < started_at + timedelta(seconds=step.after_s):
        return False
    return step.after_s == 0 or not reached(card, step.unless)


def reached(card: Card, how_far: str) -> bool:
    """Whether people have come so far with an alarm."""
    if how_far == "seen":
        return card.ack is not None
    wanted = MEETS["arrived"] if how_far == "arrived" else MEETS["done"]
    since = card.again_at
    return any(ack.kind in wanted and (since is None or ack.at >= since) for ack in card.acks)


def _logged(done: "Future[None]") -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        log.error("a message could not be looked after: %s", error)
