"""/conduct/whatif: recorded detections are uploaded, one setting of a rule is swept, and the report is shown."""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse
from starlette.datastructures import FormData, UploadFile

from edgeguard.center.api import session_of
from edgeguard.center.console import whatif_markup
from edgeguard.center.frame import document
from edgeguard.center.rules_api import may_set
from edgeguard.center.service import Center
from edgeguard.center.whatif import MAX_FILE_BYTES, Sweep
from edgeguard.errors import CenterError

# What a form needs beside the file itself.
MAX_BODY_BYTES: Final = MAX_FILE_BYTES + 64 * 1024
PIECE_BYTES: Final = 256 * 1024
FIELDS: Final = ("scenario", "param", "first", "last", "step")
MAX_LETTERS: Final = 100


def build_whatif_page(center: Center) -> APIRouter:
    """For accounts of conduct.supervisors; 403 for others. Nothing of a file is kept."""
    router = APIRouter()

    @router.get("/conduct/whatif", include_in_schema=False)
    def ask(request: Request) -> HTMLResponse:
        _check(center, request)
        return _page(center, request, dict.fromkeys(FIELDS, ""), "")

    @router.post("/conduct/whatif", include_in_schema=False)
    async def sweep(request: Request) -> HTMLResponse:
        _check(center, request)
        _check_length(request)
        async with request.form(max_files=1, max_fields=len(FIELDS), max_part_size=MAX_LETTERS * 10) as form:
            asked = {name: str(form.get(name, ""))[:MAX_LETTERS].strip() for name in FIELDS}
            try:
                report = await _report(center, request, form, asked)
            except CenterError as error:
                return await asyncio.to_thread(_page, center, request, asked, str(error))
        session = session_of(request)
        return document(session.language, "/conduct", session.user, whatif_markup.shown(session.language, report))

    return router


async def _report(center: Center, request: Request, form: FormData, asked: dict[str, str]) -> str:
    """Raises CenterError."""
    file, missing = form.get("file"), [name for name in FIELDS if not asked[name]]
    if not isinstance(file, UploadFile) or not file.filename or missing:
        raise CenterError(f"met nothing in {', '.join(missing or ['file'])}, accepted: a file and every field")
    wanted = Sweep(**asked)
    about = f"{wanted.scenario}: {wanted}"
    await asyncio.to_thread(center.audit.note, session_of(request).user, "whatif", file.filename[:MAX_LETTERS], about)
    return await center.whatif.page(_pieces(file), wanted)


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(PIECE_BYTES):
        yield piece


def _check(center: Center, request: Request) -> None:
    if not may_set(center, session_of(request).user):
        raise HTTPException(403, "only for accounts of conduct.supervisors")


def _check_length(request: Request) -> None:
    """Before a byte of it is read."""
    length = request.headers.get("content-length", "")
    if not length.isdigit():
        raise HTTPException(411, "a content-length is needed")
    if int(length) > MAX_BODY_BYTES:
        raise HTTPException(413, f"{length} bytes, accepted: at most {MAX_BODY_BYTES}")


def _page(center: Center, request: Request, asked: dict[str, str], refusal: str) -> HTMLResponse:
    session, boxes = session_of(request), center.store.boxes()
    births = [box.birth for box in boxes if box.birth is not None]
    kinds = sorted({rule.kind for birth in births for camera in birth.cameras for rule in camera.rules})
    body = whatif_markup.form(session.language, kinds, asked, refusal)
    return document(session.language, "/conduct", session.user, body)
