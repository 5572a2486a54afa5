"""A vehicle that stands where none may: a fire lane, an exit; an e-bike in a lobby, a stairwell, a corridor.

How it behaves, and why, is in docs/scenarios/vehicle_parked.md. Codes: VEHICLE.PARK.FIRELANE, VEHICLE.EBIKE.PARKED.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, model_validator

from edgeguard.scenarios.objects import Objects
from edgeguard.scenarios.residents import Residents, longest
from edgeguard.scenarios.rule import Eyes, Watch, ZoneConfig, ZoneRule
from edgeguard.scenarios.stay import AtOnce
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.types import Observation

CODE_OF = {"vehicle": "VEHICLE.PARK.FIRELANE", "ebike": "VEHICLE.EBIKE.PARKED"}
LABELS_OF = {"vehicle": ("car",), "ebike": ("e-bike",)}
# Box of a thing that stands: a detector's edges tremble by a few percent, one that drives is out of it in a second.
STILL_IOU = 0.6
# In an episode the lane stays blocked by whatever stands there for so long.
STANDS_S = 3.0


class VehicleParkedConfig(ZoneConfig):
    """A vehicle that stands where none may."""

    kind: Literal["vehicle_parked"] = "vehicle_parked"
    what: Literal["vehicle", "ebike"] = Field(
        default="vehicle", description="vehicle: a fire lane or exit is blocked; ebike: an e-bike stands indoors."
    )
    labels: tuple[str, ...] = Field(
        default=(), description="What is watched for; left out: car, or e-bike with what: ebike."
    )
    dwell_s: float = Field(
        default=120.0, ge=0, le=86400, description="An alarm when one has stood in its place for so long."
    )
    clear_s: float = Field(
        default=30.0,
        gt=0,
        le=3600,
        description="Not seen in its place for so long it has left; so long traffic and people may stand in front.",
    )
    blind_close_s: float = Field(
        default=600.0, gt=0, description="A blind camera's episode ends as unknown after so long."
    )

    @model_validator(mode="before")
    @classmethod
    def _labels(cls, settings: object) -> object:
        """What is watched for goes with `what`."""
        if not isinstance(settings, dict) or settings.get("labels"):
            return settings
        labels = LABELS_OF.get(str(settings.get("what", "vehicle")))
        return settings if labels is None else {**settings, "labels": labels}


class _Standing:
    """Whatever has kept its place for `dwell_s`, the longest first."""

    def __init__(self, objects: Objects, config: ZoneConfig) -> None:
        self._objects = objects
        self._dwell_s = config.dwell_s
        self._places = Residents(config.clear_s, STILL_IOU)

    def look(self, now: Observation, *, held: bool) -> Candidate | None:
        places = self._places.update(now, self._objects.of(now))
        return longest(places, min(STANDS_S, self._dwell_s) if held else self._dwell_s)


class VehicleParked(ZoneRule[VehicleParkedConfig]):
    """One episode while the zone is taken, by whichever vehicle."""

    Config = VehicleParkedConfig
    patient = True

    def watches(self, config: VehicleParkedConfig, eyes: Eyes) -> Mapping[str, Watch]:
        return {CODE_OF[config.what]: Watch(_Standing(eyes.here(), config), AtOnce())}
