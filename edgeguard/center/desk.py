"""What a person in the control room does: acknowledge, note, speak, cut off. Stored first, then told to the box."""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final, Literal

from edgeguard.center.cards import Card, CardAck
from edgeguard.center.hub import CardChanged, CommandChanged, Hub
from edgeguard.center.link import Link
from edgeguard.center.orders import Orders
from edgeguard.center.store import BoxHealth, Store
from edgeguard.contract.commands import Command, CommandStatus, CutOffArgs, CutOffCommand, SpeakArgs, SpeakCommand
from edgeguard.contract.topics import Topics
from edgeguard.errors import CenterError, StoreError

log = logging.getLogger(__name__)

# Words spoken into a lift a minute late are for somebody else.
SPEAK_VALID: Final = timedelta(seconds=15)
# Who asks for it waits for it; a box that hears of it later must not switch what somebody may be repairing.
CUT_OFF_VALID: Final = timedelta(seconds=15)
# A playback takes its time after the box has accepted; then nobody waits for its answer any more.
ANSWER_WITHIN_S: Final = 60.0
DEFAULT_PHRASE: Final = "staff_coming"

AckWord = Literal["seen", "arrived", "handled", "false_alarm", "note"]


class Desk:
    """Actions of named people; every one is audited by the store."""

    def __init__(self, store: Store, hub: Hub, link: Link, orders: Orders, now: Callable[[], datetime]) -> None:
        self._store = store
        self._hub = hub
        self._link = link
        self._orders = orders
        self._now = now
        self._watches: set[asyncio.Task[None]] = set()

    async def acknowledge(self, event_id: str, kind: AckWord, by: str, why: str = "", note: str = "") -> Card | None:
        """None: there is no such alarm. All screens hear of it at once; the box when the broker is there."""
        ack = CardAck(kind=kind, by=by, at=self._now(), why=why.strip(), note=note.strip())
        card = await asyncio.to_thread(self._store.acknowledge, event_id, ack)
        if card is not None:
            self._hub.publish(CardChanged(card))
            await asyncio.to_thread(self.tell_boxes)
        return card

    def tell_boxes(self) -> None:
        """Send every acknowledgement a box has not been told of; again after each connection."""
        for unsent in self._store.unsent_acks():
            row, topics = unsent.row, Topics(unsent.site, unsent.box)
            self._link.publish(topics.ack, unsent.ack.to_json(), partial(self._ack_sent, row))

    def _ack_sent(self, row: int) -> None:
        try:
            self._store.ack_sent(row, self._now())
        except StoreError as error:
            # It stays unsent and is told again: a box takes an acknowledgement twice without harm.
            log.warning("acknowledgement %d: %s", row, error)

    async def speak(self, card: Card, phrase: str, by: str) -> CommandChanged:
        """Ask the box to play a phrase; further answers come through the hub."""
        args = SpeakArgs(phrase=phrase, camera=card.camera)
        return await self._order(card, "speak", SpeakCommand(**self._facts(by, SPEAK_VALID), args=args))

    async def cut_off(self, card: Card, by: str) -> CommandChanged:
        """Ask the box to take the current off the card's charging point; further answers come through the hub."""
        args = CutOffArgs(sensor=card.sensor or "", event_id=card.event_id)
        return await self._order(card, "cut_off", CutOffCommand(**self._facts(by, CUT_OFF_VALID), args=args))

    @staticmethod
    def can_cut_off(card: Card, boxes: Iterable[BoxHealth]) -> bool:
        """Whether the card's box says that it can cut off what alarms."""
        offered = {name for box in boxes if _is_of(box, card) for name in _choices(box, "cut_off", "sensor")}
        return card.sensor is not None and card.sensor in offered

    def _facts(self, by: str, valid: timedelta) -> dict[str, Any]:
        now = self._now()
        return {"id": secrets.token_hex(8), "issued_at": now, "expires_at": now + valid, "by": by}

    async def _order(self, card: Card, name: str, command: Command) -> CommandChanged:
        """Stored first, then sent; without a broker, or without the key that it needs, it has failed."""
        await asyncio.to_thread(self._store.add_command, card.site, card.box, card.event_id, name, command)
        sent = CommandChanged(command.id, card.event_id, "sent", "")
        failed = await asyncio.to_thread(self._send, Topics(card.site, card.box), name, command)
        if failed:
            return await self._end(command.id, failed) or sent
        self._hub.publish(sent)
        self._watch(command.id)
        return sent

    def _send(self, box: Topics, name: str, command: Command) -> str:
        """Why it could not be sent; empty: it was."""
        try:
            return "" if self._orders.send(box, name, command) else "no_broker"
        except CenterError as error:
            return str(error)

    @staticmethod
    def phrases(card: Card, boxes: Iterable[BoxHealth]) -> tuple[str, ...]:
        """What the card's box says it can play, the default first; only the default while it has said nothing."""
        offered = {phrase for box in boxes if _is_of(box, card) for phrase in _phrases(box)}
        if not offered:
            return (DEFAULT_PHRASE,)
        return tuple(sorted(offered, key=lambda phrase: (phrase != DEFAULT_PHRASE, phrase)))

    async def stop(self) -> None:
        for watch in self._watches:
            watch.cancel()
        await asyncio.gather(*self._watches, return_exceptions=True)

    def _watch(self, command_id: str) -> None:
        watch = asyncio.create_task(self._give_up(command_id))
        self._watches.add(watch)
        watch.add_done_callback(self._watches.discard)

    async def _give_up(self, command_id: str) -> None:
        await asyncio.sleep(ANSWER_WITHIN_S)
        await self._end(command_id, "no_answer")

    async def _end(self, command_id: str, detail: str) -> CommandChanged | None:
        change = await asyncio.to_thread(self._store.end_command, command_id, CommandStatus.FAILED, detail)
        if change is not None:
            self._hub.publish(change)
        return change


def _is_of(box: BoxHealth, card: Card) -> bool:
    return (box.site, box.box) == (card.site, card.box)


def _phrases(box: BoxHealth) -> tuple[str, ...]:
    return _choices(box, "speak", "phrase")


def _choices(box: BoxHealth, command: str, parameter: str) -> tuple[str, ...]:
    """What a box says a parameter of a command may be."""
    capabilities = box.birth.capabilities if box.birth else ()
    able = next((capability for capability in capabilities if capability.name == command), None)
    return able.parameters[parameter].choices if able and parameter in able.parameters else ()
