"""`/api/passes`: visitors' passes with their links, made and withdrawn on their box by signed commands."""

import asyncio
from datetime import timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from edgeguard.center.api import session_of
from edgeguard.center.sent import sent_and_answered, topics_of
from edgeguard.center.service import Center
from edgeguard.center.visits import Visit
from edgeguard.contract.base import Segment, Timestamp, rfc3339
from edgeguard.contract.passes import MAX_PASS_USES, PassArgs, PassMade, RevokeArgs
from edgeguard.contract.sealing import ReplyKey
from edgeguard.errors import ContractError

ANSWER_WITHIN_S: Final = 15.0
# Long enough for a visit, short enough for a picture that is handed on.
LASTS: Final = timedelta(hours=4)


class PassRequest(BaseModel):
    """`until` left out: four hours from `start`, which left out is now."""

    model_config = ConfigDict(extra="forbid")

    gates: Annotated[tuple[Segment, ...], Field(min_length=1, max_length=32)]
    start: Timestamp | None = None
    until: Timestamp | None = None
    uses: Annotated[int, Field(ge=1, le=MAX_PASS_USES)] = 1


def build_visits_api(center: Center) -> APIRouter:
    """Answers with the box's last word; 404 for no such pass, 409 where nothing can be sent, 504: no word came."""
    router = APIRouter()

    @router.get("/api/passes")
    def listed() -> list[dict[str, Any]]:
        return [plain(one) for one in center.visits.all()]

    @router.post("/api/passes/{site}/{box}")
    async def make(site: str, box: str, asked: PassRequest, request: Request) -> dict[str, Any]:
        topics, who, key = topics_of(site, box), session_of(request).user, ReplyKey.new()
        until = asked.until or (asked.start or center.now()) + LASTS
        args = PassArgs(
            gates=asked.gates, valid_from=asked.start, valid_until=until, uses=asked.uses, reply_key=key.public
        )
        command = center.orders.make("pass", args, who)
        about = (who, f"{site}/{box}", f"{','.join(args.gates)} until {rfc3339(until)}, {args.uses} uses")
        silence = "the box gave no last word in time: ask again; a pass that nobody was told opens nothing"
        answer = await sent_and_answered(center, topics, "pass", command, about, ANSWER_WITHIN_S, silence)
        if answer["status"] != "done":
            return answer
        try:
            made = PassMade.opened(answer["reason"], key, topics.cmd_ack(command.id))
        except ContractError as error:
            raise HTTPException(502, str(error)) from error
        visit = await asyncio.to_thread(center.visits.keep, site, box, made, who)
        return {**answer, "reason": "", "pass": plain(visit)}

    @router.post("/api/passes/{site}/{box}/{pass_id}/withdraw")
    async def withdraw(site: str, box: str, pass_id: str, request: Request) -> dict[str, str]:
        topics, who = topics_of(site, box), session_of(request).user
        visit = await asyncio.to_thread(center.visits.made, site, box, pass_id)
        if visit is None:
            raise HTTPException(404, "no such pass")
        # The link is dead at once, whether the box can be reached or not.
        await asyncio.to_thread(center.visits.withdraw, visit, confirmed=False)
        command = center.orders.make("revoke", RevokeArgs(pass_id=pass_id), who)
        about = (who, f"{site}/{box}", f"pass-{pass_id}")
        silence = "the link is dead, but the box gave no last word in time: withdraw it again"
        answer = await sent_and_answered(center, topics, "revoke", command, about, ANSWER_WITHIN_S, silence)
        if answer["status"] == "done":
            await asyncio.to_thread(center.visits.withdraw, visit, confirmed=True)
        return answer

    return router


def plain(visit: Visit) -> dict[str, Any]:
    """Everything but the pass itself, which is for who has the link."""
    return {
        "site": visit.site,
        "box": visit.box,
        "id": visit.pass_id,
        "path": visit.path,
        "gates": visit.gates,
        "valid_from": rfc3339(visit.valid_from),
        "valid_until": rfc3339(visit.valid_until),
        "uses": visit.uses,
        "by": visit.by,
        "state": visit.state,
        "withdrawn": visit.withdrawn,
    }
