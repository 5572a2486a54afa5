"""A hand that goes to the mouth again and again: perhaps somebody smokes.

How it behaves, and how little it knows, is in docs/scenarios/conduct_smoking.md. Code: CONDUCT.SMOKING.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from edgeguard.scenarios.objects import Objects
from edgeguard.scenarios.rule import Eyes, Watch, ZoneConfig, ZoneRule
from edgeguard.scenarios.stay import AtOnce
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.types import BodyAsk, Observation

SMOKING = "CONDUCT.SMOKING"
NOSE, WRISTS = 0, (9, 10)
SHOULDERS, HIPS = (5, 6), (11, 12)
# A joint that the network is less sure of is not seen.
SURE = 0.3
# From nose to wrist, in lengths of the trunk (shoulders to hips): the hand is at the mouth.
AT_MOUTH = 0.4
# A puff lasts so long: a hand that scratches the nose is gone before, one that holds a head or a telephone stays.
PUFF_S = (0.5, 6.0)
# Within so long the hand may be missed.
GAP_S = 0.6


class ConductSmokingConfig(ZoneConfig):
    """A hand that goes to the mouth again and again. Needs a pose network."""

    kind: Literal["conduct_smoking"] = "conduct_smoking"

    dwell_s: float = Field(default=0.0, ge=0, le=0, description="Not used: puffs are counted.")
    clear_s: float = Field(default=30.0, gt=0, le=3600, description="Over without a puff for so long.")
    puffs: int = Field(default=3, ge=2, le=20, description="An alarm after so many puffs ...")
    within_s: float = Field(default=60.0, ge=5, le=600, description="... within so long.")

    @property
    def asks(self) -> frozenset[BodyAsk]:
        return frozenset({BodyAsk.POSE})


@dataclass(slots=True)
class _Hands:
    """Of one person: since when a hand is at the mouth, when it last was, and when each puff ended."""

    since_s: float | None = None
    last_s: float = -math.inf
    read_s: float = -math.inf
    puffs: list[float] = field(default_factory=list)

    def see(self, now_s: float, *, at_mouth: bool) -> None:
        self.read_s = now_s
        if at_mouth:
            self.since_s = now_s if self.since_s is None else self.since_s
            self.last_s = now_s
        elif self.since_s is not None and now_s - self.last_s > GAP_S:
            least_s, most_s = PUFF_S
            if least_s <= self.last_s - self.since_s <= most_s:
                self.puffs.append(self.last_s)
            self.since_s = None


class Smoking:
    """Who has had so many puffs. A `Condition`."""

    def __init__(self, objects: Objects, puffs: int, within_s: float) -> None:
        self._objects = objects
        self._puffs = puffs
        self._within_s = within_s
        self._hands: dict[int, _Hands] = {}

    def look(self, now: Observation, *, held: bool) -> Candidate | None:
        """While it is held one puff in `within_s` is enough."""
        found = self.evidence(now)
        needed = 1 if held else self._puffs
        return found if found is not None and found.count is not None and found.count >= needed else None

    def evidence(self, now: Observation) -> Candidate | None:
        """Who has had the most puffs lately: their `count`; the score is the box's."""
        self._take(now)
        people = [(one, self._hands.get(one.track_id)) for one in self._objects.of(now)]
        puffing = [
            Candidate(one.label, one.track_id, one.box, one.score, len(hands.puffs)) for one, hands in people if hands
        ]
        return max(puffing, key=lambda one: (one.count or 0, one.score), default=None)

    def _take(self, now: Observation) -> None:
        now_s = now.monotonic_s
        if now.bodies is not None:
            for track_id, joints in zip(now.bodies.track_id.tolist(), now.bodies.keypoints, strict=True):
                self._hands.setdefault(track_id, _Hands()).see(now_s, at_mouth=hand_at_mouth(joints))
        since_s = now_s - self._within_s
        self._hands = {key: hands for key, hands in self._hands.items() if since_s <= hands.read_s <= now_s}
        for hands in self._hands.values():
            hands.puffs = [at_s for at_s in hands.puffs if at_s >= since_s]


def hand_at_mouth(joints: NDArray[np.float32]) -> bool:
    """Of one person's (17, 3) x, y, confidence; a nose, wrists or trunk that is not seen is no hand at the mouth."""
    sure = joints[:, 2] >= SURE
    if not sure[[NOSE, *SHOULDERS, *HIPS]].all():
        return False
    trunk = np.hypot(*(joints[list(SHOULDERS), :2] - joints[list(HIPS), :2]).mean(axis=0))
    reach = min((math.dist(joints[wrist, :2], joints[NOSE, :2]) for wrist in WRISTS if sure[wrist]), default=math.inf)
    return bool(reach <= AT_MOUTH * trunk)


class ConductSmoking(ZoneRule[ConductSmokingConfig]):
    """Anybody of the zone whose hand keeps going to the mouth."""

    Config = ConductSmokingConfig

    def watches(self, config: ConductSmokingConfig, eyes: Eyes) -> Mapping[str, Watch]:
        return {SMOKING: Watch(Smoking(eyes.here(), config.puffs, config.within_s), AtOnce())}
