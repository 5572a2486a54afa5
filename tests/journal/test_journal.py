import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from edgeguard.contract import CommandAck, CommandStatus, Decision, Event, Lost, SeenObject
from edgeguard.errors import ContractError, JournalError
from edgeguard.journal import Journal, JournalLimits, OutboxKind
from edgeguard.types import Phase, Severity
from tests.support.events import START, ManualClock, draft, episode_id


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def journal(path: Path, clock: ManualClock) -> Iterator[Journal]:
    with Journal(path, "s1", "b1", now=clock) as journal:
        yield journal


def ids(journal: Journal, limit: int = 100, *, since_s: float = 0.0, history: int | None = None) -> list[str]:
    rows = journal.pending(limit, live_since_s=since_s, history=history)
    return [Event.from_json(row.payload).id for row in rows]


def test_an_empty_journal_has_nothing_to_say(journal: Journal) -> None:
    assert journal.pending(10) == []
    assert journal.open_episodes() == []
    assert journal.tail().seq == 0
    assert journal.stats().outbox_depth == 0
    assert journal.stats().outbox_oldest_s == 0.0


def test_seq_counts_the_box_and_rev_the_episode(journal: Journal) -> None:
    first, second = episode_id(), episode_id()
    events = [journal.record(draft(first)), journal.record(draft(second))]
    events += [journal.record(draft(first, Phase.UPDATE)), journal.record(draft(first, Phase.END))]
    assert [event.data.seq for event in events] == [1, 2, 3, 4]
    assert [event.id for event in events] == [f"{first}.0", f"{second}.0", f"{first}.1", f"{first}.2"]
    assert events[0].source == "//s1/b1"


def test_numbers_go_on_after_a_restart(path: Path) -> None:
    event_id = episode_id()
    with Journal(path, "s1", "b1") as journal:
        journal.record(draft(event_id))
    with Journal(path, "s1", "b1") as journal:
        event = journal.record(draft(event_id, Phase.UPDATE))
        assert (event.data.seq, event.data.rev) == (2, 1)
        assert ids(journal) == [f"{event_id}.0", f"{event_id}.1"]


@pytest.mark.parametrize("phase", [Phase.NEW, Phase.END])
def test_an_episode_has_one_new_and_one_end(journal: Journal, phase: Phase) -> None:
    event_id = episode_id()
    journal.record(draft(event_id))
    journal.record(draft(event_id, Phase.END))
    with pytest.raises(ContractError, match="already, accepted: one per episode"):
        journal.record(draft(event_id, phase))
    assert journal.tail().seq == 2


def test_record_many_is_all_or_nothing(journal: Journal) -> None:
    event_id = episode_id()
    with pytest.raises(ContractError):
        journal.record_many([draft(event_id), draft(event_id)])
    assert journal.tail().seq == 0
    assert journal.record_many([]) == []
    assert journal.record(draft(event_id)).data.seq == 1


def test_many_threads_leave_no_hole(journal: Journal) -> None:
    def work() -> None:
        for _ in range(10):
            journal.record(draft(episode_id()))

    threads = [threading.Thread(target=work) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seqs = [Event.from_json(row.payload).data.seq for row in journal.pending(100)]
    assert seqs == list(range(1, 51))


@pytest.mark.parametrize(
    ("outcomes", "travelled"),
    [((), False), ((None,), False), (("travelled",), True), (("travelled", "travelled"), True)],
)
def test_open_episodes_know_that_they_travelled(
    journal: Journal, outcomes: tuple[str | None, ...], travelled: bool
) -> None:
    event_id = episode_id()
    journal.record(draft(event_id, decision=Decision(reason="confirmed")))
    for outcome in outcomes:
        journal.record(draft(event_id, Phase.UPDATE, decision=Decision(reason="present", outcome=outcome)))
    assert [episode.travelled for episode in journal.open_episodes()] == [travelled]


def test_open_episodes_know_their_zone(journal: Journal) -> None:
    event_id = episode_id()
    journal.record(draft(event_id, zones=("lane",)))
    assert [episode.zones for episode in journal.open_episodes()] == [("lane",)]
    journal.record(draft(event_id, Phase.UPDATE, zones=("lane",)))
    assert [episode.zones for episode in journal.open_episodes()] == [("lane",)]


def test_open_episodes_come_with_their_last_sighting(journal: Journal) -> None:
    open_id, closed_id = episode_id(1), episode_id(2)
    seen = SeenObject(label="e-bike", track_id=3, box=(0.0, 0.0, 0.5, 0.5), score=0.9, last_seen=START)
    later = seen.model_copy(update={"last_seen": START + timedelta(seconds=5)})
    journal.record(draft(open_id, object=seen))
    journal.record(draft(open_id, Phase.UPDATE, object=later))
    journal.record(draft(open_id, Phase.UPDATE))
    journal.record(draft(closed_id))
    journal.record(draft(closed_id, Phase.END))
    [episode] = journal.open_episodes()
    assert (episode.event_id, episode.code, episode.camera_id) == (open_id, "LIFT.EBIKE.ENTER", "lift-1")
    assert episode.opened_at == START
    assert episode.sighting is not None
    assert episode.sighting.last_seen == START + timedelta(seconds=5)
    assert episode.sighting.track_id == 3


def test_sent_rows_leave_and_the_others_stay(journal: Journal) -> None:
    events = [journal.record(draft(episode_id())) for _ in range(3)]
    rows = journal.pending(10)
    journal.sent(rows[0].id, rows[1].id)
    assert ids(journal) == [events[2].id]
    assert journal.record(draft(episode_id())).data.seq == 4  # behind the lazy removal
    assert journal.stats().outbox_depth == 2


def test_rows_in_flight_are_skipped(journal: Journal) -> None:
    for _ in range(3):
        journal.record(draft(episode_id()))
    rows = journal.pending(10)
    assert [row.id for row in journal.pending(10, skip={rows[0].id})] == [row.id for row in rows[1:]]


def test_live_goes_before_history_after_its_own_backlog(journal: Journal, clock: ManualClock) -> None:
    old, mixed = episode_id(1), episode_id(2)
    for event_id in (old, mixed):
        journal.record(draft(event_id))
    journal.record(draft(old, Phase.END))
    clock.move(60)
    since_s = clock().timestamp()
    live = episode_id(3)
    journal.record(draft(live))
    journal.record(draft(mixed, Phase.END))
    journal.record(draft(live, Phase.END))
    expected = [f"{mixed}.0", f"{live}.0", f"{mixed}.1", f"{live}.1", f"{old}.0", f"{old}.1"]
    assert ids(journal, since_s=since_s) == expected
    assert ids(journal, since_s=since_s, history=0) == expected[:4]
    assert ids(journal, since_s=since_s, history=1) == expected[:5]
    assert ids(journal, 2, since_s=since_s, history=9) == expected[:2]


def test_an_episode_that_is_open_is_live_however_old(journal: Journal, clock: ManualClock) -> None:
    event_id = episode_id()
    journal.record(draft(event_id))
    clock.move(3600)
    [row] = journal.pending(10, live_since_s=clock().timestamp(), history=0)
    assert row.live


def test_history_is_newest_critical_first_and_pictures_last(journal: Journal, clock: ManualClock) -> None:
    names = {}
    for minute, severity in enumerate([Severity.CRITICAL, Severity.INFO, Severity.CRITICAL, Severity.WARNING]):
        event_id = names[minute] = episode_id(minute)
        journal.record(draft(event_id, severity=severity))
        journal.enqueue(journal.topics.picture(event_id, 1), b"jpeg", kind=OutboxKind.PICTURE, event_id=event_id)
        journal.record(draft(event_id, Phase.END, severity=severity))
    clock.move(60)
    rows = journal.pending(100, live_since_s=clock().timestamp())
    order = [2, 0, 3, 1]
    assert [row.event_id for row in rows if row.kind is OutboxKind.EVENT] == [names[n] for n in order for _ in (0, 1)]
    assert [row.kind for row in rows[8:]] == [OutboxKind.PICTURE] * 4
    assert [row.event_id for row in rows[8:]] == [names[n] for n in order]


def test_an_escalated_episode_keeps_its_order(journal: Journal, clock: ManualClock) -> None:
    event_id = episode_id(1)
    journal.record(draft(event_id, severity=Severity.INFO))
    journal.record(draft(event_id, Phase.UPDATE, severity=Severity.CRITICAL))
    journal.record(draft(event_id, Phase.END, severity=Severity.INFO))
    journal.record(draft(other := episode_id(2), severity=Severity.WARNING))
    journal.record(draft(other, Phase.END, severity=Severity.WARNING))
    clock.move(60)
    expected = [f"{event_id}.{rev}" for rev in (0, 1, 2)] + [f"{other}.0", f"{other}.1"]
    assert ids(journal, since_s=clock().timestamp()) == expected


def test_older_pictures_make_room_for_a_new_one(path: Path) -> None:
    limits = JournalLimits(evidence_bytes=250)
    with Journal(path, "s1", "b1", limits=limits) as journal:
        for number in range(4):
            journal.enqueue(f"p/{number}", bytes(100), kind=OutboxKind.PICTURE, event_id=episode_id())
        assert [row.topic for row in journal.pending(9)] == ["p/2", "p/3"]
        assert journal.enqueue("p/9", bytes(251), kind=OutboxKind.PICTURE, event_id=episode_id()) is None
        assert journal.stats().evidence_dropped_total == 3
        assert journal.stats().evidence_waiting_bytes == 200


def test_a_full_quota_drops_pictures_and_never_an_event(path: Path) -> None:
    limits = JournalLimits(total_bytes=600_000, reserve_bytes=0)
    with Journal(path, "s1", "b1", limits=limits) as journal:
        for number in range(4):
            journal.enqueue(f"p/{number}", bytes(100_000), kind=OutboxKind.PICTURE, event_id=episode_id())
        recorded = [journal.record(draft(episode_id())).data.seq for _ in range(200)]
        assert recorded == list(range(1, 201))
        assert journal.stats().evidence_dropped_total == 4
        assert len(ids(journal, 300)) == 200


def test_a_journal_full_of_facts_says_so_and_keeps_them(path: Path) -> None:
    limits = JournalLimits(total_bytes=200_000, reserve_bytes=0)
    with Journal(path, "s1", "b1", limits=limits) as journal:
        recorded: list[int] = []
        with pytest.raises(JournalError, match="full"):
            recorded.extend(journal.record(draft(episode_id())).data.seq for _ in range(1000))
        assert 0 < len(recorded) < 1000
        assert len(ids(journal, 1000)) == len(recorded)


def test_a_gap_is_sent_again_as_history(journal: Journal) -> None:
    events = [journal.record(draft(episode_id())) for _ in range(4)]
    rows = journal.pending(10)
    journal.sent(*[row.id for row in rows[:3]])
    journal.record(draft(episode_id()))
    assert journal.resend(2, 4) == 2
    assert journal.resend(2, 4) == 0
    again = [row for row in journal.pending(10) if row.historical]
    assert {Event.from_json(row.payload).id for row in again} == {events[1].id, events[2].id}
    assert journal.resend(1000, 2000) == 0


def test_a_tombstone_tells_what_will_not_come(journal: Journal) -> None:
    journal.record(draft(episode_id()))
    [row] = journal.pending(1)
    journal.tombstone(row, "too large for the broker")
    assert journal.pending(10) == []
    assert journal.tail().lost == (Lost(from_seq=1, to_seq=1, reason="too large for the broker"),)
    assert journal.stats().tombstones_total == 1


def test_old_confirmed_events_of_closed_episodes_are_forgotten(path: Path) -> None:
    with Journal(path, "s1", "b1", limits=JournalLimits(kept_events=2)) as journal:
        open_id = episode_id()
        journal.record(draft(open_id))
        for _ in range(5):
            event_id = episode_id()
            journal.record_many([draft(event_id), draft(event_id, Phase.END)])
        journal.sent(*[row.id for row in journal.pending(5)])
        journal.tidy()
        assert journal.resend(1, 100) == 1  # seq 1 (open); 2 to 5 are gone, the others wait anyway
        assert journal.tail().seq == 11


def test_a_command_is_taken_once_also_after_a_restart(path: Path, clock: ManualClock) -> None:
    expires = START + timedelta(seconds=30)
    with Journal(path, "s1", "b1", now=clock) as journal:
        assert journal.take_command("c1", "speak", expires)
        assert not journal.take_command("c1", "speak", expires)
        assert journal.unfinished_commands() == [("c1", "speak")]
    with Journal(path, "s1", "b1", now=clock) as journal:
        assert not journal.take_command("c1", "speak", expires)
        done = CommandAck(id="c1", name="speak", status=CommandStatus.DONE, at=START)
        journal.answer_command(done)
        assert journal.last_answer("c1") == done
        assert journal.unfinished_commands() == []
        assert [row.topic for row in journal.pending(5)] == ["eg1/s1/b1/cmd_ack/c1"]
        clock.move(2 * 24 * 3600)
        journal.tidy()
        assert journal.last_answer("c1") is None


def test_connections_are_counted_over_restarts(path: Path) -> None:
    numbers = []
    for _ in range(2):
        with Journal(path, "s1", "b1") as journal:
            numbers += [journal.next_bd_seq(), journal.next_bd_seq()]
    assert numbers == [1, 2, 3, 4]


def test_a_second_process_is_refused(path: Path, journal: Journal) -> None:
    assert journal.tail().seq == 0
    with pytest.raises(JournalError, match="in use"), Journal(path, "s1", "b1"):
        pass


def test_a_closed_journal_says_so(path: Path) -> None:
    with Journal(path, "s1", "b1") as journal:
        pass
    with pytest.raises(JournalError, match="not open"):
        journal.record(draft(episode_id()))


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(JournalError, match="file"), Journal(tmp_path / "file" / "journal.sqlite3", "s1", "b1"):
        pass


def test_a_newer_schema_is_refused(path: Path) -> None:
    with Journal(path, "s1", "b1"):
        pass
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=99")
    connection.close()
    with pytest.raises(JournalError, match="99, accepted: 1"), Journal(path, "s1", "b1"):
        pass


def _overwrite(path: Path) -> None:
    path.write_bytes(b"this is no database" * 1000)


def _tear(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:12288] = bytes(8192)
    path.write_bytes(content)


def _remove(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize("damage", [_overwrite, _tear, _remove])
def test_a_damaged_journal_is_set_aside_and_reported(path: Path, damage: object) -> None:
    assert callable(damage)
    event_id = episode_id()
    with Journal(path, "s1", "b1") as journal:
        journal.record(draft(event_id))
        last = journal.record(draft(event_id, Phase.UPDATE)).data
    damage(path)
    with Journal(path, "s1", "b1", now=ManualClock()) as journal:
        new, end = (Event.from_json(row.payload).data for row in journal.pending(10))
        assert (new.code, new.phase, end.phase) == ("DEVICE.JOURNAL.DAMAGED", Phase.NEW, Phase.END)
        assert new.seq > last.seq
        [lost] = journal.tail().lost
        assert (lost.from_seq, lost.to_seq) == (last.seq + 1, new.seq - 1)
        # The episode that went on meanwhile must not get an id that was used.
        assert journal.record(draft(event_id, Phase.END)).data.rev > last.rev
        assert (journal.stats().damaged is None) == (damage is _remove)
    kept = list(path.parent.glob("journal.damaged-20260131T080000"))
    assert len(kept) == (damage is not _remove)
    with Journal(path, "s1", "b1") as journal:
        assert journal.record(draft(episode_id())).data.seq == end.seq + 2
        assert journal.stats().damaged is None


def test_a_signed_command_that_was_forgotten_is_never_taken_again(tmp_path: Path) -> None:
    """The clock runs ahead by days, what is old is forgotten, and the clock is set back."""
    clock, path, expires = ManualClock(), tmp_path / "journal.sqlite3", START + timedelta(seconds=8)
    with Journal(path, "s1", "b1", now=clock) as journal:
        assert journal.take_command("c1", "open", expires)
        assert journal.take_command("c2", "speak", expires)
        clock.move(timedelta(days=3).total_seconds())
        journal.tidy()
    with Journal(path, "s1", "b1", now=ManualClock()) as journal:
        assert not journal.take_command("c1", "open", expires)
        assert not journal.take_command("c3", "open", expires), "nor one that may have been"
        assert journal.take_command("c4", "open", expires + timedelta(seconds=1))
        assert journal.take_command("c2", "speak", expires), "what opens nothing is remembered for a day"


def test_behind_a_damaged_journal_no_signed_command_of_before_is_taken(tmp_path: Path) -> None:
    path, expires = tmp_path / "journal.sqlite3", START + timedelta(seconds=8)
    with Journal(path, "s1", "b1", now=ManualClock()) as journal:
        journal.record(draft(episode_id()))
        assert journal.take_command("c1", "open", expires)
    path.write_bytes(b"no database" * 1000)
    with Journal(path, "s1", "b1", now=ManualClock()) as journal:
        assert not journal.take_command("c1", "open", expires)
        assert journal.take_command("c1", "open", expires + timedelta(minutes=6))


def test_episodes_are_found_by_whom_they_name(journal: Journal) -> None:
    mine, theirs, nobodys, car = (episode_id() for _ in range(4))
    for event_id, ref in ((mine, "p-1"), (theirs, "p-2"), (nobodys, None), (car, "v-1")):
        decision = Decision(outcome="granted", reason="listed", subject_ref=ref)
        journal.record_many([draft(event_id, phase, decision=decision) for phase in (Phase.NEW, Phase.END)])
    assert journal.episodes_of(["p-1", "v-1"]) == sorted([mine, car])
    assert journal.episodes_of(["p-9"]) == journal.episodes_of([]) == []
