"""A visitor's pass, made and withdrawn on a box by command of a platform. Both travel signed.

What was made comes back as the reason of `done`: a `PassMade`, sealed to a key of this one request (`sealing`) and in
base64, so that a broker that others run cannot open a gate with it.
"""

import base64
import binascii
from typing import Annotated

from pydantic import Field, StringConstraints

from edgeguard.contract.base import Message, Order, Segment, Text, Timestamp
from edgeguard.contract.rights import ReplyKeyText
from edgeguard.contract.sealing import ReplyKey, seal
from edgeguard.errors import ContractError

# The box's own limits, which hold: `edgeguard.access.passes`.
MAX_PASS_USES = 20
MAX_PASS_DAYS = 7

PassId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]


class PassArgs(Order):
    """A pass for `gates` that take codes, from `valid_from` (left out: now) until `valid_until`."""

    gates: tuple[Segment, ...] = Field(min_length=1, max_length=32)
    valid_from: Timestamp | None = None
    valid_until: Timestamp
    uses: int = Field(default=1, ge=1, le=MAX_PASS_USES)
    reply_key: ReplyKeyText


class RevokeArgs(Order):
    """The pass opens nothing any more."""

    pass_id: PassId


class PassMade(Message):
    """`text`: what the code holds; `gates`: what people call them, as the box's site file has it."""

    pass_id: PassId
    text: Text
    valid_from: Timestamp
    valid_until: Timestamp
    uses: int
    gates: tuple[Text, ...]

    def sealed(self, reply_key: str, about: str) -> str:
        """For who asked only; `about`: the topic of the answer. Raises ContractError for what is no key."""
        return base64.b64encode(seal(reply_key, self.to_json(), about)).decode()

    @classmethod
    def opened(cls, reason: str, key: ReplyKey, about: str) -> "PassMade":
        """Raises ContractError where it was sealed to another key, about something else, or is no pass."""
        try:
            sealed = base64.b64decode(reason, validate=True)
        except binascii.Error as error:
            raise ContractError("a sealed answer that is no base64") from error
        return cls.from_json(key.open(sealed, about))
