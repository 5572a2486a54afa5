"""Copy and deletion of one person at the center: who may ask, what waits, what comes back, what is deleted here."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edgeguard.center.config import EvidenceConfig, RetentionConfig
from edgeguard.center.console import rights_markup
from edgeguard.center.database import Database
from edgeguard.center.evidence import EvidenceFiles, Place
from edgeguard.center.hub import Hub
from edgeguard.center.intake import Received
from edgeguard.center.rights import LIFE, WAITS, Request, Rights
from edgeguard.center.rights_rows import FILE_STAYS
from edgeguard.center.sqlite_store import SqliteStore
from edgeguard.contract import (
    Birth,
    BoxStatus,
    Capability,
    Command,
    CommandAck,
    CommandStatus,
    Decision,
    EraseCommand,
    ExportCommand,
    Message,
    Software,
    State,
    Topics,
)
from edgeguard.contract.rights import in_parts, packed
from edgeguard.contract.sealing import ReplyKey, seal
from edgeguard.contract.signing import SigningKey
from edgeguard.errors import AccessError, CenterError
from edgeguard.types import Phase, Severity
from tests.center.support import Box

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
BOX = Topics("riverside", "box-1")
TOLD: dict[str, Any] = {"ref": "p-1", "consents": [], "vehicles": [{"subject": "v-1"}], "events": []}
EVIL = "<img src=x onerror=alert(1)>"
JPEG = b"\xff\xd8\xff\xe0picture"


class Outgoing:
    """Keeps what is sent; `there`: whether the broker is."""

    def __init__(self) -> None:
        self.sent: list[Command] = []
        self.there = True
        self.key: SigningKey | None = SigningKey.of_seed(bytes(32))

    def send(self, box: Topics, name: str, command: Command) -> bool:
        assert (box, name in {"export", "erase"}) == (BOX, True)
        if self.there:
            self.sent.append(command)
        return self.there

    def signing_key(self, name: str) -> SigningKey:
        if self.key is None:
            raise CenterError(f"{name} must be signed, and there is no key yet")
        return self.key


class Desk:
    """A center's part that is asked here, and its clock."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.now = NOON
        self.database = database
        self.out = Outgoing()
        self.store = SqliteStore(database, RetentionConfig(), late_after_s=600)
        self.evidence = EvidenceFiles(database, folder / "evidence", EvidenceConfig(), lambda: self.now)
        self.rights = Rights(
            database, self.store, self.evidence, self.out, Hub(), lambda: self.now, ("officer", "deputy")
        )
        able = (Capability(name="export"), Capability(name="erase"))
        self.tell(BOX.birth, Birth(software=Software(version="0"), boot_id="b", bd_seq=1, capabilities=able))
        self.online()

    def tell(self, topic: str, message: Message | bytes) -> None:
        """What a box says."""
        body = message if isinstance(message, bytes) else message.to_json()
        self.store.take([Received(topic, body, self.now)])

    def online(self, status: BoxStatus = BoxStatus.ONLINE) -> None:
        self.tell(BOX.state, State(state=status, bd_seq=1))

    def later(self, **how: float) -> None:
        self.now += timedelta(**how)
        self.rights.step()

    def ask(self, kind: Any = "export", by: str = "officer", ref: str = "p-1") -> Request:
        return self.rights.ask("riverside", "box-1", ref, kind, by)

    def answer(self, request: Request, status: CommandStatus, reason: str = "", box: Topics = BOX) -> Request:
        ack = CommandAck(id=request.id, name=request.kind, status=status, at=self.now, reason=reason or None)
        self.tell(box.cmd_ack(request.id), ack)
        return self.rights.get(request.id)

    def copy(self, request: Request, *, key: str | None = None, box: Topics = BOX, told: Any = None) -> Request:
        """The box's answer, sealed to the key of the latest command."""
        command = self.out.sent[-1]
        assert isinstance(command, ExportCommand)
        about = BOX.dossier(request.id)
        for part in in_parts(request.id, seal(key or command.args.reply_key, packed(told or TOLD), about)):
            self.tell(box.dossier(request.id), part)
        return self.rights.get(request.id)

    def audit(self) -> list[tuple[str, str, str]]:
        return [tuple(row) for row in self.database.read("SELECT who, action, subject FROM audit ORDER BY id")]


@pytest.fixture
def desk(database: Database, tmp_path: Path) -> Desk:
    return Desk(database, tmp_path)


def test_a_copy_comes_back_and_only_who_asked_fetches_it(desk: Desk) -> None:
    request = desk.ask()
    (command,) = desk.out.sent
    assert (command.id, command.by, command.expires_at - command.issued_at) == (request.id, "officer", LIFE)
    assert (request.state, request.sent, request.until) == ("waiting", True, NOON + WAITS)
    assert desk.answer(request, CommandStatus.ACCEPTED).state == "accepted"
    assert desk.copy(request).file_until == NOON + FILE_STAYS
    done = desk.answer(request, CommandStatus.DONE, "1 consents, 5 events")
    assert (done.state, done.detail, done.answered_at) == ("done", "1 consents, 5 events", NOON)
    file = json.loads(desk.rights.copy(request.id, "officer"))
    assert (file["at_the_box"], file["request"]["by"], file["at_the_center"]) == (TOLD, "officer", {"passages": []})
    for other in ("deputy", "operator", "api"):
        with pytest.raises(AccessError, match="rights_not_yours"):
            desk.rights.copy(request.id, other)
    desk.later(hours=24)
    assert desk.rights.get(request.id).file_until is None
    with pytest.raises(CenterError, match="ask again"):
        desk.rights.copy(request.id, "officer")
    assert desk.database.read("SELECT 1 FROM rights WHERE file IS NOT NULL OR secret IS NOT NULL") == []
    subject = "riverside/box-1/p-1"
    expected = [("officer", name, subject) for name in ("export", "export_answer", "export_fetched")]
    assert desk.audit() == expected


def test_who_may_not_ask_and_what_cannot_be_asked(desk: Desk) -> None:
    for stranger in ("operator", "api", ""):
        with pytest.raises(AccessError, match="rights_not_yours"):
            desk.ask(by=stranger)
    with pytest.raises(CenterError, match="does not say that it can erase people"):
        desk.rights.ask("riverside", "box-9", "p-1", "erase", "officer")
    desk.out.key = None
    with pytest.raises(CenterError, match="no key yet"):
        desk.ask()
    desk.out.key = SigningKey.new()
    desk.ask("erase")
    with pytest.raises(CenterError, match="is asked for already"):
        desk.ask("erase", by="deputy")
    assert len(desk.out.sent) == 1


def test_a_request_waits_for_a_box_that_is_away(desk: Desk) -> None:
    desk.online(BoxStatus.OFFLINE)
    request = desk.ask("erase")
    desk.later(hours=3)
    assert (desk.out.sent, desk.rights.get(request.id).sent) == ([], False)
    desk.online()
    desk.out.there = False
    desk.later(seconds=5)
    assert desk.rights.get(request.id).sent is False, "the broker is away"
    desk.out.there = True
    desk.later(seconds=5)
    desk.later(seconds=5)
    assert [(one.id, one.issued_at) for one in desk.out.sent] == [(request.id, NOON + timedelta(hours=3, seconds=10))]
    # It went while the command was on its way: the same request, signed anew.
    desk.later(seconds=LIFE.total_seconds())
    assert [one.id for one in desk.out.sent] == [request.id] * 2
    late = desk.answer(request, CommandStatus.EXPIRED, "expired at noon, the box's clock says three")
    assert (late.state, late.detail) == ("waiting", "expired at noon, the box's clock says three")
    done = desk.answer(request, CommandStatus.DONE, "deleted; row 7:aa of the audit")
    assert (done.state, done.detail) == ("done", "deleted; row 7:aa of the audit")
    desk.later(seconds=2 * LIFE.total_seconds())
    assert len(desk.out.sent) == 2


def test_nobody_waits_for_ever(desk: Desk) -> None:
    desk.online(BoxStatus.OFFLINE)
    request = desk.ask()
    desk.later(days=7)
    over = desk.rights.get(request.id)
    assert (over.state, over.answered_at) == ("expired", NOON + timedelta(days=7))
    desk.online()
    desk.later(seconds=5)
    assert desk.out.sent == [], "nothing is sent too late"
    assert desk.database.read("SELECT secret FROM rights")[0]["secret"] is None
    assert desk.ask().state == "waiting", "it can be asked for again"


def test_a_box_that_could_not_say_so_in_time_says_so_later(desk: Desk) -> None:
    request = desk.ask("erase")
    desk.online(BoxStatus.OFFLINE)
    desk.later(days=8)
    assert desk.rights.get(request.id).state == "expired"
    assert desk.answer(request, CommandStatus.DONE, "deleted").state == "done"
    assert desk.answer(request, CommandStatus.FAILED, "twice").state == "done", "a last word is the last"


@pytest.mark.parametrize(("status", "state"), [(CommandStatus.REJECTED, "refused"), (CommandStatus.FAILED, "failed")])
def test_the_boxs_reason_is_told(desk: Desk, status: CommandStatus, state: str) -> None:
    told = desk.answer(desk.ask(), status, "nobody is listed as 'p-1'")
    assert (told.state, told.detail) == (state, "nobody is listed as 'p-1'")
    desk.later(minutes=30)
    assert len(desk.out.sent) == 1


def test_another_boxs_answer_counts_for_nothing(desk: Desk) -> None:
    request, other = desk.ask(), Topics("riverside", "box-2")
    assert desk.answer(request, CommandStatus.DONE, box=other).state == "waiting"
    assert desk.copy(request, box=other).file_until is None
    assert desk.answer(desk.ask("erase"), CommandStatus.REJECTED, box=other).state == "waiting"


def test_a_copy_that_does_not_open_is_told(desk: Desk) -> None:
    wrong = desk.copy(desk.ask(), key=ReplyKey.new().public)
    assert (wrong.state, wrong.file_until) == ("failed", None)
    assert "does not open" in wrong.detail


def test_a_long_copy_comes_in_parts_in_any_order(desk: Desk) -> None:
    request = desk.ask()
    command = desk.out.sent[-1]
    assert isinstance(command, ExportCommand)
    events = [{"at": f"{number * 7919 % 100_003:x}" * 4} for number in range(20_000)]
    sealed = seal(command.args.reply_key, packed({**TOLD, "events": events}), BOX.dossier(request.id))
    parts = in_parts(request.id, sealed)
    assert len(parts) > 2
    for part in (*reversed(parts[1:]), parts[1], parts[0]):
        assert desk.rights.get(request.id).file_until is None
        desk.tell(BOX.dossier(request.id), part)
    assert json.loads(desk.rights.copy(request.id, "officer"))["at_the_box"]["events"] == events
    assert desk.database.read("SELECT 1 FROM rights_part") == []


def passage(desk: Desk, box: Box, ref: str, *, ended: bool = True) -> str:
    """Of somebody at a gate, with a picture and a clip."""
    facts: dict[str, Any] = {
        "code": "ACCESS.FACE.GRANTED",
        "severity": Severity.INFO,
        "zones": ("north",),
        "at": NOON,
        "decision": Decision(outcome="granted", reason="listed", subject_ref=ref),
    }
    new = box.event(Phase.NEW, **facts)
    desk.tell("eg1/riverside/box-1/event/access", new)
    if ended:
        desk.tell("eg1/riverside/box-1/event/access", box.event(Phase.END, new.subject, **facts, end_reason="gone"))
    desk.tell(BOX.picture(new.subject, 1), JPEG)
    place = Place("riverside", "box-1", new.subject, "at.jpg")
    draft = desk.evidence.draft(place)
    draft.write(JPEG)
    desk.evidence.keep(place, draft)
    return new.subject


def test_the_copy_has_what_the_center_holds_and_a_deletion_takes_pictures_here(desk: Desk) -> None:
    box = Box(0)
    mine, still, car = passage(desk, box, "p-1"), passage(desk, box, "p-1", ended=False), passage(desk, box, "v-1")
    theirs = passage(desk, box, "p-2")
    request = desk.ask()
    desk.copy(request)
    told = json.loads(desk.rights.copy(request.id, "officer"))["at_the_center"]["passages"]
    assert {(one["event_id"], one["subject"]) for one in told} == {(mine, "p-1"), (still, "p-1"), (car, "v-1")}
    assert {(one["gate"], one["reason"], one["pictures"]) for one in told} == {("north", "listed", 1)}
    erased = desk.answer(desk.ask("erase"), CommandStatus.DONE, "deleted")
    desk.later(seconds=2)
    assert desk.rights.get(erased.id).here == "2/2"
    kept = {row["event_id"] for row in desk.database.read("SELECT event_id FROM picture")}
    assert kept == {still, car, theirs}, "an open alarm's stays, and what is not known to be theirs"
    assert desk.evidence.find(mine, "at.jpg") is None
    card = desk.store.card(mine)
    assert card is not None
    assert card.pictures == ()
    assert ("officer", "erased_here", "riverside/box-1/p-1") in desk.audit()


def test_old_requests_go_with_old_events(desk: Desk) -> None:
    old, waiting = desk.answer(desk.ask(), CommandStatus.REJECTED), desk.ask("erase")
    desk.store.prune(NOON + timedelta(days=366))
    assert [one.id for one in desk.rights.all(9)] == [waiting.id]
    with pytest.raises(CenterError, match="no such request"):
        desk.rights.get(old.id)


def test_a_command_is_of_its_kind(desk: Desk) -> None:
    desk.ask("erase")
    assert isinstance(desk.out.sent[0], EraseCommand)
    desk.answer(desk.ask(), CommandStatus.REJECTED)
    first = desk.out.sent[-1]
    desk.ask()
    second = desk.out.sent[-1]
    assert isinstance(first, ExportCommand)
    assert isinstance(second, ExportCommand)
    assert first.args.reply_key != second.args.reply_key, "a key is worth one answer"


@pytest.mark.parametrize("language", ["zh", "en"])
def test_nothing_from_outside_is_markup(desk: Desk, language: str) -> None:
    request = desk.answer(desk.ask(), CommandStatus.FAILED, EVIL)
    html = rights_markup.form(language, desk.store.boxes(), may=True)
    html += rights_markup.requests(language, [request], desk.store.boxes(), EVIL)
    assert "<img" not in html
    assert "&lt;img" in html


def test_the_page_says_how_far_a_request_has_come(desk: Desk) -> None:
    def said(request: Request, user: str = "officer") -> str:
        return rights_markup.requests("en", [request], desk.store.boxes(), user)

    request = desk.ask()
    assert "Sent, no answer yet" in said(request)
    desk.online(BoxStatus.OFFLINE)
    assert "The box is offline" in said(request)
    desk.copy(request)
    done = desk.answer(request, CommandStatus.DONE, "1 consents, 5 events")
    assert "Download the copy" in said(done)
    assert "for officer only" in said(done, "deputy")
    assert "download>" not in said(done, "deputy")
    desk.later(hours=25)
    assert "the copy is gone from here" in said(desk.rights.get(request.id))
    nobody = rights_markup.form("en", desk.rights.able(), may=False)
    assert ("privacy.officers" in nobody, "<form" in nobody) == (True, False)
    assert "No box can do it" in rights_markup.form("en", [], may=True)
