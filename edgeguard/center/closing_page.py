"""Closing rates for people and programs: /closing and /api/closing."""

from datetime import timedelta
from html import escape
from importlib import resources
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from edgeguard.center.api import session_of
from edgeguard.center.closing import Closing, Rates, cases, rates
from edgeguard.center.routes import Routes
from edgeguard.center.service import Center
from edgeguard.center.texts import text

Days = Annotated[int, Query(ge=1, le=3650)]


def build_closing(center: Center) -> APIRouter:
    """Both behind the guard; a center without routes has nothing to tell."""
    router = APIRouter()

    def rates_of(days: int) -> Rates | None:
        if center.routes is None:
            return None
        return rates(center.routes, cases(center.database, center.now() - timedelta(days=days)))

    @router.get("/api/closing")
    def closing(days: Days = 30) -> dict[str, Any]:
        found = rates_of(days)
        if found is None:
            return {"days": days, "levels": {}, "places": {}}
        return {
            "days": days,
            "levels": {level: _plain(one) for level, one in found.levels.items()},
            "places": {place: _plain(one) for place, one in found.places.items()},
        }

    @router.get("/closing", include_in_schema=False)
    def page(request: Request, days: Days = 30) -> HTMLResponse:
        return HTMLResponse(_page(session_of(request).language, days, center.routes, rates_of(days)))

    return router


def _plain(one: Closing) -> dict[str, Any]:
    return {**one.model_dump(), "open": one.open, "rate": one.rate}


def _page(language: str, days: int, routes: Routes | None, found: Rates | None) -> str:
    css = (resources.files("edgeguard.center") / "console/static/closing.css").read_text("utf-8")
    title = text(language, "closing_rate")
    spans = "".join(
        f'<a href="/closing?days={span}"{" aria-current=page" if span == days else ""}>'
        f"{text(language, 'closing_days', n=span)}</a>"
        for span in (1, 7, 30, 365)
    )
    body = _tables(language, routes, found) if routes and found else f"<p>{text(language, 'closing_no_routes')}</p>"
    return f"""<!doctype html>
<html lang="{language}"><head><meta charset=utf-8><meta name=viewport content="width=device-width, initial-scale=1">
<title>{title} · EdgeGuard</title><link rel=icon href="data:,"><style>{css}</style></head>
<body><main><header><a href="/">EdgeGuard</a><h1>{title}</h1><nav>{spans}</nav></header>
<p class=hint>{text(language, "closing_hint")}</p>{body}</main></body></html>"""


def _tables(language: str, routes: Routes, found: Rates) -> str:
    levels = [(text(language, f"level_{level}"), "", one) for level, one in found.levels.items()]
    places = [
        (place.name, text(language, f"level_{place.level}"), found.places[place.id])
        for place in routes.places
        if found.places[place.id].reached
    ]
    return _table(language, "closing_by_level", levels) + _table(language, "closing_by_place", places)


def _table(language: str, title: str, lines: list[tuple[str, str, Closing]]) -> str:
    heads = "".join(
        f"<th>{text(language, key)}</th>"
        for key in ("closing_reached", "closing_closed", "closing_handed_on", "closing_open", "closing_rate")
    )
    return (
        f"<h2>{text(language, title)}</h2><div class=wide><table><thead><tr><th></th>{heads}</tr></thead><tbody>"
        + ("".join(_line(*line) for line in lines) or f"<tr><td colspan=6>{text(language, 'closing_none')}</td></tr>")
        + "</tbody></table></div>"
    )


def _line(name: str, what: str, one: Closing) -> str:
    rate = "—" if one.rate is None else f"{one.rate:.0%}"
    bar = "" if one.rate is None else f'<i style="width:{one.rate:.0%}"></i>'
    small = f" <small>{escape(what)}</small>" if what else ""
    counts = "".join(f"<td>{count}</td>" for count in (one.reached, one.closed, one.handed_on, one.open))
    return (
        f"<tr><th scope=row>{escape(name)}{small}</th>{counts}<td class=rate><b>{rate}</b><span>{bar}</span></td></tr>"
    )
