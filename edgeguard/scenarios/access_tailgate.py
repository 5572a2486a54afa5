"""Somebody through a gate behind somebody else.

How it behaves, and why, is in docs/scenarios/access_tailgate.md. Code: ACCESS.TAILGATE.
"""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from edgeguard.polygons import Line
from edgeguard.scenarios.lines import LOST_S, Wire, centre, check_side
from edgeguard.scenarios.objects import Objects
from edgeguard.scenarios.rule import Eyes, Watch, ZoneConfig, ZoneRule
from edgeguard.scenarios.stay import AtOnce
from edgeguard.scenarios.suspicion import EPSILON_S, Candidate
from edgeguard.types import Observation

TAILGATE = "ACCESS.TAILGATE"
FEET = 1.0


class AccessTailgateConfig(ZoneConfig):
    """Somebody through a gate behind somebody else."""

    kind: Literal["access_tailgate"] = "access_tailgate"
    name: str = Field(default="gate", min_length=1, max_length=64, description="Name of the gate in events.")
    line: Line = Field(description="Line on the ground through the gate; the zone says which side is inside.")
    within_s: float = Field(default=3.0, gt=0, le=60, description="Two within so long are one behind the other.")
    dwell_s: float = Field(default=0.0, ge=0, le=0, description="None: passing is an instant.")
    clear_s: float = Field(default=10.0, gt=0, le=3600, description="Nobody else follows for so long: it is over.")

    @model_validator(mode="after")
    def _has_an_inside(self) -> Self:
        check_side(self.line, self.zone)
        return self


class _Followers:
    """Whoever comes in less than `within_s` after somebody else, in the look in which they do."""

    def __init__(self, wire: Wire, people: Objects, within_s: float) -> None:
        self._wire = wire
        self._people = people
        self._within_s = within_s
        self._last_s: float | None = None

    def look(self, now: Observation, *, held: bool) -> Candidate | None:  # noqa: ARG002 - one answer for both
        came = [crossing.who.seen for crossing in self._wire.update(now, self._people.of(now)) if crossing.side > 0]
        if not came:
            return None
        followed = self._last_s is not None and now.monotonic_s - self._last_s <= self._within_s + EPSILON_S
        self._last_s = now.monotonic_s
        return came[-1] if followed or len(came) > 1 else None


class AccessTailgate(ZoneRule[AccessTailgateConfig]):
    """One episode for a row of people, however many follow."""

    Config = AccessTailgateConfig

    def watches(self, config: AccessTailgateConfig, eyes: Eyes) -> Mapping[str, Watch]:
        people = eyes.anywhere()
        wire = Wire(config.line, centre(config.zone), FEET, people.residents(LOST_S))
        return {TAILGATE: Watch(_Followers(wire, people, config.within_s), AtOnce())}
