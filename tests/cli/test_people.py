import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import cv2
import pytest

from edgeguard.access import AccessConfig, CardClaim, Directory, Doorkeeper, GateRules, Means, PinClaim, Reason
from edgeguard.cli import main
from tests.conftest import MakeModel
from tests.support import face_models, gates

SITE = """
site: demo
box: box-1
data_dir: data
cameras: [{id: gate-1, source: {kind: synthetic}}]
access:
  timezone: Asia/Shanghai
  gates:
    - {id: north, means: [face, card, pin, qr, plate, guard]}
    - {id: south, means: [card]}
"""
Run = Callable[..., str]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(SITE)
    return path


@pytest.fixture
def run(site: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command of the box; returns what it prints."""

    def run(command: str, task: str, *words: str, status: int = 0) -> str:
        assert main([command, task, "-c", str(site), "--by", "office", *words]) == status, capsys.readouterr().err
        told = capsys.readouterr()
        return told.out if status == 0 or told.out else told.err

    return run


def opened(site: Path) -> Directory:
    gates = (GateRules(id="north", means=(Means.CARD, Means.PIN)),)
    return Directory.of(site.parent / "data", "demo", "box-1", AccessConfig(gates=gates))


def test_a_person_from_the_first_entry_to_the_last(run: Run, site: Path) -> None:
    ref = run("people", "add", "--label", "flat 12").strip()
    assert ref.startswith("p-")
    assert run("people", "card", ref, "00 11 22 33") == f"{ref}: card added\n"
    (site.parent / "pin").write_text("582914\n")
    assert run("people", "pin", ref, "1203", "--file", str(site.parent / "pin")) == f"{ref}: PIN set\n"
    assert run("people", "change", ref, "--gates", "north") == f"{ref}: changed\n"
    assert "flat 12  always          north" in run("people", "list")
    with opened(site) as box:
        door, at = Doorkeeper(box), datetime.now(UTC)
        assert door.decide(CardClaim("00112233"), at, "north").reason is Reason.LISTED
        assert door.decide(PinClaim("1203", "582914"), at, "north").reason is Reason.LISTED
    told = json.loads(run("people", "export", ref))
    assert (told["label"], told["cards"], told["pin_number"], told["gates"]) == (
        "flat 12",
        ["00112233"],
        "1203",
        ["north"],
    )
    deleted = run("people", "delete", ref)
    assert deleted.startswith(f"{ref}: deleted: templates 0, cards 1, pins 1, consents 0, vehicles 0; audit row ")
    row = deleted.split()[-1]
    number, digest = row.split(":")
    assert run("people", "audit", "--row", row) == f"row {number} holds; the trail is whole\n"
    elsewhere = f"{number}:{'0' * len(digest)}"
    assert "does NOT lie in the trail" in run("people", "audit", "--row", elsewhere, status=1)
    assert "accepted: ID:HASH" in run("people", "audit", "--row", "the last", status=2)
    assert json.loads(run("people", "list", "--json"))["people"] == []
    assert "office  person_removed" in run("people", "audit", ref)
    assert run("people", "audit", "--verify").startswith("whole: ")


def test_a_face_needs_a_consent_and_goes_with_it(run: Run, tmp_path: Path) -> None:
    models = face_models.finder().put(tmp_path / "models")
    face_models.template().put(models)
    photo = face_models.picture(tmp_path / "photo.png", (40, 40, 200), side=512)
    ref = run("people", "add", "--ref", "p-1").strip()
    enrol = ("people", "enrol", ref, str(photo), "--in", str(models))
    assert "p-1 has given no consent that holds" in run(*enrol, status=2)
    (tmp_path / "notice.txt").write_text("what the face is for")
    consent = ("people", "consent", ref, "--notice", str(tmp_path / "notice.txt"), "--until", "2099-12-31")
    assert run(*consent) == "p-1: consents until 2099-12-31T16:00:00.000Z\n"
    assert "guardian is required" in run(*consent, "--under-14", status=2)
    assert "the face is blurred" in run(*enrol, status=2)
    assert photo.is_file(), "of somebody who is not enrolled"
    assert run("people", "withdraw", ref) == "p-1: withdrawn, 0 templates removed\n"
    assert "has given no consent that could be withdrawn" in run("people", "withdraw", ref, status=2)


def test_a_photo_is_deleted_once_the_face_is_enrolled(run: Run, tmp_path: Path, make_model: MakeModel) -> None:
    _, models = gates.models(tmp_path / "models", make_model)
    photo = tmp_path / "photo.png"
    assert cv2.imwrite(str(photo), gates.face_picture(gates.ALIVE))
    run("people", "add", "--ref", "p-1")
    (tmp_path / "notice.txt").write_text("what the face is for")
    run("people", "consent", "p-1", "--notice", str(tmp_path / "notice.txt"), "--until", "2099-12-31")
    enrol = ("people", "enrol", "p-1", str(photo), "--in", str(models))
    assert f"{photo} is kept: it is yours to delete" in run(*enrol, "--keep-photo")
    assert photo.is_file()
    assert "photo_kept" in run("people", "audit", "p-1")
    before = run("people", "audit", "p-1").count("photo_kept")
    assert f"{photo} is deleted" in run(*enrol)
    assert not photo.exists()
    assert run("people", "audit", "p-1").count("photo_kept") == before


def test_a_table_goes_in_and_comes_out(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text("ref,kind,label\np-1,resident,flat 1\np-2,tenant,flat 2\n")
    out = run("people", "import", str(table), status=1)
    assert out.startswith("nothing is changed (--skip-bad takes the other lines): 1 added, 0 changed")
    assert out.endswith("1 lines with errors\n")
    assert run("people", "import", str(table), "--skip-bad").startswith("1 added")
    table.write_text("ref,kind,label\np-1,resident,flat 1b\n")
    assert run("people", "import", str(table), "--dry-run").startswith(
        "dry run, nothing is changed: 0 added, 1 changed"
    )
    new = tmp_path / "out.csv"
    assert run("people", "export", str(new)) == f"{new}: 1 people\n"
    assert new.stat().st_mode & 0o777 == 0o600
    assert "p-1,resident,flat 1," in new.read_text("utf-8-sig")
    assert "accepted: a new file" in run("people", "export", str(new), status=2)
    told = json.loads(run("people", "import", str(new), "--json"))
    assert told == {
        "added": 0,
        "changed": 0,
        "same": 1,
        "errors": [],
        "imported": True,
    }


def test_a_changed_trail_is_told(run: Run, site: Path) -> None:
    run("people", "add", "--ref", "p-1")
    run("people", "add", "--ref", "p-2")
    with opened(site) as box, box.store.writing() as tx:
        tx.execute("UPDATE audit SET who = 'nobody' WHERE id = 1")
    assert (
        run("people", "audit", "--verify", status=1)
        == "BROKEN: row 1 is not as it was written; 0 rows before it hold\n"
    )
    assert json.loads(run("people", "audit", "--verify", "--json", status=1))["broken_at"] == 1


def test_a_new_key(run: Run, site: Path) -> None:
    run("people", "add", "--ref", "p-1", "--label", "flat 1")
    before = (site.parent / "data" / "access.key").read_bytes()
    assert "a new key" in run("people", "rekey")
    assert (site.parent / "data" / "access.key").read_bytes() != before
    assert "flat 1" in run("people", "list")
    assert "is trusted" in run("people", "clock")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("add", "--kind", "visitor"), "a visitor has a valid_until"),
        (("add", "--ref", "has space"), "ref: met 'has space', accepted"),
        (("add", "--until", "tomorrow"), "--until: met 'tomorrow', accepted: 2026-12-31 (the whole day)"),
        (("add", "--gates", "north,west"), "--gates: met west, accepted: north, south"),
        (("add", "--hours", "9 to 5"), "hours such as mon-fri 08:00-18:00"),
        (("export", "p-9"), "nobody is listed as 'p-9', accepted: a ref of `edgeguard people list`"),
        (("enrol", "p-9"), "accepted: a PHOTO or --camera ID"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(run: Run, words: tuple[str, ...], message: str) -> None:
    told = run("people", *words, status=2)
    assert message in told
    assert told.count("\n") == 1


def test_a_box_without_gates_has_no_people(run: Run, site: Path) -> None:
    site.write_text(SITE.partition("access:")[0])
    assert "access: met nothing, accepted: gates of this box" in run("people", "list", status=2)


def test_a_start_with_a_gate_for_faces_only_is_refused(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site.write_text(SITE.replace("means: [face, card, pin, qr, plate, guard]", "means: [face]"))
    assert main(["run", "-c", str(site)]) == 2
    assert "a face must never be the only way in" in capsys.readouterr().err


def test_vehicles(run: Run, tmp_path: Path) -> None:
    assert run("vehicles", "add", "粤B·12345") == "粤B12345: added, resident, always\n"
    assert "a visitor's vehicle has a valid_until" in run("vehicles", "add", "粤B54321", "--list", "visitor", status=2)
    run("vehicles", "add", "粤B54321", "--list", "visitor", "--until", "2099-12-31", "--gates", "north")
    rows = json.loads(run("vehicles", "list", "--json"))["vehicles"]
    assert [(row["plate"], row["list"]) for row in rows] == [("粤B12345", "resident"), ("粤B54321", "visitor")]
    assert "until 2099-12-31T16:00Z  north" in run("vehicles", "list", "--list", "visitor")
    new = tmp_path / "cars.csv"
    assert run("vehicles", "export", str(new)) == f"{new}: 2 vehicles\n"
    assert run("vehicles", "remove", "粤b12345", "粤B99999", status=1) == "1 removed, 1 were on no list\n"
    assert run("vehicles", "import", str(new)) == "1 added, 0 changed, 1 as they were\n"


def test_a_visitors_pass(run: Run, tmp_path: Path) -> None:
    code = tmp_path / "pass.png"
    made = json.loads(run("visitor", "pass", "--gates", "north", "--for", "30m", "--png", str(code), "--json"))
    assert (made["gates"], made["uses"]) == (["north"], 1)
    assert run("visitor", "read", str(code)).startswith(f"{made['id']}: north, ")
    face_models.picture(tmp_path / "grey.png", (90, 90, 90))
    assert "no code is found" in run("visitor", "read", str(tmp_path / "grey.png"), status=1)
    assert run("visitor", "revoke", made["id"]) == f"{made['id']}: revoked\n"
    assert "--for: met 'long', accepted: 30m, 4h or 2d" in run(
        "visitor", "pass", "--gates", "north", "--for", "long", status=2
    )
    assert "nobody is listed as 'p-9'" in run("visitor", "pass", "--gates", "north", "--ref", "p-9", status=2)
    ref = run("people", "add").strip()
    theirs = json.loads(run("visitor", "pass", "--gates", "north", "--ref", ref, "--json"))
    assert theirs["ref"] == ref
    assert "accepted: at most 7 days" in run("visitor", "pass", "--gates", "north", "--for", "8d", status=2)


def test_who_looks_is_in_the_audit(run: Run) -> None:
    for words in (("people", "list"), ("vehicles", "list"), ("people", "audit")):
        run(*words)
    told = [row["action"] for row in json.loads(run("people", "audit", "--json"))["audit"]]
    assert told == ["audit_read", "vehicles_listed", "people_listed"]
