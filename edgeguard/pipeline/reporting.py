"""From a scenario's report to the contract's draft: what a rule knows, joined with what the site knows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from edgeguard.contract import (
    Action,
    Clock,
    Decision,
    EventDraft,
    Face,
    ModelRef,
    Place,
    Plate,
    SeenObject,
    SensorReading,
    Timing,
)
from edgeguard.types import Passage, Report, Sighting

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
        camera=report.camera_id or None,
        rule=report.rule,
        rule_version=RULE_VERSION,
        zones=report.zones,
        dwell_s=report.dwell_s,
        object=_object(report.sighting) if report.sighting else None,
        decision=_decision(report),
        plate=_plate(report.passage),
        face=_face(report.passage),
        sensors=_measured(report) | _sensors(report.sighting),
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


def _measured(report: Report) -> dict[str, SensorReading]:
    """What sensors told."""
    return {
        one.name: SensorReading(
            value=one.value, unit=one.unit, age_ms=None if one.age_s is None else round(1000 * one.age_s)
        )
        for one in report.measured
    }


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


def _plate(passage: Passage | None) -> Plate | None:
    if passage is None or passage.plate is None:
        return None
    told = passage.plate
    conf = tuple(round(value, 4) for value in told.char_conf)
    return Plate(
        text=told.text,
        type=told.kind or None,
        colour=told.colour or None,
        char_conf=conf,
        votes=told.votes,
        candidates=told.candidates,
    )


def _face(passage: Passage | None) -> Face | None:
    if passage is None or passage.face is None:
        return None
    told = passage.face
    return Face(enrol_ref=told.ref, similarity=told.similarity, threshold=told.threshold, liveness=told.alive)


def _decision(report: Report) -> Decision | None:
    if report.passage is not None:
        one = report.passage
        return Decision(outcome=one.outcome, reason=one.reason, list_name=one.list_name, subject_ref=one.subject_ref)
    if report.decision is None and report.outcome is None:
        return None
    return Decision(outcome=report.outcome, reason=report.decision)
