"""How fast people must be there and be done: the timers of an alarm, by its code, counted from its arrival here."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from edgeguard.contract.base import Timestamp
from edgeguard.contract.codes import CODES
from edgeguard.contract.event import Event
from edgeguard.types import Severity
from edgeguard.yamlfile import Strict

Goal = Literal["arrived", "done"]
# What a person must have said for each; who is done was there.
MEETS: Final[Mapping[Goal, frozenset[str]]] = {
    "arrived": frozenset({"arrived", "handled", "false_alarm"}),
    "done": frozenset({"handled", "false_alarm"}),
}
PRESSED_AGAIN: Final = "pressed_again"
_STEPS: Final = tuple(Severity)


class CodeSla(Strict):
    """`least`: only events of this severity and above are timed."""

    arrived_s: Annotated[float, Field(gt=0)] = 60.0
    done_s: Annotated[float, Field(gt=0)] = 180.0
    least: Severity = Severity.CRITICAL


def _known_codes(sla: dict[str, CodeSla]) -> dict[str, CodeSla]:
    unknown = sorted(set(sla) - set(CODES))
    if unknown:
        raise ValueError(f"codes of `edgeguard contract codes`, met {', '.join(unknown)}")
    return sla


Sla = Annotated[dict[str, CodeSla], AfterValidator(_known_codes)]
_BUTTON, _CRITICAL = CodeSla(least=Severity.INFO), CodeSla()
DEFAULT_SLA: Final[dict[str, CodeSla]] = {
    "SENSOR.SOS": _BUTTON,
    "SENSOR.ALARM110": _BUTTON,
    "SENSOR.GAS": _CRITICAL,
    "SENSOR.SMOKE": _CRITICAL,
    "SENSOR.HEAT": _CRITICAL,
}


class CardTimer(BaseModel):
    """One timer of an alarm: until when, when it was met; `missed`: it was not met by then."""

    model_config = ConfigDict(frozen=True)

    goal: Goal
    started_at: Timestamp
    due_at: Timestamp
    met_at: Timestamp | None = None
    missed: bool = False


class Said(BaseModel):
    """The part of an acknowledgement that timers ask for."""

    model_config = ConfigDict(frozen=True)

    kind: str
    at: Timestamp


def again_at(arrivals: Sequence[tuple[Event, datetime]], acks: Sequence[Said]) -> datetime | None:
    """When a button was pressed again after a person had closed its alarm; None: not since then.

    By the center's own clock on both sides, so that a box whose clock is wrong loses no call.
    """
    closed = max((ack.at for ack in acks if ack.kind in MEETS["done"]), default=None)
    if closed is None:
        return None
    presses = [moment for event, moment in arrivals if _reason(event) == PRESSED_AGAIN and moment > closed]
    return min(presses, default=None)


def starts_at(
    sla: Mapping[str, CodeSla], arrivals: Sequence[tuple[Event, datetime]], again: datetime | None
) -> datetime | None:
    """When the timers of an alarm begin to run; None where it has none."""
    if again is not None:
        return again if arrivals[0][0].data.code in sla else None
    moments = [moment for event, moment in arrivals if _timed(sla, event)]
    return min(moments, default=None)


def timers_from(config: CodeSla, started_at: datetime) -> tuple[CardTimer, ...]:
    spans: tuple[tuple[Goal, float], ...] = (("arrived", config.arrived_s), ("done", config.done_s))
    return tuple(
        CardTimer(goal=goal, started_at=started_at, due_at=started_at + timedelta(seconds=span_s))
        for goal, span_s in spans
    )


def judged(timer: CardTimer, acks: Sequence[Said], now: datetime | None = None) -> CardTimer:
    """With what has been said about it; `now`: what is not met by then is missed."""
    moments = [ack.at for ack in acks if ack.kind in MEETS[timer.goal] and ack.at >= timer.started_at]
    met_at = min(moments, default=None)
    over = met_at or now
    missed = timer.missed or (over is not None and over > timer.due_at)
    return timer.model_copy(update={"met_at": met_at, "missed": missed})


def _timed(sla: Mapping[str, CodeSla], event: Event) -> bool:
    config = sla.get(event.data.code)
    return config is not None and _STEPS.index(event.data.severity) >= _STEPS.index(config.least)


def _reason(event: Event) -> str | None:
    return event.data.decision.reason if event.data.decision else None
