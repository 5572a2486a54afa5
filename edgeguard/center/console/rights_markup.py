"""Copy and deletion of one person on the page of privacy, as HTML; every value from outside is escaped here."""

from collections.abc import Iterator, Sequence
from html import escape

from edgeguard.center.console import markup
from edgeguard.center.rights import Request
from edgeguard.center.store import BoxHealth
from edgeguard.center.texts import text

_TONES = {"done": "ok", "refused": "no", "failed": "no", "expired": "no"}


def form(language: str, boxes: Sequence[BoxHealth], *, may: bool) -> str:
    """Who is meant and what is asked for; for anybody else a line that says who may. `boxes`: those that can."""
    title = f"<h2>{text(language, 'rights')}</h2>"
    if not may or not boxes:
        return f"{title}<p class=hint>{text(language, 'rights_no_box' if may else 'rights_not_yours')}</p>"
    options = "".join(
        f'<option value="{number}" data-site="{escape(box.site)}" data-box="{escape(box.box)}">'
        f"{escape(box.site)} / {escape(box.box)}</option>"
        for number, box in enumerate(boxes)
    )
    known = "".join(_known(number, box) for number, box in enumerate(boxes))
    return f"""{title}<p class=hint>{text(language, "rights_hint")}</p>
<form id=rights data-asked="{text(language, "rights_asked")}" data-failed="{text(language, "rights_failed")}">
<label>{text(language, "rights_box")}<select name=box>{options}</select></label>
<label>{text(language, "rights_ref")}
<input name=ref required maxlength=64 autocomplete=off spellcheck=false list=people-0></label>
<p class=buttons><button name=kind value=export class=go>{text(language, "rights_export")}</button>
<button name=kind value=erase class=danger>{text(language, "rights_erase")}…</button></p>
<p class=said role=status></p></form>{known}{_dialog(language)}"""


def requests(language: str, found: Sequence[Request], boxes: Sequence[BoxHealth], user: str) -> str:
    """Every request with its outcome, the newest first."""
    online = {(box.site, box.box) for box in boxes if box.online}
    rows = "".join(_row(language, one, user, online=(one.site, one.box) in online) for one in found)
    title = f"<h3>{text(language, 'rights_requests')}</h3>"
    if not rows:
        return f"{title}<p class=hint>{text(language, 'rights_none')}</p>"
    heads = "".join(f"<th>{text(language, f'rights_{key}')}</th>" for key in ("when", "what", "who", "outcome"))
    return (
        f"{title}<div class=wide><table class=rights><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _known(number: int, box: BoxHealth) -> str:
    """Pseudonyms to pick from; one that is not among them can be typed."""
    refs = box.access.people if box.access else ()
    return f"<datalist id=people-{number}>{''.join(f'<option>{escape(ref)}</option>' for ref in refs)}</datalist>"


def _dialog(language: str) -> str:
    return f"""<dialog id=erase><form method=dialog><h2>{text(language, "rights_sure")}</h2><p><code></code></p>
<p class=hint>{text(language, "rights_sure_hint")}</p>
<label>{text(language, "rights_ref")}<input name=again required autocomplete=off spellcheck=false></label>
<p class=buttons><button type=button data-shut>{text(language, "cancel")}</button>
<button class=danger disabled>{text(language, "rights_sure_go")}</button></p></form></dialog>"""


def _row(language: str, one: Request, user: str, *, online: bool) -> str:
    lines = "".join(f"<p>{line}</p>" for line in _outcome(language, one, user, online=online))
    return (
        f'<tr data-request="{escape(one.id)}"><td>{markup.moment(one.asked_at)}</td>'
        f"<td>{text(language, f'rights_kind_{one.kind}')} <code>{escape(one.ref)}</code>"
        f"<p class=hint>{escape(one.site)} / {escape(one.box)}</p></td><td>{escape(one.by)}</td><td>{lines}</td></tr>"
    )


def _outcome(language: str, one: Request, user: str, *, online: bool) -> Iterator[str]:
    state = one.state
    if state == "waiting":
        state = "offline" if not online else "sent" if one.sent else "waiting"
    at = f" · {markup.moment(one.answered_at)}" if one.answered_at else ""
    yield f"<b class={_TONES.get(one.state, 'hint')}>{text(language, f'rights_state_{state}')}</b>{at}"
    if one.state in {"waiting", "accepted"}:
        yield f"<small>{text(language, 'rights_until', time=markup.moment(one.until))}</small>"
    if one.state == "expired":
        yield text(language, "rights_no_answer")
    elif one.detail:
        yield f"<small class=told>{escape(one.detail)}</small>"
    if one.kind == "export" and one.state == "done":
        yield _copy(language, one, user)
    if one.here is not None:
        gone, _, passages = one.here.partition("/")
        yield f"<small>{text(language, 'rights_here', n=escape(gone), of=escape(passages))}</small>"


def _copy(language: str, one: Request, user: str) -> str:
    if one.file_until is None:
        return f"<small>{text(language, 'rights_fetch_over')}</small>"
    until = markup.moment(one.file_until)
    if one.by != user:
        return f"<small>{text(language, 'rights_fetch_other', by=escape(one.by), time=until)}</small>"
    link = f'<a class=button href="/api/rights/{escape(one.id)}/file" download>{text(language, "rights_fetch")}</a>'
    return f"{link} <small>{text(language, 'rights_fetch_until', time=until)}</small>"
