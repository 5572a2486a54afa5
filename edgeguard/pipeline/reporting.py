"""From a scenario's report to the contract's draft: what a rule knows, joined with what the site knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from edgeguard.contract import Action, Clock, Decision, EventDraft, ModelRef, Place, SeenObject, Timing, find
from edgeguard.types import OpenEpisode, Outcome, Phase, Report, Sighting

# Meaning of a rule's fields in an event; raised when a rule decides differently.
RULE_VERSION = "1"


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
        actions=tuple(actions),
        timing=Timing(captured=report.at, decided=decided),
        clock=clock,
        model=scene.model,
        end_reason=report.end_reason,
    )


def orphan_end(episode: OpenEpisode, at: datetime, monotonic_s: float, reason: str = "restart") -> Report:
    """The END of an open episode whose camera or rule is no longer configured."""
    sighting = episode.sighting
    dwell_s = (sighting.last_seen - sighting.first_seen).total_seconds() if sighting else 0.0
    return Report(
        event_id=episode.event_id,
        code=episode.code,
        phase=Phase.END,
        severity=find(episode.code).severity,
        camera_id=episode.camera_id,
        rule=episode.rule,
        at=at,
        monotonic_s=monotonic_s,
        sighting=sighting,
        dwell_s=max(dwell_s, 0.0),
        outcome=Outcome.UNKNOWN,
        end_reason=reason,
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


def _rounded(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    x0, y0, x1, y1 = (round(side, 5) for side in box)
    return x0, y0, x1, y1


def _decision(report: Report) -> Decision | None:
    if report.decision is None and report.outcome is None:
        return None
    return Decision(outcome=report.outcome, reason=report.decision)
