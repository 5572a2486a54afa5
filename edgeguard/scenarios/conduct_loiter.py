"""The same person in a zone for longer than anybody has business there.

How it behaves, and why, is in docs/scenarios/conduct_loiter.md. Code: CONDUCT.LOITER.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from edgeguard.scenarios.objects import Objects
from edgeguard.scenarios.residents import Residents, longest
from edgeguard.scenarios.rule import Eyes, Watch, ZoneConfig, ZoneRule
from edgeguard.scenarios.stay import AtOnce, Resumption
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.types import Observation

LOITER = "CONDUCT.LOITER"


class ConductLoiterConfig(ZoneConfig):
    """The same person in a zone for too long."""

    kind: Literal["conduct_loiter"] = "conduct_loiter"
    dwell_s: float = Field(
        default=120.0, ge=0, le=86400, description="An alarm when one and the same has been there for so long."
    )
    clear_s: float = Field(
        default=10.0, gt=0, le=3600, description="Not seen in the zone for so long, somebody has left it."
    )


class _Lingering:
    """Whoever has been there for `dwell_s`, the longest first."""

    def __init__(self, objects: Objects, config: ZoneConfig) -> None:
        self._objects = objects
        self._dwell_s = config.dwell_s
        self._residents = Residents(config.clear_s)
        self._resumption = Resumption(config.clear_s)

    def look(self, now: Observation, *, held: bool) -> Candidate | None:
        begun_s = self._dwell_s if self._resumption.fresh(now.monotonic_s, held=held) else 0.0
        residents = self._residents.update(now, self._objects.of(now), begun_s)
        return longest(residents, self._dwell_s)


class ConductLoiter(ZoneRule[ConductLoiterConfig]):
    """Anybody who stays."""

    Config = ConductLoiterConfig
    patient = True

    def watches(self, config: ConductLoiterConfig, eyes: Eyes) -> Mapping[str, Watch]:
        return {LOITER: Watch(_Lingering(eyes.here(), config), AtOnce())}
