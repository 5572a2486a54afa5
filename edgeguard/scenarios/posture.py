"""Whether a person lies, told from readings of the body, or from the box alone."""

import math
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from edgeguard.scenarios.residents import Resident
from edgeguard.scenarios.suspicion import EPSILON_S, Candidate
from edgeguard.scenarios.zone import Box
from edgeguard.types import Observation

# From this probability on somebody lies, unless a site says otherwise.
LIES = 0.5
# A reading counts for so long: somebody still is looked at every 1.2 s, and may have to wait for others.
READ_FOR_S = 3.0
# A new reading weighs so much against what was known: one look at somebody who bends is no fall.
NEWEST = 0.5
# A body falls or sinks to the floor in less.
SINKS_S = 4.0
# Sinking, the feet stay: who walks away or is hidden from below grows smaller too. In heights of the upright box.
FEET_STAY = 0.35
# And the head comes down by most of what the box has lost.
HEAD_SHARE = 0.75
# Up again from so much of the upright height on: what trembles around the limit stays down.
UP_AGAIN = 0.75
# Whoever stands under the camera is cut off by the picture's lower edge, which leaves a low and wide box.
EDGE = 0.98


class Posture(Protocol):
    """Says who lies."""

    def lying(self, now: Observation, people: Sequence[Resident]) -> list[Candidate]:
        """Those who do, of all people who are seen in a look; asked once with every look."""


class Readings:
    """How likely each person lies: what a closer look said of them, joined over the last ones."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[float, float]] = {}  # track id: probability, when it was read

    def take(self, now: Observation) -> None:
        """Take a look; it may have read nobody."""
        now_s = now.monotonic_s
        self._known = {key: known for key, known in self._known.items() if 0 <= now_s - known[1] <= READ_FOR_S}
        if now.bodies is None:
            return
        for track_id, lying in zip(now.bodies.track_id.tolist(), now.bodies.lying.tolist(), strict=True):
            if math.isnan(lying):
                continue  # another rule has asked of them, for something else
            before = self._known.get(track_id)
            joined = lying if before is None else NEWEST * lying + (1 - NEWEST) * before[0]
            self._known[track_id] = joined, now_s

    def of(self, track_id: int) -> float | None:
        """Probability 0..1 that they lie; None of whom nobody has read lately."""
        known = self._known.get(track_id)
        return None if known is None else known[0]


class BodyPosture:
    """By the body, from the probability `min_lying` on; whom nobody has read lately by `unread`."""

    def __init__(self, min_lying: float, unread: Posture) -> None:
        self._min_lying = min_lying
        self._unread = unread
        self._readings = Readings()

    def lying(self, now: Observation, people: Sequence[Resident]) -> list[Candidate]:
        self._readings.take(now)
        low = self._unread.lying(now, people)
        return [who.seen for who in people if self._lies(who.seen, low)]

    def _lies(self, one: Candidate, low: Sequence[Candidate]) -> bool:
        read = self._readings.of(one.track_id)
        return any(one is other for other in low) if read is None else read >= self._min_lying


class BoxPosture:
    """By the box: wider than high by `wide`, or sunk to `sunk` of the height it had a moment ago, on the same spot."""

    def __init__(self, wide: float, sunk: float) -> None:
        self._wide = wide
        self._sunk = sunk
        self._figures: dict[Resident, _Figure] = {}

    def lying(self, now: Observation, people: Sequence[Resident]) -> list[Candidate]:
        figures = self._figures.items()
        self._figures = {who: figure for who, figure in figures if now.monotonic_s - who.last_s <= SINKS_S}
        return [who.seen for who in people if self._lies(now, who)]

    def _lies(self, now: Observation, who: Resident) -> bool:
        x0, y0, x1, y1 = who.seen.box
        figure = self._figures.setdefault(who, _Figure())
        sunk = figure.sank(now.monotonic_s, who.seen.box, self._sunk)
        wide = (x1 - x0) * now.width_px >= self._wide * (y1 - y0) * now.height_px
        return y1 < EDGE and (sunk or wide)


class _Figure:
    """One person's box over the last moments, and the upright one while they are down."""

    def __init__(self) -> None:
        # Each lower than the one before: what was lower than a later one is nobody's upright height.
        self._boxes: deque[tuple[float, Box]] = deque()
        self._upright: Box | None = None

    def sank(self, now_s: float, box: Box, sunk: float) -> bool:
        height = box[3] - box[1]
        if self._upright is not None:
            if height >= UP_AGAIN * _height(self._upright):
                self._upright = None
            return self._upright is not None
        while self._boxes and _height(self._boxes[-1][1]) <= height:
            self._boxes.pop()
        self._boxes.append((now_s, box))
        while self._boxes[0][0] < now_s - SINKS_S - EPSILON_S:
            self._boxes.popleft()
        tallest = self._boxes[0][1]
        if _sank(tallest, box, sunk):
            self._upright = tallest
            self._boxes.clear()
        return self._upright is not None


def _sank(upright: Box, box: Box, sunk: float) -> bool:
    height = _height(upright)
    if _height(box) > sunk * height:
        return False
    feet = abs(box[3] - upright[3])
    head = box[1] - upright[1]
    return feet <= FEET_STAY * height and head >= HEAD_SHARE * (1 - sunk) * height


def _height(box: Box) -> float:
    return box[3] - box[1]
