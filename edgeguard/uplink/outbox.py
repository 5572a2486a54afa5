"""What the uplink needs of a journal."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from edgeguard.contract import CommandAck, Tail, Topics
from edgeguard.contract.outbox import OutboxRow


class Outbox(Protocol):
    """Durable; raises JournalError when it cannot be read or written (see `edgeguard.journal.Journal`)."""

    @property
    def topics(self) -> Topics:
        """The topics of the box."""

    def pending(
        self, limit: int, *, live_since_s: float, history: int | None, skip: Collection[int]
    ) -> list[OutboxRow]:
        """The next rows in the order to send them."""

    def sent(self, *ids: int) -> None:
        """The broker has these rows."""

    def tombstone(self, row: OutboxRow, reason: str) -> None:
        """This row can never be sent."""

    def resend(self, from_seq: int, to_seq: int) -> int:
        """Queue a gap again; return how many events there are."""

    def tail(self) -> Tail:
        """The last `seq` given out."""

    def next_bd_seq(self) -> int:
        """Count the connections."""

    def take_command(self, command_id: str, name: str, expires_at: datetime) -> bool:
        """Remember a command; False when it was taken before."""

    def answer_command(self, ack: CommandAck) -> None:
        """Remember and queue an answer."""

    def last_answer(self, command_id: str) -> CommandAck | None:
        """The latest word on a command."""

    def unfinished_commands(self) -> list[tuple[str, str]]:
        """(id, name) of commands without a last word."""
