"""What the rules over zones have in common: their settings, and how observations become the steps of episodes."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Generic, Protocol, TypeVar

from pydantic import Field

from edgeguard.contract import find
from edgeguard.polygons import WHOLE_PICTURE, Polygon
from edgeguard.scenarios.episode import EpisodeMachine, Kind, Opening, Timing, Wording
from edgeguard.scenarios.leftovers import Leftovers
from edgeguard.scenarios.objects import Area, Objects, Thresholds, require
from edgeguard.scenarios.stay import Dwell
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.scenarios.zone import Box, Zone
from edgeguard.schedule import Schedule
from edgeguard.types import BodyAsk, Observation, OpenEpisode, Severity, Signal, Verdict
from edgeguard.yamlfile import Strict


class RuleConfig(Strict):
    """What the settings of every scenario can be asked."""

    # It is told of things that fall through the luma of every frame, and needs no detector's boxes.
    by_flights: ClassVar[bool] = False

    kind: str

    @property
    def asks(self) -> frozenset[BodyAsk]:
        """What it must know of people beyond their boxes; nothing is computed that no rule of a camera asks for."""
        return frozenset()

    def asks_of(self) -> Callable[[Box], bool]:
        """Of whom it asks that, by their box in 0..1 of the picture."""
        return lambda _: True

    @property
    def by_boxes(self) -> bool:
        """Whether it goes by detections alone."""
        return not (self.by_flights or self.asks)

    @property
    def zone_name(self) -> str:
        """What its zone is called in events: with `kind` and camera it tells whose an episode is."""
        raise NotImplementedError

    @property
    def phrase_ids(self) -> tuple[str, ...]:
        """Phrases it may say."""
        raise NotImplementedError

    @property
    def watched(self) -> tuple[str, ...]:
        """Labels it is about."""
        raise NotImplementedError


class Spoken(Strict):
    """Ids of the voice's phrases; without `first` the rule is silent."""

    first: str | None = Field(default=None, description="Phrase at the alarm; left out: silent.")
    again: str | None = Field(default=None, description="Its repeats; left out: the first phrase again.")

    @property
    def wording(self) -> Wording | None:
        if self.first is None:
            return None
        again = self.again or self.first
        return Wording(self.first, again, again)


class ZoneConfig(RuleConfig):
    """What every rule over a zone may set; `min_score` None: what the detector's manifest believes of each label."""

    # The zone is a strip of floor: a box belongs to it by its lowest sixth, for its lower half reaches far over it.
    by_feet: ClassVar[bool] = False

    name: str = Field(
        default="zone",
        min_length=1,
        max_length=64,
        description="Name of the zone in events; each zone of a camera's rules of one kind has its own.",
    )
    zone: Polygon = Field(default=WHOLE_PICTURE, description="Polygon, x and y in 0..1 of the picture.")
    holes: tuple[Polygon, ...] = Field(default=(), description="Polygons that are left out: screens, mirrors.")
    labels: tuple[str, ...] = Field(default=("person",), min_length=1, description="What is watched for.")
    min_score: float | None = Field(
        default=None, gt=0, lt=1, description="Score from which a box counts; left out: the detector's own."
    )
    min_share: float = Field(
        default=0.5, gt=0, le=1, description="Share of a box's lower half that must lie in the zone."
    )
    dwell_s: float = Field(default=2.0, ge=0, le=86400, description="An alarm when it has lasted so long.")
    clear_s: float = Field(default=10.0, gt=0, le=3600, description="Not seen for so long it is over.")
    update_every_s: float = Field(default=60.0, gt=0, description="An update of the event at most so often.")
    blind_close_s: float = Field(
        default=60.0, gt=0, description="A blind camera's episode ends as unknown after so long."
    )
    armed: Schedule = Field(default=Schedule(), description="When the rule watches; left out: always.")
    severity: Severity | None = Field(default=None, description="Of its events; left out: that of the code.")
    repeat_s: float = Field(default=30.0, ge=0, description="The phrase again after so long; 0: once.")
    phrases: Spoken = Field(default=Spoken(), description="Which phrases are said; left out: none.")

    @property
    def zone_name(self) -> str:
        return self.name

    @property
    def area(self) -> Area:
        return Area(Zone(self.name, self.zone, self.holes), self.min_share, self.by_feet)

    def asks_of(self) -> Callable[[Box], bool]:
        return self.area.has

    @property
    def phrase_ids(self) -> tuple[str, ...]:
        return tuple(phrase for phrase in (self.phrases.first, self.phrases.again) if phrase)

    @property
    def watched(self) -> tuple[str, ...]:
        return self.labels


class Condition(Protocol):
    """What a rule asks of each look."""

    def look(self, now: Observation, *, held: bool) -> Candidate | None:
        """The object that it is true of, None where it is not. `held`: its episode is open, also from before a restart.

        Called with every usable look, also while the rule is not armed.
        """


@dataclass(frozen=True, slots=True)
class Watch:
    """A condition, and how its episodes open; `opening` None: when it has held for the rule's `dwell_s`."""

    condition: Condition
    opening: Opening | None = None
    severity: Severity | None = None
    plan: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Eyes:
    """What a rule's conditions are made from: what the model can see, and what it is believed."""

    config: ZoneConfig
    labels: Sequence[str]
    thresholds: Mapping[str, Thresholds]

    @property
    def area(self) -> Area:
        return self.config.area

    def here(self, labels: Sequence[str] = ()) -> Objects:
        """Believed objects in the zone; `labels` left out: the rule's."""
        return Objects(self._least(labels or self.config.labels), self.labels, self.area)

    def anywhere(self, labels: Sequence[str] = ()) -> Objects:
        """Believed objects in the whole picture."""
        return Objects(self._least(labels or self.config.labels), self.labels)

    def perhaps(self, labels: Sequence[str]) -> Objects:
        """Whatever may be one, anywhere: for what speaks against an alarm a weak box is enough."""
        require(self.config.kind, labels, self.labels)
        return Objects({label: self.thresholds[label].c_lo for label in labels}, self.labels)

    def _least(self, labels: Sequence[str]) -> dict[str, float]:
        require(self.config.kind, labels, self.labels)
        least = self.config.min_score
        return {label: self.thresholds[label].c_hi if least is None else least for label in labels}


# What is said of nearly every look.
QUIET, WATCHFUL = Verdict(), Verdict(attentive=True)
C = TypeVar("C", bound=ZoneConfig)


class ZoneRule(Generic[C]):
    """One or several conditions in a zone, each with a code and an episode of its own; a rule adds `watches`.

    Raises ConfigError for a model that cannot see what the rule is about.
    """

    Config: ClassVar[type[ZoneConfig]]
    # For what lasts for hours: see `Timing`.
    patient: ClassVar[bool] = False
    # For what counts: a changed count is told after so long.
    count_every_s: ClassVar[float] = math.inf

    def __init__(
        self,
        config: C,
        camera_id: str,
        labels: Sequence[str],
        thresholds: Mapping[str, Thresholds],
        new_event_id: Callable[[datetime], str],
        resume: Sequence[OpenEpisode] = (),
    ) -> None:
        self._armed = config.armed
        watches = self.watches(config, Eyes(config, labels, thresholds))
        left_open = {episode.event_id: episode for episode in resume}
        self._machines: list[tuple[Condition, EpisodeMachine]] = []
        for code, watch in watches.items():
            mine = next((episode for episode in left_open.values() if episode.code == code), None)
            if mine is not None:
                del left_open[mine.event_id]
            kind = _kind(config, camera_id, code, watch)
            opening = watch.opening or Dwell(config.dwell_s, config.clear_s)
            machine = EpisodeMachine(kind, self._timing(config), opening, new_event_id, mine)
            self._machines.append((watch.condition, machine))
        self._leftovers: Leftovers | None = Leftovers(tuple(left_open.values()))

    def watches(self, config: C, eyes: Eyes) -> Mapping[str, Watch]:
        """What is watched for, by code."""
        raise NotImplementedError

    def update(self, observation: Observation) -> Verdict:
        # A covered camera may see anything.
        usable = observation.tracks is not None and not observation.blind_for_s
        signals: list[Signal] = []
        if self._leftovers is not None:
            signals += self._leftovers.update(observation).signals
            self._leftovers = None
        attentive = False
        for condition, machine in self._machines:
            held = machine.in_episode
            found = condition.look(observation, held=held) if usable else None
            # The schedule decides what may begin; an open episode is followed to its end.
            if found is not None and not (held or self._armed.armed(observation.captured_at)):
                found = None
            if found is None and machine.idle:
                continue
            signals += machine.step(observation, found)
            attentive = attentive or machine.attentive
        if not signals:
            return WATCHFUL if attentive else QUIET
        return Verdict(tuple(signals), attentive)

    def _timing(self, config: C) -> Timing:
        return Timing(
            update_every_s=config.update_every_s,
            clear_s=config.clear_s,
            blind_close_s=config.blind_close_s,
            repeat_s=config.repeat_s,
            patient=self.patient,
            count_every_s=self.count_every_s,
        )


def _kind(config: ZoneConfig, camera_id: str, code: str, watch: Watch) -> Kind:
    severity = watch.severity or config.severity or find(code).severity
    wording = config.phrases.wording
    return Kind(code, config.kind, camera_id, config.name, severity, wording, plan=watch.plan)
