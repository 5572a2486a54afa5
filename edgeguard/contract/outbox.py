"""What waits to be sent, on its way from the journal to the uplink."""

from dataclasses import dataclass
from enum import StrEnum


class OutboxKind(StrEnum):
    """EVENT is a fact, PICTURE is evidence and goes first when room is short, REPLY answers a command.

    EVIDENCE tells what was uploaded.
    """

    EVENT = "event"
    PICTURE = "picture"
    EVIDENCE = "evidence"
    REPLY = "reply"


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One message that waits; `queued_s` is Unix time, `historical` was asked for by a gap request.

    `live`: its episode still goes on or got a row since the connection came up.
    """

    id: int
    kind: OutboxKind
    event_id: str
    seq: int | None
    topic: str
    payload: bytes
    retain: bool
    historical: bool
    queued_s: float
    live: bool
