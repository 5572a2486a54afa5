"""The page of conduct: /conduct with rules, crowds and counts, and the writer of a site file's lines."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import ValidationError
from starlette.datastructures import QueryParams

from edgeguard.center.api import session_of
from edgeguard.center.console import conduct_markup, rules_markup, whatif_markup
from edgeguard.center.frame import document
from edgeguard.center.rules_api import may_set
from edgeguard.center.service import Center
from edgeguard.center.snippet import Wish, WishedWindow, snippet
from edgeguard.center.store import BoxHealth
from edgeguard.center.tallies import crowds, tally
from edgeguard.contract.base import describe
from edgeguard.contract.device import CameraInfo

Days = Annotated[int, Query(ge=1, le=365)]


def build_conduct_page(center: Center) -> APIRouter:
    """The pages, and the counts as JSON at /api/conduct."""
    router = APIRouter()

    @router.get("/conduct", include_in_schema=False)
    def page(request: Request, days: Days = 1, code: str = "") -> HTMLResponse:
        session, zone = session_of(request), _zone(center)
        language, found = session.language, tally(center.database, center.now(), days, zone, code)
        rules = rules_markup.Rules(language, center.rule_words.of, may=may_set(center, session.user))
        body = (
            f"<div id=live>{conduct_markup.now_there(language, crowds(center.database))}"
            f"{conduct_markup.counted(language, found, days, code, _name(center))}"
            f"{rules.all(center.store.boxes())}</div>{rules_markup.style()}"
            f"{rules_markup.dialog(language) + whatif_markup.link(language) if rules.may else ''}"
        )
        return document(language, "/conduct", session.user, body)

    @router.get("/conduct/snippet", include_in_schema=False)
    def write(request: Request, site: str, box: str, camera: str, rule: int) -> HTMLResponse:
        session = session_of(request)
        known, about = _found(center, site, box, camera, rule)
        wish, written, refusal = _write(request, about, rule, session.language)
        body = rules_markup.form(session.language, known, about, rule, wish, written, refusal)
        return document(session.language, "/conduct", session.user, body)

    @router.get("/api/conduct")
    def counts(days: Days = 1, code: str = "") -> dict[str, Any]:
        found = tally(center.database, center.now(), days, _zone(center), code)
        there = [
            {"event_id": one.card.event_id, "level": one.level, "count": one.count, "plan": one.plan}
            for one in crowds(center.database)
        ]
        hours = {severity.value: row for severity, row in found.hours.items()}
        codes = {card.code: {"total": count, "false": false} for card, count, false in found.codes}
        return {"days": days, "total": found.total, "crowds": there, "hours": hours, "codes": codes}

    return router


def _zone(center: Center) -> tzinfo:
    """The center's own: a compound and its control room share one."""
    zone = center.now().astimezone().tzinfo
    assert zone is not None  # astimezone() without an argument gives the system's
    return zone


def _name(center: Center) -> str:
    return f"{center.now().astimezone():UTC%z}"


def _found(center: Center, site: str, box: str, camera: str, rule: int) -> tuple[BoxHealth, CameraInfo]:
    for known in center.store.boxes():
        if (known.site, known.box) == (site, box) and known.birth is not None:
            for one in known.birth.cameras:
                if one.id == camera and 0 <= rule < len(one.rules) and one.rules[rule].dwell_s is not None:
                    return known, one
    raise HTTPException(404, "no such scenario")


def _write(request: Request, camera: CameraInfo, number: int, language: str) -> tuple[Wish, str, str]:
    """What is wanted, the lines that say so, and why there are none."""
    asked, rule = request.query_params, camera.rules[number]
    if "sent" not in asked:
        return Wish.of(rule), "", ""
    facts: dict[str, Any] = {name: asked.get(name) or None for name in ("min_score", "dwell_s")}
    try:
        wish = Wish(**facts, on="off" not in asked, windows=tuple(_windows(asked)))
    except ValidationError as error:
        return Wish.of(rule), "", describe(error)
    return wish, snippet(camera.id, rule, wish, language), ""


def _windows(asked: QueryParams) -> Iterator[WishedWindow]:
    """Those that are filled in. Raises ValidationError."""
    for number, (start, end) in enumerate(zip(asked.getlist("start"), asked.getlist("end"), strict=False)):
        if start or end:
            yield WishedWindow(start=start, end=end, days=tuple(asked.getlist(f"days{number}")))
