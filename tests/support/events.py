"""Event drafts for tests."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from edgeguard.contract import EventDraft, UlidMaker
from edgeguard.types import Phase, Severity

START = datetime(2026, 1, 31, 8, tzinfo=UTC)
ULIDS = UlidMaker(random.Random(7).getrandbits)


class ManualClock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime = START) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def episode_id(minute: int = 0) -> str:
    """A new id; a later minute sorts later."""
    return ULIDS.new(START + timedelta(minutes=minute))


def draft(event_id: str, phase: Phase = Phase.NEW, **changes: Any) -> EventDraft:
    facts: dict[str, Any] = {
        "event_id": event_id,
        "at": START,
        "phase": phase,
        "code": "LIFT.EBIKE.ENTER",
        "severity": Severity.CRITICAL,
        "camera": "lift-1",
        "rule": "lift_ebike",
    }
    return EventDraft(**{**facts, **changes})
