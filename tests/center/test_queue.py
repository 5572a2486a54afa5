"""The order of the board for one person, and the strip of their cases, as tables."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from edgeguard.center.cards import Card, CardAck, fold
from edgeguard.center.console import queue
from edgeguard.types import Phase, Severity
from tests.center.support import Box

NOW = datetime(2026, 1, 31, 8, tzinfo=UTC)
ME, OTHER = "me", "another"


def card(name: str, severity: Severity = Severity.WARNING, age_s: float = 0, by: str = "", kind: Any = "seen") -> Card:
    """`by`: who has taken it."""
    at = NOW - timedelta(seconds=age_s)
    event = Box(0).event(Phase.NEW, name.ljust(26, "0"), severity=severity, at=at, reason="confirmed")
    acks = [CardAck(kind=kind, by=by, at=NOW)] if by else []
    return fold([(event, NOW)], acks, 600)


def names(cards: list[Card]) -> list[str]:
    return [one.event_id.rstrip("0") for one in cards]


def board() -> list[Card]:
    return [
        card("1", age_s=10),
        card("2", Severity.CRITICAL, age_s=300),
        card("3", age_s=20, by=ME),
        card("4", Severity.CRITICAL, age_s=5, by=OTHER),
        card("5", Severity.CRITICAL, age_s=200, by=ME, kind="arrived"),
        card("6", age_s=30),
    ]


def test_critical_before_the_rest_ones_own_in_place_and_what_others_have_taken_last() -> None:
    assert names(queue.ordered(board(), ME)) == ["5", "2", "1", "3", "6", "4"]
    assert names(queue.ordered(board(), OTHER)) == ["4", "2", "1", "6", "5", "3"]


def test_taking_a_card_does_not_move_it_on_ones_own_screen() -> None:
    for one in ("1", "2", "6"):
        before = board()
        after = [
            other.model_copy(update={"acks": (CardAck(kind="seen", by=ME, at=NOW),)})
            if other.event_id.startswith(one) else other
            for other in before
        ]  # fmt: skip
        assert names(queue.ordered(after, ME)) == names(queue.ordered(before, ME))


def test_ones_own_are_shown_however_many_there_are() -> None:
    wanted = queue.ordered(board(), ME)
    assert names(queue.shown(wanted, ME, 2)) == ["5", "2", "3"]
    assert names(queue.shown(wanted, "", 2)) == ["5", "2"]


def test_the_strip_counts_what_waits_and_goes_to_ones_own() -> None:
    html = queue.strip("en", queue.ordered(board(), ME), ME)
    assert "1 critical, not taken" in html
    assert "Mine (2)" in html
    assert html.count("data-goto") == 3
    assert queue.strip("en", [card("1"), card("2", by=OTHER)], ME) == ""
    many = [card(f"{number}", by=ME) for number in range(1, 8)]
    assert f"+{7 - queue.CHIPS}" in queue.strip("zh", many, ME)


@pytest.mark.parametrize("kind", ["handled", "false_alarm", "note"])
def test_what_is_over_or_only_noted_is_nobodys(kind: str) -> None:
    assert not queue.is_mine(card("1", by=ME, kind=kind), ME)
