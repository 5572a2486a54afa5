"""Commands whose answer somebody waits for: heard as it comes from the network, not after it is on disk."""

import asyncio
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from edgeguard.center.link import Link
from edgeguard.contract.base import Order
from edgeguard.contract.commands import COMMANDS, Command, CommandAck, CommandStatus
from edgeguard.contract.signing import SigningKey
from edgeguard.contract.topics import Address, Topics
from edgeguard.errors import CenterError, ContractError

# A box that hears an order later than this must not follow it: who gave it has gone.
VALID: Final = timedelta(seconds=8)
LAST_WORDS: Final = frozenset(CommandStatus) - {CommandStatus.ACCEPTED}


class Answers:
    """What the box says to one command."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[CommandAck] = asyncio.Queue()

    async def next(self, within_s: float) -> CommandAck | None:
        """None: nothing came in time."""
        try:
            return await asyncio.wait_for(self._queue.get(), within_s)
        except TimeoutError:
            return None

    def last(self) -> CommandAck | None:
        """The word that ended the command, if it has come."""
        while not self._queue.empty():
            answer = self._queue.get_nowait()
            if answer.status in LAST_WORDS:
                return answer
        return None

    def put(self, answer: CommandAck) -> None:
        self._queue.put_nowait(answer)


class Orders:
    """Lives on one event loop; `heard` may be called from any thread. `key` is asked for each command to be signed."""

    def __init__(
        self, link: Link, now: Callable[[], datetime], key: Callable[[], SigningKey | None] = lambda: None
    ) -> None:
        self._link = link
        self._now = now
        self._key = key
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: dict[tuple[str, str, str], Answers] = {}

    def start(self) -> None:
        self._loop = asyncio.get_running_loop()

    def stop(self) -> None:
        self._loop = None

    def make(self, name: str, args: Order, by: str) -> Command:
        """A command that begins to be valid now."""
        now = self._now()
        facts: dict[str, Any] = {"issued_at": now, "expires_at": now + VALID, "by": by, "args": args}
        return COMMANDS[name](id=secrets.token_hex(8), **facts)

    def send(self, box: Topics, name: str, command: Command) -> bool:
        """Signed where its class says so. False: the broker is away, nothing was sent.

        Raises CenterError where it must be signed and the center has no key, or one that cannot be used.
        """
        topic = box.cmd(name)
        if not command.signed:
            return self._link.publish(topic, command.to_json())
        return self._link.publish(topic, self.signing_key(name).sign(topic, command).to_json())

    def signing_key(self, name: str) -> SigningKey:
        """What such a command is signed with. Raises CenterError."""
        key = self._key()
        if key is None:
            raise CenterError(f"{name} must be signed, and there is no key yet: edgeguard center keys new")
        return key

    @contextmanager
    def answers(self, box: Topics, command_id: str) -> Iterator[Answers]:
        """Collect what this box says to this command; open it before sending."""
        key = (box.site, box.box, command_id)
        self._waiting[key] = answers = Answers()
        try:
            yield answers
        finally:
            del self._waiting[key]

    def heard(self, address: Address, payload: bytes) -> None:
        """Take a message of `cmd_ack/{id}`; one that cannot be read is left to the ingest's dead letters."""
        loop = self._loop
        if loop is None:
            return
        try:
            answer = CommandAck.from_json(payload)
        except ContractError:
            return
        loop.call_soon_threadsafe(self._give, (address.site, address.box, address.args[0]), answer)

    def _give(self, key: tuple[str, str, str], answer: CommandAck) -> None:
        waiting = self._waiting.get(key)
        if waiting is not None:
            waiting.put(answer)
