"""The store: nothing twice, nothing lost, nothing of one box in another's name."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edgeguard.center.cards import CardAck
from edgeguard.center.config import RetentionConfig
from edgeguard.center.database import Database
from edgeguard.center.hub import CardChanged, Change, CommandChanged, HealthChanged
from edgeguard.center.intake import Received
from edgeguard.center.sqlite_store import SqliteStore
from edgeguard.contract import (
    BoxStatus,
    CommandAck,
    CommandStatus,
    Event,
    SpeakArgs,
    SpeakCommand,
    State,
    Topics,
)
from edgeguard.contract.base import Message
from edgeguard.errors import StoreError
from edgeguard.types import Phase
from tests.center.support import Box

NOW = datetime.now(UTC)
JPEG = b"\xff\xd8\xff\xe0"
TOPICS = Topics("riverside", "box-1")


@pytest.fixture
def store(database: Database) -> SqliteStore:
    return SqliteStore(database, RetentionConfig(pictures_days=1, events_days=10), late_after_s=600)


@pytest.fixture
def box() -> Box:
    return Box(0)


def message(topic: str, payload: bytes | Message, at: datetime = NOW) -> Received:
    return Received(topic, payload if isinstance(payload, bytes) else payload.to_json(), at)


def of(event: Event, at: datetime = NOW) -> Received:
    return message(f"eg1/{event.site}/{event.box}/event/lift", event, at)


def cards(changes: list[Change]) -> list[CardChanged]:
    return [change for change in changes if isinstance(change, CardChanged)]


def seen(kind: str = "seen", note: str = "") -> CardAck:
    return CardAck.model_validate({"kind": kind, "by": "operator", "at": NOW, "note": note})


def test_empty(store: SqliteStore) -> None:
    assert store.take([]) == []
    assert (store.board(), store.recent(9), store.boxes(), store.dead_letters(9)) == ([], [], [], [])
    assert store.card("x") is None
    assert store.picture("x", 1) is None
    assert store.acknowledge("x", seen()) is None


def test_a_repeated_event_changes_nothing(store: SqliteStore, box: Box) -> None:
    event = box.event(Phase.NEW)
    assert len(cards(store.take([of(event), of(event)]))) == 1
    assert store.take([of(event)]) == []
    assert len(store.board()) == 1


def test_bad_messages_are_kept_with_their_reason_and_stop_no_good_one(store: SqliteStore, box: Box) -> None:
    good = box.event(Phase.NEW)
    bad = [message("eg1/riverside/box-1/event/lift", b"{"), message("no/topic", b"\x00"), message("eg1/a/b", b"")]
    assert len(cards(store.take([bad[0], of(good), *bad[1:]]))) == 1
    letters = store.dead_letters(9)
    assert sorted(letter.topic for letter in letters) == sorted(letter.topic for letter in bad)
    assert all(letter.reason for letter in letters)


def test_an_end_before_its_new(store: SqliteStore, box: Box) -> None:
    new = box.event(Phase.NEW)
    end = box.event(Phase.END, new.subject)
    store.take([of(end)])
    store.take([of(new)])
    (card,) = store.board()
    assert (card.state, card.opened_at, card.ended_at) == ("ended", new.time, end.time)


def test_a_picture_may_come_first_and_is_its_own_boxs_only(store: SqliteStore, box: Box) -> None:
    event = box.event(Phase.NEW)
    assert cards(store.take([message(TOPICS.picture(event.subject, 1), JPEG + b"1")])) == []
    store.take([message(Topics("riverside", "box-2").picture(event.subject, 2), JPEG + b"2")])
    (change,) = cards(store.take([of(event)]))
    assert change.card.picture == f"/api/pictures/{event.subject}/1.jpg"
    assert store.picture(event.subject, 1) == JPEG + b"1"
    assert store.picture(event.subject, 2) is None


def test_another_box_cannot_speak_for_an_episode(store: SqliteStore, box: Box) -> None:
    event = box.event(Phase.NEW)
    store.take([of(event)])
    forged = Box(0, "box-2").event(Phase.END, event.subject)
    assert store.take([of(forged)]) == []
    assert store.board()[0].state == "active"
    assert "belongs to //riverside/box-1" in store.dead_letters(1)[0].reason


def test_acknowledgements_wait_until_the_box_is_told(store: SqliteStore, box: Box, database: Database) -> None:
    event = box.event(Phase.NEW)
    store.take([of(event)])
    store.acknowledge(event.subject, seen("note", "look at the door"))
    card = store.acknowledge(event.subject, seen())
    assert card is not None
    assert card.ack is not None
    assert [note.note for note in card.notes] == ["look at the door"]
    (unsent,) = store.unsent_acks()
    assert (unsent.ack.ack, unsent.ack.by, unsent.box) == ("seen", "operator", "box-1")
    store.ack_sent(unsent.row, NOW)
    assert store.unsent_acks() == []
    audit = database.read("SELECT who, action, subject FROM audit ORDER BY id")
    assert [tuple(row) for row in audit] == [("operator", kind, event.subject) for kind in ("note", "seen")]


def test_a_command_has_one_last_word(store: SqliteStore) -> None:
    expires = NOW + timedelta(seconds=9)
    command = SpeakCommand(id="c1", issued_at=NOW, expires_at=expires, by="operator", args=SpeakArgs(phrase="test"))
    store.add_command("riverside", "box-1", "e", "speak", command)

    def answer(status: CommandStatus, box: str = "box-1") -> list[Change]:
        told = CommandAck(id="c1", name="speak", status=status, at=NOW)
        return store.take([message(Topics("riverside", box).cmd_ack("c1"), told)])

    assert answer(CommandStatus.DONE, "box-2") == []
    assert answer(CommandStatus.ACCEPTED) == [CommandChanged("c1", "e", "accepted", "")]
    assert answer(CommandStatus.ACCEPTED) == []
    assert answer(CommandStatus.DONE) == [CommandChanged("c1", "e", "done", "")]
    assert answer(CommandStatus.FAILED) == []
    assert store.end_command("c1", CommandStatus.FAILED, "no_answer") is None


def test_a_stale_will_does_not_take_a_box_offline(store: SqliteStore) -> None:
    birth = b'{"software":{"version":"1"},"boot_id":"b","bd_seq":5}'
    assert store.take([message(TOPICS.birth, birth)]) == [HealthChanged()]
    assert not store.boxes()[0].online
    for state, bd_seq, online in (
        (BoxStatus.OFFLINE, 4, True),
        (BoxStatus.OFFLINE, 5, False),
        (BoxStatus.ONLINE, 5, True),
    ):
        store.take([message(TOPICS.state, State(state=state, bd_seq=bd_seq))])
        assert store.boxes()[0].online is online


def test_a_camera_of_a_box_without_birth_is_shown(store: SqliteStore) -> None:
    store.take([message(TOPICS.camera_health("lift-1"), b'{"camera":"lift-1","status":"blind"}')])
    (box,) = store.boxes()
    assert (box.box, box.online, len(box.cameras)) == ("box-1", False, 1)


def test_prune_forgets_what_is_closed_and_old(store: SqliteStore, box: Box) -> None:
    closed, open_still = box.event(Phase.NEW), box.event(Phase.NEW)
    store.take([of(closed), of(open_still)])
    for event in (closed, open_still):
        store.take([message(TOPICS.picture(event.subject, 1), JPEG)])
    store.acknowledge(closed.subject, seen("handled"))
    store.prune(NOW + timedelta(days=2))
    assert store.card(closed.subject) is not None
    assert (store.picture(closed.subject, 1), store.picture(open_still.subject, 1)) == (None, JPEG)
    store.prune(NOW + timedelta(days=11))
    assert [card.event_id for card in (*store.board(), *store.recent(9))] == [open_still.subject]


def test_everything_is_there_after_opening_again(store: SqliteStore, database: Database, box: Box) -> None:
    store.take([of(box.event(Phase.NEW))])
    database.close()
    with pytest.raises(StoreError, match="not open"):
        store.board()
    database.open()
    assert len(store.board()) == 1


def test_a_file_that_is_no_database(data_dir: Path) -> None:
    data_dir.mkdir()
    (data_dir / "center.sqlite3").write_text("no database, but some longer text that SQLite reads and refuses" * 20)
    with pytest.raises(StoreError, match=r"center\.sqlite3"):
        Database(data_dir / "center.sqlite3").open()
