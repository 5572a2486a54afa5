"""Topics: `eg1/{site}/{box}/...`, built and parsed in one place.

No personal data belongs in a topic; every variable part is a segment of letters, digits, "_", "." and "-".
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from edgeguard.contract.base import SEGMENT_PATTERN
from edgeguard.contract.codes import Family
from edgeguard.errors import ContractError

ROOT = "eg1"
EVERY_BOX = f"{ROOT}/+/+/#"

_SEGMENT = re.compile(SEGMENT_PATTERN)


class Kind(StrEnum):
    """What a topic carries; the value is its shape below the box, one `+` per variable part."""

    BIRTH = "birth"
    STATE = "state"
    EVENT = "event/+"
    PICTURE = "picture/+/+"
    EVIDENCE = "evidence/+"
    VIEW = "view/+"
    CAMERA_HEALTH = "cam/+/health"
    TAIL = "tail"
    ACCESS = "access"
    METRICS = "metrics"
    CMD = "cmd/+"
    CMD_ACK = "cmd_ack/+"
    DOSSIER = "dossier/+"
    ACK = "ack"
    GAP = "gap"
    TALK = "talk/+"


@dataclass(frozen=True, slots=True)
class Address:
    """A parsed topic: `args` are the variable parts, for a picture (event_id, number)."""

    site: str
    box: str
    kind: Kind
    args: tuple[str, ...] = ()

    @property
    def topic(self) -> str:
        args = iter(self.args)
        below = [next(args) if part == "+" else part for part in self.kind.split("/")]
        return "/".join((ROOT, self.site, self.box, *below))


@dataclass(frozen=True, slots=True)
class Topics:
    """The topics of one box; raises ContractError for a name that cannot be a segment."""

    site: str
    box: str

    def __post_init__(self) -> None:
        checked_segment("site", self.site)
        checked_segment("box", self.box)

    @property
    def birth(self) -> str:
        return self._of(Kind.BIRTH)

    @property
    def state(self) -> str:
        return self._of(Kind.STATE)

    @property
    def tail(self) -> str:
        return self._of(Kind.TAIL)

    @property
    def access(self) -> str:
        return self._of(Kind.ACCESS)

    @property
    def metrics(self) -> str:
        return self._of(Kind.METRICS)

    @property
    def ack(self) -> str:
        return self._of(Kind.ACK)

    @property
    def gap(self) -> str:
        return self._of(Kind.GAP)

    @property
    def every_cmd(self) -> str:
        """Filter for all commands to this box."""
        return f"{ROOT}/{self.site}/{self.box}/{Kind.CMD}"

    @property
    def every_talk(self) -> str:
        """Filter for the sound of every live talk to this box."""
        return f"{ROOT}/{self.site}/{self.box}/{Kind.TALK}"

    def talk(self, command_id: str) -> str:
        return self._of(Kind.TALK, command_id)

    def event(self, family: Family) -> str:
        return self._of(Kind.EVENT, family)

    def picture(self, event_id: str, number: int) -> str:
        return self._of(Kind.PICTURE, event_id, str(number))

    def evidence(self, event_id: str) -> str:
        return self._of(Kind.EVIDENCE, event_id)

    def view(self, camera: str) -> str:
        return self._of(Kind.VIEW, camera)

    def camera_health(self, camera: str) -> str:
        return self._of(Kind.CAMERA_HEALTH, camera)

    def cmd(self, name: str) -> str:
        return self._of(Kind.CMD, name)

    def cmd_ack(self, command_id: str) -> str:
        return self._of(Kind.CMD_ACK, command_id)

    def dossier(self, command_id: str) -> str:
        return self._of(Kind.DOSSIER, command_id)

    def _of(self, kind: Kind, *args: str) -> str:
        for arg in args:
            checked_segment(kind.name.lower(), arg)
        return Address(self.site, self.box, kind, args).topic


def parse(topic: str) -> Address:
    """Read a topic; raise ContractError when it is none of the contract's."""
    root, *parts = topic.split("/")
    if root != ROOT or len(parts) < 3 or not all(_SEGMENT.fullmatch(part) for part in parts):
        raise ContractError(f"topic {topic!r}, accepted: {ROOT}/SITE/BOX/... with parts matching {SEGMENT_PATTERN}")
    site, box, *below = parts
    for kind in Kind:
        args = _match(kind.split("/"), below)
        if args is not None:
            return Address(site, box, kind, args)
    raise ContractError(f"topic {topic!r}: {'/'.join(below)!r}, accepted: {', '.join(Kind)}")


def checked_segment(what: str, value: str) -> str:
    """Return the value; raise ContractError when it cannot stand between two slashes."""
    if not _SEGMENT.fullmatch(value):
        raise ContractError(f"{what} {value!r} cannot be part of a topic, accepted: {SEGMENT_PATTERN}")
    return value


def _match(shape: list[str], parts: list[str]) -> tuple[str, ...] | None:
    if len(shape) != len(parts) or any(want not in ("+", part) for want, part in zip(shape, parts, strict=True)):
        return None
    return tuple(part for want, part in zip(shape, parts, strict=True) if want == "+")
