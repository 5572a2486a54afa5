"""What the page of conduct says, as HTML and SVG. Pure functions; every value from outside is escaped here."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from edgeguard.center.cards import Card
from edgeguard.center.console import markup
from edgeguard.center.tallies import HOURS, Crowd, Tally
from edgeguard.center.texts import text, word
from edgeguard.types import Severity

SPANS: Final = (1, 7, 30)
PLACES: Final = 15
# In units of the drawing.
_WIDTH, _HEIGHT, _LEFT, _BOTTOM = 1200, 220, 44, 26
_MARKS: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000)


def now_there(language: str, crowds: Sequence[Crowd]) -> str:
    """Crowds of this moment, each with its plan."""
    rows = "".join(_crowd(language, one) for one in crowds) or f"<p class=hint>{text(language, 'crowds_none')}</p>"
    return f"<h2>{text(language, 'crowds')}</h2><section class=passages>{rows}</section>"


def counted(language: str, found: Tally, days: int, code: str, zone: str) -> str:
    """Alarms by hour, by place and hour, and by code."""
    spans = "".join(
        f'<a class=button href="/conduct?days={span}&amp;code={escape(code)}"{_current(span == days)}>'
        f"{text(language, 'days', n=span)}</a>"
        for span in SPANS
    )
    return (
        f"<h2>{text(language, 'by_hour')}</h2><div class=filter>{spans}{_chosen(language, days, code)}</div>"
        f"<p class=hint>{text(language, 'by_hour_hint', n=found.total, zone=escape(zone))}</p>"
        f"<div class=wide>{plot(language, found)}</div>"
        f"<h2>{text(language, 'by_place')}</h2>{_heat(language, found)}"
        f"<h2>{text(language, 'by_code')}</h2>{_codes(language, found, days, code)}"
    )


def plot(language: str, found: Tally) -> str:
    """SVG: a bar for each hour of the day, severities one on another, the grave one at the bottom."""
    most = max((sum(row[hour] for row in found.hours.values()) for hour in range(HOURS)), default=0)
    top = next((mark for mark in _MARKS if mark >= most), most)
    bars = "".join(part for hour in range(HOURS) for part in _bar(language, found, hour, top))
    grid = "".join(_grid(value) for value in ((0, 0), (top // 2, 0.5), (top, 1)) if value[0] or not value[1])
    return f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role=img aria-label="{text(language, "by_hour")}">{grid}{bars}</svg>'


def _grid(value: tuple[int, float]) -> str:
    y = _y(value[1])
    return (
        f'<line x1={_LEFT} x2={_WIDTH} y1="{y:.0f}" y2="{y:.0f}" stroke="var(--line)"/>'
        f'<text x={_LEFT - 8} y="{y + 4:.0f}" text-anchor=end>{value[0]}</text>'
    )


def _bar(language: str, found: Tally, hour: int, top: int) -> Iterator[str]:
    step = (_WIDTH - _LEFT) / HOURS
    x, below = _LEFT + hour * step, 0
    for severity in reversed(Severity):
        count = found.hours[severity][hour]
        if not count:
            continue
        y0, y1 = _y(below / top), _y((below + count) / top)
        words = f"{hour:02}:00 · {text(language, f'severity_{severity}')} · {count}"
        yield (
            f'<rect class={severity} x="{x + 4:.1f}" width="{step - 8:.1f}" y="{y1:.1f}" height="{y0 - y1:.1f}" rx=2>'
            f"<title>{words}</title></rect>"
        )
        below += count
    if hour % 2 == 0:
        yield f'<text x="{x + step / 2:.1f}" y={_HEIGHT - 6} text-anchor=middle>{hour:02}</text>'


def _y(share: float) -> float:
    return _HEIGHT - _BOTTOM - share * (_HEIGHT - _BOTTOM - 14)


def _crowd(language: str, one: Crowd) -> str:
    card, level = one.card, one.level
    tone = {Severity.CRITICAL: "", Severity.WARNING: "ask"}.get(card.severity, "quiet")
    pill = text(language, "crowd_level", n=level) if level else card.name(language)
    count = "?" if one.count is None else str(one.count)
    plan = "".join(f"<li>{escape(step)}</li>" for step in one.plan) or f"<li>{text(language, 'plan_none')}</li>"
    return (
        f'<article class="passage {tone}" data-event="{card.event_id}"><p class=count><b>{count}</b>'
        f"<span>{text(language, 'people')}</span></p><div class=what><p class=head><b class=pill>{escape(pill)}</b>"
        f"{markup.moment(card.opened_at)}<span>{text(language, 'counted_at', time=markup.moment(one.counted_at))}"
        f"</span></p><h3>{_where(language, card)}</h3><ol class=plan>{plan}</ol></div></article>"
    )


def _chosen(language: str, days: int, code: str) -> str:
    if not code:
        return ""
    return f'<a class=button href="/conduct?days={days}">{escape(code)} · {text(language, "all_codes")}</a>'


def _heat(language: str, found: Tally) -> str:
    """Place by hour; the darker, the more. Only places that had something."""
    if not found.places:
        return f"<p class=hint>{text(language, 'tally_none')}</p>"
    shown = found.places[:PLACES]
    most = max(max(hours) for _, hours in shown)
    heads = "".join(f"<th>{hour:02}</th>" for hour in range(HOURS))
    rows = "".join(
        f"<tr><th scope=row>{_where(language, card)}</th><td class=n><b>{sum(hours)}</b></td>"
        + "".join(f'<td style="--heat:{count / most:.2f}">{count or ""}</td>' for count in hours)
        + "</tr>"
        for card, hours in shown
    )
    total = text(language, "total")
    return (
        f"<div class=wide><table class=heat><thead><tr><th></th><th class=n>{total}</th>{heads}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _codes(language: str, found: Tally, days: int, code: str) -> str:
    if not found.codes:
        return f"<p class=hint>{text(language, 'tally_none')}</p>"
    rows = "".join(
        f'<tr><td><a href="/conduct?days={days}&amp;code={escape(card.code)}"{_current(card.code == code)}>'
        f"{escape(card.name(language))}</a> <small>{escape(card.code)}</small></td><td class=n>{count}</td>"
        f"<td class=n>{false}</td><td class=n>{false / count:.0%}</td></tr>"
        for card, count, false in found.codes
    )
    heads = "".join(f"<th class=n>{text(language, key)}</th>" for key in ("total", "false_alarms", "false_share"))
    return f"<div class=wide><table><thead><tr><th></th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"


def _where(language: str, card: Card) -> str:
    """The place in words, with the camera where two may look at one place."""
    camera = f" <small>{escape(card.camera)}</small>" if card.camera else ""
    return markup.place(language, card.place, card.box) + camera


def _current(current: bool) -> str:
    return " aria-current=true" if current else ""


def rule_name(language: str, kind: str) -> str:
    """A scenario in words."""
    return word(language, "rule", kind)
