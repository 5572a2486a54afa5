"""What a card says of a sensor: readings, timers, who was told, what was cut off. Pure functions, all escaped here."""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from typing import Final

from edgeguard.center.attachments import CardNotice
from edgeguard.center.cards import Card
from edgeguard.center.hub import CommandChanged
from edgeguard.center.sla import CardTimer
from edgeguard.center.texts import text, word
from edgeguard.contract.base import rfc3339
from edgeguard.contract.event import Action, SensorReading

# The newest of those who were told; the API has them all.
NOTICES: Final = 4
# A reading older than this is not what the sensor says now.
OLD_MS: Final = 10_000


def readings(language: str, card: Card) -> str:
    """Big numbers, only where a sensor alarmed; empty elsewhere."""
    if card.sensor is None:
        return ""
    values = "".join(_reading(language, name, one) for name, one in card.sensors.items())
    return f'<div class="eg-readings"><span class="eg-point">{escape(card.sensor)}</span>{values}</div>'


def timers(language: str, card: Card) -> str:
    """How long people have; the browser counts down."""
    told = "".join(_timer(language, timer) for timer in card.timers)
    return f'<div class="eg-timers">{told}</div>' if told else ""


def lines(language: str, card: Card) -> list[tuple[str, str, str]]:
    """(icon, words, tone) for the card's list."""
    found = [_cut_off(language, action) for action in card.actions if action.type == "cut_off"]
    if card.again_at is not None and card.ack is None:
        found.append(("↻", text(language, "pressed_again"), "bad"))
    return [*found, *(_notice(language, one) for one in _newest(card.notices))]


def said(language: str, change: CommandChanged) -> str:
    """How far a cut-off has come that this screen asked for."""
    tone = {"done": "ok", "failed": "bad", "rejected": "bad", "expired": "bad"}.get(change.state, "")
    detail = f": {escape(word(language, 'detail', change.detail))}" if change.detail else ""
    return f'<span class="{tone}">{text(language, f"cut_off_{change.state}")}{detail}</span>'


def _reading(language: str, name: str, one: SensorReading) -> str:
    value = f"{one.value:g}" if isinstance(one.value, float) and not isinstance(one.value, bool) else str(one.value)
    old = one.age_ms is not None and one.age_ms > OLD_MS
    age = text(language, "reading_age", s=f"{(one.age_ms or 0) / 1000:.0f}") if old else ""
    return (
        f'<span class="eg-reading"><small>{escape(word(language, "reading", name))}</small>'
        f"<b>{escape(value)}</b> {escape(one.unit)}{f'<em>{age}</em>' if age else ''}</span>"
    )


def _timer(language: str, timer: CardTimer) -> str:
    goal = text(language, f"goal_{timer.goal}")
    tone = "bad" if timer.missed else "ok" if timer.met_at else "runs"
    if timer.met_at is not None:
        took = f"{text(language, 'timer_met')} {_span((timer.met_at - timer.started_at).total_seconds())}"
        missed = f" · {text(language, 'timer_missed')}" if timer.missed else ""
        return f'<span class="eg-timer {tone}"><small>{goal}</small><b>{took}</b>{missed}</span>'
    left, over = text(language, "timer_left"), text(language, "timer_over")
    return (
        f'<span class="eg-timer {tone}" data-due="{rfc3339(timer.due_at)}" data-left="{left}" data-over="{over}">'
        f"<small>{goal}</small><b><time></time></b></span>"
    )


def _cut_off(language: str, action: Action) -> tuple[str, str, str]:
    done = action.result == "done"
    result = text(language, "cut_off_done" if done else "cut_off_failed")
    if action.detail:
        result += f" ({escape(action.detail)})"
    at = action.started_at or action.ended_at
    return "⏻", text(language, "cut_off_line", time=_moment(at) if at else "", result=result), "ok" if done else "bad"


def _notice(language: str, one: CardNotice) -> tuple[str, str, str]:
    level = text(language, f"level_{one.level}")
    words = text(
        language,
        f"notice_{one.state}",
        name=escape(one.name),
        level=level,
        time=_moment(one.sent_at) if one.sent_at else "",
    )
    why = f": {escape(one.detail)}" if one.detail and one.state != "sent" else ""
    return "➤", words + why, {"sent": "ok", "given_up": "bad"}.get(one.state, "bad" if one.detail else "")


def _newest(notices: Iterable[CardNotice]) -> list[CardNotice]:
    return sorted(notices, key=lambda one: one.created_at)[-NOTICES:]


def _moment(at: datetime) -> str:
    """A time that the browser writes in its own zone; UTC until then."""
    return f'<time data-at="{rfc3339(at)}">{at:%H:%M:%S}</time>'


def _span(seconds: float) -> str:
    minutes, rest = divmod(max(int(seconds), 0), 60)
    return f"{minutes:02}:{rest:02}"
