"""What the center is told of a directory: numbers, and pseudonyms whose consent ends soon."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from edgeguard.access.consents import Consent
from edgeguard.access.directory import Directory
from edgeguard.access.people import Person
from edgeguard.contract.access import DUE_DAYS, MOST_DUE, MOST_PEOPLE, AccessSummary, ConsentDue, GateCount
from edgeguard.contract.lists import Admission, VehicleList

RECENT = timedelta(days=DUE_DAYS)


def summary(directory: Directory, at: datetime) -> AccessSummary:
    """Everything in it is counted as it stands at `at` (aware UTC). Raises DirectoryError."""
    people = directory.people.all()
    consents = [consent for person in people for consent in directory.consents.of(person.ref)]
    held = [consent for consent in consents if consent.holds(at)]
    enrolled = directory.faces.enrolled(at)
    vehicles = [row for row in directory.vehicles.all() if row.list_name is not VehicleList.DENIED]
    due = sorted((one for one in held if one.expires_at < at + RECENT), key=lambda one: one.expires_at)
    return AccessSummary(
        at=at,
        faces=directory.faces.filing().faces,
        consents=len(held),
        withdrawn=sum(_lately(consent, at) for consent in consents),
        due_count=len(due),
        due=tuple(ConsentDue(ref=one.ref, until=one.expires_at) for one in due[:MOST_DUE]),
        people_count=len(people),
        people=tuple(person.ref for person in people[:MOST_PEOPLE]),
        gates=tuple(_gate(gate.id, people, vehicles, enrolled, at) for gate in directory.config.gates),
        keep_days={name.removesuffix("_days"): days for name, days in directory.config.keep.model_dump().items()},
        filing=directory.config.filing,
    )


def _lately(consent: Consent, at: datetime) -> bool:
    return consent.withdrawn_at is not None and at - RECENT <= consent.withdrawn_at <= at


def _gate(
    gate: str, people: Iterable[Person], vehicles: Iterable[Admission], enrolled: set[str], at: datetime
) -> GateCount:
    admitted = {person.ref for person in people if _admits(person, gate, at)}
    cars = sum(_admits(row, gate, at) for row in vehicles)
    return GateCount(gate=gate, people=len(admitted), vehicles=cars, faces=len(admitted & enrolled))


def _admits(row: Admission, gate: str, at: datetime) -> bool:
    """Whether it is somebody of this gate now; hours are left out: they come again."""
    begun = row.valid_from is None or row.valid_from <= at
    over = row.valid_until is not None and row.valid_until <= at
    return begun and not over and (not row.gates or gate in row.gates)
