"""Somebody who lies on the floor and does not get up.

How it behaves, and why, is in docs/scenarios/conduct_fall.md. Code: CONDUCT.FALL.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from edgeguard.scenarios.objects import Objects, strongest
from edgeguard.scenarios.posture import LIES, Readings
from edgeguard.scenarios.rule import Eyes, Watch, ZoneConfig, ZoneRule
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.types import BodyAsk, Observation

FALL = "CONDUCT.FALL"


class ConductFallConfig(ZoneConfig):
    """Somebody who lies on the floor and does not get up."""

    kind: Literal["conduct_fall"] = "conduct_fall"

    min_score: float | None = Field(
        default=0.25, gt=0, lt=1, description="Score from which a box counts: people on the floor score low."
    )
    dwell_s: float = Field(default=6.0, ge=0, le=86400, description="An alarm when nobody has got up for so long.")
    clear_s: float = Field(default=8.0, gt=0, le=3600, description="Over when nobody lies there for so long.")
    min_lying: float = Field(default=LIES, gt=0, lt=1, description="From this probability on somebody lies.")

    @property
    def asks(self) -> frozenset[BodyAsk]:
        return frozenset({BodyAsk.POSTURE})


class Lying:
    """Who lies: readings of each person, joined over the last ones. A `Condition`."""

    def __init__(self, objects: Objects, min_lying: float) -> None:
        self._objects = objects
        self._min_lying = min_lying
        self._readings = Readings()

    def look(self, now: Observation, *, held: bool) -> Candidate | None:  # noqa: ARG002 - one answer for both
        surest = self.evidence(now)
        return surest if surest is not None and surest.score >= self._min_lying else None

    def evidence(self, now: Observation) -> Candidate | None:
        """Who is most likely to lie, with that probability as score; None where nobody was read lately."""
        self._readings.take(now)
        found = [(one, self._readings.of(one.track_id)) for one in self._objects.of(now)]
        return strongest(Candidate(one.label, one.track_id, one.box, read) for one, read in found if read is not None)


class ConductFall(ZoneRule[ConductFallConfig]):
    """Anybody of the zone who lies."""

    Config = ConductFallConfig

    def watches(self, config: ConductFallConfig, eyes: Eyes) -> Mapping[str, Watch]:
        return {FALL: Watch(Lying(eyes.here(), config.min_lying))}
