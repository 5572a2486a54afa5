"""Something thrown or dropped from a building, told by how it falls.

How it behaves, and why, is in docs/scenarios/conduct_thrown.md. Code: CONDUCT.THROWN.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar, Literal

import numpy as np
from pydantic import Field

from edgeguard.scenarios.ballistics import Fit
from edgeguard.scenarios.facade import Facade
from edgeguard.scenarios.falling import (
    LIGHT,
    OFTEN_SHOWN,
    THING,
    Kind,
    fell_px,
    judge,
    plain,
    sheer,
    sinks_steadily,
    speed_ratio,
    sure,
)
from edgeguard.scenarios.rule import Eyes, Watch, ZoneConfig, ZoneRule
from edgeguard.scenarios.stay import AtOnce
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.scenarios.zone import Box, Zone
from edgeguard.types import Flight, Observation, Tracks, Verdict

THROWN = "CONDUCT.THROWN"
# Where more than two others sank lately, at one speed each, a light thing is one of them.
WEATHER_S, WEATHER_LIGHT = 20.0, 2
# Where so many did it rains or snows, and flakes that are taken for one another seem to gain speed: more is asked then.
WEATHER_HEAVY, HEAVY_SCORE, HEAVY_RATIO, HEAVY_FALL = 6, 0.7, 4.0, 0.25
# Where flights that are no falls start again and again there is a tree or a flag.
AGAIN_S, AGAIN_MOST, AGAIN_NEAR = 60.0, 3, 0.05


class ConductThrownConfig(ZoneConfig):
    """Something thrown or dropped from a building."""

    by_flights: ClassVar[bool] = True

    kind: Literal["conduct_thrown"] = "conduct_thrown"
    name: str = Field(default="facade", min_length=1, max_length=64, description="Name of the building in events.")
    labels: tuple[Kind, ...] = Field(
        default=(THING, LIGHT), min_length=1, description="What is told: what falls freely, and what sinks in the air."
    )
    min_score: float | None = Field(default=0.5, gt=0, lt=1, description="Score of a fall from which it is told.")
    min_share: float = Field(default=0.5, gt=0, le=1, description="Share of a fall that must lie in the zone.")
    dwell_s: float = Field(default=0.0, ge=0, le=0, description="None: a fall is an instant.")
    clear_s: float = Field(default=5.0, gt=0, le=3600, description="Nothing else falls for so long: it is over.")
    above_y: float = Field(
        default=1.0,
        gt=0,
        le=1,
        description="It must be seen first above this height in the picture, 0..1 from the top.",
    )
    min_fall: float = Field(
        default=0.12, gt=0, le=1, description="It must be seen to fall so far, as a share of the picture's height."
    )
    facade: Facade = Field(default=Facade(), description="How large the building is in the picture, and its floors.")


class Falls:
    """The fall that was seen last, in the look in which it is told."""

    def __init__(self, config: ConductThrownConfig) -> None:
        self._config = config
        self._zone = Zone(config.name, config.zone, config.holes)
        self._number = 0
        self._weather: deque[float] = deque()
        self._starts: deque[tuple[float, float, float]] = deque()

    def look(self, now: Observation, *, held: bool) -> Candidate | None:  # noqa: ARG002 - one answer for both
        return self.evidence(now)

    def evidence(self, now: Observation) -> Candidate | None:
        """The surest of those that end with this frame."""
        found = [self._judged(flight, now) for flight in now.flights or ()]
        return max(filter(None, found), key=lambda one: one.score, default=None)

    def _judged(self, flight: Flight, now: Observation) -> Candidate | None:
        self._forget(float(flight.at_s[-1]))
        label, fit, score = judge(flight, self._config.facade)
        if fit is None:
            return None
        if score <= 0:
            self._dismiss(flight, fit)
            return None
        least = self._config.min_score or 0.0
        if label not in self._config.labels or score < least or not self._here(flight, fit):
            return None
        if self._is_weather(flight, label, fit, score) or self._is_restless(flight):
            return None
        self._number += 1
        return _candidate(flight, label, fit, score, self._number, self._config.facade, now)

    def _here(self, flight: Flight, fit: Fit) -> bool:
        config = self._config
        x, y = (flight.xy / (flight.width_px, flight.height_px)).T
        if y[0] > config.above_y or fit.fell_px < config.min_fall * flight.height_px:
            return False
        inside = [self._zone.share((float(a), float(b), float(a), float(b))) > 0 for a, b in zip(x, y, strict=True)]
        return sum(inside) >= config.min_share * len(inside)

    def _dismiss(self, flight: Flight, fit: Fit) -> None:
        """No fall: what comes down at one speed is weather, and where else something always stirs is a tree."""
        at_s = float(flight.at_s[-1])
        if sinks_steadily(flight, fit):
            self._weather.append(at_s)
        else:
            self._starts.append((at_s, *_start(flight)))

    def _forget(self, now_s: float) -> None:
        while self._weather and self._weather[0] < now_s - WEATHER_S:
            self._weather.popleft()
        while self._starts and self._starts[0][0] < now_s - AGAIN_S:
            self._starts.popleft()

    def _is_weather(self, flight: Flight, label: str, fit: Fit, score: float) -> bool:
        if label == LIGHT or len(self._weather) < WEATHER_HEAVY:
            return label == LIGHT and len(self._weather) > WEATHER_LIGHT
        far = fell_px(flight) >= HEAVY_FALL * flight.height_px
        # What is missed now and then may be an insect that went on as drops.
        often = len(flight) >= OFTEN_SHOWN * flight.frames
        clear = far and often and (plain(flight, fit) or speed_ratio(fit) >= HEAVY_RATIO)
        return score < HEAVY_SCORE or not (clear or sheer(flight, fit) or sure(fit))

    def _is_restless(self, flight: Flight) -> bool:
        """Whether things keep stirring where it began."""
        x, y = _start(flight)
        near = sum(abs(x - a) < AGAIN_NEAR and abs(y - b) < AGAIN_NEAR for _, a, b in self._starts)
        return near >= AGAIN_MOST


class ConductThrown(ZoneRule[ConductThrownConfig]):
    """One episode for whatever falls until nothing has for `clear_s`."""

    Config = ConductThrownConfig

    def watches(self, config: ConductThrownConfig, eyes: Eyes) -> Mapping[str, Watch]:  # noqa: ARG002 - no boxes
        return {THROWN: Watch(Falls(config), AtOnce())}

    def update(self, observation: Observation) -> Verdict:
        """A searched frame is its look, whether a detector looked or not; what falls at the very end is told."""
        seen = None if observation.flights is None else Tracks.empty()
        now = replace(observation, tracks=seen)
        if now.ending is None or not now.flights:
            return self._calm(super().update(now))
        last = super().update(replace(now, ending=None))
        over = super().update(replace(now, flights=None, tracks=None))
        return self._calm(Verdict((*last.signals, *over.signals)))

    @staticmethod
    def _calm(verdict: Verdict) -> Verdict:
        """It is shown every frame anyway; the detector need not look at any."""
        return replace(verdict, attentive=False)


def _candidate(
    flight: Flight, label: str, fit: Fit, score: float, number: int, facade: Facade, now: Observation
) -> Candidate:
    path = tuple((float(x), float(y)) for x, y in np.clip(flight.xy / (flight.width_px, flight.height_px), 0, 1))
    held_s = max(now.monotonic_s - float(flight.at_s[0]), 0.0)
    return Candidate(
        label,
        number,
        _around(path, float(np.median(flight.size_px)) / flight.width_px),
        score,
        held_s=held_s,
        path=path,
        floors=facade.floors_of(fit, flight.height_px),
    )


def _start(flight: Flight) -> tuple[float, float]:
    """Where it was seen first, in 0..1."""
    return float(flight.xy[0, 0]) / flight.width_px, float(flight.xy[0, 1]) / flight.height_px


def _around(path: Sequence[tuple[float, float]], margin: float) -> Box:
    x, y = zip(*path, strict=True)
    return max(min(x) - margin, 0.0), max(min(y) - margin, 0.0), min(max(x) + margin, 1.0), min(max(y) + margin, 1.0)
