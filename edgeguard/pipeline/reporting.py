"""From a scenario's report to the contract's draft: what a rule knows, joined with what the site knows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from edgeguard.contract import (
    Action,
    Clock,
    Decision,
    EventDraft,
    ModelRef,
    Place,
    SeenObject,
    SensorReading,
    Timing,
)
from edgeguard.types import Report, Sighting

# Type of an action that the site wants of its staff; the box only asks for it.
PLAN = "plan"
# Meaning of a rule's fields in an event; raised when a rule decides differently.
RULE_VERSION = "2"  # one look that is believed and one that shows it confirm


@dataclass(frozen=True, slots=True)
class Scene:
    """What every event of a camera carries."""

    place: Place | None = None
    model: ModelRef | None = None


def to_draft(
    report: Report,
    scene: Scene,
    *,
    decided: datetime,
    actions: Sequence[Action] = (),
    clock: Clock | None = None,
) -> EventDraft:
    """Return the draft of one step; the journal gives it `seq` and `rev`. `decided` is when the rule had spoken."""
    return EventDraft(
        event_id=report.event_id,
        at=report.at,
        phase=report.phase,
        code=report.code,
        severity=report.severity,
        place=scene.place,
        camera=report.camera_id,
        rule=report.rule,
        rule_version=RULE_VERSION,
        zones=report.zones,
        dwell_s=report.dwell_s,
        object=_object(report.sighting) if report.sighting else None,
        decision=_decision(report),
        sensors=_sensors(report.sighting),
        actions=(*_planned(report), *actions),
        timing=Timing(captured=report.at, decided=decided),
        clock=clock,
        model=scene.model,
        end_reason=report.end_reason,
    )


def _object(sighting: Sighting) -> SeenObject:
    return SeenObject(
        label=sighting.label,
        track_id=sighting.track_id,
        box=_rounded(sighting.box),
        # Five digits are more than a detector knows, and the same on every machine.
        score=round(sighting.score, 5),
        frames_seen=sighting.frames_seen,
        first_seen=sighting.first_seen,
        last_seen=sighting.last_seen,
    )


def _sensors(sighting: Sighting | None) -> dict[str, SensorReading]:
    """The camera as a counter, and which floor a thing fell from."""
    if sighting is None:
        return {}
    readings: dict[str, SensorReading] = {}
    if sighting.count is not None:
        readings["count"] = SensorReading(value=float(sighting.count), unit=sighting.label)
    if sighting.floors is not None:
        floors = {"floor": sighting.floors.likely, "floor_low": sighting.floors.low, "floor_high": sighting.floors.high}
        readings |= {name: SensorReading(value=float(floor), unit="floor") for name, floor in floors.items()}
    return readings


def _planned(report: Report) -> Iterator[Action]:
    for step in report.plan:
        yield Action(type=PLAN, target="staff", asset=step, result="asked")


def _rounded(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (round(side, 5) for side in box)
    return x0, y0, x1, y1


def _decision(report: Report) -> Decision | None:
    if report.decision is None and report.outcome is None:
        return None
    return Decision(outcome=report.outcome, reason=report.decision)
