"""An alarm card: what the events of one episode, in whatever order they came, and its acknowledgements say together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from edgeguard.center.attachments import Attached, CardClip, CardNotice, CardPicture, CardTalk
from edgeguard.center.sla import CardTimer, Said, again_at
from edgeguard.contract.base import Timestamp, rfc3339
from edgeguard.contract.codes import CODES
from edgeguard.contract.event import Action, Event, Place, SensorReading
from edgeguard.types import Phase, Severity

# Somebody has it; it is not over.
TAKEN = frozenset({"seen", "arrived"})
# Other reasons ("spoken", "blind") say nothing about whether the lift is clear.
BACK_TO_ACTIVE = frozenset({"confirmed", "escalated", "seen_again"})

_NOTHING = Attached()
# What boxes call the rule of their sensors; the zone of such an event is the point.
SENSOR_RULE = "sensor"

CardState = Literal["active", "cleared", "ended"]


class CardAck(BaseModel):
    """Who has taken the alarm, and as what: seen, arrived (somebody is there), handled or false_alarm."""

    model_config = ConfigDict(frozen=True)

    kind: Literal["seen", "arrived", "handled", "false_alarm", "note"]
    by: str
    at: Timestamp
    why: str = ""
    note: str = ""


class Card(BaseModel):
    """One episode as a screen shows it; the JSON of the page's live stream."""

    model_config = ConfigDict(frozen=True)

    event_id: str
    rev: int
    phase: Phase
    state: CardState
    code: str
    name_zh: str
    name_en: str
    severity: Severity
    site: str
    box: str
    camera: str | None
    place: Place | None
    opened_at: Timestamp
    updated_at: Timestamp
    ended_at: Timestamp | None
    received_at: Timestamp
    outcome: str | None
    end_reason: str | None
    actions: tuple[Action, ...]
    picture: str | None
    pictures: tuple[CardPicture, ...] = ()
    clip: CardClip | None = None
    talks: tuple[CardTalk, ...] = ()
    acks: tuple[CardAck, ...]
    # What a sensor measured, its point, and what people owe to it.
    sensors: dict[str, SensorReading] = {}
    sensor: str | None = None
    timers: tuple[CardTimer, ...] = ()
    notices: tuple[CardNotice, ...] = ()
    # A button was pressed again after a person had closed the alarm: that acknowledgement is over.
    again_at: Timestamp | None = None
    historical: bool
    late: bool

    @property
    def ack(self) -> CardAck | None:
        """The acknowledgement in force: the latest that is not a mere note, unless there was another call since."""
        since = self.again_at
        said = (ack for ack in reversed(self.acks) if ack.kind != "note")
        return next((ack for ack in said if since is None or ack.at >= since), None)

    @property
    def pending(self) -> bool:
        """A timer runs that nobody has met."""
        return any(timer.met_at is None for timer in self.timers)

    @property
    def notes(self) -> tuple[CardAck, ...]:
        return tuple(ack for ack in self.acks if ack.note)

    @property
    def voice(self) -> tuple[Action, ...]:
        return tuple(action for action in self.actions if action.type == "voice")

    @property
    def live(self) -> bool:
        """Shows the live picture by itself: something critical goes on right now, where a camera looks."""
        critical = self.severity == Severity.CRITICAL and self.camera is not None
        return critical and self.state != "ended" and self.open and not self.late

    @property
    def alarming(self) -> bool:
        """Beeps: nobody has acknowledged it, it matters, and it is not history."""
        return self.ack is None and self.severity != Severity.INFO and not self.late

    @property
    def open(self) -> bool:
        """On the board: still going on or not acknowledged; handled and false alarms leave it, so does old history."""
        if self.ack is not None:
            return self.ack.kind in TAKEN and (self.state != "ended" or self.pending)
        return self.state != "ended" or (self.severity != Severity.INFO and not self.late)

    def name(self, language: str) -> str:
        return self.name_zh if language == "zh" else self.name_en


def fold(
    arrivals: Sequence[tuple[Event, datetime]],
    acks: Sequence[CardAck],
    late_after_s: float,
    attached: Attached = _NOTHING,
) -> Card:
    """Fold an episode's events, each with the moment it came here (at least one, any order), into its card.

    The same set gives the same card in whatever order it came.
    """
    ordered = sorted(arrivals, key=lambda arrival: arrival[0].data.rev)
    events = [event for event, _ in ordered]
    first, last = events[0], events[-1]
    # The end is the end, even when a box counted on after it.
    end = next((event for event in reversed(events) if event.data.phase is Phase.END), None)
    data = (end or last).data
    row = CODES.get(data.code)
    decision = data.decision
    return Card(
        event_id=data.event_id,
        rev=last.data.rev,
        phase=data.phase,
        state=_state(events),
        code=data.code,
        name_zh=row.zh if row else data.code,
        name_en=row.en if row else data.code,
        severity=data.severity,
        site=first.site,
        box=first.box,
        camera=next((event.data.camera for event in reversed(events) if event.data.camera), None),
        place=next((event.data.place for event in reversed(events) if event.data.place), None),
        opened_at=first.time,
        updated_at=last.time,
        ended_at=end.time if end else None,
        received_at=min(moment for _, moment in arrivals),
        outcome=decision.outcome if end and decision else None,
        end_reason=data.end_reason,
        actions=_actions(events),
        picture=attached.picture(data.event_id),
        pictures=attached.pictures(data.event_id),
        clip=attached.clip(data.event_id),
        talks=attached.talks,
        acks=tuple(acks),
        sensors=next((event.data.sensors for event in reversed(events) if event.data.sensors), {}),
        sensor=data.zones[0] if data.zones and data.rule == SENSOR_RULE else None,
        timers=attached.timers,
        notices=attached.notices,
        again_at=again_at(ordered, [Said(kind=ack.kind, at=ack.at) for ack in acks]),
        historical=any(event.data.historical for event in events),
        late=all(is_late(event, moment, late_after_s) for event, moment in arrivals),
    )


def _state(events: Sequence[Event]) -> CardState:
    state: CardState = "active"
    for event in events:
        if event.data.phase is Phase.END:
            return "ended"
        reason = event.data.decision.reason if event.data.decision else None
        if reason == "cleared":
            state = "cleared"
        elif reason in BACK_TO_ACTIVE:
            state = "active"
    return state


def _actions(events: Sequence[Event]) -> tuple[Action, ...]:
    """Each action once, its newest telling, in the order started: a box may repeat what it said before."""
    found: dict[tuple[str, str, str, str], Action] = {}
    for event in events:
        for action in event.data.actions:
            started = rfc3339(action.started_at) if action.started_at else ""
            found[(started, action.type, action.target, action.asset or "")] = action
    return tuple(found[key] for key in sorted(found))


def is_late(event: Event, received_at: datetime, late_after_s: float) -> bool:
    """Too old to beep for. A box that does not know the time is believed only when it says itself: history."""
    if event.data.clock is not None and not event.data.clock.synced:
        return event.data.historical
    return (received_at - event.time).total_seconds() > late_after_s
