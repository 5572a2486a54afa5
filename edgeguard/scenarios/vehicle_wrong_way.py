"""A vehicle that drives against the direction of its lane.

How it behaves, and why, is in docs/scenarios/vehicle_wrong_way.md. Code: VEHICLE.WRONGWAY.
"""

import math
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from edgeguard.polygons import Line, Point
from edgeguard.scenarios.objects import Objects, strongest
from edgeguard.scenarios.residents import Resident, Residents
from edgeguard.scenarios.rule import Eyes, Watch, ZoneConfig, ZoneRule
from edgeguard.scenarios.stay import AtOnce, Resumption
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.types import Observation

WRONG_WAY = "VEHICLE.WRONGWAY"
# Steeper across than this is crossing, not driving against: cos 60 degrees.
AGAINST = 0.5
# A track that is lost for longer may be another vehicle.
LOST_S = 3.0


class VehicleWrongWayConfig(ZoneConfig):
    """A vehicle that drives against the direction of its lane."""

    kind: Literal["vehicle_wrong_way"] = "vehicle_wrong_way"
    name: str = Field(default="lane", min_length=1, max_length=64, description="Name of the lane in events.")
    labels: tuple[str, ...] = Field(default=("car",), min_length=1, description="What is watched for.")
    direction: Line = Field(description="Two points in the lane, from where traffic comes to where it goes.")
    travel_sizes: float = Field(
        default=1.5,
        gt=0,
        le=20,
        description="Told after so much of the way against it, in sizes of its box (root of the area).",
    )
    dwell_s: float = Field(default=0.0, ge=0, le=0, description="None: the way counts, not the time.")
    clear_s: float = Field(default=5.0, gt=0, le=3600, description="No such vehicle seen for so long: it is over.")


class _Against:
    """Whoever has driven against the direction, judged once every `travel_sizes` of the way.

    Between two judgements a box may tremble, stop and turn as it likes.
    """

    def __init__(self, objects: Objects, config: VehicleWrongWayConfig) -> None:
        self._objects = objects
        self._direction = config.direction
        self._travel_sizes = config.travel_sizes
        self._residents = Residents(LOST_S)
        self._resumption = Resumption(config.clear_s)
        # Where each one's present leg began, in pixels, and how the last leg was judged.
        self._legs: dict[Resident, tuple[Point, bool]] = {}

    def look(self, now: Observation, *, held: bool) -> Candidate | None:
        seen = self._residents.update(now, self._objects.of(now))
        fresh = self._resumption.fresh(now.monotonic_s, held=held)
        wrong = [who.seen for who in seen if self._judged(who, now, fresh=fresh)]
        if len(self._legs) > len(self._residents.known):
            self._legs = {who: self._legs[who] for who in self._residents.known if who in self._legs}
        return strongest(wrong)

    def _judged(self, who: Resident, now: Observation, *, fresh: bool) -> bool:
        """Whether it drives the wrong way; `fresh`: after a restart, of one that nobody has judged yet."""
        x0, y0, x1, y1 = who.seen.box
        here = (x0 + x1) / 2 * now.width_px, y1 * now.height_px
        began, wrong = self._legs.setdefault(who, (here, fresh))
        leg = here[0] - began[0], here[1] - began[1]
        size = math.sqrt((x1 - x0) * now.width_px * (y1 - y0) * now.height_px)
        length = math.hypot(*leg)
        if length >= self._travel_sizes * max(size, 1.0):
            wrong = self._along(leg, now) < -AGAINST * length
            self._legs[who] = here, wrong
        return wrong

    def _along(self, leg: Point, now: Observation) -> float:
        """Part of a way in the lane's direction, in pixels."""
        (x0, y0), (x1, y1) = self._direction
        across, down = (x1 - x0) * now.width_px, (y1 - y0) * now.height_px
        return (leg[0] * across + leg[1] * down) / math.hypot(across, down)


class VehicleWrongWay(ZoneRule[VehicleWrongWayConfig]):
    """One episode while any vehicle drives the wrong way through the lane."""

    Config = VehicleWrongWayConfig

    def watches(self, config: VehicleWrongWayConfig, eyes: Eyes) -> Mapping[str, Watch]:
        return {WRONG_WAY: Watch(_Against(eyes.here(), config), AtOnce())}
