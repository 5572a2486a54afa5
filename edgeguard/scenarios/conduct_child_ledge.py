"""A child that has climbed up to a window, a ledge, a balustrade.

How it behaves, and why, is in docs/scenarios/conduct_child_ledge.md. Code: CONDUCT.CHILD.LEDGE.
"""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from edgeguard.polygons import Line
from edgeguard.scenarios.objects import Area, Objects, strongest
from edgeguard.scenarios.rule import Eyes, Watch, ZoneConfig, ZoneRule
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.scenarios.zone import Box
from edgeguard.types import Observation

LEDGE = "CONDUCT.CHILD.LEDGE"
# Smaller than this, in heights of an adult, is a head or a hand that the detector took for a person.
LEAST = 0.25


class ConductChildLedgeConfig(ZoneConfig):
    """A child that has climbed up to a window, a ledge, a balustrade."""

    kind: Literal["conduct_child_ledge"] = "conduct_child_ledge"
    name: str = Field(default="window", min_length=1, max_length=64, description="Name of the window in events.")
    ledge: Line = Field(description="The ledge's edge in the picture; a body whose middle is above it can fall over.")
    adult_height: float = Field(
        gt=0, le=1, description="Height of an adult who stands at the ledge, in heights of the picture."
    )
    child_share: float = Field(
        default=0.75, gt=LEAST, le=1, description="Up to so much of it is a child: 0.75 is one of 1.25 m."
    )
    dwell_s: float = Field(default=1.0, ge=0, le=86400, description="An alarm when it is up there for so long.")
    clear_s: float = Field(default=5.0, gt=0, le=3600, description="Not seen up there for so long: it is over.")

    @model_validator(mode="after")
    def _lies_across(self) -> Self:
        (x0, _), (x1, _) = self.ledge
        if x0 == x1:
            raise ValueError(f"a ledge that has an above, met one that is upright at x {x0:g}")
        return self


class _Above:
    """A small person the middle of whose body is above the ledge, between its ends."""

    def __init__(self, people: Objects, area: Area, config: ConductChildLedgeConfig) -> None:
        self._people = people
        self._area = area
        self._least = LEAST * config.adult_height
        self._most = config.child_share * config.adult_height
        (x0, y0), (x1, y1) = sorted(config.ledge)
        self._ends = x0, x1
        self._rise, self._left_y = (y1 - y0) / (x1 - x0), y0

    def look(self, now: Observation, *, held: bool) -> Candidate | None:  # noqa: ARG002 - one answer for both
        up = [one for one in self._people.of(now) if self._small(one.box) and self._above(one.box)]
        return strongest(self._area.of(up)) if up else None

    def _small(self, box: Box) -> bool:
        return self._least <= box[3] - box[1] <= self._most

    def _above(self, box: Box) -> bool:
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        left, right = self._ends
        return left <= x <= right and y < self._left_y + self._rise * (x - left)


class ConductChildLedge(ZoneRule[ConductChildLedgeConfig]):
    """Any child that is up there."""

    Config = ConductChildLedgeConfig

    def watches(self, config: ConductChildLedgeConfig, eyes: Eyes) -> Mapping[str, Watch]:
        return {LEDGE: Watch(_Above(eyes.anywhere(), eyes.area, config))}
