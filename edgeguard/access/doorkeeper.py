"""The decision: may this one go in here, now?"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from edgeguard.access.claims import (
    MEANS,
    CardClaim,
    Claim,
    Decision,
    FaceClaim,
    GuardClaim,
    PinClaim,
    PlateClaim,
    QrClaim,
    Reason,
)
from edgeguard.access.config import GateRules, Passback
from edgeguard.access.directory import Directory
from edgeguard.access.passes import PassState
from edgeguard.access.plates import likely, near
from edgeguard.access.store import Act
from edgeguard.access.timemark import Moment
from edgeguard.access.vehicles import pseudonym
from edgeguard.contract.lists import Admission, VehicleList, VehicleRow, normal_plate
from edgeguard.schedule import Schedule, read_hours

BOX = "box"
VISITOR = "visitor"
# They may go in, unless they are in already.
OPENING = (Reason.LISTED, Reason.ONE_DOUBTFUL_CHARACTER)


@dataclass(frozen=True, slots=True)
class _Found:
    """`subject`: as events name them; `person`: who that is, or whose vehicle it is."""

    reason: Reason
    list_name: str | None = None
    subject: str | None = None
    person: str | None = None
    candidates: tuple[str, ...] = ()


class Doorkeeper:
    """Any thread may ask. Once for each passage: a decision is a row of the audit, a use of a pass, a passage."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def decide(self, claim: Claim, at: datetime, gate: str) -> Decision:
        """`at` is aware. Durable when this returns; raises DirectoryError where it cannot be, and for no such gate."""
        config = self._directory.gate(gate)
        with self._directory.store.writing() as tx:
            when = self._directory.mark.reckon(at)
            found = self._judge(claim, when, config)
            # A visitor's pass is counted by its uses.
            if found.reason in OPENING and not isinstance(claim, QrClaim):
                found = self._pass(found, when, config)
            decision = Decision(
                found.reason, MEANS[type(claim)], gate, at, found.list_name, found.subject, found.candidates
            )
            who = claim.by if isinstance(claim, GuardClaim) else BOX
            self._directory.store.note(
                tx, Act(when.at, who), f"gate_{decision.outcome}", found.subject or "", _told(decision, claim)
            )
        return decision

    def whose(self, claim: Claim) -> str | None:
        """The person whose face may follow this; nothing is decided, counted or used up. Raises DirectoryError."""
        match claim:
            case CardClaim():
                return self._directory.credentials.owner(claim.number)
            case PinClaim():
                return self._directory.credentials.owner_of_number(claim.number)
            case PlateClaim():
                vehicle, _ = self._vehicle(claim)
                return None if vehicle is None or vehicle.list_name is VehicleList.DENIED else vehicle.ref
            case QrClaim():
                one = self._directory.passes.read(claim.text)
                return None if one is None else one.ref
            case _:
                return None

    def _judge(self, claim: Claim, when: Moment, gate: GateRules) -> _Found:
        if MEANS[type(claim)] not in gate.means:
            return _Found(Reason.NOT_TAKEN_HERE)
        match claim:
            case CardClaim():
                found = self._person(self._directory.credentials.owner(claim.number), when, gate)
            case PinClaim():
                found = self._pin(claim, when, gate)
            case QrClaim():
                found = self._qr(claim, when, gate)
            case PlateClaim():
                found = self._plate(claim, when, gate)
            case FaceClaim():
                found = self._face(claim, when, gate)
            case GuardClaim():
                found = _Found(Reason.OPENED_BY_GUARD)
        return found

    def _person(self, ref: str | None, when: Moment, gate: GateRules) -> _Found:
        person = None if ref is None else self._directory.people.find(ref)
        if person is None:
            return _Found(Reason.NOT_LISTED)
        reason = self._hindered(person, when, gate) or Reason.LISTED
        return _Found(reason, person.kind, person.ref, person.ref)

    def _pin(self, claim: PinClaim, when: Moment, gate: GateRules) -> _Found:
        answer = self._directory.credentials.try_pin(claim.number, claim.pin, gate.id, when.now)
        if answer.ref is None:
            return _Found(Reason.LOCKED if answer.locked else Reason.WRONG_PIN)
        return self._person(answer.ref, when, gate)

    def _qr(self, claim: QrClaim, when: Moment, gate: GateRules) -> _Found:
        one = self._directory.passes.read(claim.text)
        if one is None:
            return _Found(Reason.FOREIGN_CODE)
        admission = Admission.model_construct(
            valid_from=one.valid_from, valid_until=one.valid_until, hours="", gates=one.gates
        )
        hindered = self._hindered(admission, when, gate)
        if hindered is None and one.ref is not None:
            # Whoever is on no list any more has no pass either.
            bearer = self._person(one.ref, when, gate)
            hindered = None if bearer.reason is Reason.LISTED else bearer.reason
        if hindered is None:
            hindered = _SPENT.get(self._directory.passes.use(one))
        return _Found(hindered or Reason.LISTED, VISITOR, one.subject, one.ref)

    def _plate(self, claim: PlateClaim, when: Moment, gate: GateRules) -> _Found:
        vehicle, sure = self._vehicle(claim)
        seen = tuple(dict.fromkeys((claim.text, *claim.others, *([vehicle.plate] if vehicle else []))))
        # That a character is like the one in doubt is not enough: the looks must hold the plate for the next likeliest.
        if vehicle is None or not (sure or vehicle.plate in map(_letters, claim.others)):
            return _Found(Reason.NOT_LISTED, candidates=seen)
        subject = pseudonym(self._directory.vehicles.digest(vehicle.plate))
        reason = self._vehicle_hindered(vehicle, when, gate)
        if reason is None and (claim.votes < gate.min_plate_reads or not likely(claim.char_conf)):
            reason = Reason.FEW_READS
        if reason is None:
            reason = Reason.LISTED if sure else Reason.ONE_DOUBTFUL_CHARACTER
        return _Found(reason, vehicle.list_name, subject, vehicle.ref, () if reason in OPENING else seen)

    def _vehicle(self, claim: PlateClaim) -> tuple[VehicleRow | None, bool]:
        """What is on a list, and whether as it was read; None too where two vehicles could be meant."""
        exact = self._directory.vehicles.find(claim.text)
        if exact is not None:
            return exact, True
        found = [self._directory.vehicles.find(text) for text in near(_letters(claim.text), claim.char_conf)]
        listed = [vehicle for vehicle in found if vehicle is not None]
        if len(listed) != 1 or listed[0].list_name is VehicleList.DENIED:
            return None, False
        return listed[0], False

    def _vehicle_hindered(self, vehicle: VehicleRow, when: Moment, gate: GateRules) -> Reason | None:
        if vehicle.list_name is VehicleList.DENIED:
            return Reason.DENIED_LIST
        return self._hindered(vehicle, when, gate)

    def _face(self, claim: FaceClaim, when: Moment, gate: GateRules) -> _Found:
        if claim.alive is False:
            return _Found(Reason.NOT_ALIVE)
        if claim.alive is None and gate.liveness == "required":
            return _Found(Reason.LIVENESS_UNKNOWN)
        first = self._first(claim, when, gate) if gate.face == "verify" else None
        if first is not None:
            return first
        found = self._person(claim.ref, when, gate)
        if found.person is not None and not self._directory.consents.holds(found.person, when.now):
            return _Found(Reason.NO_CONSENT, found.list_name, found.subject, found.person)
        return found

    def _first(self, claim: FaceClaim, when: Moment, gate: GateRules) -> _Found | None:
        """What stands in the way before the face is looked at; None: it is the face of who was shown first."""
        if claim.after is None:
            return _Found(Reason.FIRST_ANOTHER_MEANS)
        first = self._judge(claim.after, when, gate)
        if first.reason not in OPENING:
            return first
        if claim.ref is None or first.person != claim.ref:
            return _Found(Reason.SOMEBODY_ELSE, first.list_name, first.subject)
        return None

    def _hindered(self, row: Admission, when: Moment, gate: GateRules) -> Reason | None:
        return hindrance(row, when, gate.id, self._directory.config.timezone)

    def _pass(self, found: _Found, when: Moment, gate: GateRules) -> _Found:
        """Of somebody who may go in: note the passage, unless they are in already."""
        if found.subject is None:
            return found
        inside = self._directory.presences.inside(found.subject, gate, when.now)
        if inside and gate.anti_passback is Passback.HARD:
            return _Found(Reason.NOT_GONE_OUT, found.list_name, found.subject, found.person)
        self._directory.presences.passed(found.subject, gate, when.now)
        if inside:
            return _Found(Reason.PASSED_BACK, found.list_name, found.subject, found.person)
        return found


_SPENT = {PassState.USED_UP: Reason.USED_UP, PassState.REVOKED: Reason.REVOKED}


def hindrance(row: Admission, when: Moment, gate: str, timezone: str | None) -> Reason | None:
    """Why an entry does not admit here and now; None: it does. What has been over stays over, whatever a clock says."""
    if row.gates and gate not in row.gates:
        return Reason.OTHER_GATE
    if row.valid_from is not None and when.now < row.valid_from:
        return Reason.NOT_YET
    if row.valid_until is not None and when.now >= row.valid_until:
        return Reason.CLOCK_SET_BACK if when.at < row.valid_until else Reason.OVER
    if row.hours:
        if when.set_back:
            return Reason.CLOCK_SET_BACK
        if not _schedule(row.hours, timezone).armed(when.now):
            return Reason.OUTSIDE_HOURS
    return None


@lru_cache(maxsize=1024)
def _schedule(hours: str, timezone: str | None) -> Schedule:
    return read_hours(hours, timezone)


def _letters(text: str) -> str:
    try:
        return normal_plate(text)
    except ValueError:
        return ""


def _told(decision: Decision, claim: Claim) -> str:
    told = f"{decision.gate} {decision.means} {decision.reason}"
    return f"{told}: {claim.note}" if isinstance(claim, GuardClaim) and claim.note else told
