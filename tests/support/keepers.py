"""A gate's keeper that says what it is told to, and what a rule at a gate makes of what is shown."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from edgeguard.access import Decision, Reason
from edgeguard.access.claims import MEANS, CardClaim, Claim, FaceClaim, PinClaim, PlateClaim, QrClaim
from edgeguard.types import FaceSeen, Observation, Open, Phase, PlateSeen, Report, Scenario, Shown, Signal, Tracks

START = datetime(2026, 6, 1, 8, tzinfo=UTC)
STEP_S = 0.1
MIDDLE = (600.0, 300.0, 700.0, 340.0)


class ToldKeeper:
    """`knows`: plates and refs that may go in; all else is on no list. A face that does not live is told so."""

    def __init__(self, *knows: str, verifies: bool = False, enrolled: Sequence[Claim] = ()) -> None:
        self.knows = set(knows)
        self.verifies = verifies
        self.enrolled = tuple(enrolled)
        self.waiting: list[Claim] = []
        self.asked: list[Claim] = []
        self.reason: Reason | None = None
        self.expected: list[str] = []  # refs of whom was let in elsewhere
        self.late: list[CardClaim | PinClaim | QrClaim | PlateClaim] = []

    def decide(self, claim: Claim, at: datetime) -> Decision:
        self.asked.append(claim)
        return Decision(self.reason or self._reason(claim), MEANS[type(claim)], "north", at, subject_ref="s-1")

    def claims(self) -> Sequence[Claim]:
        waiting, self.waiting = self.waiting, []
        return waiting

    def awaits_face(self, claim: Claim, at: datetime) -> bool:
        return self.verifies and claim in self.enrolled

    def expects_face(self, claim: Claim, at: datetime) -> bool:
        return self.awaits_face(claim, at)

    @property
    def awaits(self) -> bool:
        return bool(self.expected)

    def overdue(self) -> CardClaim | PinClaim | QrClaim | PlateClaim | None:
        return self.late.pop() if self.late else None

    def plate_told(self, text: str) -> str:
        return f"v-{len(text)}"

    def _reason(self, claim: Claim) -> Reason:
        if isinstance(claim, FaceClaim):
            if claim.alive is not True:
                return Reason.NOT_ALIVE if claim.alive is False else Reason.LIVENESS_UNKNOWN
            return Reason.LISTED if claim.ref in self.knows else Reason.NOT_LISTED
        if isinstance(claim, PlateClaim):
            return Reason.LISTED if claim.text in self.knows else Reason.NOT_LISTED
        return Reason.LISTED


def plate(text: str = "粤B12345", track_id: int = 1, *, agreed: bool = True, votes: int = 2) -> PlateSeen:
    conf = (0.99,) * len(text)
    return PlateSeen(track_id, MIDDLE, 100.0, 0.9, text, "blue", "blue", conf, votes, votes, agreed)


def face(ref: str | None = "p-1", alive: float | None = 0.9, flaw: str | None = None) -> FaceSeen:
    return FaceSeen(MIDDLE, 60.0, flaw, ref, 0.7, 0.5, alive, 0.5)


class AtTheGate:
    """Shows a rule what is there, ten times a second."""

    def __init__(self, rule: Scenario) -> None:
        self.rule = rule
        self.now_s = 0.0
        self.signals: list[Signal] = []

    def show(self, shown: Shown | None, for_s: float = STEP_S, **more: object) -> list[Signal]:
        """Returns what the rule made of it."""
        before = len(self.signals)
        for _ in range(max(1, round(for_s / STEP_S))):
            self.signals += self.rule.update(self._observed(shown, **more)).signals
            self.now_s += STEP_S
        return self.signals[before:]

    def _observed(self, shown: Shown | None, **more: object) -> Observation:
        at = START + timedelta(seconds=self.now_s)
        return Observation(self.now_s, at, 1280, 720, Tracks.empty(), shown=shown, **more)  # type: ignore[arg-type]

    @property
    def told(self) -> list[tuple[str, str]]:
        """(code, phase) of every report."""
        return [(one.code, one.phase.value) for one in self.reports()]

    @property
    def opened(self) -> int:
        return sum(isinstance(one, Open) for one in self.signals)

    def reports(self, phase: Phase | None = None) -> Iterator[Report]:
        for one in self.signals:
            if isinstance(one, Report) and phase in {None, one.phase}:
                yield one
