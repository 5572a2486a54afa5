"""A thing that lies where somebody has left it.

How it behaves, how good it is and why, is in docs/scenarios/object_left.md. Code: CONDUCT.LITTER.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from edgeguard.scenarios.objects import Objects, attended
from edgeguard.scenarios.residents import Residents, longest
from edgeguard.scenarios.rule import Eyes, Watch, ZoneConfig, ZoneRule
from edgeguard.scenarios.stay import AtOnce
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.types import Observation

LITTER = "CONDUCT.LITTER"
PERSON = "person"
# Small boxes tremble more than a car's.
STILL_IOU = 0.5
# In an episode whatever has lain there for so long keeps it.
LIES_S = 3.0


class ObjectLeftConfig(ZoneConfig):
    """A thing that lies where somebody has left it."""

    kind: Literal["object_left"] = "object_left"
    labels: tuple[str, ...] = Field(default=("bag",), min_length=1, description="What is watched for.")
    dwell_s: float = Field(
        default=120.0, ge=0, le=86400, description="An alarm when it has lain there alone for so long."
    )
    clear_s: float = Field(
        default=20.0, gt=0, le=3600, description="Taken away, or with somebody near it, for so long: it is over."
    )
    near_heights: float = Field(
        default=1.5, gt=0, le=20, description="A person is with it within so many of the person's heights."
    )


class _Left:
    """Whatever lies in its place with nobody near, the longest first."""

    def __init__(self, objects: Objects, people: Objects, config: ObjectLeftConfig) -> None:
        self._objects = objects
        self._people = people
        self._config = config
        self._places = Residents(config.clear_s, STILL_IOU)

    def look(self, now: Observation, *, held: bool) -> Candidate | None:
        config = self._config
        found = self._objects.of(now)
        people = self._people.of(now) if found else []
        alone = [one for one in found if not attended(one.box, people, config.near_heights, now)]
        places = self._places.update(now, alone)
        return longest(places, min(LIES_S, config.dwell_s) if held else config.dwell_s)


class ObjectLeft(ZoneRule[ObjectLeftConfig]):
    """One episode while anything lies there alone."""

    Config = ObjectLeftConfig
    patient = True

    def watches(self, config: ObjectLeftConfig, eyes: Eyes) -> Mapping[str, Watch]:
        return {LITTER: Watch(_Left(eyes.here(), eyes.perhaps((PERSON,)), config), AtOnce())}
