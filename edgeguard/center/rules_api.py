"""`POST /api/rules/{site}/{box}`: a supervisor sets one rule of a camera on its box, by a signed command."""

import asyncio
from datetime import datetime, timedelta
from typing import Annotated, Final, Self

from fastapi import APIRouter, HTTPException, Request
from pydantic import Field, model_validator

from edgeguard.center.api import session_of
from edgeguard.center.guard import API_USER
from edgeguard.center.rule_words import RuleKey, WordState
from edgeguard.center.sent import sent_and_answered, topics_of
from edgeguard.center.service import Center
from edgeguard.contract.commands import CommandStatus
from edgeguard.contract.rules import ConfigureArgs
from edgeguard.contract.topics import Topics

# A box looks at every camera's settings anew before it takes one.
ANSWER_WITHIN_S: Final = 20.0
MAX_S: Final = 366 * 86400
NO_ANSWER: Final = 504
_STATES: Final[dict[str, WordState]] = {CommandStatus.DONE: "done", CommandStatus.FAILED: "failed"}


class SettingRequest(ConfigureArgs):
    """`for_s`: from now on, by the center's clock; in place of `until`."""

    for_s: Annotated[float, Field(gt=0, le=MAX_S, allow_inf_nan=False)] | None = None

    @model_validator(mode="after")
    def _one_end_of_something(self) -> Self:
        if self.for_s is not None and (self.until is not None or not self.fields):
            met = "until" if self.until is not None else "no setting"
            raise ValueError(f"for_s: met with {met}, accepted: with a setting and without until")
        return self

    def args(self, now: datetime) -> ConfigureArgs:
        """What the box is sent at this moment."""
        until = self.until if self.for_s is None else now + timedelta(seconds=self.for_s)
        return ConfigureArgs.model_validate(self.model_dump(exclude={"for_s"}) | {"until": until})


def may_set(center: Center, who: str) -> bool:
    """A program's token, or an account that the center's file names."""
    return who == API_USER or who in center.config.conduct.supervisors


def build_rules_api(center: Center) -> APIRouter:
    """Answers with the box's last word; 403 for who is no supervisor, 404 for a rule that the box has not told.

    409: the box is offline, or nothing can be sent; 504: no word came.
    """
    router = APIRouter()

    @router.post("/api/rules/{site}/{box}")
    async def configure(site: str, box: str, asked: SettingRequest, request: Request) -> dict[str, str]:
        topics, who = topics_of(site, box), session_of(request).user
        if not may_set(center, who):
            raise HTTPException(403, "only for a program's token and for accounts of conduct.supervisors")
        args = asked.args(center.now())
        await asyncio.to_thread(_check_there, center, topics, args)
        return await _ask(center, topics, args, who)

    return router


def _check_there(center: Center, topics: Topics, args: ConfigureArgs) -> None:
    """Raises HTTPException for a rule that its box has not told, and for a box that is away."""
    known = next((one for one in center.store.boxes() if (one.site, one.box) == (topics.site, topics.box)), None)
    cameras = known.birth.cameras if known is not None and known.birth is not None else ()
    told = {(camera.id, rule.kind, rule.zone) for camera in cameras for rule in camera.rules}
    if known is None or args.key not in told:
        raise HTTPException(404, f"{topics.site}/{topics.box} has told of no rule {' '.join(args.key)}")
    if not known.online:
        raise HTTPException(409, "the box is offline, nothing was sent")


async def _ask(center: Center, topics: Topics, args: ConfigureArgs, who: str) -> dict[str, str]:
    """The box's last word, on every screen as soon as it is there."""
    key: RuleKey = (topics.site, topics.box, *args.key)
    what, say = str(args), center.rule_words.say
    command = center.orders.make("configure", args, who)
    about = (who, "/".join(key[:3]), f"{args.kind} {args.zone}: {what}")
    silence = "the box gave no last word in time; what is in force stands in its row"
    say(key, "sending", what, who)
    try:
        answer = await sent_and_answered(center, topics, "configure", command, about, ANSWER_WITHIN_S, silence)
    except HTTPException as error:
        say(key, "unanswered" if error.status_code == NO_ANSWER else "failed", what, who, str(error.detail))
        raise
    say(key, _STATES.get(answer["status"], "refused"), what, who, answer["reason"])
    return answer
