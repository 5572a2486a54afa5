"""`/visit/{token}`: a visitor's pass on their telephone, without a login. The link is all that opens it."""

from datetime import datetime
from html import escape
from importlib import resources
from typing import Final, cast

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from edgeguard.access.qr import svg
from edgeguard.center.attempts import Attempts
from edgeguard.center.config import Language
from edgeguard.center.guard import VISITS
from edgeguard.center.service import Center
from edgeguard.center.texts import text
from edgeguard.center.visits import Visit
from edgeguard.errors import AccessError

# No script, nothing from elsewhere, and nobody who follows or keeps the link.
HEADERS: Final = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex, nofollow, noarchive",
}
# Somebody who waits at the gate sees within so long that it is valid now, or that it has been used.
REFRESH_S: Final = 20


def build_visit_page(center: Center) -> APIRouter:
    """404 for what is no link, 429 for an address that has tried too many of them."""
    router = APIRouter(include_in_schema=False)
    guesses = Attempts()

    @router.get(VISITS + "{token}")
    def page(token: str, request: Request) -> HTMLResponse:
        language, peer = _language(request, center.config.language), request.client.host if request.client else "?"
        try:
            guesses.check(peer, center.now())
        except AccessError:
            return _document(language, "refused", text(language, "visit_many"), "", 429)
        visit = center.visits.find(token)
        if visit is None:
            guesses.failed(peer, center.now())
            return _document(language, "refused", text(language, "visit_none"), "", 404)
        return _shown(language, visit)

    return router


def _shown(language: Language, visit: Visit) -> HTMLResponse:
    opens = visit.state in ("valid", "early")
    code = f"<figure>{svg(visit.text)}</figure>" if opens else ""
    rows = {
        "visit_gates": "<br>".join(escape(gate) for gate in visit.gates),
        "visit_from": _moment(language, visit.valid_from),
        "visit_until": _moment(language, visit.valid_until),
        "visit_uses": str(visit.uses),
    }
    table = "".join(f"<dt>{text(language, name)}</dt><dd>{value}</dd>" for name, value in rows.items())
    hint = f"<p>{text(language, f'visit_{visit.state}_hint')}</p>"
    return _document(language, visit.state, text(language, f"visit_{visit.state}"), f"{hint}{code}<dl>{table}</dl>")


def _document(language: Language, state: str, said: str, body: str, status: int = 200) -> HTMLResponse:
    css = (resources.files("edgeguard.center") / "console/static/visit.css").read_text("utf-8")
    again = f'<meta http-equiv=refresh content="{REFRESH_S}">' if state in ("valid", "early") else ""
    return HTMLResponse(
        f"""<!doctype html>
<html lang="{language}"><head><meta charset=utf-8><meta name=viewport content="width=device-width, initial-scale=1">
{again}<title>{text(language, "visit")}</title><link rel=icon href="data:,"><style>{css}</style></head>
<body><main class="{state}"><h1>{text(language, "visit")}</h1>
<p class=state role=status>{said}</p>{body}</main></body></html>""",
        status,
        headers=HEADERS,
    )


def _moment(language: Language, at: datetime) -> str:
    """By the clock of the place, which is the center's; a visitor's telephone may be set to another."""
    here = at.astimezone()
    day = f"{here.month}月{here.day}日" if language == "zh" else f"{here.day} {here:%b}"
    return f"<time datetime={here.isoformat(timespec='minutes')}>{day} <b>{here:%H:%M}</b></time>"


def _language(request: Request, otherwise: Language) -> Language:
    """The first that the browser names and there is: browsers name them by preference."""
    named = (part.strip()[:2].lower() for part in request.headers.get("accept-language", "").split(","))
    return cast("Language", next((one for one in named if one in ("zh", "en")), otherwise))
