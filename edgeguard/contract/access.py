"""What a box tells about the people in its directory: numbers and pseudonyms, never a name, a plate or a template."""

from typing import Annotated

from pydantic import Field

from edgeguard.contract.base import Message, Segment, Text, Timestamp

# Measures on the use of face recognition (2025): from so many faces on, a filing with the authority within 30 days.
FILING_FACES = 100_000
# A message stays small: of more consents only their number is told.
MOST_DUE, MOST_PEOPLE = 200, 2000
DUE_DAYS = 30

Count = Annotated[int, Field(ge=0)]


class ConsentDue(Message):
    """A consent that ends soon; `ref`: pseudonym of the person."""

    ref: Text
    until: Timestamp


class GateCount(Message):
    """Who is admitted at a gate."""

    gate: Segment
    people: Count = 0
    vehicles: Count = 0
    faces: Count = 0


class AccessSummary(Message):
    """Retained on `access`, again after every list and once an hour; absent from a box that admits nobody.

    `faces`: templates in force; `consents` in force; `withdrawn`: in the last 30 days; `due`: consents that end within
    30 days, the soonest first, at most 200 of `due_count`. `people`: pseudonyms of whoever is listed, at most 2,000 of
    `people_count`. `keep_days`: how long each class of data stays.
    """

    at: Timestamp
    faces: Count = 0
    consents: Count = 0
    withdrawn: Count = 0
    due_count: Count = 0
    due: Annotated[tuple[ConsentDue, ...], Field(max_length=MOST_DUE)] = ()
    people_count: Count = 0
    people: Annotated[tuple[Text, ...], Field(max_length=MOST_PEOPLE)] = ()
    gates: tuple[GateCount, ...] = ()
    keep_days: dict[Text, float] = Field(default_factory=dict)
    filing: Text | None = None
