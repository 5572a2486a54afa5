"""People who fight.

How it behaves, and why, is in docs/scenarios/conduct_fight.md. Code: CONDUCT.FIGHT.
"""

import math
from collections.abc import Callable, Mapping
from typing import Literal

from pydantic import Field

from edgeguard.scenarios.objects import Area, Objects, relative, strongest
from edgeguard.scenarios.rule import Eyes, Watch, ZoneConfig, ZoneRule
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.scenarios.zone import Box
from edgeguard.types import BodyAsk, Observation

FIGHT = "CONDUCT.FIGHT"
# A group is judged by its last two seconds; the newest judgement counts for so long.
JUDGED_FOR_S = 1.0
# Whoever was last seen stands for a new one so long: a detector loses people who wrestle.
SEEN_FOR_S = 2.0


class ConductFightConfig(ZoneConfig):
    """People who fight."""

    kind: Literal["conduct_fight"] = "conduct_fight"

    min_score: float | None = Field(
        default=0.25, gt=0, lt=1, description="Score from which a box counts: people who wrestle score low."
    )
    dwell_s: float = Field(default=0.25, ge=0, le=86400, description="An alarm when it has lasted so long.")
    min_fight: float = Field(default=0.8, gt=0, lt=1, description="From this probability on it is a fight.")

    @property
    def asks(self) -> frozenset[BodyAsk]:
        return frozenset({BodyAsk.FIGHT})

    def asks_of(self) -> Callable[[Box], bool]:
        """Where nobody is in it at all no group of the zone fights; others count in the movement."""
        return self.area.zone.touches


class Fighting:
    """The group that fights. A `Condition`."""

    def __init__(self, people: Objects, area: Area, min_fight: float) -> None:
        self._people = people
        self._area = area
        self._min_fight = min_fight
        self._judged: tuple[float, float, Box] | None = None  # when, probability, group
        self._seen: tuple[float, list[Candidate]] = -math.inf, []  # when, everybody then

    def look(self, now: Observation, *, held: bool) -> Candidate | None:  # noqa: ARG002 - one answer for both
        group = self.evidence(now)
        return group if group is not None and group.score >= self._min_fight else None

    def evidence(self, now: Observation) -> Candidate | None:
        """The group as one, with the probability that it fights as score; None where there was none lately."""
        now_s, bodies = now.monotonic_s, now.bodies
        people = self._people.of(now)
        if people:
            self._seen = now_s, list(people)
        if bodies is not None and bodies.fight is not None and bodies.group is not None:
            self._judged = now_s, bodies.fight, relative(bodies.group, now.width_px, now.height_px)
        if self._judged is None or not 0 <= now_s - self._judged[0] <= JUDGED_FOR_S:
            return None
        judged_s, probability, box = self._judged
        inside = [one for one in people or self._lately(now_s, judged_s) if _in(one.box, box)]
        one = strongest(inside)
        if one is None:
            return None
        return next(iter(self._area.of([Candidate(one.label, one.track_id, box, probability, len(inside))])), None)

    def _lately(self, now_s: float, judged_s: float) -> list[Candidate]:
        """Who was seen last, for a judgement of this very moment."""
        seen_s, people = self._seen
        return people if judged_s == now_s and 0 <= now_s - seen_s <= SEEN_FOR_S else []


def _in(person: Box, group: Box) -> bool:
    """Whether a person's middle is in the group's box."""
    x, y = (person[0] + person[2]) / 2, (person[1] + person[3]) / 2
    return group[0] <= x <= group[2] and group[1] <= y <= group[3]


class ConductFight(ZoneRule[ConductFightConfig]):
    """Any group of the zone that fights."""

    Config = ConductFightConfig

    def watches(self, config: ConductFightConfig, eyes: Eyes) -> Mapping[str, Watch]:
        return {FIGHT: Watch(Fighting(eyes.anywhere(), eyes.area, config.min_fight))}
