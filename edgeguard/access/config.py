"""Gates and the rules of the box's directory, as the site file has them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from edgeguard.access.claims import Means
from edgeguard.contract.base import Segment
from edgeguard.schedule import known_zone
from edgeguard.yamlfile import Strict

# What a person without a face on record, or who wants none there, can use. A plate lets a car in, not a person.
BESIDES_FACE = (Means.CARD, Means.PIN, Means.QR, Means.GUARD)
# Measures on the use of face recognition (2025): from so many faces on, a filing with the authority within 30 days.
FILING_FACES = 100_000
# From a car's window or a parking place to the door.
FIRST_WITHIN_S = 60.0


class Passback(StrEnum):
    """In without having gone out: `soft` opens and says so, `hard` refuses."""

    OFF = "off"
    SOFT = "soft"
    HARD = "hard"


class FirstSource(Strict):
    """A camera or a reader where something is shown before the face that comes at a gate."""

    camera: Segment | None = Field(default=None, description="a camera of this box with a rule at a gate")
    reader: Segment | None = Field(default=None, description="a reader, by the name it gives with what it was shown")
    within_s: float = Field(default=FIRST_WITHIN_S, ge=2, le=600, description="the face must come within so long")

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.camera is None) == (self.reader is None):
            raise ValueError("exactly one of: camera; reader")
        return self

    def is_one(self, *, camera: str | None, reader: str | None) -> bool:
        return (self.camera or self.reader) in ({camera} if self.camera else {reader})


class GateRules(Strict):
    """Who one gate or door opens for."""

    id: Segment = Field(description="the gate's id, as people, vehicles and passes are admitted to it")
    means: tuple[Means, ...] = Field(min_length=1, description="what is taken here; a face never alone")
    face: Literal["search", "verify"] = Field(
        default="search",
        description="search: whose face is it (1:N); verify: is it theirs (1:1), after card, QR, plate",
    )
    first: tuple[FirstSource, ...] = Field(
        default=(),
        max_length=16,
        description="verify: cameras and readers elsewhere whose plates, cards, PINs and codes count as shown first",
    )
    liveness: Literal["required", "off"] = Field(default="required", description="off only where nobody is unwatched")
    min_plate_reads: int = Field(default=2, ge=1, le=20, description="looks that must agree on a plate")
    direction: Literal["in", "out", "both"] = Field(default="both", description="which way one passes")
    area: Segment = Field(default="site", description="what the gate leads into: anti-passback counts by area")
    anti_passback: Passback = Field(default=Passback.OFF, description="in without out: off, soft (told) or hard")
    forgive_h: float = Field(default=12.0, gt=0, le=168, description="after so long an unseen exit is assumed")
    again_s: float = Field(default=10.0, ge=0, le=120, description="asking again so soon is the same passage")

    @model_validator(mode="after")
    def _never_by_face_alone(self) -> Self:
        if Means.FACE not in self.means:
            return self
        if not any(means in self.means for means in BESIDES_FACE):
            raise ValueError(f"a face must never be the only way in: besides face one of {', '.join(BESIDES_FACE)}")
        if self.face == "verify" and not any(means not in {Means.FACE, Means.GUARD} for means in self.means):
            raise ValueError("face: verify needs what is shown first: card, pin, qr or plate")
        return self

    @model_validator(mode="after")
    def _first_is_before_a_face(self) -> Self:
        if self.first and not (self.face == "verify" and Means.FACE in self.means):
            raise ValueError("first needs a face that is verified: face: verify, and face among the means")
        return self

    @model_validator(mode="after")
    def _passback_has_a_direction(self) -> Self:
        if self.anti_passback is not Passback.OFF and self.direction == "both":
            raise ValueError("anti_passback needs a direction: in or out")
        return self


class KeepConfig(Strict):
    """How long each class of data stays, in days. A template has no days: it goes with its consent."""

    people_days: float = Field(default=30, ge=0, le=3650, description="a visitor or contractor after their last day")
    vehicles_days: float = Field(default=30, ge=0, le=3650, description="a vehicle after its last day")
    consents_days: float = Field(default=1095, ge=0, le=3650, description="the proof of a consent after its end")
    passages_days: float = Field(default=7, ge=0, le=365, description="who is inside: the last passage of each")
    audit_days: float = Field(default=1095, ge=30, le=3650, description="the audit trail")


class AccessConfig(Strict):
    """Who may go in."""

    gates: tuple[GateRules, ...] = Field(min_length=1, max_length=32, description="gates and doors of this box")
    key_file: Path | None = Field(
        default=None, description="32 bytes that open the directory, mode 0600; default: access.key in data_dir"
    )
    timezone: Annotated[str, AfterValidator(known_zone)] | None = Field(
        default=None, description="of all hours and of dates without a zone; default: UTC"
    )
    filing: str | None = Field(default=None, description=f"filing number, needed from {FILING_FACES:,} faces on")
    keep: KeepConfig = Field(default=KeepConfig(), description="how long each class of data stays")

    @model_validator(mode="after")
    def _gates_have_names_of_their_own(self) -> Self:
        names = [gate.id for gate in self.gates]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"each gate id once, met {', '.join(twice)} more than once")
        return self

    def placed(self, here: Path) -> Self:
        """With its path relative to the site file's folder."""
        return self if self.key_file is None else self.model_copy(update={"key_file": here / self.key_file})

    def gate(self, name: str) -> GateRules | None:
        return next((gate for gate in self.gates if gate.id == name), None)

    @property
    def code_gates(self) -> tuple[str, ...]:
        """Gates that take codes."""
        return tuple(gate.id for gate in self.gates if Means.QR in gate.means)
