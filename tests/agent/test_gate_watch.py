"""Doors and relay boards as episodes, on a clock of the test."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest

from edgeguard.agent.gate_watch import DOOR_RULE, RELAY_RULE, DoorRules, DoorWatch, RelayWatch, Whose
from edgeguard.types import DoorState, OpenEpisode, Report

START = datetime(2026, 1, 31, 8, tzinfo=UTC)
OPEN, CLOSED, UNKNOWN = DoorState.OPEN, DoorState.CLOSED, DoorState.UNKNOWN
# Of a report: id, code, phase and reason of the end.
Told = tuple[str, str, str, str | None]


def new_ids() -> Callable[[datetime], str]:
    numbers = count(1)
    return lambda _: f"e{next(numbers)}"


def told(reports: tuple[Report, ...]) -> list[Told]:
    return [(one.event_id, one.code.rpartition(".")[2], one.phase.value, one.end_reason) for one in reports]


def open_episode(code: str, rule: str, gate: str = "north") -> OpenEpisode:
    return OpenEpisode("old", code, "", rule, START - timedelta(seconds=50), zones=(gate,))


@dataclass
class DoorRun:
    """Steps of half a second, from second 0."""

    resume: tuple[OpenEpisode, ...] = ()
    forced: bool = True
    now_s: float = 0.0
    reports: list[Report] = field(default_factory=list)

    def __post_init__(self) -> None:
        rules = DoorRules(held_after_s=30, grant_s=10, forced=self.forced)
        self.watch = DoorWatch(rules, Whose("north", "", DOOR_RULE), new_ids(), self.resume)

    def stay(self, state: DoorState, seconds: float) -> list[Told]:
        found: list[Report] = []
        for _ in range(int(seconds * 2)):
            found += self.watch.step(self.now_s, START + timedelta(seconds=self.now_s), state)
            self.now_s += 0.5
        self.reports += found
        return told(tuple(found))

    def grant(self) -> None:
        self.watch.granted(self.now_s)


def test_a_granted_door_that_closes_is_nothing() -> None:
    run = DoorRun()
    run.stay(CLOSED, 5)
    run.grant()
    assert run.stay(CLOSED, 3) + run.stay(OPEN, 20) + run.stay(CLOSED, 5) == []


def test_held_after_a_grant_has_one_new_and_one_end() -> None:
    run = DoorRun()
    run.stay(CLOSED, 5)
    run.grant()
    assert run.stay(OPEN, 29) == []
    assert run.stay(OPEN, 10) == [("e1", "HELD", "new", None)]
    assert run.stay(OPEN, 300) == []
    assert run.stay(CLOSED, 5) == [("e1", "HELD", "end", "closed")]
    assert run.reports[0].dwell_s == pytest.approx(30)
    assert run.reports[0].zones == ("north",)


def test_a_grant_while_it_is_open_gives_it_its_time_anew() -> None:
    run = DoorRun()
    run.stay(CLOSED, 5)
    run.grant()
    run.stay(OPEN, 25)
    run.grant()
    assert run.stay(OPEN, 25) == []
    assert run.stay(OPEN, 10) == [("e1", "HELD", "new", None)]


def test_forced_without_a_grant_at_once_and_not_held_too() -> None:
    run = DoorRun()
    run.stay(CLOSED, 5)
    assert run.stay(OPEN, 0.5) == [("e1", "FORCED", "new", None)]
    assert run.stay(OPEN, 100) == []
    assert run.stay(CLOSED, 1) == [("e1", "FORCED", "end", "closed")]


@pytest.mark.parametrize(("waited_s", "codes"), [(9, []), (12, ["FORCED"])])
def test_a_grant_is_good_for_its_time(waited_s: float, codes: list[str]) -> None:
    run = DoorRun()
    run.stay(CLOSED, 5)
    run.grant()
    run.stay(CLOSED, waited_s)
    assert [code for _, code, _, _ in run.stay(OPEN, 1)] == codes


def test_a_door_with_a_handle_within_is_not_forced_but_may_be_held() -> None:
    run = DoorRun(forced=False)
    run.stay(CLOSED, 5)
    assert run.stay(OPEN, 29) == []
    assert run.stay(OPEN, 5) == [("e1", "HELD", "new", None)]


def test_a_door_that_stands_open_at_the_start_is_not_forced() -> None:
    run = DoorRun()
    assert run.stay(OPEN, 29) == []
    assert run.stay(OPEN, 5) == [("e1", "HELD", "new", None)]


def test_forced_behind_a_contact_that_was_cut_off_meanwhile() -> None:
    run = DoorRun()
    run.stay(CLOSED, 5)
    assert run.stay(UNKNOWN, 30) == []
    assert run.stay(OPEN, 1) == [("e1", "FORCED", "new", None)]


def test_granted_behind_a_contact_that_was_cut_off_meanwhile() -> None:
    run = DoorRun()
    run.stay(CLOSED, 5)
    run.stay(UNKNOWN, 10)
    run.grant()
    run.stay(UNKNOWN, 20)
    assert run.stay(OPEN, 1) == []


def test_a_contact_that_says_nothing_for_long_ends_it() -> None:
    run = DoorRun()
    run.stay(CLOSED, 5)
    run.stay(OPEN, 5)
    assert run.stay(UNKNOWN, 59) == []
    assert run.stay(UNKNOWN, 5) == [("e1", "FORCED", "end", "unknown")]
    assert run.stay(UNKNOWN, 100) == []


def test_updates_are_seldom() -> None:
    run = DoorRun()
    run.stay(CLOSED, 5)
    assert [phase for _, _, phase, _ in run.stay(OPEN, 1805)] == ["new", "update", "update", "update"]


@pytest.mark.parametrize("code", ["ACCESS.DOOR.HELD", "ACCESS.DOOR.FORCED"])
def test_what_a_restart_left_open_goes_on(code: str) -> None:
    run = DoorRun((open_episode(code, DOOR_RULE),))
    assert run.stay(UNKNOWN, 5) + run.stay(OPEN, 100) == []
    assert run.stay(CLOSED, 1) == [("old", code.rpartition(".")[2], "end", "closed")]
    assert run.reports[0].dwell_s == pytest.approx(155, abs=1)


def test_what_another_gate_left_open_is_not_touched() -> None:
    run = DoorRun((open_episode("ACCESS.DOOR.HELD", DOOR_RULE, "south"),))
    assert run.stay(CLOSED, 5) == []


def relay_run(resume: tuple[OpenEpisode, ...] = ()) -> Callable[[str, float], list[Told]]:
    watch = RelayWatch(Whose("north", "", RELAY_RULE), new_ids(), resume)
    seconds = count()

    def stay(why: str, for_s: float) -> list[Told]:
        found: list[Report] = []
        for _ in range(int(for_s)):
            now_s = float(next(seconds))
            found += watch.step(now_s, START + timedelta(seconds=now_s), why)
        return told(tuple(found))

    return stay


def test_a_silent_board_is_told_within_seconds_and_ends_when_it_answers_for_a_while() -> None:
    stay = relay_run()
    assert stay("", 10) == []
    assert stay("no answer", 5) == [("e1", "LOST", "new", None)]
    assert stay("", 3) + stay("no connection", 4) == []
    assert stay("", 10) == [("e1", "LOST", "end", "answers")]


def test_a_moment_without_an_answer_is_nothing() -> None:
    stay = relay_run()
    assert stay("", 10) + stay("no answer", 2) + stay("", 20) == []


def test_a_board_that_is_still_silent_after_a_restart() -> None:
    stay = relay_run((open_episode("DEVICE.RELAY.LOST", RELAY_RULE),))
    assert stay("no answer", 10) == []
    assert stay("", 10) == [("old", "LOST", "end", "answers")]
