from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from edgeguard.access import Directory, Doorkeeper, PlateClaim, Reason, lists
from edgeguard.contract import ListsArgs
from edgeguard.errors import CommandRefused
from tests.support.directories import act, at, directory, enrol, files, person, vehicle

CAR, OTHER = {"plate": "粤B11111", "list": "resident"}, {"plate": "粤B22222", "list": "resident"}
ANN = {"ref": "p-ann", "kind": "resident"}
CLEANER = {"ref": "p-cleaner", "kind": "contractor", "hours": "Mon-Fri 8:00-18:00"}


def told(revision: int, **fields: Any) -> ListsArgs:
    return ListsArgs.model_validate({"revision": revision, **fields})


def apply(box: Directory, args: ListsArgs) -> str:
    return lists.apply(box, args, act(by="center"))


def refs(box: Directory) -> list[str]:
    return [one.ref for one in box.people.all()]


def plates(box: Directory) -> list[str]:
    return [one.plate for one in box.vehicles.all()]


def test_a_whole_list_replaces_the_centers_entries_and_leaves_the_boxs_own(box: Directory) -> None:
    box.people.put(person("p-own"), act())
    box.vehicles.put(vehicle("粤B99999"), act())
    assert (
        apply(box, told(1, people=[ANN, CLEANER], vehicles=[CAR]))
        == "revision 1 is in force: 3 added, 0 changed, 0 removed"
    )
    assert box.people.get("p-cleaner").hours == "mon-fri 08:00-18:00"
    assert (
        apply(box, told(2, people=[CLEANER], vehicles=[OTHER]))
        == "revision 2 is in force: 1 added, 0 changed, 2 removed"
    )
    assert refs(box) == ["p-cleaner", "p-own"]
    assert plates(box) == ["粤B22222", "粤B99999"]
    assert lists.revision(box) == 2


def test_changes_are_to_the_list_that_is_in_force(box: Directory) -> None:
    apply(box, told(5, people=[ANN], vehicles=[CAR]))
    changes = told(6, base=5, people=[CLEANER], people_gone=["p-ann", "p-nobody"], vehicles_gone=["粤B·11111"])
    assert apply(box, changes) == "revision 6 is in force: 1 added, 0 changed, 2 removed"
    assert (refs(box), plates(box)) == (["p-cleaner"], [])
    with pytest.raises(CommandRefused, match=r"changes to list 4, accepted: to list 6, or a whole list \(no base\)"):
        apply(box, told(7, base=4, people=[ANN]))
    assert refs(box) == ["p-cleaner"]


def test_the_same_list_again_changes_nothing_and_an_older_one_is_refused(box: Directory) -> None:
    apply(box, told(5, people=[ANN]))
    rows = len(box.trail())
    assert apply(box, told(5, people=[ANN])) == "revision 5 is in force already"
    with pytest.raises(CommandRefused, match="list 4, accepted: later than 5, which is in force"):
        apply(box, told(4))
    assert len(box.trail()) == rows
    assert refs(box) == ["p-ann"]


def test_a_list_in_parts_is_in_force_with_the_last_also_over_a_start(tmp_path: Path) -> None:
    first, second = told(3, part=1, parts=2, people=[ANN]), told(3, part=2, parts=2, people=[CLEANER])
    with directory(tmp_path) as box:
        assert apply(box, second) == "part 2 of list 3: 1 of 2 are here"
        assert apply(box, second) == "part 2 of list 3: 1 of 2 are here"
        assert refs(box) == []
        assert b"p-cleaner" not in files(tmp_path)
        box.rekey(act())
    with directory(tmp_path) as box:
        assert apply(box, first) == "revision 3 is in force: 2 added, 0 changed, 0 removed"
        assert refs(box) == ["p-ann", "p-cleaner"]
        assert box.store.rows("SELECT count(*) FROM list_part") == [(0,)]


def test_parts_of_another_list_are_given_up(box: Directory) -> None:
    apply(box, told(3, part=1, parts=2, people=[ANN]))
    apply(box, told(4, part=2, parts=2, people=[CLEANER]))
    assert apply(box, told(4, part=1, parts=2)) == "revision 4 is in force: 1 added, 0 changed, 0 removed"
    assert refs(box) == ["p-cleaner"]
    apply(box, told(5, part=1, parts=2))
    with pytest.raises(CommandRefused, match="part 2 of list 5 does not fit the parts that are here"):
        apply(box, told(5, part=2, parts=3))


def test_the_label_and_the_face_stay_where_the_center_changes_an_entry(box: Directory) -> None:
    enrol(box, "p-ann")
    box.people.put(person("p-ann", label="flat 12"), act())
    apply(box, told(1, people=[{**ANN, "gates": ["north"]}]))
    assert (box.people.get("p-ann").label, box.people.get("p-ann").gates) == ("flat 12", ("north",))
    assert len(box.faces.of("p-ann", at())) == 1


def test_a_withdrawal_at_the_center_removes_the_template(box: Directory) -> None:
    enrol(box, "p-ann")
    assert apply(box, told(1, people=[ANN], withdrawn=["p-ann", "p-nobody"])).endswith(", 1 templates removed")
    assert box.faces.of("p-ann", at()) == []
    assert refs(box) == ["p-ann"]


def test_a_list_holds_for_weeks_without_a_center(tmp_path: Path) -> None:
    with directory(tmp_path) as box:
        apply(box, told(1, vehicles=[CAR]))
        for week in range(1, 9):
            box.sweep(at(week * 7 * 24))
    with directory(tmp_path) as box:
        decision = Doorkeeper(box).decide(PlateClaim("粤B11111", 2), at(8 * 7 * 24), "north")
        assert decision.reason is Reason.LISTED


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"people": [{"ref": "p-1", "kind": "denied"}]}, "'resident', 'visitor' or 'contractor'"),  # no list of people
        ({"people": [{**ANN, "template": "AAAA"}]}, "Extra inputs are not permitted"),
        ({"people": [{**ANN, "label": "a name"}]}, "Extra inputs are not permitted"),
        ({"people": [{"ref": "p-1", "kind": "visitor"}]}, "a visitor has a valid_until"),
        ({"people": [{"ref": "p-1", "kind": "contractor"}]}, "a contractor has hours or a valid_until"),
        ({"people": [{**ANN, "hours": "9 to 5"}]}, "hours such as mon-fri 08:00-18:00; sat 09:00-12:00; met '9 to 5'"),
        ({"vehicles": [{"plate": "!", "list": "resident"}]}, "a plate of 4 to 10 letters and digits; met '!'"),
        ({"vehicles": [{"plate": "粤B11111", "list": "visitor"}]}, "a visitor's vehicle has a valid_until"),
        ({"part": 2}, "part 2 of 1"),
        ({"base": 9}, "base 9 must be lower than revision 1"),
        (
            {"people": [{**ANN, "valid_from": "2026-02-01T00:00:00Z", "valid_until": "2026-01-01T00:00:00Z"}]},
            "must be later",
        ),
    ],
)
def test_what_is_no_list_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message.replace("(", r"\(")):
        told(1, **fields)
