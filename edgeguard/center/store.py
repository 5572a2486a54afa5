"""What the center asks of its memory: the interface a database stands behind, and the records it gives back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edgeguard.center.cards import Card, CardAck
from edgeguard.center.hub import Change, CommandChanged
from edgeguard.center.intake import Received
from edgeguard.center.sequence import Hole
from edgeguard.contract.ack import Ack
from edgeguard.contract.commands import Command, CommandStatus
from edgeguard.contract.device import Birth, BoxStatus, CameraHealth, State


@dataclass(frozen=True, slots=True)
class UnsentAck:
    """An acknowledgement the box has not been told of."""

    row: int
    site: str
    box: str
    ack: Ack


@dataclass(frozen=True, slots=True)
class BoxHealth:
    """A box as it was last heard of; None: never said."""

    site: str
    box: str
    state: State | None
    birth: Birth | None
    cameras: tuple[CameraHealth, ...]
    # Events that are known to exist and have not come.
    missing: int = 0

    @property
    def online(self) -> bool:
        """A last will older than the latest birth is stale: the box lives."""
        if self.state is None:
            return False
        if self.state.state is BoxStatus.ONLINE:
            return True
        return self.birth is not None and self.state.bd_seq < self.birth.bd_seq


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A message that could not be used, and why."""

    received_at: datetime
    topic: str
    reason: str
    payload: bytes


class Store(Protocol):
    """What the center asks of a database; writes are durable when they return. Raises StoreError."""

    def take(self, messages: Sequence[Received]) -> list[Change]:
        """Keep a batch of messages, the unusable ones as dead letters; returns what changed."""

    def acknowledge(self, event_id: str, ack: CardAck) -> Card | None:
        """Add an acknowledgement or a note; None: no such alarm."""

    def refresh(self, event_id: str) -> Card | None:
        """Make an alarm's card anew, after something was attached to it; None: no such alarm yet."""

    def run_out(self, now: datetime) -> list[Card]:
        """Mark the timers that are over and not met as missed, once each; the cards that are changed by it."""

    def holes(self) -> list[Hole]:
        """Events that are missing, by box, lowest first."""

    def unsent_acks(self) -> list[UnsentAck]:
        """What boxes have not been told yet, oldest first."""

    def ack_sent(self, row: int, at: datetime) -> None:
        """The broker has it."""

    def add_command(self, site: str, box: str, event_id: str, name: str, command: Command) -> None:
        """Remember a command before it is sent."""

    def end_command(self, command_id: str, status: CommandStatus, detail: str) -> CommandChanged | None:
        """Say the last word over a command nobody answered; None: it already has one."""

    def card(self, event_id: str) -> Card | None:
        """One alarm."""

    def board(self) -> list[Card]:
        """Alarms that need somebody, newest first."""

    def recent(self, limit: int) -> list[Card]:
        """Alarms that are over, newest first."""

    def picture(self, event_id: str, n: int) -> bytes | None:
        """One JPEG."""

    def boxes(self) -> list[BoxHealth]:
        """Every box ever heard of."""

    def dead_letters(self, limit: int) -> list[DeadLetter]:
        """The latest messages that could not be used."""

    def prune(self, now: datetime) -> None:
        """Forget what is older than the retention allows."""
