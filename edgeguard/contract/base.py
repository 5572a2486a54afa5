"""What every message of the contract shares: identifiers, timestamps, reading and writing JSON."""

from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, PlainSerializer, StringConstraints
from pydantic import ValidationError as PydanticValidationError

from edgeguard.errors import ContractError

# Intermediaries need not forward more than this (CloudEvents 1.0, "Size Limits").
MAX_MESSAGE_BYTES = 64 * 1024

# A topic segment, so neither "/", "+", "#" nor a space can get into a topic.
SEGMENT_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$"
ULID_PATTERN = r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$"
CODE_PATTERN = r"^[A-Z]+(\.[A-Z0-9]+){1,2}$"
SHA256_PATTERN = r"^[0-9a-f]{64}$"


def utc_ms(moment: datetime) -> datetime:
    """The same moment in UTC, cut to whole milliseconds."""
    moment = moment.astimezone(UTC)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def rfc3339(moment: datetime) -> str:
    """`2026-01-31T08:00:00.000Z`."""
    return utc_ms(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Segment = Annotated[str, StringConstraints(pattern=SEGMENT_PATTERN)]
Ulid = Annotated[str, StringConstraints(pattern=ULID_PATTERN)]
CodeName = Annotated[str, StringConstraints(pattern=CODE_PATTERN, max_length=48)]
Sha256 = Annotated[str, StringConstraints(pattern=SHA256_PATTERN)]
Word = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,48}$")]
Text = Annotated[str, StringConstraints(max_length=2000)]
Timestamp = Annotated[
    AwareDatetime, AfterValidator(utc_ms), PlainSerializer(rfc3339, return_type=str, when_used="json")
]


class Message(BaseModel):
    """Frozen; reads past fields it does not know, so an older reader understands a newer writer."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    def to_json(self) -> bytes:
        """UTF-8 JSON without the fields that are None."""
        return self.model_dump_json(by_alias=True, exclude_none=True).encode()

    @classmethod
    def from_json(cls, payload: bytes | str) -> Self:
        """Read one message; raise ContractError naming every field that is wrong."""
        if len(payload) > MAX_MESSAGE_BYTES:
            raise ContractError(f"{cls.__name__}: {len(payload)} bytes, accepted: at most {MAX_MESSAGE_BYTES}")
        try:
            return cls.model_validate_json(payload)
        except PydanticValidationError as error:
            raise ContractError(f"{cls.__name__}: {describe(error)}") from error


class Order(Message):
    """A message that makes the receiver act: an unknown field is refused, never guessed at."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def describe(error: PydanticValidationError) -> str:
    """One line: where, what is wrong, the value met."""
    problems = []
    for item in error.errors(include_url=False, include_context=False):
        where = ".".join(str(part) for part in item["loc"]) or "message"
        problems.append(f"{where}: {item['msg']} (met {_short(item['input'])})")
    return "; ".join(problems)


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
