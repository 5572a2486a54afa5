"""Somebody before a gate: a face is looked at, or a card, a PIN or a code is shown, and the gate opens or does not.

How it behaves, and why, is in docs/scenarios/gate_face.md. Codes: ACCESS.FACE.GRANTED, DENIED, UNKNOWN, SPOOF, EXPIRED.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from statistics import fmean
from typing import Literal

from pydantic import Field

from edgeguard.access.claims import CardClaim, Claim, Decision, FaceClaim, Means, PinClaim, PlateClaim, QrClaim, Reason
from edgeguard.scenarios.gate import FACE, GateRule, GateRuleConfig, Keeper, Seen
from edgeguard.scenarios.objects import Thresholds
from edgeguard.types import FaceSeen, FaceTold, Observation, OpenEpisode, Signal

STRANGER = "?"  # no pseudonym: these have letters and digits


class GateFaceConfig(GateRuleConfig):
    """A face opens a gate, beside whatever else may be shown there."""

    kind: Literal["gate_face"] = "gate_face"
    looks: int = Field(default=2, ge=1, le=10, description="Good looks that must be of one person.")
    decide_by_s: float = Field(
        default=1.5, ge=0.2, le=10, description="Who was looked at well for so long and is not let in, is told of."
    )
    face_within_s: float = Field(
        default=15.0, ge=2, le=60, description="After a card, a PIN or a code: the face must come within so long."
    )


@dataclass(slots=True)
class _Visit:
    """Somebody before the camera. `looks`: the good ones, by whom they are taken for."""

    seen: Seen
    last_s: float
    good_since_s: float | None = None
    crowd_since_s: float | None = None
    looks: dict[str, list[FaceSeen]] = field(default_factory=dict)
    decided: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _First:
    """What was shown before the face (1:1)."""

    claim: CardClaim | PinClaim | QrClaim | PlateClaim
    until_s: float


class GateFace(GateRule):
    """One decision for each visit that is let in, and one for one that is not; liveness is asked for each."""

    Config = GateFaceConfig

    def __init__(
        self,
        config: GateFaceConfig,
        camera_id: str,
        labels: Sequence[str],
        thresholds: Mapping[str, Thresholds],
        new_event_id: Callable[[datetime], str],
        resume: Sequence[OpenEpisode] = (),
        keeper: Keeper | None = None,
        *,
        takes_codes: bool = True,
    ) -> None:
        super().__init__(config, camera_id, labels, thresholds, new_event_id, resume, keeper, takes_codes=takes_codes)
        self._config = config
        self._visit: _Visit | None = None
        self._first: _First | None = None
        self._keys = 0

    @property
    def attentive(self) -> bool:
        return self._visit is not None or self._first is not None

    def credential(self, now: Observation, claim: Claim) -> Iterator[Signal]:
        """Where the face of whoever shows it must follow, that is waited for."""
        if isinstance(claim, CardClaim | PinClaim | QrClaim) and self._keeper.awaits_face(claim, now.captured_at):
            self._first = _First(claim, now.monotonic_s + self._config.face_within_s)
            self._visit = None  # whoever was looked at before was compared with nobody
        else:
            yield from super().credential(now, claim)
            # Whoever showed it has been decided about: their face is nobody's business.
            self._visiting(now).decided.add(STRANGER)

    def look(self, now: Observation) -> Iterator[Signal]:
        face, crowd = (now.shown.face, now.shown.crowd) if now.shown else (None, 0)
        if face is not None and not self.inside(face.box, now):
            face = None
        if self._first is None and (late := self._keeper.overdue()) is not None:
            self._first = _First(late, now.monotonic_s)
        if self._first is not None and now.monotonic_s >= self._first.until_s:
            yield from self._decide(now, None, alive=None)
        elif face is not None and self._looks_for_faces:
            yield from self._face(now, self._visiting(now), face)
        elif crowd and not self._keeper.verifies:
            yield from self._crowd(now, self._visiting(now))
        if self._visit is not None and now.monotonic_s - self._visit.last_s >= self._config.clear_s:
            self._visit = None

    @property
    def _looks_for_faces(self) -> bool:
        """A gate that verifies looks at nobody who has shown nothing."""
        return not self._keeper.verifies or self._first is not None or self._keeper.awaits

    def _visiting(self, now: Observation) -> _Visit:
        if self._visit is None:
            self._visit = _Visit(Seen.since(now), now.monotonic_s)
            self._keys += 1
        self._visit.last_s = now.monotonic_s
        self._visit.seen.looks += 1
        for who in self._visit.decided:
            self._passages.seen(self._key(who), now)
        return self._visit

    def _face(self, now: Observation, visit: _Visit, face: FaceSeen) -> Iterator[Signal]:
        visit.crowd_since_s = None
        if face.flaw is not None:
            return
        who = face.ref or STRANGER
        visit.looks.setdefault(who, []).append(face)
        if visit.good_since_s is None:
            visit.good_since_s = now.monotonic_s
        if who in visit.decided:
            return
        if face.ref is not None and self._is_let_in(visit.looks[who]):
            yield from self._decide(now, face, alive=_lives(visit.looks[who]))
        elif not visit.decided and now.monotonic_s - visit.good_since_s >= self._config.decide_by_s:
            yield from self._turn_away(now, visit)

    def _is_let_in(self, looks: Sequence[FaceSeen]) -> bool:
        """Enough of them, and alive as far as anybody can tell; what the gate asks for is the directory's to say."""
        return len(looks) >= self._config.looks and _lives(looks) is not False

    def _turn_away(self, now: Observation, visit: _Visit) -> Iterator[Signal]:
        """Nobody's, or of somebody who does not live: as most of the looks have it."""
        looks = max(visit.looks.values(), key=len)
        if len(looks) >= self._config.looks:
            yield from self._decide(now, looks[-1], alive=_lives(looks))

    def _crowd(self, now: Observation, visit: _Visit) -> Iterator[Signal]:
        if visit.crowd_since_s is None:
            visit.crowd_since_s = now.monotonic_s
        waited = now.monotonic_s - visit.crowd_since_s >= self._config.decide_by_s
        if waited and not visit.decided:
            visit.decided.add(STRANGER)
            refused = Decision(Reason.SEVERAL_FACES, Means.FACE, self._config.gate, now.captured_at)
            yield from self._passages.begin(now, self._key(STRANGER), FACE, refused)

    def _decide(self, now: Observation, face: FaceSeen | None, *, alive: bool | None) -> Iterator[Signal]:
        first, self._first = self._first, None
        ref = None if face is None else face.ref
        visit = self._visiting(now)
        visit.decided.add(ref or STRANGER)
        similarity, threshold = (None, None) if face is None else (face.similarity, face.threshold)
        claim = FaceClaim(ref, alive, similarity, threshold, None if first is None else first.claim)
        decision = self._keeper.decide(claim, now.captured_at)
        sighting = None if face is None else visit.seen.sighting("face", self._keys, face.box, 1.0, now)
        told = FaceTold(ref, similarity, threshold, None if face is None else face.alive)
        yield from self._passages.begin(now, self._key(ref or STRANGER), FACE, decision, sighting, face=told)

    def _key(self, who: str) -> str:
        return f"{self._keys} {who}"


def _lives(looks: Sequence[FaceSeen]) -> bool | None:
    """By the mean of all looks, so that a picture held up again and again does not pass by its luckiest one."""
    told = [look.alive for look in looks if look.alive is not None]
    return fmean(told) >= looks[-1].alive_from if told else None
