"""Somebody in a closed zone, or coming over a wall.

How it behaves, and why, is in docs/scenarios/conduct_intrusion.md. Codes: CONDUCT.INTRUSION, CONDUCT.CLIMB.
"""

from collections.abc import Mapping
from typing import Literal, Self

from pydantic import Field, model_validator

from edgeguard.polygons import Line
from edgeguard.scenarios.lines import LOST_S, Wire, centre, check_side
from edgeguard.scenarios.objects import Area, Objects, strongest
from edgeguard.scenarios.residents import Resident
from edgeguard.scenarios.rule import Eyes, Watch, ZoneConfig, ZoneRule
from edgeguard.scenarios.stay import AtOnce, Resumption
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.types import Observation

INTRUSION, CLIMB = "CONDUCT.INTRUSION", "CONDUCT.CLIMB"
FEET, MIDDLE = 1.0, 0.5


class ConductIntrusionConfig(ZoneConfig):
    """Somebody in a closed zone, or coming over a wall."""

    kind: Literal["conduct_intrusion"] = "conduct_intrusion"
    dwell_s: float = Field(default=1.0, ge=0, le=86400, description="An alarm when somebody is in it for so long.")
    clear_s: float = Field(default=10.0, gt=0, le=3600, description="Nobody seen in it for so long: it is over.")
    line: Line | None = Field(
        default=None, description="Line on the ground; only who has crossed it is an intruder. Left out: everybody."
    )
    direction: Literal["in", "out", "any"] = Field(
        default="in", description="Which crossing of `line` counts; in: to the side on which the zone lies."
    )
    wall_top: Line | None = Field(
        default=None, description="Upper edge of a wall or fence; whoever comes over it climbs. Left out: none."
    )

    @model_validator(mode="after")
    def _has_an_inside(self) -> Self:
        if self.line is not None and self.direction != "any":
            check_side(self.line, self.zone)
        return self


class _Inside:
    """Anybody in the zone."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def look(self, now: Observation, *, held: bool) -> Candidate | None:  # noqa: ARG002 - one answer for both
        return strongest(self._objects.of(now))


class _Over:
    """Whoever has crossed a line, while they are seen, in the area or anywhere. Who goes back is none any more."""

    def __init__(self, wire: Wire, side: int, objects: Objects, area: Area | None, clear_s: float) -> None:
        self._wire = wire
        self._side = side
        self._objects = objects
        self._area = area
        self._over: set[Resident] = set()
        self._resumption = Resumption(clear_s)

    def look(self, now: Observation, *, held: bool) -> Candidate | None:
        found = self._objects.of(now)
        crossings = self._wire.update(now, found)
        wanted = {crossing.who for crossing in crossings if self._side in {0, crossing.side}}
        self._over = (self._over - {crossing.who for crossing in crossings} | wanted).intersection(self._wire.known)
        here = found if self._area is None else self._area.of(found)
        if self._resumption.fresh(now.monotonic_s, held=held):
            ids = {one.track_id for one in here}
            self._over |= {who for who in self._wire.known if who.seen.track_id in ids}
        ids = {who.seen.track_id for who in self._over}
        return strongest(one for one in here if one.track_id in ids)


class ConductIntrusion(ZoneRule[ConductIntrusionConfig]):
    """Anybody in the zone; with `line` only who came over it. `wall_top` has an episode of its own."""

    Config = ConductIntrusionConfig

    def watches(self, config: ConductIntrusionConfig, eyes: Eyes) -> Mapping[str, Watch]:
        anybody, within = eyes.anywhere(), centre(config.zone)
        residents = anybody.residents(LOST_S)
        inside = Watch(_Inside(eyes.here()))
        if config.line is not None:
            side = {"in": 1, "out": -1, "any": 0}[config.direction]
            inside = Watch(_Over(Wire(config.line, within, FEET, residents), side, anybody, eyes.area, config.clear_s))
        if config.wall_top is None:
            return {INTRUSION: inside}
        climbs = _Over(Wire(config.wall_top, within, MIDDLE, residents), 0, anybody, None, config.clear_s)
        return {INTRUSION: inside, CLIMB: Watch(climbs, AtOnce())}
