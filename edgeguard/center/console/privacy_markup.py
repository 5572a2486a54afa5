"""What the page of privacy says, as HTML. Pure functions; every value from outside is escaped here."""

from collections.abc import Sequence
from html import escape

from edgeguard.center.config import CenterConfig
from edgeguard.center.console import markup
from edgeguard.center.store import BoxHealth
from edgeguard.center.texts import text, word
from edgeguard.contract.access import FILING_FACES, AccessSummary


def body(language: str, boxes: Sequence[BoxHealth], config: CenterConfig, *, ask: str = "", requests: str = "") -> str:
    """Faces against the limit, each box's directory, retention, and the way to the documents.

    `ask` and `requests`: copy and deletion of one person (`rights_markup`); the latter is fetched anew with the rest.
    """
    told = [(box, box.access) for box in boxes if box.access is not None]
    faces = sum(access.faces for _, access in told)
    sections = "".join(_box(language, box, access) for box, access in told)
    return (
        f"<p class=hint>{text(language, 'privacy_hint')}</p>"
        f'<p class=filter><a class=button href="/privacy/notice">{text(language, "doc_notice")}</a>'
        f'<a class=button href="/privacy/assessment">{text(language, "doc_assessment")}</a></p>'
        f"{ask}<div id=live>{requests}<h2>{text(language, 'filing')}</h2>"
        + _filing(language, faces, [one for _, one in told])
        + (sections or f"<p class=hint>{text(language, 'privacy_none')}</p>")
        + f"<h2>{text(language, 'keep_center')}</h2>{_kept(language, config)}</div>"
    )


def _filing(language: str, faces: int, told: Sequence[AccessSummary]) -> str:
    """How near the number of faces is to the one from which a filing is a duty."""
    share = min(faces / FILING_FACES, 1.0)
    numbers = ", ".join(sorted({one.filing for one in told if one.filing})) or text(language, "filing_none")
    due = f"<p class=no>{text(language, 'filing_due')}</p>" if faces >= FILING_FACES else ""
    return (
        f"<p class=big>{faces:,} <small>/ {FILING_FACES:,}</small></p>"
        f'<p class=meter><i style="width:{share:.2%}"></i></p>'
        f"{due}<p class=hint>{text(language, 'filing_number', number=escape(numbers))}</p>"
    )


def _box(language: str, box: BoxHealth, access: AccessSummary) -> str:
    counts = (
        ("consents", access.consents), ("faces", access.faces),
        ("withdrawn", access.withdrawn), ("due", access.due_count),
    )  # fmt: skip
    tiles = "".join(
        f"<div><b>{number}</b><span>{text(language, f'privacy_{key}')}</span></div>" for key, number in counts
    )
    due = "".join(
        f"<tr><td><code>{escape(one.ref)}</code></td><td class=n>{one.until:%Y-%m-%d}</td></tr>" for one in access.due
    )
    more = access.due_count - len(access.due)
    rest = f"<p class=hint>{text(language, 'due_more', n=more)}</p>" if more > 0 else ""
    gates = "".join(
        f"<tr><td>{escape(one.gate)}</td><td class=n>{one.people}</td><td class=n>{one.vehicles}</td>"
        f"<td class=n>{one.faces}</td></tr>"
        for one in access.gates
    )
    kept = "".join(
        f"<tr><td>{escape(word(language, 'keep', name))}</td>"
        f"<td class=n>{text(language, 'days', n=f'{days:g}')}</td></tr>"
        for name, days in access.keep_days.items()
    )
    return (
        f"<h2>{escape(box.site)} / {escape(box.box)} <small>{text(language, 'told_at', time=markup.moment(access.at))}"
        f"</small></h2><div class=tiles>{tiles}</div>"
        + _table(language, "due_title", ("pseudonym", "due_until"), due)
        + rest
        + _table(language, "gates_title", ("gate_name", "gate_people", "gate_vehicles", "gate_faces"), gates)
        + _table(language, "keep_box", ("keep_class", "keep_days"), kept)
    )


def _table(language: str, title: str, heads: Sequence[str], rows: str) -> str:
    if not rows:
        return ""
    cells = "".join(f"<th{' class=n' if column else ''}>{text(language, key)}</th>" for column, key in enumerate(heads))
    return (
        f"<h3>{text(language, title)}</h3><div class=wide><table><thead><tr>{cells}</tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _kept(language: str, config: CenterConfig) -> str:
    kept = (("pictures", config.retention.pictures_days), ("events", config.retention.events_days))
    rows = "".join(
        f"<tr><td>{text(language, f'keep_{name}')}</td><td class=n>{text(language, 'days', n=days)}</td></tr>"
        for name, days in kept
    )
    return f"<div class=wide><table><tbody>{rows}</tbody></table></div>"
