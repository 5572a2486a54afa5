"""Visitors' passes on the guard's page, as HTML. Pure functions; every value from outside is escaped here."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from edgeguard.center.console import markup
from edgeguard.center.store import BoxHealth
from edgeguard.center.texts import text
from edgeguard.center.visits import Visit
from edgeguard.contract.passes import MAX_PASS_USES

_TONES = {"valid": "good", "early": "ask"}


@dataclass(frozen=True, slots=True)
class PassBox:
    """A box that makes passes, and its gates that take codes."""

    site: str
    box: str
    gates: tuple[str, ...]


def pass_boxes(boxes: Sequence[BoxHealth]) -> list[PassBox]:
    """By what the boxes said when they were born."""
    return [
        PassBox(box.site, box.box, capability.parameters["gate"].choices)
        for box in boxes
        for capability in (box.birth.capabilities if box.birth else ())
        if capability.name == "pass" and "gate" in capability.parameters
    ]


def dialog(language: str, boxes: Sequence[PassBox]) -> str:
    """Asks for gates, end and uses, and has the link then. The browser fills in the end and acts."""
    options = "".join(
        f'<option value="{number}" data-address="{escape(f"/api/passes/{one.site}/{one.box}")}">'
        f"{escape(one.site)} / {escape(one.box)}</option>"
        for number, one in enumerate(boxes)
    )
    fields = "".join(_gates(language, number, one) for number, one in enumerate(boxes))
    return f"""<dialog id=visitor data-sending="{text(language, "open_sending")}"
data-made="{text(language, "passes_made")}" data-failed="{text(language, "passes_failed")}"
data-none="{text(language, "passes_no_gate")}" data-copied="{text(language, "passes_copied")}">
<form><h2>{text(language, "passes_new")}</h2>
<p class=hint>{text(language, "passes_hint")}</p>
<label{" hidden" if len(boxes) < 2 else ""}>{text(language, "passes_box")}<select name=box>{options}</select></label>
{fields}
<div class=pair><label>{text(language, "visit_until")}<input name=until type=datetime-local required></label>
<label>{text(language, "visit_uses")}<input name=uses type=number min=1 max={MAX_PASS_USES} value=1 required></label>
</div>
<p class=said role=status></p><p class=buttons><button type=button data-shut>{text(language, "close")}</button>
<button type=button data-link hidden>{text(language, "passes_copy")}</button>
<button class=go>{text(language, "passes_make")}</button></p></form></dialog>"""


def _gates(language: str, number: int, one: PassBox) -> str:
    boxes = "".join(
        f'<label class=day><input type=checkbox name=gate value="{escape(gate)}">{escape(gate)}</label>'
        for gate in one.gates
    )
    hidden, title = " hidden" if number else "", text(language, "visit_gates")
    return f"<fieldset data-box={number}{hidden}><legend>{title}</legend>{boxes}</fieldset>"


def listed(language: str, visits: Sequence[Visit], *, can_make: bool) -> str:
    """With what can be done about each of them; nothing where no box makes passes and none has been made."""
    if not visits and not can_make:
        return ""
    new = f"<button type=button data-visitor>{text(language, 'passes_new')}</button>" if can_make else ""
    rows = "".join(_visit(language, one) for one in visits)
    return f"<h2 class=titled>{text(language, 'passes')}{new}</h2><section class=visits>{rows}</section>"


def _visit(language: str, one: Visit) -> str:
    said = text(language, "passes_until", until=markup.moment(one.valid_until), uses=one.uses, by=escape(one.by))
    buttons = ""
    if one.state in ("valid", "early"):
        buttons = f'<button type=button data-link="{one.path}">{text(language, "passes_copy")}</button>'
    unconfirmed = one.withdrawn == "here"
    if unconfirmed or one.state in ("valid", "early"):
        address = escape(f"/api/passes/{one.site}/{one.box}/{one.pass_id}/withdraw")
        buttons += f'<button type=button data-withdraw="{address}">{text(language, "passes_withdraw")}</button>'
    note = f"<small class=no>{text(language, 'passes_not_withdrawn')}</small>" if unconfirmed else ""
    return (
        f'<article class="visit {_TONES.get(one.state, "bad")}">'
        f"<b class=pill>{text(language, f'visit_{one.state}')}</b>"
        f"<span class=where>{escape(', '.join(one.gates))} <small>{said}</small>{note}</span>"
        f"<span class=buttons>{buttons}</span></article>"
    )
