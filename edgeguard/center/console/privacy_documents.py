"""Drafts of the notice to the public and of the impact assessment, filled with what is configured."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Final

from edgeguard.center.config import CenterConfig
from edgeguard.center.console import markup
from edgeguard.center.console.conduct_markup import rule_name
from edgeguard.center.store import BoxHealth
from edgeguard.center.texts import text, word
from edgeguard.contract.access import FILING_FACES

NOTICE: Final = ("who", "purpose", "cameras", "data", "kept", "stored", "rights", "contact")
ASSESSMENT: Final = (
    "who",
    "purpose",
    "necessity",
    "cameras",
    "data",
    "kept",
    "stored",
    "measures",
    "risks",
    "filing_doc",
    "conclusion",
)
# What only a person can answer stands as a line to fill in.
_BLANK: Final = "<span class=blank>　</span>"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the center knows. `cameras`: site, box, camera, place in words by language, kinds of rules."""

    at: datetime
    config: CenterConfig
    boxes: tuple[BoxHealth, ...]

    @property
    def faces(self) -> int:
        return sum(box.access.faces for box in self.boxes if box.access)

    @property
    def takes_faces(self) -> bool:
        """Whether any box admits anybody by face."""
        return self.faces > 0 or any(gate.faces for box in self.boxes if box.access for gate in box.access.gates)

    @property
    def keep_days(self) -> dict[str, float]:
        """Of each class the longest of any box."""
        found: dict[str, float] = {}
        for box in self.boxes:
            for name, days in (box.access.keep_days if box.access else {}).items():
                found[name] = max(days, found.get(name, 0.0))
        return found


def facts_of(boxes: Sequence[BoxHealth], config: CenterConfig, at: datetime) -> Facts:
    """Everything the drafts are filled with."""
    return Facts(at, config, tuple(boxes))


def draft(language: str, kind: str, facts: Facts) -> str:
    """The document as HTML, marked as a draft."""
    parts = NOTICE if kind == "notice" else ASSESSMENT
    sections = "".join(
        f"<h2>{number}. {text(language, f'doc_{part}')}</h2>{''.join(_section(language, part, facts))}"
        for number, part in enumerate(parts, start=1)
    )
    signature = "" if kind == "notice" else f"<p>{text(language, 'doc_sign')} {_BLANK} &nbsp; {_BLANK}</p>"
    return (
        f"<article class=paper><p class=draft role=note>{text(language, 'doc_draft')}</p>"
        f"<h1>{text(language, f'doc_{kind}')}</h1><p class=hint>{facts.at:%Y-%m-%d}</p>{sections}{signature}</article>"
        f"<p><button type=button class=go data-print>{text(language, 'print')}</button> "
        f'<a class=button href="/privacy">{text(language, "privacy_page")}</a></p>'
    )


def _section(language: str, part: str, facts: Facts) -> Iterator[str]:
    privacy = facts.config.privacy
    match part:
        case "who":
            yield _line(privacy.operator)
        case "contact":
            yield _line(privacy.contact)
        case "purpose":
            yield f"<p>{escape(privacy.purpose or text(language, 'doc_purpose_draft'))}</p>"
        case "cameras":
            yield _cameras(language, facts)
        case "kept":
            yield _kept(language, facts)
        case "filing_doc":
            key = "doc_filing_due" if facts.faces >= FILING_FACES else "doc_filing_not"
            yield f"<p>{text(language, key, n=f'{facts.faces:,}', limit=f'{FILING_FACES:,}')}</p>"
        case "conclusion" | "necessity":
            yield f"<p>{text(language, f'doc_{part}_ask')}</p><p>{_BLANK}</p>"
        case _:
            yield from _told(language, part, facts)


def _told(language: str, part: str, facts: Facts) -> Iterator[str]:
    """What holds for every installation, and of faces only where there are any."""
    yield f"<p>{text(language, f'doc_{part}_is')}</p>"
    faces = f"doc_{part}_faces"
    if facts.takes_faces and part in {"data", "stored", "rights", "risks"}:
        yield f"<p>{text(language, faces)}</p>"


def _line(words: str | None) -> str:
    return f"<p>{escape(words) if words else _BLANK}</p>"


def _cameras(language: str, facts: Facts) -> str:
    rows = "".join(
        f"<tr><td>{escape(camera.label or camera.id)}</td><td>{markup.place(language, camera.place, box.site)}</td>"
        f"<td>{', '.join(escape(rule_name(language, rule.kind)) for rule in camera.rules) or '—'}</td></tr>"
        for box in facts.boxes
        if box.birth
        for camera in box.birth.cameras
    )
    if not rows:
        return f"<p>{text(language, 'doc_cameras_none')}</p>"
    heads = "".join(f"<th>{text(language, key)}</th>" for key in ("rule_camera", "doc_place", "doc_watches"))
    return f"<div class=wide><table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"


def _kept(language: str, facts: Facts) -> str:
    retention = facts.config.retention
    kept = {"pictures": retention.pictures_days, "events": retention.events_days, **facts.keep_days}
    items = "".join(
        f"<li>{escape(word(language, 'keep', name))}: {text(language, 'days', n=f'{days:g}')}</li>"
        for name, days in kept.items()
    )
    return f"<ul>{items}</ul>"
