"""Events: the facts of one step of an episode, and the CloudEvents 1.0 envelope they travel in.

A stage makes an `EventDraft`; the journal gives it `seq` and `rev` and so makes the `Event`.
"""

import json
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AliasChoices, Field, model_validator

from edgeguard.contract.base import (
    SEGMENT_PATTERN,
    CodeName,
    Message,
    Order,
    Segment,
    Sha256,
    Text,
    Timestamp,
    Ulid,
    Word,
    rfc3339,
)
from edgeguard.contract.codes import family_of, find
from edgeguard.errors import ContractError
from edgeguard.types import Phase, Severity

DATA_SCHEMA = "urn:edgeguard:schema:event:v1"
_SEGMENT = SEGMENT_PATTERN.strip("^$")

Unit = Annotated[float, Field(ge=0, le=1)]
Box = tuple[Unit, Unit, Unit, Unit]


class Place(Message):
    """Where, in the words of the site; `address_code` and `grid_code` are the ones of the city's platform."""

    site: Segment
    building: Text | None = None
    unit: Text | None = None
    lift: Text | None = None
    gate: Text | None = None
    address_code: Text | None = None
    grid_code: Text | None = None


class SeenObject(Message):
    """What was seen; `box` is (x0, y0, x1, y1) in 0..1 of the picture. JSON name of `label`: `class`."""

    label: Text = Field(validation_alias=AliasChoices("class", "label"), serialization_alias="class")
    track_id: int | None = None
    box: Box | None = None
    score: Unit | None = None
    frames_seen: int = Field(default=0, ge=0)
    first_seen: Timestamp | None = None
    last_seen: Timestamp | None = None


class Decision(Message):
    """`reason`: why this step was reported; `outcome`: how it was decided or ended. `list_name` is `list` in JSON."""

    outcome: Word | None = None
    reason: Word | None = None
    list_name: Text | None = Field(
        default=None, validation_alias=AliasChoices("list", "list_name"), serialization_alias="list"
    )
    subject_ref: Text | None = None


class Plate(Message):
    """A number plate as read; `char_conf` 0..1 per character, `votes` reads that agreed.

    `candidates`: what it may be, likeliest first, for a guard to pick from. Only where the site tells plates in the
    clear: pseudonyms are nothing to pick from.
    """

    text: Text
    type: Word | None = None
    colour: Word | None = None
    char_conf: tuple[Unit, ...] = ()
    votes: int = Field(default=1, ge=1)
    candidates: Annotated[tuple[Text, ...], Field(max_length=8)] = ()


class Face(Message):
    """A comparison with the enrolled faces: never a picture, a name or a template."""

    enrol_ref: Text | None = None
    similarity: float | None = None
    threshold: float | None = None
    quality: Unit | None = None
    liveness: Unit | None = None


class SensorReading(Message):
    """One value and how old it was when the event was decided."""

    value: float | bool | str
    unit: Text = ""
    age_ms: float | None = Field(default=None, ge=0)


class Action(Message):
    """Something the box did: a phrase (`type` "voice", `target` the output, `asset` the phrase) or a relay."""

    type: Word
    target: Text
    asset: Text | None = None
    language: Text | None = None
    started_at: Timestamp | None = None
    ended_at: Timestamp | None = None
    result: Word
    detail: Text | None = None


class Timing(Message):
    """When each stage was reached, so that a late alarm can be explained; the uplink fills in `published`."""

    captured: Timestamp | None = None
    decided: Timestamp | None = None
    spoken: Timestamp | None = None
    published: Timestamp | None = None


class Clock(Message):
    """Whether the box's clock could be trusted."""

    synced: bool
    offset_ms: float | None = None


class ModelRef(Message):
    """The weights that saw it."""

    name: Text
    sha256: Sha256 | None = None


class EventFacts(Message):
    """What draft and event have in common. `code` may be newer than this reader's table."""

    event_id: Ulid
    phase: Phase
    code: CodeName
    severity: Severity
    historical: bool = False
    place: Place | None = None
    camera: Segment | None = None
    rule: Text | None = None
    rule_version: Text | None = None
    zones: tuple[Text, ...] = ()
    dwell_s: float = Field(default=0.0, ge=0)
    object: SeenObject | None = None
    decision: Decision | None = None
    plate: Plate | None = None
    face: Face | None = None
    sensors: dict[str, SensorReading] = Field(default_factory=dict)
    actions: tuple[Action, ...] = ()
    timing: Timing = Timing()
    clock: Clock | None = None
    model: ModelRef | None = None
    end_reason: Word | None = None


def _known(code: str) -> str:
    try:
        return find(code).code
    except ContractError as error:
        raise ValueError(str(error)) from error


class EventDraft(EventFacts, Order):
    """A step before the journal has it; `at` is when it happened and becomes the envelope's `time`."""

    at: Timestamp
    code: Annotated[CodeName, AfterValidator(_known)]


class EventData(EventFacts):
    """`seq` counts all events of a box without holes, `rev` those of one episode from 0."""

    seq: int = Field(ge=1)
    rev: int = Field(ge=0)


class Event(Message):
    """The envelope. A re-send keeps its `id`, so a consumer drops what it has seen."""

    specversion: Literal["1.0"] = "1.0"
    id: str = Field(pattern=r"^[0-9A-Z]{26}\.[0-9]+$")
    source: str = Field(pattern=rf"^//{_SEGMENT}/{_SEGMENT}$")
    type: str
    subject: Ulid
    time: Timestamp
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: str = DATA_SCHEMA
    data: EventData

    @model_validator(mode="after")
    def _envelope_tells_the_same(self) -> Self:
        expected = {"id": f"{self.data.event_id}.{self.data.rev}", "subject": self.data.event_id}
        expected["type"] = event_type(self.data.code)
        for name, value in expected.items():
            if getattr(self, name) != value:
                raise ValueError(f"{name} is {getattr(self, name)!r}, but the data says {value!r}")
        return self

    @classmethod
    def of(cls, draft: EventDraft, *, site: str, box: str, seq: int, rev: int) -> Self:
        """Put a draft into its envelope; a draft without a place gets the box's site."""
        facts = {name: getattr(draft, name) for name in EventFacts.model_fields}
        facts["place"] = draft.place or Place(site=site)
        return cls(
            id=f"{draft.event_id}.{rev}",
            source=f"//{site}/{box}",
            type=event_type(draft.code),
            subject=draft.event_id,
            time=draft.at,
            data=EventData(seq=seq, rev=rev, **facts),
        )

    @property
    def site(self) -> str:
        return self.source.split("/")[2]

    @property
    def box(self) -> str:
        return self.source.split("/")[3]


def event_type(code: str) -> str:
    return f"edgeguard.{family_of(code)}.{code}.v1"


def stamped(payload: bytes, published: datetime, *, historical: bool) -> bytes:
    """A stored event as it goes out: when it was published, and whether it is history; all else as it was."""
    event = json.loads(payload)
    event["data"].setdefault("timing", {})["published"] = rfc3339(published)
    event["data"]["historical"] = historical
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
