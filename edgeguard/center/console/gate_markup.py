"""What the guard's page says, as HTML. Pure functions; every value from outside is escaped here."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from html import escape
from typing import Final

from edgeguard.center.console import markup
from edgeguard.center.passages import NONE_OF_THEM, PICKED, Gate, Passage, is_pseudonym
from edgeguard.center.texts import text, word
from edgeguard.contract.event import Action, Plate

# What a guard opens for most; anything else is typed.
OPEN_REASONS: Final = ("visitor", "delivery", "forgotten", "emergency", "misread")
_TONES: Final = {"granted": "good", "remote": "good", "unknown": "ask", "expired": "ask", "held": "ask"}
# A face that does not live, or somebody behind somebody else, is not let in with one click.
_LET_IN: Final = frozenset({"unknown", "expired", "denied"})
_WAITS: Final = timedelta(minutes=10)
# A pseudonym is long and says nothing: its beginning is enough to tell two apart.
_PSEUDONYM_LETTERS: Final = 10


def body(language: str, gates: Sequence[Gate], passages: Sequence[Passage], now: datetime, visits: str = "") -> str:
    """The gates that can be opened, visitors' passes, then the passages, newest first."""
    known = {(gate.site, gate.box, gate.id) for gate in gates}
    buttons = "".join(_gate(language, gate) for gate in gates) or f"<p class=hint>{text(language, 'gates_none')}</p>"
    rows = "".join(_passage(language, one, can_open=_key(one) in known and _may_wait(one, now)) for one in passages)
    empty = f"<p class=hint>{text(language, 'passages_none')}</p>"
    return (
        f"<div id=live><section class=gates>{buttons}</section>{visits}"
        f"<h2>{text(language, 'passages')}</h2><section class=passages>{rows or empty}</section></div>"
        + _dialog(language)
    )


def _may_wait(one: Passage, now: datetime) -> bool:
    """Whether somebody may still stand there whom a guard could let in."""
    asked = one.outcome in _LET_IN and not any(_opened(action) for action in one.relays)
    return asked and now - one.card.opened_at < _WAITS


def _key(one: Passage) -> tuple[str, str, str]:
    return one.card.site, one.card.box, one.gate or ""


def _gate(language: str, gate: Gate) -> str:
    state = text(language, "online" if gate.online else "offline")
    return (
        f"<article class=gate><h3>{escape(gate.id)}</h3>"
        f'<p class="lamp {"" if gate.online else "bad"}">'
        f"{escape(gate.site)} / {escape(gate.box)}: {state}</p>"
        f"{_open(language, gate.site, gate.box, gate.id)}</article>"
    )


def _open(language: str, site: str, box: str, gate: str) -> str:
    address = escape(f"/api/gates/{site}/{box}/{gate}/open")
    return (
        f'<button type=button class=go data-open="{address}" data-gate="{escape(gate)}">'
        f"{text(language, 'open_gate')}</button>"
    )


def _passage(language: str, one: Passage, *, can_open: bool) -> str:
    card, outcome = one.card, one.outcome
    shut = bool(one.relays) and not any(_opened(action) for action in one.relays)
    tone = "bad" if shut else _TONES.get(outcome, "bad")
    return (
        f'<article class="passage {tone}" data-event="{card.event_id}">{_still(card.picture)}<div class=what>'
        f"<p class=head><b class=pill>{escape(word(language, 'passage', outcome))}</b>{markup.moment(card.opened_at)}"
        f"<span>{_where(language, one)}</span></p>"
        f"<h3>{escape(card.name(language))}</h3>{_plate(language, one.plate)}"
        f"<ul>{''.join(f'<li>{line}</li>' for line in _facts(language, one))}</ul>{_pick(language, one)}</div>"
        + (f"<p class=acts>{_open(language, card.site, card.box, one.gate or '')}</p>" if can_open else "")
        + "</article>"
    )


def _still(picture: str | None) -> str:
    if picture is None:
        return ""
    return f'<a class=shot href="{escape(picture)}" target=_blank><img src="{escape(picture)}" alt=""></a>'


def _where(language: str, one: Passage) -> str:
    return markup.place(language, one.card.place, one.gate or one.card.box)


def _plate(language: str, plate: Plate | None) -> str:
    if plate is None:
        return ""
    colour = escape(word(language, "plate", plate.colour or ""))
    if is_pseudonym(plate.text):
        shown = f"{escape(plate.text[:_PSEUDONYM_LETTERS])}…" if len(plate.text) > _PSEUDONYM_LETTERS else "***"
        hidden = f'<small title="{text(language, "plate_hidden_why")}">{text(language, "plate_hidden")}</small>'
        return f"<p class=plate><code>{shown}</code> {hidden} {colour}</p>"
    return f'<p class=plate><strong class="{escape(plate.colour or "")}">{escape(plate.text)}</strong> {colour}</p>'


def _facts(language: str, one: Passage) -> Iterator[str]:
    """Why it was decided so, and what came of it: HTML."""
    decision, plate, face = one.decision, one.plate, one.face
    if decision is not None and decision.reason:
        yield text(language, "passage_why", why=escape(word(language, "reason", decision.reason)))
    if decision is not None and decision.list_name:
        yield text(language, "passage_list", name=escape(word(language, "list", decision.list_name)))
    if decision is not None and decision.subject_ref:
        yield text(language, "passage_ref", ref=escape(decision.subject_ref[:16]))
    if plate is not None:
        sure = f" · {text(language, 'passage_surest', share=f'{min(plate.char_conf):.0%}')}" if plate.char_conf else ""
        yield text(language, "passage_votes", n=plate.votes) + sure
    if face is not None and face.similarity is not None and face.threshold is not None:
        yield text(language, "passage_face", met=f"{face.similarity:.2f}", least=f"{face.threshold:.2f}")
    if face is not None and face.liveness is not None:
        yield text(language, "passage_alive", share=f"{face.liveness:.0%}")
    yield from (_relay(language, action) for action in one.relays)
    yield from _note(one)


def _relay(language: str, action: Action) -> str:
    if _opened(action) and action.started_at is not None:
        return f"<span class=ok>{text(language, 'relay_opened', time=markup.moment(action.started_at))}</span>"
    why = escape(": ".join(part for part in (word(language, "relay", action.result), action.detail or "") if part))
    return f"<span class=no>{text(language, 'relay_not', why=why)}</span>"


def _opened(action: Action) -> bool:
    return action.result == "opened"


def _note(one: Passage) -> Iterator[str]:
    """What people wrote to the case; the pick has a line of its own."""
    for ack in one.card.acks:
        if ack.note and ack.why != PICKED:
            yield f"{escape(ack.note)} · {escape(ack.by)}"


def _pick(language: str, one: Passage) -> str:
    """The candidates as buttons, with what was picked; nothing where there is nothing to pick from."""
    picked = one.picked
    if not one.candidates and picked is None:
        return ""
    said = ""
    if picked is not None:
        plate = text(language, "pick_none") if picked.note == NONE_OF_THEM else picked.note
        said = text(language, "picked", plate=escape(plate), by=escape(picked.by), time=markup.moment(picked.at))
        said = f"<p class=ok>✓ {said}</p>"
    chosen = "" if picked is None else picked.note
    names = {plate: plate for plate in one.candidates} | {NONE_OF_THEM: text(language, "pick_none")}
    buttons = "".join(
        f'<button type=button data-pick="/api/passages/{one.card.event_id}/plate" data-plate="{escape(plate)}" '
        f'aria-pressed="{"true" if plate == chosen else "false"}">{escape(name)}</button>'
        for plate, name in names.items()
    )
    return f"{said}<div class=pick><span>{text(language, 'pick')}</span>{buttons}</div>"


def _dialog(language: str) -> str:
    """Asks why before a gate is opened; the browser fills in which one."""
    reasons = "".join(
        f"<button type=button data-reason>{text(language, f'open_{reason}')}</button>" for reason in OPEN_REASONS
    )
    return f"""<dialog id=open data-sending="{text(language, "open_sending")}" data-done="{text(language, "open_done")}"
data-failed="{text(language, "open_failed")}"><form><h2>{text(language, "open_gate")} <b></b></h2>
<p class=hint>{text(language, "open_hint")}</p><div class=reasons>{reasons}</div>
<label>{text(language, "open_reason")}<input name=reason required maxlength=200 autocomplete=off></label>
<p class=said role=status></p><p class=buttons><button type=button data-close>{text(language, "close")}</button>
<button class=go>{text(language, "open_gate")}</button></p></form></dialog>"""
