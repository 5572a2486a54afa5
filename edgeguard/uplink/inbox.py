"""What the center sends to a box: commands executed at most once, acknowledgements, requests to fill a gap."""

import json
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime
from functools import partial
from queue import SimpleQueue
from threading import Thread
from typing import Protocol, runtime_checkable

from edgeguard.contract import (
    COMMANDS,
    Ack,
    Command,
    CommandAck,
    CommandStatus,
    Gap,
    Kind,
    parse,
    read_command,
    rfc3339,
)
from edgeguard.contract.topics import checked_segment
from edgeguard.errors import CommandRefused, ContractError, EdgeGuardError, JournalError
from edgeguard.uplink.outbox import Outbox

_LOG = logging.getLogger(__name__)

# Executes a command and returns a detail for the operator, or raises an EdgeGuardError with what went wrong.
Handler = Callable[[Command], str | None]
OnAck = Callable[[Ack], None]
# Topic and payload to the command; raises ContractError for a wrong one, CommandRefused for one that may not run.
Admit = Callable[[str, bytes], Command]


def admit_unsigned(topic: str, payload: bytes) -> Command:
    """For a box that takes no signed commands."""
    name = parse(topic).args[0]
    if name in COMMANDS and COMMANDS[name].signed:
        raise CommandRefused(f"{name} must be signed, and this box knows no key")
    return read_command(name, payload)


@runtime_checkable
class Starter(Protocol):
    """What a command begins goes on by itself: it is accepted once it has begun, and answered when it is over."""

    def start(self, command: Command) -> "Future[str]":
        """Begin at once, without waiting; the future tells the end as a handler does. Raises CommandRefused."""


# A long phrase must not keep a view or a second phrase waiting; the voice has its own queue.
_HANDLERS_AT_ONCE = 4


class Inbox:
    """Works in its own threads, so that nothing here holds up the network."""

    def __init__(
        self,
        journal: Outbox,
        handlers: Mapping[str, Handler | Starter],
        on_ack: OnAck,
        *,
        now: Callable[[], datetime],
        wake: Callable[[], None],
        admit: Admit = admit_unsigned,
    ) -> None:
        self._admit = admit
        self._journal = journal
        self._handlers = handlers
        self._on_ack = on_ack
        self._now = now
        self._wake = wake
        self._messages: SimpleQueue[tuple[str, bytes] | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="uplink-inbox", daemon=True)
        self._pool = ThreadPoolExecutor(_HANDLERS_AT_ONCE, thread_name_prefix="uplink-command")
        self._begun: list[Future[str | None]] = []

    def start(self) -> None:
        """Answer what a restart cut off, then wait for messages."""
        for command_id, name in self._journal.unfinished_commands():
            self._answer(command_id, name, CommandStatus.FAILED, "the box was restarted")
        self._thread.start()

    def stop(self, within_s: float) -> None:
        """Take no more, and give what was begun so long to end; a restart answers for what did not."""
        self._messages.put(None)
        if within_s and self._thread.is_alive():
            self._thread.join(within_s)
        self._pool.shutdown(wait=False, cancel_futures=True)
        wait(self._begun, within_s)

    def put(self, topic: str, payload: bytes) -> None:
        self._messages.put((topic, payload))

    def _work(self) -> None:
        while (message := self._messages.get()) is not None:
            topic, payload = message
            try:
                self._take(topic, payload)
            except EdgeGuardError as error:
                _LOG.warning("message on %s not taken: %s", topic, error)

    def _take(self, topic: str, payload: bytes) -> None:
        address = parse(topic)
        if address.kind is Kind.CMD:
            self._take_command(address.args[0], topic, payload)
        elif address.kind is Kind.ACK:
            self._on_ack(Ack.from_json(payload))
        elif address.kind is Kind.GAP:
            gap = Gap.from_json(payload)
            count = self._journal.resend(gap.from_seq, gap.to_seq)
            _LOG.info("events %d to %d asked for again: %d sent", gap.from_seq, gap.to_seq, count)
            self._wake()

    def _take_command(self, name: str, topic: str, payload: bytes) -> None:
        try:
            command = self._admit(topic, payload)
        except (ContractError, CommandRefused) as error:
            command_id = _id_of(payload)
            if command_id is None:
                raise
            self._answer(command_id, name, CommandStatus.REJECTED, str(error))
            return
        now = self._now()
        if command.expired(now):
            reason = f"expired at {rfc3339(command.expires_at)}, the box's clock says {rfc3339(now)}"
            self._answer(command.id, name, CommandStatus.EXPIRED, reason)
        elif name not in self._handlers:
            accepted = ", ".join(self._handlers) or "none"
            self._answer(command.id, name, CommandStatus.REJECTED, f"this box cannot {name}, accepted: {accepted}")
        elif not self._journal.take_command(command.id, name, command.expires_at):
            self._repeat(command.id, name)
        else:
            self._execute(name, command)

    def _execute(self, name: str, command: Command) -> None:
        handler = self._handlers[name]
        if not isinstance(handler, Starter):
            self._answer(command.id, name, CommandStatus.ACCEPTED)
            future = self._pool.submit(handler, command)
            self._begun = [*(other for other in self._begun if not other.done()), future]
            future.add_done_callback(partial(self._finished, name, command.id))
            return
        try:
            begun = handler.start(command)
        except CommandRefused as refusal:
            self._answer(command.id, name, CommandStatus.REJECTED, str(refusal))
            return
        self._answer(command.id, name, CommandStatus.ACCEPTED)
        begun.add_done_callback(partial(self._finished, name, command.id))

    def _finished(self, name: str, command_id: str, future: "Future[str] | Future[str | None]") -> None:
        if future.cancelled():
            return  # the box stops; the next start answers for it
        error = future.exception()
        try:
            if error is None:
                self._answer(command_id, name, CommandStatus.DONE, future.result())
                return
            if not isinstance(error, EdgeGuardError):
                _LOG.error("command %s (%s) broke", command_id, name, exc_info=error)
            self._answer(command_id, name, CommandStatus.FAILED, str(error) or type(error).__name__)
        except JournalError as unwritten:
            _LOG.error("command %s (%s) stays without its answer: %s", command_id, name, unwritten)

    def _repeat(self, command_id: str, name: str) -> None:
        answer = self._journal.last_answer(command_id)
        if answer is None:
            self._answer(command_id, name, CommandStatus.REJECTED, "it is older than what this box remembers")
        else:
            self._journal.answer_command(answer)
            self._wake()

    def _answer(self, command_id: str, name: str, status: CommandStatus, reason: str | None = None) -> None:
        text = None if reason is None else reason[:2000]
        ack = CommandAck(id=command_id, name=name, status=status, at=self._now(), reason=text)
        self._journal.answer_command(ack)
        self._wake()
        _LOG.info("command %s (%s): %s%s", command_id, name, status, f", {text}" if text else "")


def _id_of(payload: bytes) -> str | None:
    """Id of a command that is otherwise wrong, so that its sender hears of it."""
    try:
        told = json.loads(payload)
        order = json.loads(told["command"]) if "signature" in told else told
        return checked_segment("id", order["id"])
    except (ValueError, KeyError, TypeError, RecursionError, ContractError):
        return None
