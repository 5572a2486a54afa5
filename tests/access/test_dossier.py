"""What leaves the box of one person who asks for a copy."""

import json

import pytest

from edgeguard.access import Directory, Doorkeeper, PlateClaim
from edgeguard.access.dossier import leaving
from edgeguard.errors import DirectoryError
from tests.support.directories import act, at, consent, enrol, person, vehicle

PLATE, LABEL, GUARDIAN, CARD, PIN_NUMBER = "粤B12345", "flat 12", "their mother", "04A1B2C3", "1203"


def somebody(box: Directory) -> None:
    enrol(box, "p-1")
    enrol(box, "p-2")
    box.people.put(person(label=LABEL), act())
    box.consents.add(consent(under_14=True, guardian=GUARDIAN), act())
    box.credentials.add_card("p-1", CARD, act())
    box.credentials.set_pin("p-1", PIN_NUMBER, "582914", act())
    box.vehicles.put(vehicle(PLATE, ref="p-1"), act())
    Doorkeeper(box).decide(PlateClaim(PLATE, 2), at(1), "north")


def test_record_consents_and_events_leave_and_no_name_no_template(box: Directory) -> None:
    somebody(box)
    told = leaving(box, "p-1", act(2, by="officer"), in_clear=False)
    assert (told["ref"], told["kind"], told["cards"], told["pin"]) == ("p-1", "resident", 1, True)
    assert [one["guardian"] for one in told["consents"]] == [False, True]
    assert told["consents"][0]["operator"] == "operator"
    assert [set(one) for one in told["templates"]] == [{"model", "enrolled_at"}]
    assert told["only_on_the_box"] == ["label", "guardian", "template", "card", "pin_number", "plate"]
    actions = [row["action"] for row in told["events"]]
    assert actions[0] == "person_exported"
    assert "gate_granted" in actions, "by their car"
    assert {row["subject"] for row in told["events"]} == {"p-1", told["vehicles"][0]["subject"]}
    text = json.dumps(told, ensure_ascii=False)
    (template,) = box.faces.of("p-1", at(2))
    for secret in (PLATE, PLATE[1:], LABEL, GUARDIAN, CARD, PIN_NUMBER, "p-2", str(template.vector[0])):
        assert secret not in text


def test_a_plate_leaves_only_by_law(box: Directory) -> None:
    somebody(box)
    told = leaving(box, "p-1", act(2), in_clear=True)
    assert told["vehicles"][0]["plate"] == PLATE
    assert "plate" not in told["only_on_the_box"]


def test_nobodys_ref_is_told(box: Directory) -> None:
    with pytest.raises(DirectoryError, match="nobody is listed as 'p-9'"):
        leaving(box, "p-9", act(), in_clear=False)
    assert box.trail("p-9") == []
