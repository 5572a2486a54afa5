"""A dog with nobody near.

How it behaves, and why, is in docs/scenarios/conduct_dog.md. Code: CONDUCT.DOG.ALONE.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from edgeguard.scenarios.objects import Objects, attended, strongest
from edgeguard.scenarios.rule import Eyes, Watch, ZoneConfig, ZoneRule
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.types import Observation

ALONE = "CONDUCT.DOG.ALONE"
PERSON = "person"


class ConductDogConfig(ZoneConfig):
    """A dog with nobody near."""

    kind: Literal["conduct_dog"] = "conduct_dog"
    labels: tuple[str, ...] = Field(default=("dog",), min_length=1, description="What is watched for.")
    dwell_s: float = Field(default=15.0, ge=0, le=86400, description="An alarm when it has been alone for so long.")
    near_heights: float = Field(
        default=2.0, gt=0, le=20, description="A person is with it within so many of the person's heights."
    )


class _Unattended:
    """Anything without a person near, wherever the person stands."""

    def __init__(self, objects: Objects, people: Objects, near_heights: float) -> None:
        self._objects = objects
        self._people = people
        self._near_heights = near_heights

    def look(self, now: Observation, *, held: bool) -> Candidate | None:  # noqa: ARG002 - one answer for both
        found = self._objects.of(now)
        if not found:
            return None
        people = self._people.of(now)
        return strongest(one for one in found if not attended(one.box, people, self._near_heights, now))


class ConductDog(ZoneRule[ConductDogConfig]):
    """Any dog of the zone that is alone."""

    Config = ConductDogConfig

    def watches(self, config: ConductDogConfig, eyes: Eyes) -> Mapping[str, Watch]:
        return {ALONE: Watch(_Unattended(eyes.here(), eyes.perhaps((PERSON,)), config.near_heights))}
