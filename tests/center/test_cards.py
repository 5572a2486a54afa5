"""Cards: the same whatever the order, open as long as somebody is needed, silent for history."""

import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from edgeguard.center.attachments import Attached
from edgeguard.center.cards import Card, CardAck, fold
from edgeguard.contract import Action, Clock, Decision, Event
from edgeguard.types import Phase, Severity
from tests.center.support import Box

START = datetime(2026, 1, 31, 8, tzinfo=UTC)
EVENT_ID = "01KGF6Y5R00000000000000001"


def event(rev: int, phase: Phase, reason: str | None = None, at_s: float = 0, **changes: Any) -> Event:
    box = Box(0)
    box._revs[EVENT_ID] = rev - 1
    return box.event(phase, EVENT_ID, reason, at=START + timedelta(seconds=at_s), **changes)


def card_of(*events: Event, acks: tuple[CardAck, ...] = (), received_s: float = 1, picture: int | None = None) -> Card:
    arrivals = [(step, START + timedelta(seconds=received_s)) for step in events]
    return fold(arrivals, acks, 600, Attached(numbers=() if picture is None else (picture,)))


def ack(kind: Any) -> CardAck:
    return CardAck(kind=kind, by="operator", at=START)


def spoken(at_s: float) -> Action:
    started = START + timedelta(seconds=at_s)
    return Action(type="voice", target="speaker", asset="ebike_leave", started_at=started, result="played")


def test_every_order_gives_the_same_card() -> None:
    steps = [
        event(0, Phase.NEW, "confirmed"),
        event(1, Phase.UPDATE, "spoken", 1, actions=(spoken(1),)),
        event(2, Phase.UPDATE, "cleared", 20, actions=(spoken(1), spoken(13))),
        event(3, Phase.END, at_s=30, decision=Decision(outcome="complied"), end_reason="cleared"),
    ]
    cards = {card_of(*order).model_dump_json() for order in itertools.permutations(steps)}
    assert len(cards) == 1
    card = Card.model_validate_json(cards.pop())
    assert (card.state, card.outcome, card.rev, len(card.voice)) == ("ended", "complied", 3, 2)
    assert card.opened_at == START


@pytest.mark.parametrize(
    ("reasons", "state"),
    [
        (["confirmed"], "active"),
        ([None], "active"),
        (["confirmed", "cleared"], "cleared"),
        (["confirmed", "cleared", "spoken"], "cleared"),
        (["confirmed", "cleared", "seen_again"], "active"),
    ],
)
def test_state_follows_the_reasons(reasons: list[str | None], state: str) -> None:
    steps = [event(rev, Phase.UPDATE if rev else Phase.NEW, reason) for rev, reason in enumerate(reasons)]
    assert card_of(*steps).state == state


@pytest.mark.parametrize(
    ("phase", "acks", "is_open", "alarming"),
    [
        (Phase.NEW, (), True, True),
        (Phase.END, (), True, True),
        (Phase.NEW, (ack("note"),), True, True),
        (Phase.NEW, (ack("seen"),), True, False),
        (Phase.END, (ack("seen"),), False, False),
        (Phase.NEW, (ack("handled"),), False, False),
        (Phase.NEW, (ack("false_alarm"),), False, False),
        (Phase.NEW, (ack("handled"), ack("seen")), True, False),
    ],
)
def test_open_and_alarming(phase: Phase, acks: tuple[CardAck, ...], is_open: bool, alarming: bool) -> None:
    card = card_of(event(0, phase), acks=acks)
    assert (card.open, card.alarming) == (is_open, alarming)


def test_information_never_beeps() -> None:
    card = card_of(event(0, Phase.NEW, severity=Severity.INFO, code="LIFT.BICYCLE.ENTER"))
    assert card.open
    assert not card.alarming


@pytest.mark.parametrize(
    ("received_s", "clock", "historical", "late"),
    [
        (1, None, False, False),
        (599, None, True, False),
        (601, None, False, True),
        (99_999, Clock(synced=False), False, False),
        (1, Clock(synced=False), True, True),
    ],
)
def test_history_is_silent(received_s: float, clock: Clock | None, historical: bool, late: bool) -> None:
    card = card_of(event(0, Phase.NEW, clock=clock, historical=historical), received_s=received_s)
    assert (card.late, card.alarming) == (late, not late)


def test_picture_address() -> None:
    assert card_of(event(0, Phase.NEW)).picture is None
    assert card_of(event(0, Phase.NEW), picture=2).picture == f"/api/pictures/{EVENT_ID}/2.jpg"
