"""A person who is left lying in a lift.

How it behaves, how good it is and why, is in docs/scenarios/lift_person_down.md. Code: LIFT.PERSON.DOWN.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from edgeguard.scenarios.objects import Objects
from edgeguard.scenarios.posture import LIES, BodyPosture, BoxPosture, Posture
from edgeguard.scenarios.residents import Residents, longest
from edgeguard.scenarios.rule import Eyes, Watch, ZoneConfig, ZoneRule
from edgeguard.scenarios.stay import AtOnce
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.types import BodyAsk, Observation

DOWN = "LIFT.PERSON.DOWN"
# Who lies may move an arm; who ties a shoe is up before `dwell_s`.
STILL_IOU = 0.5
# In an episode somebody stays down who lies there for so long.
LIES_S = 2.0
# A track that is lost for longer may be somebody else.
LOST_S = 3.0


class LiftPersonDownConfig(ZoneConfig):
    """A person who is left lying in a lift."""

    kind: Literal["lift_person_down"] = "lift_person_down"
    name: str = Field(default="cabin", min_length=1, max_length=64, description="Name of the zone in events.")
    min_score: float | None = Field(
        default=0.25, gt=0, lt=1, description="Score from which a box counts: people on the floor score low."
    )
    posture: Literal["body", "box"] = Field(
        default="body", description="What tells who lies: a closer look at the body; 'box': the person's box alone."
    )
    min_lying: float = Field(
        default=LIES, gt=0, lt=1, description="By the body: from this probability on somebody lies."
    )
    wide: float = Field(
        default=1.3,
        gt=0,
        le=5,
        description="By the box: so many times as wide as high. No use for a camera overhead.",
    )
    sunk: float = Field(
        default=0.6, gt=0, lt=1, description="By the box, too: it sank to so much of the height it had 4 s before."
    )
    dwell_s: float = Field(default=15.0, ge=0, le=86400, description="An alarm when somebody lies still for so long.")
    clear_s: float = Field(default=10.0, gt=0, le=3600, description="Nobody lies there for so long: it is over.")

    @property
    def asks(self) -> frozenset[BodyAsk]:
        return frozenset({BodyAsk.POSTURE}) if self.posture == "body" else frozenset()


class _Lying:
    """Whoever lies in one place, the longest first. `posture` says who lies, time and place make it an alarm."""

    def __init__(self, people: Objects, posture: Posture, config: ZoneConfig) -> None:
        self._people = people
        self._posture = posture
        self._dwell_s = config.dwell_s
        self._residents = Residents(LOST_S)
        self._places = Residents(config.clear_s, STILL_IOU)

    def look(self, now: Observation, *, held: bool) -> Candidate | None:
        people = self._residents.update(now, self._people.of(now))
        places = self._places.update(now, self._posture.lying(now, people))
        return longest(places, min(LIES_S, self._dwell_s) if held else self._dwell_s)


class LiftPersonDown(ZoneRule[LiftPersonDownConfig]):
    """One episode while anybody lies there."""

    Config = LiftPersonDownConfig
    patient = True

    def watches(self, config: LiftPersonDownConfig, eyes: Eyes) -> Mapping[str, Watch]:
        box = BoxPosture(config.wide, config.sunk)
        posture = BodyPosture(config.min_lying, box) if config.posture == "body" else box
        return {DOWN: Watch(_Lying(eyes.here(), posture, config), AtOnce())}
