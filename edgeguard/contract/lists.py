"""Who may go in, as a platform tells a box: people by pseudonym, vehicles by plate. Never a name, never a template."""

import unicodedata
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, AliasChoices, Field, StringConstraints, model_validator

from edgeguard.contract.base import Order, Segment, Timestamp
from edgeguard.schedule import read_hours, write_hours

# A list of tens of thousands comes in parts of at most 64 KiB each.
MAX_PARTS = 1000


class PersonKind(StrEnum):
    """There is no list of people to be kept out: who is on none is not let in."""

    RESIDENT = "resident"
    VISITOR = "visitor"
    CONTRACTOR = "contractor"


class VehicleList(StrEnum):
    """DENIED is told to the guard, and never opens."""

    RESIDENT = "resident"
    VISITOR = "visitor"
    CONTRACTOR = "contractor"
    DENIED = "denied"


def normal_plate(text: str) -> str:
    """As plates are compared: capitals, half width, without spaces and the dot. Raises ValueError."""
    plate = "".join(letter for letter in unicodedata.normalize("NFKC", text).upper() if letter not in " ·•・.-")
    if not (4 <= len(plate) <= 10 and all(letter.isdigit() or letter.isalpha() for letter in plate)):
        raise ValueError(f"a plate of 4 to 10 letters and digits; met {text!r}")
    return plate


def _normal_hours(text: str) -> str:
    return write_hours(read_hours(text).windows)


Ref = Annotated[Segment, Field(description="pseudonym of a person")]
PlateText = Annotated[str, StringConstraints(max_length=32), AfterValidator(normal_plate)]
Hours = Annotated[str, StringConstraints(max_length=500), AfterValidator(_normal_hours)]


class Admission(Order):
    """When and where. `hours`: `mon-fri 08:00-18:00; sat 09:00-12:00`, none: always; `gates`, none: every gate."""

    valid_from: Timestamp | None = None
    valid_until: Timestamp | None = None
    hours: Hours = ""
    gates: tuple[Segment, ...] = Field(default=(), max_length=32)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_from and self.valid_until and self.valid_until <= self.valid_from:
            raise ValueError(f"valid_until {self.valid_until} must be later than valid_from {self.valid_from}")
        return self


class PersonRow(Admission):
    """A visitor has an end, a contractor an end or hours."""

    ref: Ref
    kind: PersonKind

    @model_validator(mode="after")
    def _nobody_visits_for_ever(self) -> Self:
        if self.kind is PersonKind.VISITOR and self.valid_until is None:
            raise ValueError("a visitor has a valid_until")
        if self.kind is PersonKind.CONTRACTOR and self.valid_until is None and not self.hours:
            raise ValueError("a contractor has hours or a valid_until")
        return self


class VehicleRow(Admission):
    """`ref`: whose it is. A visitor's has an end."""

    plate: PlateText
    list_name: VehicleList = Field(validation_alias=AliasChoices("list", "list_name"), serialization_alias="list")
    ref: Ref | None = None

    @model_validator(mode="after")
    def _no_visit_for_ever(self) -> Self:
        if self.list_name is VehicleList.VISITOR and self.valid_until is None:
            raise ValueError("a visitor's vehicle has a valid_until")
        return self


class ListsArgs(Order):
    """Part `part` of `parts` of the list with number `revision`; nothing is in force before the last part is there.

    `base` None: the whole list, what is not on it goes. Else the changes since revision `base`. What was entered on the
    box itself is touched only by `people_gone` and `vehicles_gone`. `withdrawn`: whose consent to a face has ended.
    """

    revision: int = Field(ge=1)
    base: int | None = Field(default=None, ge=0)
    part: int = Field(default=1, ge=1)
    parts: int = Field(default=1, ge=1, le=MAX_PARTS)
    people: tuple[PersonRow, ...] = ()
    vehicles: tuple[VehicleRow, ...] = ()
    people_gone: tuple[Ref, ...] = ()
    vehicles_gone: tuple[PlateText, ...] = ()
    withdrawn: tuple[Ref, ...] = ()

    @model_validator(mode="after")
    def _counts(self) -> Self:
        if self.part > self.parts:
            raise ValueError(f"part {self.part} of {self.parts}")
        if self.base is not None and self.base >= self.revision:
            raise ValueError(f"base {self.base} must be lower than revision {self.revision}")
        return self
