"""Too many people in a zone, in up to three levels.

How it behaves, and why, is in docs/scenarios/conduct_crowd.md. Codes: CONDUCT.CROWD.L1, .L2, .L3.
"""

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from edgeguard.scenarios.counting import COUNT_EVERY_S, AtLeast, Headcount
from edgeguard.scenarios.rule import Eyes, Watch, ZoneConfig, ZoneRule
from edgeguard.types import Severity
from edgeguard.yamlfile import Strict

CODES = ("CONDUCT.CROWD.L1", "CONDUCT.CROWD.L2", "CONDUCT.CROWD.L3")
# As long as an event's texts may be.
Step = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class CrowdLevel(Strict):
    """One level of the plan."""

    enter: int = Field(ge=1, le=1000, description="From so many people on.")
    leave: int = Field(ge=1, le=1000, description="Over with fewer than so many; with `enter` itself without a margin.")
    severity: Severity | None = Field(default=None, description="Of its events; left out: that of the code.")
    actions: tuple[Step, ...] = Field(default=(), max_length=20, description="What staff shall do, told with it.")

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.leave > self.enter:
            raise ValueError(f"leave at or below enter, met enter {self.enter}, leave {self.leave}")
        return self


class ConductCrowdConfig(ZoneConfig):
    """Too many people in a zone, in up to three levels."""

    kind: Literal["conduct_crowd"] = "conduct_crowd"
    dwell_s: float = Field(default=10.0, ge=0, le=86400, description="A level begins when it has lasted so long.")
    clear_s: float = Field(default=10.0, gt=0, le=3600, description="And ends when it is missed for so long.")
    levels: tuple[CrowdLevel, ...] = Field(
        default=(CrowdLevel(enter=5, leave=4), CrowdLevel(enter=10, leave=8), CrowdLevel(enter=20, leave=16)),
        min_length=1,
        max_length=len(CODES),
        description="From mild to grave, one to three.",
    )

    @model_validator(mode="after")
    def _rising(self) -> Self:
        for lower, upper in pairwise(self.levels):
            if upper.enter <= lower.enter or upper.leave < lower.leave:
                met = f"enter {lower.enter}, leave {lower.leave}, then enter {upper.enter}, leave {upper.leave}"
                raise ValueError(f"levels that rise, met {met}")
        return self


class ConductCrowd(ZoneRule[ConductCrowdConfig]):
    """Each level is an episode of its own and lasts while there are so many, also while a higher one does."""

    Config = ConductCrowdConfig
    patient = True
    count_every_s = COUNT_EVERY_S

    def watches(self, config: ConductCrowdConfig, eyes: Eyes) -> Mapping[str, Watch]:
        headcount = Headcount(eyes.here())
        return {
            code: Watch(AtLeast(headcount, level.enter, level.leave), severity=level.severity, plan=level.actions)
            for code, level in zip(CODES, config.levels, strict=False)
        }
