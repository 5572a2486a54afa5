"""What the center is told of a directory."""

from edgeguard.access import Directory
from edgeguard.access.summary import summary
from edgeguard.contract.access import AccessSummary, GateCount
from tests.support.directories import act, at, consent, enrol, person, vehicle

YEAR_H = 365 * 24.0


def test_of_nobody() -> None:
    assert AccessSummary(at=at()).faces == 0


def test_who_is_there_is_counted(box: Directory) -> None:
    enrol(box, "p-1")
    box.people.put(person("p-2"), act())
    box.people.put(person("p-3", gates=("elsewhere",)), act())
    box.vehicles.put(vehicle(), act())
    box.vehicles.put(vehicle("粤B00001", list="denied"), act())
    told = summary(box, at(1))
    assert told.gates == (GateCount(gate="north", people=2, vehicles=1, faces=1),)
    assert (told.faces, told.consents, told.withdrawn, told.due) == (1, 1, 0, ())
    assert told.keep_days == {"people": 30, "vehicles": 30, "consents": 1095, "passages": 7, "audit": 1095}
    assert (told.people_count, told.people) == (3, ("p-1", "p-2", "p-3"))


def test_a_consent_that_ends_soon_is_told_by_pseudonym(box: Directory) -> None:
    enrol(box, "p-1")
    (due,) = summary(box, at(YEAR_H - 24 * 10)).due
    assert (due.ref, due.until) == ("p-1", at(YEAR_H))


def test_a_withdrawn_consent_is_told_for_a_month(box: Directory) -> None:
    enrol(box, "p-1")
    box.consents.withdraw("p-1", act(24))
    told = summary(box, at(48))
    assert (told.faces, told.consents, told.withdrawn) == (0, 0, 1)
    assert summary(box, at(24 * 40)).withdrawn == 0


def test_who_is_not_there_yet_or_any_more_is_not_counted(box: Directory) -> None:
    box.people.put(person("p-1", kind="visitor", valid_from=at(10), valid_until=at(20)), act())
    assert [summary(box, at(hours)).gates[0].people for hours in (5, 15, 25)] == [0, 1, 0]


def test_no_name_and_no_plate_is_told(box: Directory) -> None:
    box.people.put(person("p-1", label="third floor"), act())
    box.consents.add(consent("p-1"), act())
    box.vehicles.put(vehicle("粤B12345"), act())
    told = summary(box, at(1)).model_dump_json()
    assert "third floor" not in told
    assert "12345" not in told
