"""Consent, withdrawal, rights and retention: what docs/access.md promises row by row."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from edgeguard.access import CardClaim, Directory, Doorkeeper, FaceClaim, KeepConfig, PlateClaim, Reason
from edgeguard.access import faces as faces_module
from edgeguard.access.faces import Filing
from edgeguard.errors import DirectoryError, EnrolmentRefused
from tests.support.directories import act, at, config, consent, directory, enrol, face, files, gate, person, vehicle

DAY = 24.0


def refused(box: Directory, ref: str, message: str, **fields: object) -> None:
    fields = {"template": face(77), "same_from": 0.5, **fields}
    with pytest.raises(EnrolmentRefused, match=message):
        box.faces.enrol(ref, act=act(), **fields)  # type: ignore[arg-type]
    assert box.faces.all(at()) == [] or ref not in {one for one, _ in box.faces.all(at())}


def test_a_face_without_a_consent_is_refused(box: Directory) -> None:
    refused(box, "p-1", "nobody is listed as 'p-1'")
    box.people.put(person(), act())
    refused(box, "p-1", "p-1 has given no consent that holds; first: edgeguard people consent p-1")
    box.consents.add(consent(scope="newsletter"), act())
    refused(box, "p-1", "no consent that holds")
    box.consents.add(consent(given_at=at(1)), act())
    refused(box, "p-1", "no consent that holds")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"under_14": True}, "under 14 a guardian consents: guardian is required"),
        ({"expires_at": at()}, "must be later than given_at"),
        ({"notice": "none"}, "notice"),
        ({"operator": ""}, "operator"),
        ({"channel": "by telephone!"}, "channel"),
    ],
)
def test_half_a_consent_is_none(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        consent(**fields)


def test_a_consent_of_nobody_or_of_yesterday_is_refused(box: Directory) -> None:
    with pytest.raises(DirectoryError, match="nobody is listed as 'p-1'"):
        box.consents.add(consent(), act())
    box.people.put(person(), act())
    with pytest.raises(DirectoryError, match="accepted: one that is not over yet"):
        box.consents.add(consent(expires_at=at(1)), act(1))


def test_a_guardians_name_is_sealed(box: Directory, tmp_path: Path) -> None:
    box.people.put(person(), act())
    box.consents.add(consent(under_14=True, guardian="their mother"), act())
    assert box.consents.of("p-1")[0].guardian == "their mother"
    assert b"their mother" not in files(tmp_path)
    assert "mother" not in repr(box.consents.of("p-1"))


def test_a_withdrawal_removes_the_template_at_once_and_nothing_else(box: Directory, tmp_path: Path) -> None:
    enrol(box, "p-1")
    box.credentials.add_card("p-1", "1234", act())
    door, before = Doorkeeper(box), box.faces.version()
    [(sealed,)] = box.store.rows("SELECT sealed FROM face")
    assert sealed in files(tmp_path)
    assert box.consents.withdraw("p-1", act(1)) == 1
    assert box.faces.of("p-1", at(1)) == []
    assert sealed not in files(tmp_path)
    assert box.faces.version() != before
    assert door.decide(FaceClaim("p-1", alive=True), at(1), "north").reason is Reason.NO_CONSENT
    assert door.decide(CardClaim("1234"), at(1), "north").reason is Reason.LISTED
    assert box.consents.of("p-1")[0].withdrawn_at == at(1)
    refused(box, "p-1", "no consent that holds")


def test_nothing_to_withdraw_is_told(box: Directory) -> None:
    box.people.put(person(), act())
    with pytest.raises(DirectoryError, match="'p-1' has given no consent that could be withdrawn"):
        box.consents.withdraw("p-1", act())


def test_a_consent_that_is_over_takes_the_template_along(box: Directory, tmp_path: Path) -> None:
    enrol(box, "p-1")
    [(sealed,)] = box.store.rows("SELECT sealed FROM face")
    assert len(box.faces.of_gate("north", at(365 * DAY - 1), face().model)) == 1
    assert box.faces.of_gate("north", at(365 * DAY), face().model) == []
    swept = box.sweep(at(365 * DAY))
    assert swept is not None
    assert swept.templates == 1
    assert sealed not in files(tmp_path)
    assert box.people.find("p-1") is not None


def test_a_clock_set_back_brings_no_template_back(box: Directory) -> None:
    enrol(box, "p-1")
    box.sweep(at(365 * DAY))
    assert box.faces.of("p-1", at()) == []


def test_somebody_enrolled_already_is_told(box: Directory) -> None:
    template = enrol(box, "p-1")
    box.people.put(person("p-2"), act())
    box.consents.add(consent("p-2"), act())
    again = face(5, like=template)
    refused(
        box,
        "p-2",
        r"this face is enrolled as p-1 already \(similarity 0\.9\d, one person from 0\.50\); for a twin",
        template=again,
    )
    box.faces.enrol("p-1", again, act(), same_from=0.5)  # another look at the same person
    box.faces.enrol("p-2", again, act(), same_from=0.5, twin=True)
    assert [ref for ref, _ in box.faces.all(at())] == ["p-1", "p-1", "p-2"]


def test_a_person_has_a_few_templates(box: Directory) -> None:
    template = enrol(box, "p-1")
    for seed in range(faces_module.MAX_PER_PERSON - 1):
        box.faces.enrol("p-1", face(seed, like=template), act(), same_from=0.5)
    with pytest.raises(EnrolmentRefused, match="p-1 has 5 templates, accepted: at most 5"):
        box.faces.enrol("p-1", template, act(), same_from=0.5)


def test_a_gate_that_searches_is_full_at_what_was_measured_and_one_that_verifies_is_not(tmp_path: Path) -> None:
    gates = (gate("north"), gate("south"), gate("big", face="verify"))
    with directory(tmp_path, config(*gates)) as box:
        for ref, where in (("p-1", ("north",)), ("p-2", ("north",)), ("p-3", ("north",)), ("p-4", ("south", "big"))):
            box.people.put(person(ref, gates=where), act())
            box.consents.add(consent(ref), act())
        searched = faces_module.searched_gates(gates, most=2)
        assert searched == [("north", 2), ("south", 2)]
        for number, ref in enumerate(("p-1", "p-2")):
            box.faces.enrol(ref, face(number), act(), same_from=0.5, searched=searched)
        with pytest.raises(
            EnrolmentRefused, match=r"gate north has 2 templates, accepted: at most 2 \(1:N\); give some people a card"
        ):
            box.faces.enrol("p-3", face(3), act(), same_from=0.5, searched=searched)
        box.faces.enrol("p-4", face(4), act(), same_from=0.5, searched=searched)
        assert [ref for ref, _ in box.faces.of_gate("south", at(), face().model)] == ["p-4"]


def test_a_filing_is_due_at_a_hundred_thousand_faces(box: Directory) -> None:
    enrol(box, "p-1")
    assert box.faces.filing() == Filing(1)
    assert not Filing(99_999).due
    assert Filing(100_000).due


def test_what_is_known_of_a_person_is_told_and_that_it_was_asked(box: Directory) -> None:
    template = enrol(box, "p-1")
    box.people.put(person(label="flat 12"), act())
    box.credentials.add_card("p-1", "1234", act())
    box.credentials.set_pin("p-1", "1203", "582914", act())
    box.vehicles.put(vehicle(ref="p-1"), act())
    found = box.tell("p-1", act(1, by="office"))
    assert (found.person.label, found.cards, found.pin_number) == ("flat 12", ("1234",), "1203")
    assert [one.plate for one in found.vehicles] == ["粤B12345"]
    assert [(one.model, one.enrolled_at) for one in found.templates] == [(template.model, at())]
    assert (found.trail[0].who, found.trail[0].action) == ("office", "person_exported")
    assert {row.subject for row in found.trail} == {"p-1", box.vehicles.pseudonym("粤B12345")}, "their car's rows too"
    assert str(template.vector[0]) not in repr(found)


def test_a_deleted_person_leaves_a_pseudonym_of_nobody(box: Directory, tmp_path: Path) -> None:
    enrol(box, "p-1")
    enrol(box, "p-2")
    box.people.put(person(label="flat 12"), act())
    box.credentials.add_card("p-1", "1234", act())
    box.vehicles.put(vehicle(ref="p-1"), act())
    columns = ("SELECT sealed FROM face WHERE ref = 'p-1'", "SELECT label FROM person WHERE ref = 'p-1'")
    secrets = [box.store.rows(sql)[0][0] for sql in (*columns, "SELECT sealed FROM vehicle", "SELECT sealed FROM card")]
    erased = box.erase("p-1", act(1, by="officer"))
    assert (erased.templates, erased.cards, erased.pins, erased.consents, erased.vehicles) == (1, 1, 0, 1, 1)
    assert box.holds(erased.proof)
    (row,) = [one for one in box.trail("p-1") if one.id == erased.proof.id]
    assert (row.who, row.action, row.detail) == ("officer", "person_removed", "erased")
    kept = files(tmp_path)
    assert [secret in kept for secret in secrets] == [False] * 4
    for table in ("person", "face", "card", "pin", "consent"):
        assert box.store.rows(f"SELECT count(*) FROM {table} WHERE ref = 'p-1'") == [(0,)]
    assert Doorkeeper(box).decide(CardClaim("1234"), at(1), "north").reason is Reason.NOT_LISTED
    assert Doorkeeper(box).decide(PlateClaim("粤B12345", 2), at(1), "north").reason is Reason.NOT_LISTED
    assert box.anchors.verify().whole
    assert [ref for ref, _ in box.faces.all(at())] == ["p-2"]
    with pytest.raises(DirectoryError, match="nobody is listed as 'p-1'"):
        box.erase("p-1", act(1))


def test_each_class_of_data_has_its_time(tmp_path: Path) -> None:
    keep = KeepConfig(people_days=10, vehicles_days=20, consents_days=40, passages_days=5, audit_days=60)
    gates = (gate("north", direction="in", anti_passback="soft"),)
    with directory(tmp_path, config(*gates, keep=keep)) as box:
        box.people.put(person("visitor", kind="visitor", valid_until=at(DAY)), act())
        box.people.put(person("resident"), act())
        box.consents.add(consent("visitor", expires_at=at(DAY)), act())
        box.vehicles.put(vehicle(list="visitor", valid_until=at(DAY)), act())
        box.vehicles.put(vehicle("粤B54321"), act())
        Doorkeeper(box).decide(PlateClaim("粤B54321", 2), at(), "north")

        def left() -> tuple[int, int, int, int]:
            presences = box.presences.count("site")
            return box.people.count(), box.vehicles.count(), len(box.consents.of("visitor")), presences

        table = {
            5: (2, 2, 1, 1),
            5.1: (2, 2, 1, 0),
            11: (2, 2, 1, 0),
            11.1: (1, 2, 1, 0),
            21.1: (1, 1, 1, 0),
            41.1: (1, 1, 0, 0),
        }
        for day, expected in table.items():
            box.sweep(at(day * DAY))
            assert (day, left()) == (day, expected)
        late = box.sweep(at(60.5 * DAY))
        assert late is not None
        assert late.audit_rows > 0
        assert box.anchors.verify().whole
        back = box.sweep(at())  # a clock set back
        assert back is not None
        assert back.people == 0


def test_no_picture_and_no_template_lies_in_the_folder(box: Directory, tmp_path: Path) -> None:
    template = enrol(box, "p-1")
    kept = files(tmp_path)
    assert template.vector.tobytes() not in kept
    assert b"\xff\xd8\xff" not in kept
    assert b"\x89PNG" not in kept


def test_a_clock_that_leaps_and_is_not_kept_deletes_nothing(box: Directory) -> None:
    enrol(box, "p-1")
    assert box.sweep(at(), synced=False) is not None
    assert box.sweep(at(400 * DAY), synced=False) is None
    assert box.store.rows("SELECT count(*) FROM face") == [(1,)]
    assert box.sweep(at(400 * DAY)) is not None
    assert box.store.rows("SELECT count(*) FROM face") == [(0,)]


def test_what_lies_elsewhere_of_somebody_deleted_goes_once_and_again_where_it_failed(box: Directory) -> None:
    gone: list[list[str]] = []
    enrol(box, "p-1")
    box.vehicles.put(vehicle(ref="p-1"), act())
    car = box.vehicles.pseudonym("粤B12345")
    box.people.put(person("p-2"), act())
    box.people.remove(["p-2"], act(), "list 3")
    box.forgotten(lambda subjects: gone.append(list(subjects)))
    assert gone == [], "nobody was erased"
    box.erase("p-1", act(1))

    def full(_: object) -> None:
        raise DirectoryError("the disk is away")

    with pytest.raises(DirectoryError, match="away"):
        box.forgotten(full)
    for _ in range(2):
        box.forgotten(lambda subjects: gone.append(list(subjects)))
    assert gone == [[car, "p-1"]]
