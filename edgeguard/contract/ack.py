"""What a person in the control room said about an event."""

from enum import StrEnum
from typing import Self

from pydantic import model_validator

from edgeguard.contract.base import Order, Text, Timestamp, Ulid


class AckKind(StrEnum):
    """SEEN: somebody looks at it. HANDLED: it is over. FALSE_ALARM: it was none, and why."""

    SEEN = "seen"
    HANDLED = "handled"
    FALSE_ALARM = "false_alarm"


class Ack(Order):
    """To the box on `ack`; `note` is for the next shift, `why` belongs to a false alarm only."""

    event_id: Ulid
    ack: AckKind
    why: Text | None = None
    by: Text
    note: Text | None = None
    evidence: Text | None = None
    at: Timestamp | None = None

    @model_validator(mode="after")
    def _why_tells_of_a_false_alarm(self) -> Self:
        if self.why is not None and self.ack is not AckKind.FALSE_ALARM:
            raise ValueError(f"why is set, but ack is {self.ack.value!r}, accepted: 'false_alarm'")
        return self
