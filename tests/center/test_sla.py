"""Timers of an alarm: begun, met, missed, begun anew when a button is pressed again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from edgeguard.center.cards import CardAck, fold
from edgeguard.center.config import CenterConfig
from edgeguard.center.sla import DEFAULT_SLA, CardTimer, CodeSla, Said, again_at, judged, starts_at, timers_from
from edgeguard.contract import Decision, Event, EventDraft
from edgeguard.types import Phase, Severity

START = datetime(2026, 1, 31, 8, 0, 0, tzinfo=UTC)
ID = "01KG9GZYD00000000000000001"


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def arrival(second: float, phase: Phase = Phase.NEW, reason: str = "confirmed", **facts: Any) -> tuple[Event, datetime]:
    usual: dict[str, Any] = {"code": "SENSOR.SOS", "severity": Severity.CRITICAL}
    draft = EventDraft(event_id=ID, at=at(second), phase=phase, decision=Decision(reason=reason), **(usual | facts))
    return Event.of(draft, site="s", box="b", seq=1, rev=int(second)), at(second)


def said(kind: str, second: float) -> Said:
    return Said(kind=kind, at=at(second))


@pytest.mark.parametrize(
    ("facts", "second"),
    [
        ({}, 5),
        ({"severity": Severity.INFO}, 5),
        ({"code": "SENSOR.GAS"}, 5),
        ({"code": "SENSOR.GAS", "severity": Severity.WARNING}, None),
        ({"code": "LIFT.EBIKE.ENTER"}, None),
    ],
)
def test_only_what_is_urgent_is_timed(facts: dict[str, Any], second: float | None) -> None:
    assert starts_at(DEFAULT_SLA, [arrival(5, **facts)], None) == (None if second is None else at(second))


def test_a_pre_alarm_is_timed_from_when_it_becomes_one() -> None:
    gas: dict[str, Any] = {"code": "SENSOR.GAS"}
    arrivals = [arrival(0, severity=Severity.WARNING, **gas), arrival(40, Phase.UPDATE, "escalated", **gas)]
    assert starts_at(DEFAULT_SLA, arrivals, None) == at(40)


@pytest.mark.parametrize(
    ("acks", "now", "told"),
    [
        ([], 30, [(None, False), (None, False)]),
        ([], 61, [(None, True), (None, False)]),
        ([], 181, [(None, True), (None, True)]),
        ([said("seen", 5)], 61, [(None, True), (None, False)]),
        ([said("arrived", 50)], 100, [(50, False), (None, False)]),
        ([said("arrived", 70), said("handled", 170)], 300, [(70, True), (170, False)]),
        ([said("false_alarm", 20)], 300, [(20, False), (20, False)]),
        ([said("handled", 200)], 200, [(200, True), (200, True)]),
    ],
)
def test_people_meet_timers(acks: list[Said], now: float, told: list[tuple[float | None, bool]]) -> None:
    timers = [judged(timer, acks, at(now)) for timer in timers_from(CodeSla(), START)]
    assert [(timer.met_at, timer.missed) for timer in timers] == [
        (None if second is None else at(second), missed) for second, missed in told
    ]


def test_what_was_missed_stays_missed() -> None:
    late = CardTimer(goal="arrived", started_at=START, due_at=at(60), missed=True)
    assert judged(late, [said("arrived", 30)]).missed


def test_a_call_after_it_was_closed_is_a_new_call_by_the_centers_clock() -> None:
    arrivals = [arrival(0), arrival(10, Phase.UPDATE, "pressed_again"), arrival(50, Phase.UPDATE, "pressed_again")]
    assert again_at(arrivals, []) is None
    assert again_at(arrivals, [said("seen", 5)]) is None
    assert again_at(arrivals, [said("handled", 60)]) is None
    assert again_at(arrivals, [said("handled", 20)]) == at(50)
    assert again_at(arrivals, [said("false_alarm", 5), said("seen", 55)]) == at(10)
    assert starts_at(DEFAULT_SLA, arrivals, at(50)) == at(50)


def test_a_card_that_was_closed_alarms_again_when_it_is_called_again() -> None:
    ack = CardAck(kind="handled", by="Li", at=at(20))
    closed = fold([arrival(0)], [ack], 600)
    assert not closed.open
    called = fold([arrival(0), arrival(50, Phase.UPDATE, "pressed_again")], [ack], 600)
    assert (called.open, called.alarming, called.ack) == (True, True, None)
    answered = fold(
        [*[arrival(0), arrival(50, Phase.UPDATE, "pressed_again")]], [ack, ack.model_copy(update={"at": at(70)})], 600
    )
    assert not answered.open


def test_a_wrong_code_is_refused() -> None:
    broker = {"insecure_lab": True}
    with pytest.raises(ValidationError, match=r"met SENSOR\.GAZ"):
        CenterConfig.model_validate({"broker": broker, "sla": {"SENSOR.GAZ": {}}})
    assert CenterConfig.model_validate({"broker": broker, "sla": {}}).sla == {}
