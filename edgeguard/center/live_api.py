"""`/api/live`: the live pictures of a page over one websocket, because a browser opens few connections to a host.

Browser to center, text: `{"show": [event_id, ...]}` is all the page wants to see, repeated as a sign of life;
`{"shown": 1}` after each frame. Center to browser: text `{"now_ms", "views": [{"view", "events", "state", "detail"}]}`
whenever that changes; binary: a head of 16 bytes (`_HEAD`), then a JPEG.
"""

import asyncio
import json
import struct
import time
from typing import Annotated, Any, Final

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from edgeguard.center.accounts import Session
from edgeguard.center.guard import SESSION_KEY
from edgeguard.center.service import Center
from edgeguard.center.viewer import CameraKey, Frame, Viewer
from edgeguard.contract.base import Ulid

# Little-endian: version, nothing, number of the view, age of the frame in ms, the center's clock in ms.
_HEAD: Final = struct.Struct("<BBHId")
VERSION: Final = 1
MAX_AGE_MS: Final = 2**32 - 1
# A page says every few seconds that it is there; one that does not is gone, whatever its connection says.
SILENT_S: Final = 15.0
SESSION_CHECK_S: Final = 30.0
BAD_MESSAGE, SESSION_OVER, GONE = 1008, 4401, 1000


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    show: Annotated[list[Ulid], Field(max_length=64)] | None = None
    shown: Annotated[int, Field(ge=0)] = 0


def build_live_api(center: Center) -> APIRouter:
    """Route /api/live."""
    router = APIRouter()

    @router.websocket("/api/live")
    async def live(socket: WebSocket) -> None:
        await socket.accept()
        await _Page(center, socket).run()

    return router


class _Page:
    def __init__(self, center: Center, socket: WebSocket) -> None:
        self._center = center
        self._socket = socket
        self._session: Session = socket.scope[SESSION_KEY]
        self._viewer = Viewer()

    async def run(self) -> None:
        """Until the page goes, is silent for too long, or its session ends."""
        parts = [asyncio.create_task(part) for part in (self._listen(), self._send(), self._watch_session())]
        try:
            done, _ = await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._center.views.show(self._viewer, {})
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)
        code = next((part.result() for part in done if part.exception() is None), None)
        if code is not None:
            await self._socket.close(code)

    async def _listen(self) -> int | None:
        while True:
            try:
                wish = _Wish.model_validate_json(await asyncio.wait_for(self._socket.receive_text(), SILENT_S))
            except TimeoutError:
                return GONE
            except (ValidationError, KeyError):  # KeyError: a binary message
                return BAD_MESSAGE
            except WebSocketDisconnect:
                return None
            if wish.shown:
                self._viewer.shown()
            if wish.show is not None and set(wish.show) != set(self._viewer.views):
                await self._show(wish.show)

    async def _show(self, event_ids: list[str]) -> None:
        wanted = await asyncio.to_thread(self._cameras, event_ids[: self._center.config.live.cards])
        new = {event_id: wanted[event_id] for event_id in wanted.keys() - self._viewer.views.keys()}
        await asyncio.to_thread(self._audit, new)
        self._center.views.show(self._viewer, wanted)

    def _cameras(self, event_ids: list[str]) -> dict[str, CameraKey]:
        cards = [card for event_id in event_ids if (card := self._center.store.card(event_id))]
        return {card.event_id: CameraKey(card.site, card.box, card.camera) for card in cards if card.camera}

    def _audit(self, new: dict[str, CameraKey]) -> None:
        for event_id, key in new.items():
            self._center.audit.note(self._session.user, "view", event_id, f"{key.site}/{key.box}/{key.camera}")

    async def _send(self) -> int | None:
        while True:
            due = await self._viewer.next()
            try:
                if due is None:
                    await self._socket.send_text(json.dumps(self._views()))
                else:
                    await self._socket.send_bytes(_packed(*due))
            except (WebSocketDisconnect, RuntimeError):  # RuntimeError: closed while a message was made
                return None

    def _views(self) -> dict[str, Any]:
        by_view: dict[int, dict[str, Any]] = {}
        for event_id, view in self._viewer.views.items():
            told = {"view": view.number, "events": [], "state": view.state, "detail": view.detail}
            by_view.setdefault(view.number, told)["events"].append(event_id)
        return {"now_ms": time.time() * 1000, "views": list(by_view.values())}

    async def _watch_session(self) -> int:
        while True:
            await asyncio.sleep(SESSION_CHECK_S)
            if not await asyncio.to_thread(self._center.lives, self._session):
                return SESSION_OVER


def _packed(number: int, frame: Frame) -> bytes:
    age_ms = min(max(0, round((time.monotonic() - frame.taken_s) * 1000)), MAX_AGE_MS)
    return _HEAD.pack(VERSION, 0, number % 65536, age_ms, time.time() * 1000) + frame.jpeg
