"""What the rules at a gate have in common: who decides, and one event for each passage."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal, Protocol, Self

from pydantic import Field

from edgeguard.access.claims import MEANS, CardClaim, Claim, Decision, PinClaim, PlateClaim, QrClaim, Reason
from edgeguard.contract import find
from edgeguard.contract.base import Segment
from edgeguard.polygons import WHOLE_PICTURE, Polygon
from edgeguard.scenarios.leftovers import Leftovers
from edgeguard.scenarios.objects import Thresholds
from edgeguard.scenarios.rule import RuleConfig
from edgeguard.scenarios.zone import Box, Zone
from edgeguard.types import (
    FaceTold,
    Observation,
    Open,
    OpenEpisode,
    Passage,
    Phase,
    PlateTold,
    Report,
    Say,
    Sighting,
    Signal,
    SpeechPriority,
    Verdict,
)

FACE, PLATE, PASS = "ACCESS.FACE", "VEHICLE.PLATE", "ACCESS.PASS"
# An episode stays open so long at least, so that what the relay did is told with it.
TOLD_S = 5.0
# A code that was not shown for so long is shown anew: every claim of a pass is a use of it.
AGAIN_S = 5.0
# What the voice says of a decision; no phrase has a name in it.
GRANTED, WAIT, REFUSED, PRESENT = "gate_granted", "gate_wait", "gate_refused", "gate_present"
PHRASES = {"granted": GRANTED, "unknown": WAIT, "denied": REFUSED, "expired": REFUSED, "spoof": PRESENT}
# Share of the lower half of a plate or a face within the rule's zone.
MOSTLY = 0.5


class Keeper(Protocol):
    """Who decides at one gate. It may write to a disk; it raises nothing and waits for nobody."""

    @property
    def verifies(self) -> bool:
        """A face counts only after something else was shown, and only as that person's (1:1)."""

    def decide(self, claim: Claim, at: datetime) -> Decision:
        """Once for each passage: it is an entry of the audit and a use of a pass."""

    def claims(self) -> Sequence[Claim]:
        """What readers of cards and keypads were shown since the last call."""

    def awaits_face(self, claim: Claim, at: datetime) -> bool:
        """Whether the face of whoever shows this must be looked at first; the next looks are then compared with it."""

    def expects_face(self, claim: Claim, at: datetime) -> bool:
        """The same at a camera that looks at no faces: the face is then awaited where this gate's faces are seen."""

    @property
    def awaits(self) -> bool:
        """Whether somebody who has shown something at another camera or reader is expected here with their face."""

    def overdue(self) -> "CardClaim | PinClaim | QrClaim | PlateClaim | None":
        """What was shown at another camera of this gate, and whose face has not come in time; told once."""

    def plate_told(self, text: str) -> str:
        """A plate as events may tell it."""


class Unmanned:
    """A gate that knows nobody: for a site file that is only tried, and for recordings."""

    verifies = False

    def __init__(self, gate: str) -> None:
        self._gate = gate

    def decide(self, claim: Claim, at: datetime) -> Decision:
        return Decision(Reason.NOT_LISTED, MEANS[type(claim)], self._gate, at)

    def claims(self) -> Sequence[Claim]:
        return ()

    def awaits_face(self, claim: Claim, at: datetime) -> bool:  # noqa: ARG002 - as the Protocol has it
        return False

    awaits = False

    def expects_face(self, claim: Claim, at: datetime) -> bool:  # noqa: ARG002
        return False

    def overdue(self) -> None:
        return None

    def plate_told(self, text: str) -> str:
        return "*" * len(text)


class GateRuleConfig(RuleConfig):
    """What every rule at a gate may set."""

    gate: Segment = Field(description="The gate it opens, by its id in `gates` and in `access.gates`.")
    zone: Polygon = Field(default=WHOLE_PICTURE, description="Where one asks to be let in: x and y in 0..1.")
    direction: Literal["in", "out"] | None = Field(default=None, description="Which way; left out: it does not matter.")
    open_within_s: float = Field(default=2.0, gt=0, le=10, description="The relay closes within so long, or never.")
    clear_s: float = Field(default=3.0, ge=1, le=60, description="Not seen for so long, the passage is over.")
    speaks: bool = Field(default=False, description="The voice here says once what was decided; never who it was.")

    @property
    def by_boxes(self) -> bool:
        return False

    @property
    def zone_name(self) -> str:
        return self.gate

    @property
    def phrase_ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(PHRASES.values())) if self.speaks else ()

    @property
    def watched(self) -> tuple[str, ...]:
        return ()


@dataclass(slots=True)
class _Open:
    """A passage that is not over."""

    report: Report
    opened_s: float
    last_s: float


class Passages:
    """The open episodes of one rule, each under a key of the rule's own."""

    def __init__(self, config: GateRuleConfig, camera_id: str, new_event_id: Callable[[datetime], str]) -> None:
        self._config = config
        self._camera_id = camera_id
        self._new_event_id = new_event_id
        self._open: dict[str, _Open] = {}

    def __contains__(self, key: str) -> bool:
        return key in self._open

    def __len__(self) -> int:
        return len(self._open)

    def begin(
        self,
        now: Observation,
        key: str,
        family: str,
        decision: Decision,
        sighting: Sighting | None = None,
        plate: PlateTold | None = None,
        face: FaceTold | None = None,
        *,
        said: str | None = None,
    ) -> Iterator[Signal]:
        """What was decided: open first, then tell, then speak. One that is open under this key is over.

        `said`: the outcome that whoever this is has been told already.
        """
        config, code = self._config, f"{family}.{decision.outcome.upper()}"
        yield from self.end(now, key, "again")
        event_id = self._new_event_id(now.captured_at)
        if decision.opens:
            yield Open(config.gate, event_id, decision.reason, config.open_within_s, config.direction)
        report = Report(
            event_id=event_id,
            code=code,
            phase=Phase.NEW,
            severity=find(code).severity,
            camera_id=self._camera_id,
            rule=config.kind,
            at=now.captured_at,
            monotonic_s=now.monotonic_s,
            sighting=sighting,
            zones=(config.gate,),
            passage=Passage(decision.outcome, decision.reason, decision.list_name, decision.subject_ref, plate, face),
        )
        self._open[key] = _Open(report, now.monotonic_s, now.monotonic_s)
        yield report
        if config.speaks and decision.outcome != said:
            yield Say(PHRASES[decision.outcome], SpeechPriority.INFORMATION, event_id)

    def seen(self, key: str, now: Observation) -> None:
        """Still there."""
        if key in self._open:
            self._open[key].last_s = now.monotonic_s

    def end(self, now: Observation, key: str, reason: str) -> Iterator[Signal]:
        passage = self._open.pop(key, None)
        if passage is not None:
            yield _ended(passage, now, reason)

    def step(self, now: Observation) -> Iterator[Signal]:
        """End what is over."""
        for key, passage in list(self._open.items()):
            if now.ending is not None:
                yield from self.end(now, key, now.ending)
            elif self._is_over(passage, now.monotonic_s):
                yield from self.end(now, key, "blind" if now.blind_for_s else "gone")

    def _is_over(self, passage: _Open, now_s: float) -> bool:
        return now_s - passage.last_s >= self._config.clear_s and now_s - passage.opened_s >= TOLD_S


def _ended(passage: _Open, now: Observation, reason: str) -> Report:
    new = passage.report
    return Report(
        event_id=new.event_id,
        code=new.code,
        phase=Phase.END,
        severity=new.severity,
        camera_id=new.camera_id,
        rule=new.rule,
        at=now.captured_at,
        monotonic_s=now.monotonic_s,
        sighting=new.sighting,
        zones=new.zones,
        dwell_s=passage.last_s - passage.opened_s,
        passage=new.passage,
        end_reason=reason,
    )


class GateRule:
    """A scenario at a gate: a rule adds `look`. Codes that are shown, cards and PINs are the same at each of them."""

    Config: ClassVar[type[GateRuleConfig]]

    def __init__(
        self,
        config: GateRuleConfig,
        camera_id: str,
        labels: Sequence[str],  # noqa: ARG002 - a detector sees people here, for their heads to be blurred
        thresholds: Mapping[str, Thresholds],  # noqa: ARG002
        new_event_id: Callable[[datetime], str],
        resume: Sequence[OpenEpisode] = (),
        keeper: Keeper | None = None,
        *,
        takes_codes: bool = True,
    ) -> None:
        """`takes_codes`: no other rule of this camera decides about what is shown at this gate."""
        self._keeper: Keeper = keeper or Unmanned(config.gate)
        self._takes_codes = takes_codes
        self._passages = Passages(config, camera_id, new_event_id)
        self._zone = Zone(config.gate, config.zone)
        # Whoever stood there before a restart asks anew: nothing opens for what was decided before.
        self._leftovers = Leftovers(tuple(resume))
        self._code: tuple[str, float] | None = None
        self._asked = 0

    def update(self, observation: Observation) -> Verdict:
        signals = list(self._leftovers.update(observation).signals)
        usable = observation.shown is not None and not observation.blind_for_s and observation.ending is None
        if observation.ending is None:
            signals += self._credentials(observation)
        if usable:
            signals += self.look(observation)
        signals += self._passages.step(observation)
        return Verdict(tuple(signals), self.attentive or len(self._passages) > 0)

    def look(self, now: Observation) -> Iterator[Signal]:
        """At a usable frame: `now.shown` is there."""
        raise NotImplementedError

    @property
    def attentive(self) -> bool:
        """Somebody is there, of whom nothing has been decided."""
        raise NotImplementedError

    def credential(self, now: Observation, claim: Claim) -> Iterator[Signal]:
        """A card, a PIN or a code: decided at once."""
        self._asked += 1
        decision = self._keeper.decide(claim, now.captured_at)
        yield from self._passages.begin(now, f"{decision.means} {self._asked}", PASS, decision)

    def _credentials(self, now: Observation) -> Iterator[Signal]:
        claims = self._keeper.claims() if self.takes_claims else ()
        codes = self._shown_code(now) if self._takes_codes else ()
        for claim in (*claims, *codes):
            yield from self.credential(now, claim)

    @property
    def takes_claims(self) -> bool:
        """Whether what readers were shown is this rule's to decide about."""
        return self._takes_codes

    def _shown_code(self, now: Observation) -> Iterator[QrClaim]:
        code = now.shown.code if now.shown else None
        if code is None:
            return
        before, self._code = self._code, (code, now.monotonic_s)
        if before is None or before[0] != code or now.monotonic_s - before[1] >= AGAIN_S:
            yield QrClaim(code)

    def inside(self, box: Box, now: Observation) -> bool:
        """Whether most of a box in pixels lies where one asks to be let in."""
        return self._zone.share(in_picture(box, now)) >= MOSTLY


@dataclass(slots=True)
class Seen:
    """How long something has been looked at; makes the sighting of an event."""

    first_s: float
    first_at: datetime
    looks: int = 0

    @classmethod
    def since(cls, now: Observation) -> Self:
        return cls(now.monotonic_s, now.captured_at)

    def sighting(self, label: str, track_id: int, box: Box, score: float, now: Observation) -> Sighting:
        share = min(max(score, 0.0), 1.0)
        return Sighting(label, track_id, in_picture(box, now), share, self.looks, self.first_at, now.captured_at)


def in_picture(box: Box, now: Observation) -> Box:
    """From pixels to 0..1 of the picture, cut off at its edge."""
    sizes = (max(now.width_px, 1), max(now.height_px, 1)) * 2
    x0, y0, x1, y1 = (min(max(side / size, 0.0), 1.0) for side, size in zip(box, sizes, strict=True))
    return x0, y0, x1, y1
