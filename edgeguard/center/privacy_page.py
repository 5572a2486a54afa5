"""The pages of privacy: /privacy with what boxes tell of their directories, and drafts of the two documents."""

from typing import Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from edgeguard.center.api import session_of
from edgeguard.center.console import privacy_documents, privacy_markup
from edgeguard.center.frame import document
from edgeguard.center.service import Center


def build_privacy_page(center: Center) -> APIRouter:
    """All behind the guard; the documents are printed from the browser."""
    router = APIRouter()

    @router.get("/privacy", include_in_schema=False)
    def page(request: Request) -> HTMLResponse:
        session = session_of(request)
        body = privacy_markup.body(session.language, center.store.boxes(), center.config)
        return document(session.language, "/privacy", session.user, body)

    @router.get("/privacy/{kind}", include_in_schema=False)
    def draft(request: Request, kind: Literal["notice", "assessment"]) -> HTMLResponse:
        session = session_of(request)
        facts = privacy_documents.facts_of(center.store.boxes(), center.config, center.now())
        body = privacy_documents.draft(session.language, kind, facts)
        return document(session.language, "/privacy", session.user, body)

    return router
