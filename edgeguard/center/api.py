"""The center's HTTP interface: alarms, pictures, boxes and the live stream; the guard has let the caller in."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from edgeguard.center.accounts import Session
from edgeguard.center.cards import Card
from edgeguard.center.desk import DEFAULT_PHRASE
from edgeguard.center.guard import SESSION_KEY
from edgeguard.center.hub import CardChanged, Change, CommandChanged
from edgeguard.center.service import Center
from edgeguard.contract.base import Segment, Text

# Proxies drop a silent connection after a minute or less, and a client wants to know that the line is alive.
HEARTBEAT_S: Final = 10.0


class AckRequest(BaseModel):
    """`why` belongs to a false alarm, `note` to any kind."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["seen", "arrived", "handled", "false_alarm", "note"]
    why: Text = ""
    note: Text = ""


class SpeakRequest(BaseModel):
    """The name of a phrase the box can play."""

    model_config = ConfigDict(extra="forbid")

    phrase: Segment = DEFAULT_PHRASE


def session_of(request: Request) -> Session:
    session: Session = request.scope[SESSION_KEY]
    return session


def build_api(center: Center) -> APIRouter:
    """Routes of a center; all but /healthz are behind the guard."""
    router = APIRouter()
    _add_reading(router, center)
    _add_acting(router, center)
    _add_cut_off(router, center)

    @router.get("/api/stream")
    async def stream(request: Request) -> StreamingResponse:
        return StreamingResponse(
            _stream(center, session_of(request)), media_type="text/event-stream", headers={"cache-control": "no-store"}
        )

    return router


def _add_reading(router: APIRouter, center: Center) -> None:
    store = center.store

    @router.get("/healthz")
    def healthz() -> dict[str, str]:
        return {"status": "ok", "broker": "connected" if center.link.connected else "away"}

    @router.get("/api/alarms")
    def alarms(limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> Response:
        board, recent = store.board(), store.recent(limit)
        return JSONResponse({"open": [_plain(card) for card in board], "recent": [_plain(card) for card in recent]})

    @router.get("/api/alarms/{event_id}")
    def alarm(event_id: str) -> Response:
        return JSONResponse(_plain(_found(center, event_id)))

    @router.get("/api/pictures/{event_id}/{n}.jpg")
    def picture(event_id: str, n: Annotated[int, Field(ge=0, le=10_000)]) -> Response:
        jpeg = store.picture(event_id, n)
        if jpeg is None:
            raise HTTPException(404, "no such picture")
        # A picture never changes under its address; it is shown to people who are logged in, so never cached between.
        return Response(jpeg, media_type="image/jpeg", headers={"cache-control": "private, max-age=86400, immutable"})

    @router.get("/api/boxes")
    def boxes() -> list[dict[str, Any]]:
        return [
            {
                "site": box.site,
                "box": box.box,
                "state": box.state.model_dump(mode="json") if box.state else None,
                "birth": box.birth.model_dump(mode="json") if box.birth else None,
                "missing_events": box.missing,
                "cameras": [camera.model_dump(mode="json") for camera in box.cameras],
            }
            for box in store.boxes()
        ]

    @router.get("/api/dead-letters")
    def dead_letters(limit: Annotated[int, Query(ge=1, le=1000)] = 50) -> list[dict[str, str]]:
        return [
            {"received_at": letter.received_at.isoformat(), "topic": letter.topic, "reason": letter.reason}
            for letter in store.dead_letters(limit)
        ]


def _add_acting(router: APIRouter, center: Center) -> None:
    @router.post("/api/alarms/{event_id}/ack")
    async def acknowledge(event_id: str, asked: AckRequest, request: Request) -> Response:
        if asked.why and asked.kind != "false_alarm":
            raise HTTPException(422, "why belongs to kind false_alarm only")
        user = session_of(request).user
        card = await center.desk.acknowledge(event_id, asked.kind, user, asked.why, asked.note)
        if card is None:
            raise HTTPException(404, "no such alarm")
        return JSONResponse(_plain(card))

    @router.post("/api/alarms/{event_id}/speak")
    async def speak(event_id: str, asked: SpeakRequest, request: Request) -> dict[str, str]:
        card = await asyncio.to_thread(_found, center, event_id)
        if asked.phrase not in center.desk.phrases(card, await asyncio.to_thread(center.store.boxes)):
            raise HTTPException(422, f"the box has no phrase {asked.phrase!r}")
        change = await center.desk.speak(card, asked.phrase, session_of(request).user)
        return {"command_id": change.command_id, "state": change.state, "detail": change.detail}


def _add_cut_off(router: APIRouter, center: Center) -> None:
    @router.post("/api/alarms/{event_id}/cut_off")
    async def cut_off(event_id: str, request: Request) -> dict[str, str]:
        card = await asyncio.to_thread(_found, center, event_id)
        if not center.desk.can_cut_off(card, await asyncio.to_thread(center.store.boxes)):
            raise HTTPException(422, "the box can cut nothing off there")
        change = await center.desk.cut_off(card, session_of(request).user)
        return {"command_id": change.command_id, "state": change.state, "detail": change.detail}


async def _stream(center: Center, session: Session) -> AsyncIterator[bytes]:
    """Server-sent events: `board` once with all open cards, then `card`, `command` and `health` as they happen.

    Ends with the session.
    """
    clock = asyncio.get_running_loop().time
    with center.hub.subscribe() as changes:
        beat_at = clock() + HEARTBEAT_S
        board = await asyncio.to_thread(center.store.board)
        yield _sse("board", json.dumps([_plain(card) for card in board], ensure_ascii=False))
        while True:
            try:
                change = await asyncio.wait_for(changes.next(), beat_at - clock())
            except TimeoutError:
                if not await asyncio.to_thread(center.lives, session):
                    return
                beat_at = clock() + HEARTBEAT_S
                yield b": alive\n\n"
                continue
            if change is None:
                return
            yield _change(change)


def _change(change: Change) -> bytes:
    match change:
        case CardChanged(card):
            return _sse("card", card.model_dump_json())
        case CommandChanged():
            told = {
                "command_id": change.command_id,
                "event_id": change.event_id,
                "state": change.state,
                "detail": change.detail,
            }
            return _sse("command", json.dumps(told, ensure_ascii=False))
        case _:
            return _sse("health", "{}")


def _sse(kind: str, data: str) -> bytes:
    # JSON escapes line breaks, so the data is always one line.
    return f"event: {kind}\ndata: {data}\n\n".encode()


def _plain(card: Card) -> dict[str, Any]:
    return card.model_dump(mode="json")


def _found(center: Center, event_id: str) -> Card:
    card = center.store.card(event_id)
    if card is None:
        raise HTTPException(404, "no such alarm")
    return card
