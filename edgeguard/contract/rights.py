"""The rights of one person, asked for by a platform: a copy of what a box holds of them, and its deletion.

Both travel signed. The copy comes back on `dossier/{command id}`, sealed to a key that was made for this one request
(`sealing`): a broker that others run reads nothing of it.
"""

import base64
import binascii
import json
import zlib
from typing import Annotated, Any, Self

from pydantic import Field, StringConstraints, model_validator

from edgeguard.contract.base import Message, Order, Segment
from edgeguard.contract.lists import Ref
from edgeguard.contract.sealing import REPLY_KEY_PATTERN
from edgeguard.errors import ContractError

# In base64 a part fits into a message of 64 KiB.
PART_BYTES = 45 * 1024
# More than a box writes of one person in ten years.
MAX_PARTS = 400
# What comes from elsewhere must not fill a memory.
MOST_BYTES = 64 * 1024 * 1024

ReplyKeyText = Annotated[str, StringConstraints(pattern=REPLY_KEY_PATTERN)]


class ExportArgs(Order):
    """Tell what is held of `ref`, sealed to `reply_key`: `x25519:` and 32 bytes in base64."""

    ref: Ref
    reply_key: ReplyKeyText


class EraseArgs(Order):
    """Delete everything of `ref`; the answer names the row of the audit that proves it."""

    ref: Ref


class DossierPart(Message):
    """Part `part` of `parts` of what was sealed, in base64; on `dossier/{id}`, `id` of the command that asked."""

    id: Segment
    part: int = Field(ge=1)
    parts: int = Field(ge=1, le=MAX_PARTS)
    sealed: str

    @model_validator(mode="after")
    def _counts(self) -> Self:
        if self.part > self.parts:
            raise ValueError(f"part {self.part} of {self.parts}")
        return self

    def body(self) -> bytes:
        """Raises ContractError for what is no base64."""
        try:
            return base64.b64decode(self.sealed, validate=True)
        except binascii.Error as error:
            raise ContractError(f"part {self.part} of dossier {self.id} is no base64") from error


def packed(told: dict[str, Any]) -> bytes:
    """A copy as it is sealed: compressed JSON."""
    return zlib.compress(json.dumps(told, ensure_ascii=False).encode())


def unpacked(body: bytes) -> dict[str, Any]:
    """Raises ContractError for anything else than what `packed` made."""
    try:
        told: dict[str, Any] = json.loads(zlib.decompressobj().decompress(body, MOST_BYTES))
    except (zlib.error, ValueError) as error:
        raise ContractError(f"a copy of {len(body)} bytes cannot be read: {error}") from error
    return told


def in_parts(command_id: str, sealed: bytes) -> list[DossierPart]:
    """Raises ContractError for more than MAX_PARTS of PART_BYTES."""
    pieces = [sealed[start : start + PART_BYTES] for start in range(0, len(sealed), PART_BYTES)]
    if len(pieces) > MAX_PARTS:
        raise ContractError(f"a copy of {len(sealed)} bytes, accepted: at most {MAX_PARTS * PART_BYTES}")
    return [
        DossierPart(id=command_id, part=number, parts=len(pieces), sealed=base64.b64encode(piece).decode())
        for number, piece in enumerate(pieces, start=1)
    ]
