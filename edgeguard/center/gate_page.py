"""The guard's page: /gates with the last passages, and the pick of a plate that the box could not read for certain."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict

from edgeguard.center.api import session_of
from edgeguard.center.console import gate_markup, visit_markup
from edgeguard.center.frame import document
from edgeguard.center.passages import NONE_OF_THEM, PICKED, gates, passage, passages
from edgeguard.center.service import Center
from edgeguard.contract.base import Text

SHOWN = 60


class PickRequest(BaseModel):
    """One of the candidates, or "-" where none is right."""

    model_config = ConfigDict(extra="forbid")

    plate: Text


def build_gate_page(center: Center) -> APIRouter:
    """The page, the same as JSON, and the pick: 404 for what is no passage, 422 for what is no candidate."""
    router = APIRouter()

    @router.get("/gates", include_in_schema=False)
    def page(request: Request) -> HTMLResponse:
        session = session_of(request)
        boxes, seen = center.store.boxes(), passages(center.database, SHOWN)
        makers = visit_markup.pass_boxes(boxes)
        visits = visit_markup.listed(session.language, center.visits.all(), can_make=bool(makers))
        body = gate_markup.body(session.language, gates(boxes), seen, center.now(), visits)
        body += visit_markup.dialog(session.language, makers)
        return document(session.language, "/gates", session.user, body)

    @router.get("/api/passages")
    def listed(limit: Annotated[int, Query(ge=1, le=1000)] = SHOWN) -> Response:
        found = passages(center.database, limit)
        return JSONResponse([{"outcome": one.outcome, **one.model_dump(mode="json")} for one in found])

    @router.post("/api/passages/{event_id}/plate")
    async def pick(event_id: str, asked: PickRequest, request: Request) -> dict[str, str]:
        one = await asyncio.to_thread(passage, center.database, event_id)
        if one is None:
            raise HTTPException(404, "no such passage")
        accepted = (*one.candidates, NONE_OF_THEM) if one.candidates else ()
        if asked.plate not in accepted:
            raise HTTPException(422, f"met plate {asked.plate!r}, accepted: {', '.join(accepted) or 'none here'}")
        await center.desk.acknowledge(event_id, "note", session_of(request).user, PICKED, asked.plate)
        return {"event_id": event_id, "plate": asked.plate}

    return router
