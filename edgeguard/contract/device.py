"""What a box says about itself: birth, state, camera health, tail, uploaded evidence."""

from enum import StrEnum

from pydantic import Field

from edgeguard.contract.base import Message, Segment, Sha256, Text, Timestamp, Ulid, Word
from edgeguard.contract.codes import CODES_VERSION
from edgeguard.contract.event import Clock, ModelRef, Place


class Software(Message):
    """Name and version of the program."""

    name: Text = "edgeguard"
    version: Text


class ArmedWindow(Message):
    """A daily window, `HH:MM` to `HH:MM`; `end` at or before `start` runs over midnight."""

    start: Text
    end: Text
    days: tuple[Word, ...] = ()


class RuleValues(Message):
    """Settings of a scenario; None: it has no such setting, or the detector's own value holds.

    Without `windows` it is always armed; they are in `timezone`, None: in UTC.
    """

    min_score: float | None = None
    dwell_s: float | None = None
    timezone: Text | None = None
    windows: tuple[ArmedWindow, ...] = ()


class RuleOverride(Message):
    """What `configure` has set of a scenario, who asked and when; `site_file`: the values under it."""

    fields: tuple[Word, ...]
    by: Text
    at: Timestamp
    until: Timestamp | None = None
    site_file: RuleValues


class RuleInfo(RuleValues):
    """A scenario of a camera as it is in force; not `on`: it does not watch.

    `settable`: what `configure` may set of it; `at_most_s`: for how long at most, None: until it is changed.
    """

    kind: Segment
    zone: Text
    on: bool = True
    settable: tuple[Word, ...] = ()
    at_most_s: float | None = None
    override: RuleOverride | None = None


class CameraInfo(Message):
    """A camera by its id and where it looks; `rules`: what it watches for, empty from a box that does not tell."""

    id: Segment
    label: Text | None = None
    place: Place | None = None
    rules: tuple[RuleInfo, ...] = ()


class Parameter(Message):
    """A parameter of a capability: the values accepted, as a range or as a list."""

    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Text, ...] = ()


class Capability(Message):
    """Something the box can do, by the name of its command or scenario."""

    name: Segment
    parameters: dict[str, Parameter] = Field(default_factory=dict)


class Birth(Message):
    """Retained on `birth`, again after every connection; `clock` as it was then, left out where it is not known.

    `settings_lost`: why something that `configure` had set is not in force.
    """

    software: Software
    boot_id: Text
    bd_seq: int = Field(ge=0)
    started_at: Timestamp | None = None
    clock: Clock | None = None
    codes_version: int = CODES_VERSION
    models: tuple[ModelRef, ...] = ()
    cameras: tuple[CameraInfo, ...] = ()
    capabilities: tuple[Capability, ...] = ()
    settings_lost: Text | None = None


class BoxStatus(StrEnum):
    """OFFLINE is said by the broker, from the last will."""

    ONLINE = "online"
    STOPPING = "stopping"
    OFFLINE = "offline"


class State(Message):
    """Retained on `state`. An OFFLINE with a lower `bd_seq` than the latest birth is a stale will: the box lives."""

    state: BoxStatus
    bd_seq: int = Field(ge=0)


class CameraStatus(StrEnum):
    """How much a camera can be relied on."""

    OK = "ok"
    DEGRADED = "degraded"
    BLIND = "blind"
    OFF = "off"


class CameraHealth(Message):
    """Retained on `cam/{camera}/health`; rates in frames per second, counts since the box started."""

    camera: Segment
    status: CameraStatus
    reason: Text | None = None
    fps_in: float = Field(default=0.0, ge=0)
    fps_done: float = Field(default=0.0, ge=0)
    dropped: int = Field(default=0, ge=0)
    blind_s_today: float = Field(default=0.0, ge=0)
    at: Timestamp | None = None


class Lost(Message):
    """Events that can never be sent, both ends included: nobody needs to wait or ask for them."""

    from_seq: int = Field(ge=1)
    to_seq: int = Field(ge=1)
    reason: Text


class Tail(Message):
    """Retained on `tail`: the last `seq` given out, 0 before the first event, and the latest ranges that are lost."""

    seq: int = Field(ge=0)
    lost: tuple[Lost, ...] = ()
    at: Timestamp | None = None


class Evidence(Message):
    """What was uploaded for an event; who may see it asks the store. `note`: what it lacks, in words."""

    event_id: Ulid
    kind: Word
    name: Segment | None = None
    media_type: Text | None = None
    sha256: Sha256
    size_bytes: int = Field(ge=0)
    note: Text | None = None
