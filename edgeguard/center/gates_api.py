"""`POST /api/gates/{site}/{box}/{gate}/open`: a person opens a gate, by a signed command; who and why is kept."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from edgeguard.center.api import session_of
from edgeguard.center.sent import sent_and_answered, topics_of
from edgeguard.center.service import Center
from edgeguard.contract.commands import OpenArgs

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
        topics, who = topics_of(site, box, gate=gate), session_of(request).user
        command = center.orders.make("open", OpenArgs(gate=gate, direction=asked.direction, reason=asked.reason), who)
        about = (who, f"{site}/{box}/{gate}", asked.reason)
        silence = "the box gave no last word in time; whether the gate opened is not known"
        return await sent_and_answered(center, topics, "open", command, about, ANSWER_WITHIN_S, silence)

    return router
