"""An e-bike in a lift: say so at once, tell the control room, again until it is out.

How it behaves, and why, is in docs/scenarios/lift_ebike.md. Codes: LIFT.EBIKE.ENTER, LIFT.BICYCLE.ENTER.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Literal, Self

from pydantic import Field, model_validator

from edgeguard.contract import find
from edgeguard.errors import ConfigError
from edgeguard.polygons import WHOLE_PICTURE, Polygon
from edgeguard.scenarios.candidates import Candidates
from edgeguard.scenarios.episode import EpisodeMachine, Kind, State, Timing, Wording
from edgeguard.scenarios.objects import Thresholds, require
from edgeguard.scenarios.rule import RuleConfig
from edgeguard.scenarios.suspicion import Conviction, Suspicion
from edgeguard.scenarios.zone import Zone
from edgeguard.schedule import Schedule
from edgeguard.types import Observation, OpenEpisode, Severity, Verdict
from edgeguard.yamlfile import Strict

log = logging.getLogger(__name__)

RULE = "lift_ebike"
CABIN = "cabin"
EBIKE, BICYCLE = "e-bike", "bicycle"
EBIKE_ENTER, BICYCLE_ENTER = "LIFT.EBIKE.ENTER", "LIFT.BICYCLE.ENTER"
# Suspicions that come to nothing are many on a bad picture: one line in ten minutes tells as much.
LOG_EVERY_S = 600.0


class Phrases(Strict):
    """Ids of the voice's phrases."""

    leave: str = "ebike_leave"
    again: str = "ebike_again"
    escalate: str = "ebike_escalate"
    bicycle: str = "bicycle_notice"


class LiftEbikeConfig(RuleConfig):
    """What a site may set; scores are 0..1, `c_lo` and `c_hi` None come from the model's manifest."""

    kind: Literal["lift_ebike"] = "lift_ebike"
    n_min: int = Field(default=2, ge=1, le=30)
    strong_min: int = Field(default=1, ge=1, le=30)
    ratio: float = Field(default=0.5, gt=0, le=1)
    window_s: float = Field(default=1.0, gt=0, le=1)
    c_lo: float | None = Field(default=None, gt=0, lt=1)
    c_hi: float | None = Field(default=None, gt=0, lt=1)
    repeat_s: float = Field(default=12, ge=0)
    escalate_s: float = Field(default=60, gt=0)
    update_every_s: float = Field(default=30, gt=0)
    clear_s: float = Field(default=5, gt=0, le=7)
    idle_s: float = Field(default=10, gt=0)
    blind_close_s: float = Field(default=60, gt=0)
    cabin: Polygon = WHOLE_PICTURE
    mirrors: tuple[Polygon, ...] = ()
    armed: Schedule = Schedule()
    bicycle: Literal["ignore", "log", "warn"] = "log"
    phrases: Phrases = Phrases()

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.strong_min > self.n_min:
            raise ValueError(f"strong_min at or below n_min, met strong_min {self.strong_min}, n_min {self.n_min}")
        if self.c_lo is not None and self.c_hi is not None and self.c_lo > self.c_hi:
            raise ValueError(f"c_lo at or below c_hi, met c_lo {self.c_lo}, c_hi {self.c_hi}")
        return self

    @property
    def zone_name(self) -> str:
        return CABIN

    @property
    def phrase_ids(self) -> tuple[str, ...]:
        return tuple(self.phrases.model_dump().values())

    @property
    def watched(self) -> tuple[str, ...]:
        return (EBIKE,)


class LiftEbike:
    """One lift camera's rule; `thresholds` by label. Raises ConfigError when the model cannot see e-bikes."""

    Config = LiftEbikeConfig

    def __init__(
        self,
        config: LiftEbikeConfig,
        camera_id: str,
        labels: Sequence[str],
        thresholds: Mapping[str, Thresholds],
        new_event_id: Callable[[datetime], str],
        resume: Sequence[OpenEpisode] = (),
    ) -> None:
        zone = Zone(CABIN, config.cabin, config.mirrors)
        self._armed = config.armed
        self._logged_s: float | None = None
        self._machines: list[tuple[Candidates | None, EpisodeMachine]] = []
        left_open = list(resume)
        for label, kind in _kinds(config, camera_id, labels):
            timing = _timing(config, thresholds[label])
            opening = _opening(config, timing)
            candidates = Candidates(label, labels, zone, timing.c_lo)
            mine = next((episode for episode in left_open if episode.code == kind.code), None)
            if mine is not None:
                left_open.remove(mine)
            self._machines.append((candidates, EpisodeMachine(kind, timing, opening, new_event_id, mine)))
        # Episodes nobody watches any more (a class no longer wanted) still need their one END.
        timing = _timing(config, thresholds[EBIKE])
        for orphan in left_open:
            kind = Kind(orphan.code, RULE, camera_id, zone.name, find(orphan.code).severity, None, by_door=True)
            opening = _opening(config, timing)
            self._machines.append((None, EpisodeMachine(kind, timing, opening, new_event_id, orphan)))

    @property
    def state(self) -> State:
        """Of the e-bike's machine."""
        return self._machines[0][1].state

    @property
    def dismissed(self) -> int:
        """Suspicions that came to nothing."""
        return sum(machine.dismissed for _, machine in self._machines)

    def update(self, observation: Observation) -> Verdict:
        before = self.dismissed
        armed = self._armed.armed(observation.captured_at)
        signals = tuple(
            signal
            for candidates, machine in self._machines
            for signal in machine.step(
                observation,
                # The schedule decides what may begin; an open episode is followed to its end.
                candidates.best(observation) if candidates and (armed or machine.in_episode) else None,
            )
        )
        if self.dismissed > before:
            self._tell_dismissed(observation.monotonic_s)
        return Verdict(signals, any(machine.attentive for _, machine in self._machines))

    def _tell_dismissed(self, now_s: float) -> None:
        if self._logged_s is None or now_s - self._logged_s >= LOG_EVERY_S:
            self._logged_s = now_s
            log.debug("%d suspicions came to nothing so far", self.dismissed)


def _timing(config: LiftEbikeConfig, thresholds: Thresholds) -> Timing:
    c_hi = thresholds.c_hi if config.c_hi is None else config.c_hi
    c_lo = min(thresholds.c_lo, c_hi) if config.c_lo is None else config.c_lo
    if c_lo > c_hi:
        raise ConfigError(f"c_lo: met {c_lo}, accepted at most c_hi, which the model sets to {c_hi}")
    return Timing(
        c_lo=c_lo,
        c_hi=c_hi,
        repeat_s=config.repeat_s,
        escalate_s=config.escalate_s,
        update_every_s=config.update_every_s,
        clear_s=config.clear_s,
        idle_s=config.idle_s,
        blind_close_s=config.blind_close_s,
    )


def _opening(config: LiftEbikeConfig, timing: Timing) -> Suspicion:
    return Suspicion(Conviction(config.n_min, config.strong_min, config.ratio, config.window_s, timing.c_hi))


def _kinds(config: LiftEbikeConfig, camera_id: str, labels: Sequence[str]) -> list[tuple[str, Kind]]:
    """The e-bike first; the bicycle where the site and the model have it."""
    require(RULE, (EBIKE,), labels)
    phrases = config.phrases
    wording = Wording(phrases.leave, phrases.again, phrases.escalate)
    kinds = [(EBIKE, Kind(EBIKE_ENTER, RULE, camera_id, CABIN, Severity.CRITICAL, wording, by_door=True))]
    if config.bicycle == "ignore" or BICYCLE not in labels:
        return kinds
    warn = config.bicycle == "warn"
    said = Wording(phrases.bicycle, phrases.bicycle, phrases.bicycle) if warn else None
    severity = Severity.WARNING if warn else Severity.INFO
    return [*kinds, (BICYCLE, Kind(BICYCLE_ENTER, RULE, camera_id, CABIN, severity, said, by_door=True))]
