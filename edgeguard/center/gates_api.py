"""`POST /api/gates/{site}/{box}/{gate}/open`: a person opens a gate, by a signed command; who and why is kept."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, Literal

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from edgeguard.center.api import session_of
from edgeguard.center.orders import LAST_WORDS
from edgeguard.center.service import Center
from edgeguard.contract.commands import CommandAck, OpenArgs
from edgeguard.contract.topics import Topics, checked_segment
from edgeguard.errors import CenterError, ContractError

# A barrier takes its time; the command itself expires sooner, so that nothing opens when nobody waits any more.
ANSWER_WITHIN_S: Final = 15.0


class OpenRequest(BaseModel):
    """`reason` in words, for the record."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    direction: Literal["in", "out"] | None = None


def build_gates_api(center: Center) -> APIRouter:
    """Answers with the box's last word; 409 where nothing can be sent, 504 where no last word came."""
    router = APIRouter()

    @router.post("/api/gates/{site}/{box}/{gate}/open")
    async def open_gate(site: str, box: str, gate: str, asked: OpenRequest, request: Request) -> dict[str, str]:
        topics, who = _topics(site, box, gate), session_of(request).user
        command = center.orders.make("open", OpenArgs(gate=gate, direction=asked.direction, reason=asked.reason), who)
        # Before it is sent: what nobody may know of later is not done.
        await asyncio.to_thread(center.audit.note, who, "open", f"{site}/{box}/{gate}", f"{command.id}: {asked.reason}")
        with center.orders.answers(topics, command.id) as answers:
            try:
                sent = await asyncio.to_thread(center.orders.send, topics, "open", command)
            except CenterError as error:
                raise HTTPException(409, str(error)) from error
            if not sent:
                raise HTTPException(409, "the broker is away, nothing was sent")
            answer = await last_word(answers.next, ANSWER_WITHIN_S)
        if answer is None:
            raise HTTPException(504, "the box gave no last word in time; whether the gate opened is not known")
        detail = f"{command.id}: {answer.status.value} {answer.reason or ''}".rstrip()
        await asyncio.to_thread(center.audit.note, who, "open_answer", f"{site}/{box}/{gate}", detail)
        return {"command_id": command.id, "status": answer.status.value, "reason": answer.reason or ""}

    return router


def _topics(site: str, box: str, gate: str) -> Topics:
    try:
        checked_segment("gate", gate)
        return Topics(site, box)
    except ContractError as error:
        raise HTTPException(422, str(error)) from error


async def last_word(following: Callable[[float], Awaitable[CommandAck | None]], within_s: float) -> CommandAck | None:
    """What ends a command; None: it did not come in time."""
    clock = asyncio.get_running_loop().time
    until_s = clock() + within_s
    while (left_s := until_s - clock()) > 0:
        answer = await following(left_s)
        if answer is not None and answer.status in LAST_WORDS:
            return answer
    return None
