"""The order of the board for one person, and the strip with the cases that they have taken. Pure functions."""

from collections.abc import Iterable, Sequence
from html import escape

from edgeguard.center.cards import TAKEN, Card
from edgeguard.center.console import markup
from edgeguard.center.texts import text
from edgeguard.types import Severity

# More of one's own than this are counted: the strip stays one line of a control room's screen.
CHIPS = 5


def is_mine(card: Card, user: str) -> bool:
    """Taken by them, and not over."""
    return card.ack is not None and card.ack.kind in TAKEN and card.ack.by == user


def ordered(cards: Iterable[Card], user: str) -> list[Card]:
    """Critical before the rest, newest first, and what somebody else has taken last.

    Taking a card does not move it on one's own screen: the hand is on its buttons.
    """
    newest = sorted(cards, key=lambda card: card.opened_at, reverse=True)
    return sorted(newest, key=lambda card: (_is_anothers(card, user), card.severity != Severity.CRITICAL))


def shown(queue: Sequence[Card], user: str, most: int) -> list[Card]:
    """The first `most` of a queue, and one's own wherever they stand in it."""
    return [card for place, card in enumerate(queue) if place < most or is_mine(card, user)]


def strip(language: str, queue: Sequence[Card], user: str) -> str:
    """How many critical ones nobody has taken, and one's own to go to with a click; nothing without either."""
    waiting = [card for card in queue if card.alarming and card.severity == Severity.CRITICAL]
    mine = sorted((card for card in queue if is_mine(card, user)), key=_taken_at, reverse=True)
    parts = []
    if waiting:
        words = text(language, "critical_waiting", n=len(waiting))
        parts.append(f'<button type="button" class="eg-chip waits" data-goto="{waiting[0].event_id}">{words}</button>')
    if mine:
        parts.append(f"<span>{text(language, 'my_cases', n=len(mine))}</span>")
        parts += [_chip(language, card) for card in mine[:CHIPS]]
    if len(mine) > CHIPS:
        parts.append(f"<span>+{len(mine) - CHIPS}</span>")
    return "".join(parts)


def _chip(language: str, card: Card) -> str:
    where = markup.place(language, card.place, card.box)
    return (
        f'<button type="button" class="eg-chip {card.severity}" data-goto="{card.event_id}">'
        f"{markup.moment(card.opened_at)} {where} · {escape(card.name(language))}</button>"
    )


def _taken_at(card: Card) -> str:
    return "" if card.ack is None else card.ack.at.isoformat()


def _is_anothers(card: Card, user: str) -> bool:
    return card.ack is not None and not is_mine(card, user)
