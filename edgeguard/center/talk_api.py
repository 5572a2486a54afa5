"""`/api/talk/{event_id}`: a browser's microphone, for as long as the button is held.

Browser to center: binary messages of 16 kHz mono int16 little-endian, at most half a second each, then the text
`end`; closing the connection ends the talk too. Center to browser: JSON with `state` connecting, speaking, ending,
ended (`result`, `detail`, `audio_s`).
"""

import asyncio
import json
from typing import Any, Final

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from starlette.websockets import WebSocketState

from edgeguard.center.accounts import Session
from edgeguard.center.guard import SESSION_KEY
from edgeguard.center.service import Center
from edgeguard.center.talk import RATE_HZ, SAMPLE_BYTES, Hangup, Speech
from edgeguard.contract.talk import MAX_CHUNK_S

END: Final = "end"
MAX_BYTES: Final = int(MAX_CHUNK_S * RATE_HZ) * SAMPLE_BYTES
# Beyond what a microphone says while a box makes up its mind, nobody waits.
MAX_WAITING: Final = 400
BAD_MESSAGE, NO_ALARM, OVER = 1008, 4404, 1000


def build_talk_api(center: Center) -> APIRouter:
    """Route /api/talk/{event_id}."""
    router = APIRouter()

    @router.websocket("/api/talk/{event_id}")
    async def talk(socket: WebSocket, event_id: str) -> None:
        await socket.accept()
        session: Session = socket.scope[SESSION_KEY]
        card = await asyncio.to_thread(center.store.card, event_id)
        if card is None:
            await socket.close(NO_ALARM)
            return
        speech: Speech = asyncio.Queue(MAX_WAITING)
        listening = asyncio.create_task(_listen(socket, speech))
        try:
            await center.talks.run(card, session.user, speech, lambda told: _tell(socket, told))
        finally:
            listening.cancel()
            code = (await asyncio.gather(listening, return_exceptions=True))[0]
        if socket.application_state is WebSocketState.CONNECTED and socket.client_state is WebSocketState.CONNECTED:
            await socket.close(code if isinstance(code, int) else OVER)

    return router


async def _listen(socket: WebSocket, speech: Speech) -> int:
    """Put what is said into the queue, and how it ended; returns the code to close with."""
    while True:
        message = await socket.receive()
        pcm = message.get("bytes")
        if message["type"] == "websocket.disconnect":
            await speech.put(Hangup("lost"))
            return OVER
        if message.get("text") == END:
            await speech.put(Hangup("spoken"))
            return OVER
        if not pcm or len(pcm) > MAX_BYTES or len(pcm) % SAMPLE_BYTES:
            await speech.put(Hangup("lost"))
            return BAD_MESSAGE
        await speech.put(pcm)


async def _tell(socket: WebSocket, told: dict[str, Any]) -> None:
    try:
        await socket.send_text(json.dumps(told, ensure_ascii=False))
    except (WebSocketDisconnect, RuntimeError):
        # Who spoke has gone; the talk is ended by the listening side.
        return
