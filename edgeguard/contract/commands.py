"""Commands to a box and their answers. A new command is a new class and a row of COMMANDS."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from edgeguard.contract.base import Message, Order, Segment, Text, Timestamp, Ulid
from edgeguard.contract.lists import ListsArgs
from edgeguard.contract.passes import PassArgs, RevokeArgs
from edgeguard.contract.rights import EraseArgs, ExportArgs
from edgeguard.contract.rules import ConfigureArgs
from edgeguard.errors import ContractError

# Of a view and of a talk: what nobody ends, ends by itself.
MAX_DURATION_S = 120
MAX_RATE_HZ = 8
# Of a signed command, from issue to expiry: what was recorded on the way is soon worth nothing.
MAX_SIGNED_LIFE_S = 300

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")]


Direction = Literal["in", "out"]


class Command(Order):
    """What every command has. Executed at most once per `id`, and never at or after `expires_at`.

    `signed`: it opens, releases, switches, changes lists, passes or configuration, or acts on what is held of one
    person, so it travels as a SignedOrder. `seals`: the reason of its `done` is sealed to who asked.
    """

    signed: ClassVar[bool] = False
    seals: ClassVar[bool] = False

    id: Segment
    issued_at: Timestamp
    expires_at: Timestamp
    by: Text

    @model_validator(mode="after")
    def _expires_after_issue(self) -> Self:
        if self.expires_at <= self.issued_at:
            raise ValueError(f"expires_at {self.expires_at} must be later than issued_at {self.issued_at}")
        return self

    def expired(self, now: datetime) -> bool:
        return now >= self.expires_at


class SpeakArgs(Order):
    """Play a phrase by name: where `camera` looks, else on the box; in `language`, else in all the site speaks."""

    phrase: Segment
    camera: Segment | None = None
    language: Language | None = None
    repeat: int = Field(default=1, ge=1, le=5)


class ViewArgs(Order):
    """Send live pictures of a camera for a while; it ends by itself."""

    camera: Segment
    duration_s: float = Field(default=30.0, gt=0, le=MAX_DURATION_S)
    rate_hz: float = Field(default=2.0, gt=0, le=MAX_RATE_HZ)


class TalkArgs(Order):
    """Let a live voice speak where `camera` looks, else on the box; it ends by itself.

    Its sound follows as chunks on `talk/{command id}`; `event_id`: the episode it belongs to.
    """

    camera: Segment | None = None
    event_id: Ulid | None = None
    duration_s: float = Field(default=30.0, gt=0, le=MAX_DURATION_S)


class OpenArgs(Order):
    """Open a gate once, as a guard's button would; `reason` in words, for the record."""

    gate: Segment
    direction: Direction | None = None
    reason: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class CutOffArgs(Order):
    """Take the current off a charging point; `event_id`: the episode that the box tells of it."""

    sensor: Segment
    event_id: Ulid | None = None


class SpeakCommand(Command):
    """`cmd/speak`."""

    args: SpeakArgs


class ViewCommand(Command):
    """`cmd/view`."""

    args: ViewArgs


class TalkCommand(Command):
    """`cmd/talk`."""

    args: TalkArgs


class OpenCommand(Command):
    """`cmd/open`, in a SignedOrder."""

    signed: ClassVar[bool] = True
    args: OpenArgs


class ReleaseArgs(Order):
    """Let the lift's door go that is held open where `camera` looks."""

    camera: Segment


class ReleaseCommand(Command):
    """`cmd/release`, in a SignedOrder."""

    signed: ClassVar[bool] = True
    args: ReleaseArgs


class ListsCommand(Command):
    """`cmd/lists`: who may go in, in a SignedOrder. Nobody but the center may say so."""

    signed: ClassVar[bool] = True
    args: ListsArgs


class ExportCommand(Command):
    """`cmd/export`, in a SignedOrder; DONE when every part of the copy waits to be sent."""

    signed: ClassVar[bool] = True
    args: ExportArgs


class EraseCommand(Command):
    """`cmd/erase`, in a SignedOrder; DONE when it is gone from the disk."""

    signed: ClassVar[bool] = True
    args: EraseArgs


class PassCommand(Command):
    """`cmd/pass`, in a SignedOrder; the reason of DONE is a sealed `PassMade`."""

    signed: ClassVar[bool] = True
    seals: ClassVar[bool] = True
    args: PassArgs


class RevokeCommand(Command):
    """`cmd/revoke`, in a SignedOrder: a pass becomes void."""

    signed: ClassVar[bool] = True
    args: RevokeArgs


class ConfigureCommand(Command):
    """`cmd/configure`, in a SignedOrder; DONE when it is in force and on the disk."""

    signed: ClassVar[bool] = True
    args: ConfigureArgs


class SignedOrder(Order):
    """How a signed command travels: its JSON as text, and the Ed25519 signature over topic and text.

    `key_id` names the key (see `edgeguard.contract.signing`); `signature` is 64 bytes in base64.
    """

    key_id: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
    signature: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9+/]{86}==$")]
    command: str = Field(json_schema_extra={"contentMediaType": "application/json"})


class CutOffCommand(Command):
    """`cmd/cut_off`, in a SignedOrder: a person asks, never a rule; DONE when the switch reads back as off."""

    signed: ClassVar[bool] = True
    args: CutOffArgs


COMMANDS: dict[str, type[Command]] = {
    "speak": SpeakCommand,
    "view": ViewCommand,
    "talk": TalkCommand,
    "open": OpenCommand,
    "release": ReleaseCommand,
    "cut_off": CutOffCommand,
    "lists": ListsCommand,
    "export": ExportCommand,
    "erase": EraseCommand,
    "pass": PassCommand,
    "revoke": RevokeCommand,
    "configure": ConfigureCommand,
}


class CommandStatus(StrEnum):
    """ACCEPTED is followed by DONE or FAILED; the others are last words."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    DONE = "done"
    FAILED = "failed"
    EXPIRED = "expired"


class CommandAck(Message):
    """Answer on `cmd_ack/{id}`; `at` is the box's clock, so an operator sees when clocks disagree."""

    id: Segment
    name: Segment
    status: CommandStatus
    at: Timestamp
    reason: Text | None = None


def read_command(name: str, payload: bytes) -> Command:
    """Read the payload of `cmd/{name}`; raise ContractError for an unknown name or a payload off its schema."""
    try:
        kind = COMMANDS[name]
    except KeyError as error:
        raise ContractError(f"command {name!r}, accepted: {', '.join(COMMANDS)}") from error
    return kind.from_json(payload)
