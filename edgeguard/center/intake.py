"""From an MQTT message to what it says, or to why it cannot be used. Nothing here touches network or disk."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edgeguard.contract.access import AccessSummary
from edgeguard.contract.commands import CommandAck
from edgeguard.contract.device import Birth, CameraHealth, State, Tail
from edgeguard.contract.event import Event
from edgeguard.contract.rights import DossierPart
from edgeguard.contract.topics import Address, Kind, parse
from edgeguard.errors import ContractError

MAX_PICTURE_BYTES: Final = 128 * 1024
MAX_PICTURES: Final = 100
_JPEG_START: Final = b"\xff\xd8\xff"
# SQLite's INTEGER.
_MAX_COUNT: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Received:
    """A message as it came. `mid` and `connection` are what its acknowledgement needs."""

    topic: str
    payload: bytes
    received_at: datetime
    mid: int = 0
    qos: int = 0
    connection: int = 0


@dataclass(frozen=True, slots=True)
class EventArrival:
    """One step of an episode; `body` is kept as it came."""

    event: Event
    body: bytes


@dataclass(frozen=True, slots=True)
class PictureArrival:
    """The n-th picture of an event."""

    event_id: str
    n: int
    jpeg: bytes


Content = (
    EventArrival
    | PictureArrival
    | Birth
    | State
    | CameraHealth
    | Tail
    | AccessSummary
    | CommandAck
    | DossierPart
    | None
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that can be used; `content` is None where the center has nothing to keep."""

    address: Address
    content: Content


def read(message: Received) -> Arrival:
    """Raises ContractError with the reason for the dead-letter table."""
    address = parse(message.topic)
    return Arrival(address, _content(address, message.payload))


def _content(address: Address, payload: bytes) -> Content:
    reader = _READERS.get(address.kind)
    # An emptied retained message takes a box off the broker; it has nothing to say.
    if reader is None or (not payload and address.kind in _RETAINED):
        return None
    return reader(address, payload)


def _event(address: Address, payload: bytes) -> EventArrival:
    event = Event.from_json(payload)
    if (event.site, event.box) != (address.site, address.box):
        raise ContractError(f"source {event.source!r} on a topic of //{address.site}/{address.box}")
    if max(event.data.seq, event.data.rev) > _MAX_COUNT:
        raise ContractError(f"seq {event.data.seq}, rev {event.data.rev}, accepted: at most {_MAX_COUNT}")
    return EventArrival(event, payload)


def _picture(address: Address, payload: bytes) -> PictureArrival:
    event_id, number = address.args
    if not (number.isascii() and number.isdigit() and int(number) < MAX_PICTURES):
        raise ContractError(f"picture number {number!r}, accepted: 0 to {MAX_PICTURES - 1}")
    if len(payload) > MAX_PICTURE_BYTES:
        raise ContractError(f"picture of {len(payload)} bytes, accepted: at most {MAX_PICTURE_BYTES}")
    if not payload.startswith(_JPEG_START):
        raise ContractError(f"picture starts with {payload[:4].hex()!r}, accepted: JPEG")
    return PictureArrival(event_id, int(number), payload)


def _health(address: Address, payload: bytes) -> CameraHealth:
    health = CameraHealth.from_json(payload)
    if health.camera != address.args[0]:
        raise ContractError(f"camera {health.camera!r} on the topic of camera {address.args[0]!r}")
    return health


def _tail(_: Address, payload: bytes) -> Tail:
    tail = Tail.from_json(payload)
    if max(tail.seq, *(lost.to_seq for lost in tail.lost), 0) > _MAX_COUNT:
        raise ContractError(f"tail of seq {tail.seq}, accepted: at most {_MAX_COUNT}")
    return tail


def _answer(address: Address, payload: bytes) -> CommandAck:
    answer = CommandAck.from_json(payload)
    if answer.id != address.args[0]:
        raise ContractError(f"answer to command {answer.id!r} on the topic of command {address.args[0]!r}")
    return answer


def _part(address: Address, payload: bytes) -> DossierPart:
    part = DossierPart.from_json(payload)
    if part.id != address.args[0]:
        raise ContractError(f"part of dossier {part.id!r} on the topic of dossier {address.args[0]!r}")
    return part


_RETAINED: Final = frozenset({Kind.BIRTH, Kind.STATE, Kind.CAMERA_HEALTH, Kind.TAIL, Kind.ACCESS})
_READERS: Final[dict[Kind, Callable[[Address, bytes], Content]]] = {
    Kind.EVENT: _event,
    Kind.PICTURE: _picture,
    Kind.BIRTH: lambda _, payload: Birth.from_json(payload),
    Kind.STATE: lambda _, payload: State.from_json(payload),
    Kind.CAMERA_HEALTH: _health,
    Kind.CMD_ACK: _answer,
    Kind.DOSSIER: _part,
    Kind.TAIL: _tail,
    Kind.ACCESS: lambda _, payload: AccessSummary.from_json(payload),
}
