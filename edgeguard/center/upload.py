"""`PUT /upload/{site}/{box}/{event_id}/{name}`: a box brings a clip or a picture; and how people look at it.

201 stored, 200 the same was here, 400/409/413/415/422 refused for good; everything else: try again later.
"""

import asyncio
import errno
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from starlette.requests import ClientDisconnect

from edgeguard.center.api import session_of
from edgeguard.center.attachments import KINDS, MEDIA_TYPES
from edgeguard.center.evidence import Draft, Place
from edgeguard.center.hub import CardChanged
from edgeguard.center.service import Center
from edgeguard.contract.base import SHA256_PATTERN, ULID_PATTERN
from edgeguard.errors import StoreError

log = logging.getLogger(__name__)

# Each holds a file open and a thread busy now and then; who comes later comes again.
AT_ONCE: Final = 16
# Written in pieces of this size: few trips to the disk's thread, little memory.
PIECE_BYTES: Final = 256 * 1024
# A box that sends nothing for so long has gone.
SILENT_S: Final = 30.0
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_STARTS: Final = {"image/jpeg": (0, b"\xff\xd8\xff"), "video/mp4": (4, b"ftyp")}


@dataclass(frozen=True, slots=True)
class _Refused(Exception):
    status: int
    reason: str


def build_upload(center: Center) -> APIRouter:
    """Routes /upload/... for boxes and /api/evidence/... for people."""
    router = APIRouter()
    desk = _Desk(center)

    @router.put("/upload/{site}/{box}/{event_id}/{name}")
    async def upload(request: Request, site: str, box: str, event_id: str, name: str) -> Response:
        try:
            status = await desk.take(request, Place(site, box, event_id, name))
        except _Refused as refusal:
            log.info("upload %s/%s/%s/%s refused: %s", site, box, event_id, name, refusal.reason)
            return JSONResponse({"detail": refusal.reason}, refusal.status)
        return JSONResponse({"detail": "stored" if status == 201 else "was here"}, status)

    @router.get("/api/evidence/{event_id}/{name}")
    async def evidence(request: Request, event_id: str, name: str) -> Response:
        found = await asyncio.to_thread(center.evidence.find, event_id, name)
        if found is None:
            raise HTTPException(404, "no such evidence")
        await asyncio.to_thread(center.audit.looked, session_of(request).user, event_id, name)
        path, media_type = found
        return FileResponse(path, media_type=media_type, headers={"cache-control": "private, no-cache"})

    return router


class _Desk:
    def __init__(self, center: Center) -> None:
        self._center = center
        self._files = center.evidence
        self._busy: set[Place] = set()

    async def take(self, request: Request, place: Place) -> int:
        await self._authorize(request, place)
        sha256 = _checked(request.headers, place, self._files.limit_bytes)
        owner = await asyncio.to_thread(self._files.owner, place.event_id)
        if owner not in {None, (place.site, place.box)}:
            raise _Refused(409, "this event belongs to another box")
        if place in self._busy or len(self._busy) >= AT_ONCE:
            raise _Refused(503, "busy, come again")
        self._busy.add(place)
        try:
            stored = await asyncio.to_thread(self._files.sha256, place)
            lost: list[str] = []
            if stored is None:
                lost = await self._receive(request, place, sha256)
            elif stored != sha256:
                raise _Refused(409, f"another file of this name is stored, with sha256 {stored}")
            # Also for what was here before: the answer to it may have been lost before its card was made.
            await self._show([place.event_id, *lost])
        except StoreError as error:
            raise _Refused(507, str(error)) from error
        except OSError as error:
            log.warning("upload of %s/%s: %s", place.site, place.box, error)
            raise _Refused(507 if error.errno in _FULL else 500, "the disk does not take it") from error
        finally:
            self._busy.discard(place)
        return 201 if stored is None else 200

    async def _authorize(self, request: Request, place: Place) -> None:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise _Refused(401, "a bearer token is needed")
        tokens = self._center.tokens
        if await asyncio.to_thread(tokens.belongs, token, place.site, place.box):
            return
        if await asyncio.to_thread(tokens.known, token):
            raise _Refused(403, "this token is another box's")
        raise _Refused(401, "this token is not known")

    async def _receive(self, request: Request, place: Place, sha256: str) -> list[str]:
        """Returns the alarms that lost a file to this one."""
        draft = await asyncio.to_thread(self._files.draft, place)
        try:
            await _stream(request, draft, self._files.limit_bytes(place))
            offset, start = _STARTS[place.media_type]
            if not draft.head[offset:].startswith(start):
                raise _Refused(415, f"the body is no {place.media_type}")
            if draft.sha256 != sha256:
                raise _Refused(422, f"the body has sha256 {draft.sha256}, announced was {sha256}")
            return await asyncio.to_thread(self._files.keep, place, draft)
        finally:
            await asyncio.to_thread(draft.drop)

    async def _show(self, event_ids: list[str]) -> None:
        for event_id in event_ids:
            card = await asyncio.to_thread(self._center.store.refresh, event_id)
            if card is not None:
                self._center.hub.publish(CardChanged(card))


async def _stream(request: Request, draft: Draft, limit_bytes: int) -> None:
    """The body into the draft; raises when it is too long or cut off."""
    waiting = bytearray()
    received = 0
    pieces = request.stream()
    while True:
        try:
            piece = await asyncio.wait_for(anext(pieces), SILENT_S)
        except StopAsyncIteration:
            break
        except (ClientDisconnect, TimeoutError) as error:
            raise _Refused(408, "the body was cut off") from error
        received += len(piece)
        if received > limit_bytes:
            raise _Refused(413, f"more than {limit_bytes} bytes")
        waiting += piece
        if len(waiting) >= PIECE_BYTES:
            await asyncio.to_thread(draft.write, bytes(waiting))
            waiting.clear()
    await asyncio.to_thread(draft.write, bytes(waiting))
    announced = request.headers.get("content-length")
    if announced is not None and int(announced) != received:
        raise _Refused(408, f"the body has {received} bytes, announced were {announced}")


def _checked(headers: Mapping[str, str], place: Place, limit_of: Callable[[Place], int]) -> str:
    """The announced sha256; raises for what can be refused before the body."""
    if place.name not in MEDIA_TYPES:
        raise _Refused(422, f"name {place.name!r}, accepted: {', '.join(MEDIA_TYPES)}")
    if not re.fullmatch(ULID_PATTERN, place.event_id):
        raise _Refused(422, f"event_id {place.event_id!r}, accepted: a ULID")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != place.media_type:
        raise _Refused(415, f"content-type {media_type!r}, accepted: {place.media_type}")
    kind = headers.get("x-evidence-kind", "")
    if kind != KINDS[place.media_type]:
        raise _Refused(422, f"x-evidence-kind {kind!r}, accepted: {KINDS[place.media_type]}")
    sha256 = headers.get("x-content-sha256", "").lower()
    if not re.fullmatch(SHA256_PATTERN, sha256):
        raise _Refused(400, "x-content-sha256: 64 hex digits are needed")
    length = headers.get("content-length", "0")
    if length.isdigit() and int(length) > limit_of(place):
        raise _Refused(413, f"{length} bytes, accepted: at most {limit_of(place)}")
    return sha256
