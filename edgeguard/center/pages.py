"""The plain pages beside the board, and the button that changes the language."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from edgeguard.center.api import session_of
from edgeguard.center.conduct_page import build_conduct_page
from edgeguard.center.frame import PAGES
from edgeguard.center.gate_page import build_gate_page
from edgeguard.center.privacy_page import build_privacy_page
from edgeguard.center.service import Center
from edgeguard.center.texts import other
from edgeguard.center.whatif_page import build_whatif_page


def build_pages(center: Center) -> APIRouter:
    """All behind the guard."""
    router = APIRouter()
    for build in (build_gate_page, build_conduct_page, build_whatif_page, build_privacy_page):
        router.include_router(build(center))

    @router.post("/language", include_in_schema=False)
    async def language(request: Request, back: Annotated[str, Form()] = "/") -> RedirectResponse:
        session = session_of(request)
        await run_in_threadpool(center.accounts.set_language, session.user, other(session.language))
        return RedirectResponse(back if back in PAGES else "/", 303)

    return router
