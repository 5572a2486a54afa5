"""`POST /api/lists/{site}/{box}`: who may go in there, from the program that manages the site, by a signed command."""

from typing import Final

from fastapi import APIRouter, HTTPException, Request

from edgeguard.center.api import session_of
from edgeguard.center.guard import API_USER
from edgeguard.center.sent import sent_and_answered
from edgeguard.center.service import Center
from edgeguard.contract.lists import ListsArgs
from edgeguard.contract.topics import Topics
from edgeguard.errors import ContractError

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
        about = (who, f"{site}/{box}", f"list {args.revision}, part {args.part} of {args.parts}: {counts}")
        silence = "the box gave no last word in time: send the same part again, it is taken once"
        return await sent_and_answered(center, topics, "lists", command, about, ANSWER_WITHIN_S, silence)

    return router
