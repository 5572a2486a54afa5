"""The pages of privacy: /privacy with what boxes tell of their directories, and drafts of the two documents."""

from typing import Final, Literal

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from edgeguard.center.api import session_of
from edgeguard.center.console import privacy_documents, privacy_markup, rights_markup
from edgeguard.center.frame import document
from edgeguard.center.service import Center

# Requests of this and the last weeks; all of them are kept as proof, and in the audit.
SHOWN: Final = 30


def build_privacy_page(center: Center) -> APIRouter:
    """All behind the guard; the documents are printed from the browser."""
    router = APIRouter()

    @router.get("/privacy", include_in_schema=False)
    def page(request: Request) -> HTMLResponse:
        session, boxes = session_of(request), center.store.boxes()
        language, user = session.language, session.user
        may = center.rights.may(user)
        ask = rights_markup.form(language, center.rights.able(), may=may)
        asked = rights_markup.requests(language, center.rights.all(SHOWN), boxes, user) if may else ""
        body = privacy_markup.body(language, boxes, center.config, ask=ask, requests=asked)
        return document(session.language, "/privacy", session.user, body)

    @router.get("/privacy/{kind}", include_in_schema=False)
    def draft(request: Request, kind: Literal["notice", "assessment"]) -> HTMLResponse:
        session = session_of(request)
        facts = privacy_documents.facts_of(center.store.boxes(), center.config, center.now())
        body = privacy_documents.draft(session.language, kind, facts)
        return document(session.language, "/privacy", session.user, body)

    return router
