"""Timers and routes on a clock that a test moves, with a real database and messages in memory."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from edgeguard.center.cards import Card, CardAck
from edgeguard.center.closing import cases, rates
from edgeguard.center.config import RetentionConfig
from edgeguard.center.database import Database
from edgeguard.center.dispatch import Dispatcher
from edgeguard.center.hub import Hub
from edgeguard.center.intake import Received
from edgeguard.center.notices import GIVE_UP_AFTER, Notices
from edgeguard.center.notifiers import MemoryNotifier
from edgeguard.center.routes import Routes
from edgeguard.center.sqlite_store import SqliteStore
from edgeguard.contract import Decision, Event, EventDraft, Place
from edgeguard.types import Phase, Severity
from tests.center.routes_support import table
from tests.center.support import ULIDS
from tests.support.mosquitto import wait_for

START = datetime(2026, 1, 31, 8, 0, 0, tzinfo=UTC)


class Duty:
    """A center without broker and pages; `again` is what a restart leaves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = START
        self.seq = 0
        self.told = {name: MemoryNotifier() for name in table()["recipients"]}
        self._open()

    def _open(self) -> None:
        self.database = Database(self.folder / "center.sqlite3")
        self.database.open()
        self.store = SqliteStore(self.database, RetentionConfig(), 600.0)
        self.dispatcher = Dispatcher(
            self.store,
            Notices(self.database),
            Hub(),
            lambda: self.now,
            Routes.model_validate(table()),
            {(name, 0): notifier for name, notifier in self.told.items()},
        )

    def again(self) -> None:
        self.close()
        self._open()

    def close(self) -> None:
        self.dispatcher.stop()
        self.database.close()

    def come(self, phase: Phase = Phase.NEW, event_id: str = "", reason: str = "confirmed", **facts: Any) -> str:
        """An event arrives now; returns the id of its episode."""
        self.seq += 1
        usual: dict[str, Any] = {
            "code": "SENSOR.SOS",
            "severity": Severity.CRITICAL,
            "at": self.now,
            "place": Place(site="s", building="7", grid_code="330106G0042"),
            "zones": ("flat-12",),
            "rule": "sensor",
        }
        draft = EventDraft(
            event_id=event_id or ULIDS.new(self.now), phase=phase, decision=Decision(reason=reason), **(usual | facts)
        )
        event = Event.of(draft, site="s", box="b", seq=self.seq, rev=self.seq)
        topic = f"eg1/s/b/event/{event.data.code.partition('.')[0].lower()}"
        self.store.take([Received(topic, event.to_json(), self.now)])
        return event.subject

    def after(self, seconds: float) -> None:
        """Time goes on, and everything that is due is done and sent."""
        self.now += timedelta(seconds=seconds)
        self.dispatcher.step()
        wait_for(lambda: not self.dispatcher._under_way, "the messages under way")

    def say(self, event_id: str, kind: Any) -> None:
        self.store.acknowledge(event_id, CardAck(kind=kind, by="Li", at=self.now))

    def card(self, event_id: str) -> Card:
        card = self.store.card(event_id)
        assert card is not None
        return card

    def counts(self) -> dict[str, int]:
        return {name: len(one.sent) for name, one in self.told.items() if one.sent}


@pytest.fixture
def duty(tmp_path: Path) -> Iterator[Duty]:
    duty = Duty(tmp_path)
    yield duty
    duty.close()


def test_a_call_climbs_while_nobody_comes(duty: Duty) -> None:
    event_id = duty.come()
    duty.after(1)
    assert duty.counts() == {"desk": 1}
    duty.after(58)
    assert duty.counts() == {"desk": 1}
    duty.after(2)
    assert duty.counts() == {"desk": 1, "community": 1}
    duty.after(60)
    duty.after(60)
    assert duty.counts() == {"desk": 1, "community": 1, "street": 1}
    card = duty.card(event_id)
    assert [(timer.goal, timer.missed) for timer in card.timers] == [("arrived", True), ("done", True)]
    assert [(one.name, one.level, one.state) for one in card.notices] == [
        ("Desk", "grid", "sent"),
        ("Community", "community", "sent"),
        ("Street", "street", "sent"),
    ]
    missed = duty.database.read("SELECT action FROM audit WHERE who = 'timers' ORDER BY id")
    assert [row["action"] for row in missed] == ["missed/arrived", "missed/done"]


def test_who_arrives_in_time_stops_it_and_is_written_down(duty: Duty) -> None:
    event_id = duty.come()
    duty.after(30)
    duty.say(event_id, "arrived")
    duty.after(200)
    assert duty.counts() == {"desk": 1}
    arrived, done = duty.card(event_id).timers
    assert (arrived.met_at, arrived.missed, done.met_at, done.missed) == (
        START + timedelta(seconds=30),
        False,
        None,
        True,
    )
    duty.say(event_id, "handled")
    card = duty.card(event_id)
    assert (card.open, [timer.met_at is None for timer in card.timers]) == (False, [False, False])


def test_an_alarm_that_has_ended_stays_until_people_are_done(duty: Duty) -> None:
    event_id = duty.come(code="SENSOR.GAS")
    duty.come(Phase.END, event_id, code="SENSOR.GAS", end_reason="cleared")
    duty.say(event_id, "seen")
    assert duty.card(event_id).open
    duty.say(event_id, "handled")
    assert not duty.card(event_id).open


def test_a_restart_loses_neither_timer_nor_message(duty: Duty) -> None:
    event_id = duty.come()
    duty.told["desk"].refusal = "closed"
    duty.after(1)
    due_at = [timer.due_at for timer in duty.card(event_id).timers]
    duty.again()
    duty.told["desk"].refusal = ""
    duty.now += timedelta(seconds=300)
    duty.again()
    duty.after(0)
    card = duty.card(event_id)
    assert [timer.due_at for timer in card.timers] == due_at
    assert all(timer.missed for timer in card.timers)
    # Queued before the restart: sent once; what became due while the center was away: caught up.
    assert duty.counts() == {"desk": 1, "community": 1, "street": 1}
    duty.again()
    duty.after(5)
    assert duty.counts() == {"desk": 1, "community": 1, "street": 1}


def test_what_came_while_nobody_looked_is_timed_from_its_arrival(duty: Duty) -> None:
    duty.come()
    duty.now += timedelta(seconds=150)
    duty.again()
    duty.after(0)
    assert duty.counts() == {"desk": 1, "community": 1, "street": 1}


def test_a_platform_that_is_away_is_asked_later_and_later(duty: Duty) -> None:
    duty.told["desk"].refusal = "HTTP 503"
    event_id = duty.come()
    tries: list[int] = []
    for second in range(70):
        duty.after(1)
        attempts = duty.database.read("SELECT attempts FROM notice WHERE recipient = 'desk'")[0]["attempts"]
        if attempts > len(tries):
            tries.append(second)
    assert [later - sooner for sooner, later in pairwise(tries)] == [2, 4, 8, 16, 32]
    (notice, *_) = duty.card(event_id).notices
    assert (notice.state, notice.detail) == ("waiting", "HTTP 503")
    duty.told["desk"].refusal = ""
    duty.after(300)
    assert len(duty.told["desk"].sent) == 1


def test_one_that_never_answers_is_given_up_after_a_day(duty: Duty) -> None:
    duty.told["desk"].refusal = "HTTP 410"
    event_id = duty.come()
    duty.after(1)
    duty.after(GIVE_UP_AFTER.total_seconds())
    assert next(one.state for one in duty.card(event_id).notices if one.name == "Desk") == "given_up"


def test_one_that_hangs_keeps_nobody_else_waiting(duty: Duty) -> None:
    let_go = threading.Event()

    class Hanging(MemoryNotifier):
        def send(self, message: Any, now: datetime) -> None:
            let_go.wait(20)
            super().send(message, now)

    duty.dispatcher._notifiers = {**duty.dispatcher._notifiers, ("desk", 0): Hanging()}
    for _ in range(5):
        duty.come()
    duty.now += timedelta(seconds=61)
    duty.dispatcher.step()
    wait_for(lambda: len(duty.told["community"].sent) == 1, "another's message")
    duty.dispatcher.step()
    wait_for(lambda: len(duty.told["community"].sent) == 2, "the next one")
    let_go.set()
    wait_for(lambda: not duty.dispatcher._under_way, "the messages under way")


def test_the_message_says_what_where_and_why(duty: Duty) -> None:
    event_id = duty.come()
    duty.after(1)
    duty.after(60)
    first, missed = duty.told["desk"].sent[0], duty.told["community"].sent[0]
    body = json.loads(first.body)
    assert (body["version"], body["why"], body["level"], body["to"]) == (1, "after 0 s", "grid", "desk")
    assert (body["alarm"]["event_id"], body["alarm"]["code"]) == (event_id, "SENSOR.SOS")
    assert body["place"] == {"id": "G42", "level": "grid", "name": "Grid 42"}
    assert first.text == "【EdgeGuard】紧急求助，Grid 42 7 flat-12，01-31 08:00:00Z"  # noqa: RUF001
    assert json.loads(missed.body)["why"] == "missed arrived"
    assert missed.text.startswith("【EdgeGuard】到场超时：紧急求助")  # noqa: RUF001
    assert len({first.id, missed.id}) == 2


def test_a_call_after_it_was_closed_is_told_again(duty: Duty) -> None:
    event_id = duty.come()
    duty.after(1)
    duty.say(event_id, "handled")
    duty.now += timedelta(seconds=100)
    duty.come(Phase.UPDATE, event_id, "pressed_again")
    duty.after(1)
    assert duty.counts() == {"desk": 2}
    card = duty.card(event_id)
    assert (card.open, card.ack) == (True, None)
    assert [timer.missed for timer in card.timers] == [False, False]
    duty.after(61)
    assert duty.counts() == {"desk": 2, "community": 1}


def test_history_and_what_came_before_there_were_routes_is_nobodys_errand(duty: Duty) -> None:
    duty.come(at=START - timedelta(hours=2))
    duty.come()
    duty.dispatcher.since = START + timedelta(seconds=1)
    duty.after(300)
    assert duty.counts() == {}


def test_an_alarm_that_grows_is_followed_by_another_rule_from_then_on(duty: Duty) -> None:
    gas: dict[str, Any] = {"code": "SENSOR.GAS"}
    event_id = duty.come(severity=Severity.WARNING, **gas)
    duty.after(100)
    assert (duty.counts(), duty.card(event_id).timers) == ({}, ())
    duty.come(Phase.UPDATE, event_id, "escalated", **gas)
    duty.after(1)
    assert duty.counts() == {"desk": 1}
    assert duty.card(event_id).timers[0].due_at == START + timedelta(seconds=160)


def test_closing_rates_count_who_closed_and_who_handed_on(duty: Duty) -> None:
    first, second, _ = duty.come(), duty.come(), duty.come()
    duty.after(1)
    duty.say(first, "handled")
    duty.after(60)
    duty.say(second, "false_alarm")
    found = rates(Routes.model_validate(table()), cases(duty.database, START - timedelta(days=1)))
    grid, community = found.levels["grid"], found.levels["community"]
    assert (grid.reached, grid.closed, grid.handed_on, grid.open) == (3, 1, 2, 0)
    assert (community.reached, community.closed, community.handed_on, community.open) == (2, 1, 0, 1)
    assert grid.rate == pytest.approx(1 / 3)
    assert (community.rate, found.levels["street"].rate) == (0.5, None)
    assert (found.places["G42"], found.places["C1"]) == (grid, community)
    assert cases(duty.database, START + timedelta(days=1)) == []
