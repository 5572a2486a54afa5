"""The box's line to its platform: everything in the outbox goes out, in order, until the broker has it."""

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from threading import Condition, Lock, Thread
from types import TracebackType
from typing import Self

from edgeguard.contract import Ack, Birth, BoxStatus, Message, State
from edgeguard.contract.base import MAX_MESSAGE_BYTES
from edgeguard.contract.event import stamped
from edgeguard.contract.outbox import OutboxKind, OutboxRow
from edgeguard.errors import JournalError, UplinkError
from edgeguard.uplink.config import UplinkConfig
from edgeguard.uplink.inbox import Admit, Handler, Inbox, OnAck, Starter, admit_unsigned
from edgeguard.uplink.link import Link
from edgeguard.uplink.outbox import Outbox
from edgeguard.uplink.pace import Backoff, Bucket

_LOG = logging.getLogger(__name__)

# How long the loop sleeps when nobody wakes it: history goes on at its rate, a lost wake-up costs this much.
_TICK_S = 0.5
# Retained `tail` at most this often: a burst of events needs one of them.
_TAIL_EVERY_S = 1.0
# Goodbye waits so long for the broker.
_GOODBYE_S = 0.6
# Commands under way are given so long to answer, and the thread to end; what hangs is left behind.
_INBOX_S = 0.3
_LEAVE_S = 1.0
_RESOLVE_S = 20.0
# A large row that was under way when the link broke so many times in a row is what breaks it.
_STRIKES = 5

_BANNER = (
    "\n" + "!" * 78 + "\n!! uplink.insecure_lab is on: no encryption, no proof of who is who."
    "\n!! Everybody on this network can read the events and command this box.\n" + "!" * 78
)


@dataclass(frozen=True, slots=True)
class UplinkHealth:
    """`reason` says why it is as it is; `since` is aware UTC; `publish_to_puback_ms` of the latest row, if any."""

    connected: bool
    reason: str
    since: datetime
    connections_total: int = 0
    published_total: int = 0
    in_flight: int = 0
    publish_to_puback_ms: float | None = None


@dataclass(frozen=True, slots=True)
class _InFlight:
    row: OutboxRow
    published: datetime
    published_s: float


def _utc_now() -> datetime:
    return datetime.now(UTC)


# Gets a row that the broker has, when it was published (aware UTC), and the milliseconds until the broker's word.
OnConfirmed = Callable[[OutboxRow, datetime, float], None]
# Gets the id of a talk command and a piece of its sound, on the network's thread: it must not wait.
OnTalk = Callable[[str, bytes], None]


def _no_ack(ack: Ack) -> None:
    del ack


def _nobody_listens(command_id: str, payload: bytes) -> None:
    del command_id, payload


def _not_counted(row: OutboxRow, published: datetime, took_ms: float) -> None:
    del row, published, took_ms


class Uplink:
    """Publishes a journal's outbox and serves commands, in its own threads, for ever; open it with `with`.

    `birth` is called with the connection's `bd_seq` on every connection. Raises UplinkError at entering when files or
    variables named by the configuration cannot be used; a broker that is away is not an error but a health state.
    """

    def __init__(
        self,
        config: UplinkConfig,
        journal: Outbox,
        birth: Callable[[int], Birth],
        *,
        handlers: Mapping[str, Handler | Starter] | None = None,
        on_ack: OnAck = _no_ack,
        on_talk: OnTalk = _nobody_listens,
        on_confirmed: OnConfirmed = _not_counted,
        admit: Admit = admit_unsigned,
        now: Callable[[], datetime] = _utc_now,
        monotonic_s: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._config = config
        self._journal = journal
        self._topics = journal.topics
        self._birth = birth
        self._on_talk = on_talk
        self._talk_prefix = self._topics.every_talk.removesuffix("+")
        self._on_confirmed = on_confirmed
        self._now = now
        self._monotonic_s = monotonic_s
        self._backoff = Backoff(config.backoff_first_s, config.backoff_most_s, chance)
        self._bucket = Bucket(config.history_rate_hz, config.window, monotonic_s)
        self._inbox = Inbox(journal, handlers or {}, on_ack, now=now, wake=self.wake, admit=admit)
        self._retained: dict[str, bytes] = {}
        self._retained_lock = Lock()
        self._link: Link | None = None
        self._bd_seq = 0
        self._in_flight: dict[int, _InFlight] = {}
        self._held: set[int] = set()
        self._strikes: dict[int, int] = {}
        self._tail_seq = -1
        self._tail_at_s = 0.0
        self._signal = Condition()
        self._signalled = False
        self._stopping = False
        self._health = UplinkHealth(connected=False, reason="not started", since=now())
        # What it does since when, and how long that may take; None while it sleeps.
        self._busy: tuple[str, float, float] | None = None
        self.thread = Thread(target=self._run, name="uplink", daemon=True)

    def __enter__(self) -> Self:
        self._config.tls_context()
        self._config.password()
        if self._config.insecure_lab:
            _LOG.warning(_BANNER)
        self._inbox.start()
        self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inbox.stop(_INBOX_S)
        self._stopping = True
        self.wake()
        self.thread.join(_LEAVE_S)

    def abandon(self) -> None:
        """Leave it behind; returns at once. Another one of the same client id takes its place at the broker."""
        self._stopping = True
        self._inbox.stop(0.0)

    def overdue_s(self) -> tuple[float, str]:
        """How much longer than it may take its present step lasts already, and which step that is."""
        busy = self._busy
        if busy is None:
            return 0.0, "sleeps"
        doing, since_s, allowed_s = busy
        return max(self._monotonic_s() - since_s - allowed_s, 0.0), doing

    @property
    def health(self) -> UplinkHealth:
        return replace(self._health, in_flight=len(self._in_flight))

    def wake(self) -> None:
        """The journal has something new: look now."""
        with self._signal:
            self._signalled = True
            self._signal.notify()

    def set_retained(self, topic: str, message: Message) -> None:
        """Publish a retained message now, and again after every connection (a camera's health)."""
        payload = message.to_json()
        with self._retained_lock:
            self._retained[topic] = payload
        link = self._link
        if link is not None:
            link.publish(topic, payload, retain=True)

    def announce(self) -> None:
        """Publish the birth again: what the box can do has changed."""
        link = self._link
        if link is not None:
            link.publish(self._topics.birth, self._birth(self._bd_seq).to_json(), retain=True)

    def publish_now(self, topic: str, payload: bytes) -> bool:
        """Send once without confirmation (live view, metrics); False when there is no connection."""
        link = self._link
        if link is None:
            return False
        link.publish(topic, payload, qos=0)
        return True

    def publish_newest(self, topic: str, payload: bytes) -> bool:
        """As `publish_now`, and False too while an earlier one of these waits: a slow line is left to the alarms."""
        link = self._link
        return link is not None and link.publish_newest(topic, payload)

    def _run(self) -> None:
        while not self._stopping:
            # Looking a name up may take several times as long as connecting.
            self._busy = "connects", self._monotonic_s(), _RESOLVE_S + 2 * self._config.connect_timeout_s
            try:
                link = self._open()
            except (UplinkError, JournalError) as error:
                self._say(connected=False, reason=str(error))
                self._sleep(self._backoff.next_s())
                continue
            self._serve(link)
            if not self._stopping:
                self._sleep(self._backoff.next_s())
        self._say(connected=False, reason="stopped")

    def _open(self) -> Link:
        self._bd_seq = self._journal.next_bd_seq()
        will = (self._topics.state, self._state(BoxStatus.OFFLINE))
        client_id = self._config.client_id or f"{self._topics.site}-{self._topics.box}"
        link = Link(self._config, client_id, will=will, changed=self.wake, on_message=self._received)
        link.open()
        return link

    def _serve(self, link: Link) -> None:
        """Use a connection until it breaks or the box stops."""
        opened_s = self._now().timestamp()
        self._busy = "sends", self._monotonic_s(), 0.0
        self._link = link
        try:
            self._greet(link)
            while link.lost is None and not self._stopping:
                self._confirm(link)
                self._drain(link, opened_s)
                self._sleep(_TICK_S)
            if self._stopping:
                self._say_goodbye(link)
        except JournalError as error:
            self._say(connected=False, reason=str(error))
        finally:
            self._link = None
            link.close()
            self._confirm(link)
            self._forget_in_flight()
        if link.lost is not None:
            self._say(connected=False, reason=link.lost)

    def _greet(self, link: Link) -> None:
        topics = self._topics
        link.subscribe(topics.every_cmd, topics.ack, topics.gap, topics.state)
        link.subscribe(topics.every_talk, qos=0)
        link.publish(topics.birth, self._birth(self._bd_seq).to_json(), retain=True)
        link.publish(topics.state, self._state(BoxStatus.ONLINE), retain=True)
        with self._retained_lock:
            for topic, payload in self._retained.items():
                link.publish(topic, payload, retain=True)
        self._tail_seq = -1
        self._say(connected=True, reason="connected", connections_total=self._health.connections_total + 1)

    def _drain(self, link: Link, opened_s: float) -> None:
        history = min(self._bucket.available(), self._config.window)
        skip = {*self._in_flight_rows(), *self._held}
        room = self._config.window - len(self._in_flight)
        rows = self._journal.pending(room, live_since_s=opened_s, history=history, skip=skip)
        for row in rows:
            mid = link.publish(row.topic, self._dressed(row), retain=row.retain)
            self._in_flight[mid] = _InFlight(row, self._now(), self._monotonic_s())
        self._bucket.take(sum(not row.live for row in rows))
        self._publish_tail(link)

    def _dressed(self, row: OutboxRow) -> bytes:
        if row.kind is not OutboxKind.EVENT:
            return row.payload
        now = self._now()
        late = not row.live and now.timestamp() - row.queued_s > self._config.historical_after_s
        return stamped(row.payload, now, historical=row.historical or late)

    def _confirm(self, link: Link) -> None:
        """Take what the broker has out of the outbox; hold back what it refused until the next connection."""
        done: list[int] = []
        for mid, refusal in link.acknowledged():
            flight = self._in_flight.pop(mid, None)
            if flight is None:
                continue  # birth, state, tail: nobody waits for them
            if refusal is not None:
                self._held.add(flight.row.id)
                self._say(connected=True, reason=f"{flight.row.topic} refused by the broker: {refusal}")
                continue
            done.append(flight.row.id)
            self._strikes.pop(flight.row.id, None)
            took_ms = (self._monotonic_s() - flight.published_s) * 1000
            self._health = replace(
                self._health, published_total=self._health.published_total + 1, publish_to_puback_ms=took_ms
            )
            self._on_confirmed(flight.row, flight.published, took_ms)
        if done:
            self._journal.sent(*done)
            self._backoff.reset()
        if link.warning is not None and self._health.reason != link.warning:
            self._say(connected=True, reason=link.warning)

    def _publish_tail(self, link: Link) -> None:
        if self._monotonic_s() - self._tail_at_s < _TAIL_EVERY_S and self._tail_seq >= 0 and not self._stopping:
            return
        tail = self._journal.tail()
        if tail.seq != self._tail_seq:
            self._tail_seq, self._tail_at_s = tail.seq, self._monotonic_s()
            now = self._now()
            link.publish(self._topics.tail, tail.model_copy(update={"at": now}).to_json(), retain=True)

    def _forget_in_flight(self) -> None:
        """The link broke: all of it is sent again, except a large row that broke it again and again."""
        for flight in self._in_flight.values():
            row = flight.row
            if len(row.payload) <= MAX_MESSAGE_BYTES or self._stopping:
                continue
            self._strikes[row.id] = self._strikes.get(row.id, 0) + 1
            if self._strikes[row.id] >= _STRIKES:
                self._journal.tombstone(row, f"the connection broke {_STRIKES} times while it was sent")
                del self._strikes[row.id]
        self._in_flight.clear()
        self._held.clear()

    def _say_goodbye(self, link: Link) -> None:
        """Stopping on purpose: what is under way is confirmed, then the state says offline."""
        link.publish(self._topics.state, self._state(BoxStatus.STOPPING), retain=True)
        self._publish_tail(link)
        last = link.publish(self._topics.state, self._state(BoxStatus.OFFLINE), retain=True)
        deadline_s = self._monotonic_s() + _GOODBYE_S
        self._in_flight[last] = _InFlight(_NO_ROW, self._now(), self._monotonic_s())
        while self._in_flight and link.lost is None and self._monotonic_s() < deadline_s:
            self._confirm(link)
            self._sleep(0.05)

    def _received(self, topic: str, payload: bytes) -> None:
        if topic.startswith(self._talk_prefix):
            self._on_talk(topic.removeprefix(self._talk_prefix), payload)
            return
        if topic != self._topics.state:
            self._inbox.put(topic, payload)
            return
        # The will of an earlier connection may come after this one said "online": say it again.
        link, online = self._link, self._state(BoxStatus.ONLINE)
        if link is not None and not self._stopping and payload != online:
            link.publish(topic, online, retain=True)

    def _state(self, status: BoxStatus) -> bytes:
        return State(state=status, bd_seq=self._bd_seq).to_json()

    def _in_flight_rows(self) -> set[int]:
        return {flight.row.id for flight in self._in_flight.values()}

    def _sleep(self, seconds: float) -> None:
        self._busy = None
        with self._signal:
            if not self._signalled:
                self._signal.wait(seconds)
            self._signalled = False
        self._busy = "sends", self._monotonic_s(), 0.0

    def _say(self, *, connected: bool, reason: str, connections_total: int | None = None) -> None:
        total = self._health.connections_total if connections_total is None else connections_total
        if (connected, reason) == (self._health.connected, self._health.reason):
            self._health = replace(self._health, connections_total=total)
            return
        since = self._now() if connected != self._health.connected else self._health.since
        self._health = replace(self._health, connected=connected, reason=reason, since=since, connections_total=total)
        _LOG.log(logging.INFO if connected else logging.WARNING, "uplink: %s", reason)


# Stands for a message that is not in the outbox.
_NO_ROW = OutboxRow(0, OutboxKind.REPLY, "", None, "", b"", retain=False, historical=False, queued_s=0.0, live=True)
