from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edgeguard.agent.reporter import Reporter
from edgeguard.contract import Action, Decision, Event, EventDraft
from edgeguard.errors import JournalError
from edgeguard.journal import Journal
from edgeguard.pipeline.reporting import Scene, to_draft
from edgeguard.types import Hush, Open, Phase, Playback, Report, Say, Severity, SpeechPriority

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
ID = "01HF0000000000000000000000"
SAY = Say("ebike_leave", SpeechPriority.WARNING, ID)


class Mouth:
    """A speaker that only remembers."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, say: Say) -> bool:
        self.said.append(say.phrase)
        return True

    def hush(self, event_id: str) -> None:
        self.said.append(f"hush {event_id}")


class FullDisk:
    """A journal that refuses until there is room."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.full = True

    def record(self, draft: EventDraft) -> Event:
        if self.full:
            raise JournalError("journal.sqlite3 cannot be written: database or disk is full")
        return self.journal.record(draft)


def step(phase: Phase, second: int = 0) -> Report:
    at = NOW + timedelta(seconds=second)
    return Report(ID, "LIFT.EBIKE.ENTER", phase, Severity.WARNING, "lift-a", "lift_ebike", at, float(second))


def playback(second: int = 2, result: str = "played") -> Playback:
    end = NOW + timedelta(seconds=second)
    return Playback("ebike_leave", "zh", "memory", NOW, end, result, started_at=NOW, event_id=ID)


def drafted(report: Report, actions: Sequence[Action], decided: datetime) -> EventDraft:
    return to_draft(report, Scene(), decided=decided, actions=actions)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "journal.sqlite3", "hz", "box-1") as journal:
        yield journal


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def mouth() -> Mouth:
    return Mouth()


@pytest.fixture
def reporter(journal: Journal, mouth: Mouth, events: list[Event]) -> Reporter:
    return Reporter(journal, mouth, drafted, events.append, lambda: NOW)


def test_nothing_to_report(reporter: Reporter, events: list[Event]) -> None:
    reporter.handle(())
    reporter.retry()
    assert events == []


def test_speaks_and_records(reporter: Reporter, mouth: Mouth, events: list[Event]) -> None:
    reporter.handle((step(Phase.NEW), SAY))
    assert mouth.said == ["ebike_leave"]
    assert [event.data.phase for event in events] == [Phase.NEW]
    assert events[0].data.timing.decided == NOW


def test_first_playback_is_told_at_once_and_later_ones_with_the_next_step(
    reporter: Reporter, events: list[Event]
) -> None:
    reporter.handle((SAY, step(Phase.NEW)))
    reporter.played(playback(2))
    reporter.handle((SAY,))
    reporter.played(playback(14))
    assert [event.data.phase for event in events] == [Phase.NEW, Phase.UPDATE]
    assert events[1].data.timing.spoken == NOW
    reporter.handle((step(Phase.END, 20),))
    assert [action.asset for action in events[-1].data.actions] == ["ebike_leave", "ebike_leave"]
    assert [event.data.seq for event in events] == [1, 2, 3]


def test_a_phrase_is_told_when_it_begins_and_again_with_how_it_ended(reporter: Reporter, events: list[Event]) -> None:
    reporter.handle((SAY, step(Phase.NEW)))
    reporter.played(replace(playback(result="playing"), ended_at=None))
    assert [action.result for action in events[-1].data.actions] == ["playing"]
    assert events[-1].data.decision == Decision(reason="spoken")
    reporter.played(playback(11))
    reporter.handle((step(Phase.UPDATE, 30),))
    assert [[action.result for action in event.data.actions] for event in events] == [[], ["playing"], ["played"]]


def test_a_plan_is_told_with_every_step(reporter: Reporter, events: list[Event]) -> None:
    """Also with those that only tell of a phrase."""
    asked = replace(step(Phase.NEW), plan=("send a guard",))
    reporter.handle([SAY, asked])
    reporter.played(playback())
    assert [[action.type for action in event.data.actions] for event in events] == [["plan"], ["plan", "voice"]]


def test_end_waits_for_the_phrase_it_hushes(journal: Journal, events: list[Event]) -> None:
    class Hushed(Mouth):
        def hush(self, event_id: str) -> None:
            box_reporter.played(playback(3, "interrupted"))

    box_reporter = Reporter(journal, Hushed(), drafted, events.append, lambda: NOW)
    box_reporter.handle((SAY, step(Phase.NEW)))
    box_reporter.handle((step(Phase.END, 3),))
    assert [action.result for action in events[-1].data.actions] == ["interrupted"]
    assert events[-1].data.phase is Phase.END


def test_a_talk_is_told_when_it_ends_and_does_not_count_as_a_phrase(reporter: Reporter, events: list[Event]) -> None:
    talk = replace(playback(9), phrase="live_talk", language="", by="guard", heard_s=4.25)
    reporter.handle((SAY, step(Phase.NEW)))
    reporter.played(playback(2, "interrupted"))
    reporter.played(replace(talk, result="playing", ended_at=None))
    assert [event.data.phase for event in events] == [Phase.NEW, Phase.UPDATE]
    reporter.played(talk)
    assert events[-1].data.decision == Decision(reason="talked")
    action = events[-1].data.actions[-1]
    assert (action.type, action.target, action.result) == ("talk", "memory", "played")
    assert action.detail == "guard: 4.2 s heard"
    assert len(events[-1].data.actions) == 2
    reporter.handle((step(Phase.END, 20),))
    assert [action.type for action in events[-1].data.actions] == ["voice", "talk"]


def test_a_talk_of_another_episode_is_none_of_its_business(reporter: Reporter, events: list[Event]) -> None:
    assert not reporter.played(replace(playback(9), by="guard", heard_s=4.25))
    assert events == []


def test_hush_is_passed_on(reporter: Reporter, mouth: Mouth) -> None:
    reporter.handle((Hush(ID),))
    assert mouth.said == [f"hush {ID}"]


def test_a_playback_after_its_episode_changes_nothing(reporter: Reporter, events: list[Event]) -> None:
    reporter.handle((step(Phase.NEW), step(Phase.END, 1)))
    reporter.played(playback())
    assert len(events) == 2


def test_a_step_that_breaks_the_contract_does_not_hold_up_the_others(reporter: Reporter, events: list[Event]) -> None:
    reporter.handle((step(Phase.NEW), step(Phase.NEW), step(Phase.END, 1)))
    assert [event.data.phase for event in events] == [Phase.NEW, Phase.END]


def test_what_the_journal_refuses_is_spoken_and_recorded_later_in_order(
    journal: Journal, mouth: Mouth, events: list[Event]
) -> None:
    disk = FullDisk(journal)
    reporter = Reporter(disk, mouth, drafted, events.append, lambda: NOW)
    reporter.handle((SAY, step(Phase.NEW)))
    reporter.played(playback())
    reporter.retry()
    assert mouth.said == ["ebike_leave"]
    assert events == []
    disk.full = False
    reporter.retry()
    assert [(event.data.phase, event.data.seq) for event in events] == [(Phase.NEW, 1), (Phase.UPDATE, 2)]


def test_a_phrase_that_nobody_could_hear_is_not_told_as_spoken(reporter: Reporter, events: list[Event]) -> None:
    unheard = replace(playback(result="no_device"), started_at=None)
    reporter.handle((SAY, step(Phase.NEW)))
    reporter.played(unheard)
    reporter.played(unheard)
    assert [event.data.decision for event in events[1:]] == [Decision(reason="unspoken")]
    assert events[-1].data.timing.spoken is None
    reporter.played(replace(playback(result="playing"), ended_at=None))
    assert events[-1].data.decision == Decision(reason="spoken")


def test_a_gate_that_is_opened_is_told_with_an_update_of_its_episode(tmp_path: Path) -> None:
    """Asked before the report is durable, told when the relay has been released; one that fails is told too."""
    asked: list[tuple[Open, Future[Action]]] = []

    def opener(signal: Open) -> Future[Action]:
        asked.append((signal, Future()))
        return asked[-1][1]

    events: list[Event] = []
    with Journal(tmp_path / "journal.sqlite3", "s1", "b1") as journal:
        reporter = Reporter(
            journal,
            Mouth(),
            lambda report, actions, decided: to_draft(report, Scene(), decided=decided, actions=actions),
            events.append,
            lambda: NOW,
            opener,
        )
        for result in ("opened", "failed"):
            reporter.handle((Open("north", ID, "plate"),) if asked else (step(Phase.NEW), Open("north", ID, "plate")))
            asked[-1][1].set_result(Action(type="relay", target="north", asset=ID, result=result))
        reporter.handle((step(Phase.END),))
        reporter.acted(ID, Action(type="relay", target="north", asset=ID, result="opened"))
    told = [(one.data.phase.value, one.data.decision and one.data.decision.reason) for one in events]
    assert told == [("new", None), ("update", "opened"), ("update", "unopened"), ("end", None)]
    assert [action.result for action in events[-1].data.actions] == ["opened", "failed"]
