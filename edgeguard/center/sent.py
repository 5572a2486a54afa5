"""A command that somebody waits for: sent, its last word awaited, both in the trail; failures as HTTP answers."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import HTTPException

from edgeguard.center.orders import LAST_WORDS
from edgeguard.center.service import Center
from edgeguard.contract.commands import Command, CommandAck, CommandStatus
from edgeguard.contract.topics import Topics, checked_segment
from edgeguard.errors import CenterError, ContractError


def topics_of(site: str, box: str, **others: str) -> Topics:
    """Of a box that an address names; `others`: further parts of it. Raises HTTPException 422 for what is no name."""
    try:
        for what, name in others.items():
            checked_segment(what, name)
        return Topics(site, box)
    except ContractError as error:
        raise HTTPException(422, str(error)) from error


async def sent_and_answered(
    center: Center, topics: Topics, name: str, command: Command, about: tuple[str, str, str], within_s: float, none: str
) -> dict[str, str]:
    """The box's last word on `command`. `about`: who asked, of what, and in which words. What is sealed is in no trail.

    Raises HTTPException: 409 where nothing can be sent, 504 with `none` where no last word came.
    """
    who, subject, words = about
    # Before it is sent: what nobody may know of later is not done.
    await asyncio.to_thread(center.audit.note, who, name, subject, f"{command.id}: {words}")
    with center.orders.answers(topics, command.id) as answers:
        try:
            sent = await asyncio.to_thread(center.orders.send, topics, name, command)
        except CenterError as error:
            raise HTTPException(409, str(error)) from error
        if not sent:
            raise HTTPException(409, "the broker is away, nothing was sent")
        answer = await _last_word(answers.next, within_s)
    if answer is None:
        raise HTTPException(504, none)
    sealed = command.seals and answer.status is CommandStatus.DONE
    detail = f"{command.id}: {answer.status.value} {'' if sealed else answer.reason or ''}".rstrip()
    await asyncio.to_thread(center.audit.note, who, f"{name}_answer", subject, detail)
    return {"command_id": command.id, "status": answer.status.value, "reason": answer.reason or ""}


async def _last_word(following: Callable[[float], Awaitable[CommandAck | None]], within_s: float) -> CommandAck | None:
    """What ends a command; None: it did not come in time."""
    clock = asyncio.get_running_loop().time
    until_s = clock() + within_s
    while (left_s := until_s - clock()) > 0:
        answer = await following(left_s)
        if answer is not None and answer.status in LAST_WORDS:
            return answer
    return None
