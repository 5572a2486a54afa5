"""`/api/rights`: export and deletion of one person, for the accounts that the center's file names."""

import asyncio
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from edgeguard.center import rights
from edgeguard.center.api import session_of
from edgeguard.center.service import Center
from edgeguard.contract.base import Segment, rfc3339
from edgeguard.errors import AccessError, CenterError


class RightsRequest(BaseModel):
    """`ref`: the person's pseudonym at that box."""

    model_config = ConfigDict(extra="forbid")

    site: Segment
    box: Segment
    ref: Segment
    kind: Literal["export", "erase"]


def build_rights_api(center: Center) -> APIRouter:
    """403 for everybody else, 409 where it cannot be asked, 410 for a copy that is not here (any more)."""
    router = APIRouter()

    @router.post("/api/rights")
    async def ask(asked: RightsRequest, request: Request) -> dict[str, Any]:
        who = session_of(request).user
        try:
            made = await asyncio.to_thread(center.rights.ask, asked.site, asked.box, asked.ref, asked.kind, who)
        except AccessError as error:
            raise HTTPException(403, _NOT_YOURS) from error
        except CenterError as error:
            raise HTTPException(409, str(error)) from error
        return _plain(made)

    @router.get("/api/rights")
    def listed(request: Request, limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> list[dict[str, Any]]:
        if not center.rights.may(session_of(request).user):
            raise HTTPException(403, _NOT_YOURS)
        return [_plain(one) for one in center.rights.all(limit)]

    @router.get("/api/rights/{request_id}/file")
    def fetch(request_id: str, request: Request) -> Response:
        try:
            body = center.rights.copy(request_id, session_of(request).user)
        except AccessError as error:
            raise HTTPException(403, _NOT_YOURS) from error
        except CenterError as error:
            raise HTTPException(410, str(error)) from error
        headers = {
            "content-disposition": f'attachment; filename="edgeguard-{request_id}.json"',
            "cache-control": "no-store",
        }
        return Response(body, media_type="application/json", headers=headers)

    return router


_NOT_YOURS = "only for accounts of privacy.officers in the center's file, and a copy only for who asked for it"


def _plain(one: rights.Request) -> dict[str, Any]:
    return {name: rfc3339(value) if isinstance(value, datetime) else value for name, value in asdict(one).items()}
