"""More people in a lift than it carries.

How it behaves, and why, is in docs/scenarios/lift_crowd.md. Code: LIFT.CROWD.OVER.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from edgeguard.scenarios.counting import COUNT_EVERY_S, AtLeast, Headcount
from edgeguard.scenarios.rule import Eyes, Watch, ZoneConfig, ZoneRule

OVER = "LIFT.CROWD.OVER"


class LiftCrowdConfig(ZoneConfig):
    """More people in a lift than it carries."""

    kind: Literal["lift_crowd"] = "lift_crowd"
    name: str = Field(default="cabin", min_length=1, max_length=64, description="Name of the zone in events.")
    most: int = Field(default=10, ge=1, le=100, description="So many it carries; one more is too many.")
    dwell_s: float = Field(default=5.0, ge=0, le=86400, description="An alarm when there are too many for so long.")
    clear_s: float = Field(default=5.0, gt=0, le=3600, description="And over when there are not for so long.")


class LiftCrowd(ZoneRule[LiftCrowdConfig]):
    """One level, without hysteresis: a lift carries a number of people and not one more."""

    Config = LiftCrowdConfig
    count_every_s = COUNT_EVERY_S

    def watches(self, config: LiftCrowdConfig, eyes: Eyes) -> Mapping[str, Watch]:
        return {OVER: Watch(AtLeast(Headcount(eyes.here()), config.most + 1, config.most + 1))}
