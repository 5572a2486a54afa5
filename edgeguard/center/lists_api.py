"""`POST /api/lists/{site}/{box}`: who may go in there, from the program that manages the site, by a signed command."""

import asyncio
from typing import Final

from fastapi import APIRouter, HTTPException, Request

from edgeguard.center.api import session_of
from edgeguard.center.gates_api import last_word
from edgeguard.center.guard import API_USER
from edgeguard.center.service import Center
from edgeguard.contract.lists import ListsArgs
from edgeguard.contract.topics import Topics
from edgeguard.errors import CenterError, ContractError

# The last part of a list of tens of thousands is one transaction on the box.
ANSWER_WITHIN_S: Final = 60.0


def build_lists_api(center: Center) -> APIRouter:
    """Answers with the box's last word; 403 for who is no officer, 409 where nothing can be sent, 504: no word came.

    Nothing of a list is kept here but its number and how long it was.
    """
    router = APIRouter()

    @router.post("/api/lists/{site}/{box}")
    async def send(site: str, box: str, args: ListsArgs, request: Request) -> dict[str, str]:
        who = session_of(request).user
        if who != API_USER and not center.rights.may(who):
            raise HTTPException(403, "only for a program's token and for accounts of privacy.officers")
        try:
            topics, command = Topics(site, box), center.orders.make("lists", args, who)
        except ContractError as error:
            raise HTTPException(422, str(error)) from error
        counts = f"{len(args.people)} people, {len(args.vehicles)} vehicles"
        told = f"{command.id}: list {args.revision}, part {args.part} of {args.parts}: {counts}"
        await asyncio.to_thread(center.audit.note, who, "lists", f"{site}/{box}", told)
        with center.orders.answers(topics, command.id) as answers:
            try:
                sent = await asyncio.to_thread(center.orders.send, topics, "lists", command)
            except CenterError as error:
                raise HTTPException(409, str(error)) from error
            if not sent:
                raise HTTPException(409, "the broker is away, nothing was sent")
            answer = await last_word(answers.next, ANSWER_WITHIN_S)
        if answer is None:
            raise HTTPException(504, "the box gave no last word in time: send the same part again, it is taken once")
        detail = f"{command.id}: {answer.status.value} {answer.reason or ''}".rstrip()
        await asyncio.to_thread(center.audit.note, who, "lists_answer", f"{site}/{box}", detail)
        return {"command_id": command.id, "status": answer.status.value, "reason": answer.reason or ""}

    return router
