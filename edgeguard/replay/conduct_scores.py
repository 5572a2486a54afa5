"""How well a rule about conduct tells what it is about from what it is not: clips or stills with a label each."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgeguard.bodies import open_bodies
from edgeguard.detectors import ScriptedDetector
from edgeguard.errors import PhotoError, SourceError, TruthError
from edgeguard.motion import MotionConfig
from edgeguard.networks import ExecutionConfig
from edgeguard.pipeline import CameraPipeline, Model, Scene, gate_and_sieve
from edgeguard.recognizers import read_photo
from edgeguard.replay.clip import EPOCH, open_clip
from edgeguard.replay.csvrows import Row, label_of
from edgeguard.replay.eventlog import EventLog
from edgeguard.replay.player import event_ids, play
from edgeguard.replay.rates import Area, Rate, Scores, accepted, area_under_curve
from edgeguard.scenarios import build
from edgeguard.scenarios.conduct_fall import ConductFallConfig, Lying
from edgeguard.scenarios.conduct_fight import ConductFightConfig, Fighting
from edgeguard.scenarios.conduct_thrown import ConductThrownConfig, Falls
from edgeguard.scenarios.rule import Eyes, ZoneConfig
from edgeguard.scenarios.suspicion import Candidate
from edgeguard.sources.picture import picture_from_array
from edgeguard.trackers import GreedyTracker
from edgeguard.types import Detector, Frame, Observation, Verdict

Evidence = Callable[[Observation], Candidate | None]
# Looks a second: what the head for fights was fitted to; a box may take more.
LOOKS_HZ = 8.0
# A still stands for so many looks: a few people a look are looked at closer, and everybody shall be.
STILL_LOOKS = 8


@dataclass(frozen=True, slots=True)
class Kind:
    """A rule that can be scored: its default settings, its threshold, and its evidence."""

    config: ZoneConfig
    threshold: float
    evidence: Callable[[Eyes], Evidence]
    labels: Mapping[str, bool]


_FIGHT, _FALL, _THROWN = ConductFightConfig(), ConductFallConfig(), ConductThrownConfig()
KINDS = {
    "conduct_fight": Kind(
        _FIGHT,
        _FIGHT.min_fight,
        lambda eyes: Fighting(eyes.anywhere(), eyes.area, _FIGHT.min_fight).evidence,
        {"fight": True, "no_fight": False},
    ),
    "conduct_fall": Kind(
        _FALL,
        _FALL.min_lying,
        lambda eyes: Lying(eyes.here(), _FALL.min_lying).evidence,
        {"fall": True, "no_fall": False},
    ),
    # Things that fall are searched in every frame, by no network.
    "conduct_thrown": Kind(
        _THROWN,
        _THROWN.min_score or 0.0,
        lambda _: Falls(_THROWN).evidence,
        {"thrown": True, "no_thrown": False},
    ),
}
# A fight is movement: one picture does not show it.
IN_STILLS = ("conduct_fall",)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A clip or a still, and whether it shows what the rule is about."""

    path: Path
    positive: bool
    row: Row


@dataclass(frozen=True, slots=True)
class Scored:
    """`score`: the most evidence at any moment, 0 where there never was any.

    `told`: whether the rule as it is shipped, with its times, raises an event; None for a still, which has no time.
    """

    score: float
    told: bool | None = None


@dataclass(frozen=True, slots=True)
class ConductResult:
    """`recall` and `false_rate`: share of those that show it, and of those that do not, that score `threshold` or more.

    `told` and `falsely_told`: shares of the same of which the rule as it is shipped tells; of no still.
    """

    n: int
    threshold: float
    auc: Area
    recall: Rate
    false_rate: Rate
    told: Rate
    falsely_told: Rate


def labelled_of(path: Path, rows: Sequence[Row], column: str, kind: str) -> list[Labelled]:
    """Raises TruthError."""
    labels = KINDS[kind].labels
    return [Labelled(path.parent / row.cells[column], label_of(row, "label", labels), row) for row in rows]


def score_clip(one: Labelled, kind: str, model: Model) -> Scored:
    """Of a video. Raises TruthError with the row."""
    chain, most = _chain(kind, model, model.detector)
    log = EventLog(Scene())
    try:
        broken = play(open_clip(one.path, "eval"), chain, log)
    except SourceError as error:
        broken = error
    if broken is not None:
        raise TruthError(f"{one.row.where}: {broken}, accepted: a video") from broken
    return Scored(most.score, bool(log.episodes))


def score_still(one: Labelled, kind: str, model: Model) -> Scored:
    """Of a picture. Raises TruthError with the row."""
    try:
        picture = picture_from_array(read_photo(one.path), "bgr24")
    except PhotoError as error:
        raise TruthError(f"{one.row.where}: {error}") from error
    detector = ScriptedDetector.constant(model.labels, model.detector.detect(picture))
    chain, most = _chain(kind, model, detector)
    for index in range(STILL_LOOKS):
        chain.look(Frame("eval", index, index / LOOKS_HZ, EPOCH, picture))
    return Scored(most.score)


def result_of(scored: Sequence[tuple[bool, Scored]], threshold: float) -> ConductResult:
    """Of (shows it, what came of it)."""
    high, low = ([one for shows, one in scored if shows is positive] for positive in (True, False))
    above, below = _heap(high), _heap(low)
    rates = accepted(above, threshold), accepted(below, threshold)
    return ConductResult(len(scored), threshold, area_under_curve(above, below), *rates, _told(high), _told(low))


class _Most:
    """A `Scenario` that remembers the most evidence there was."""

    def __init__(self, evidence: Evidence) -> None:
        self.score = 0.0
        self._evidence = evidence

    def update(self, observation: Observation) -> Verdict:
        if observation.tracks is not None or observation.flights:
            found = self._evidence(observation)
            self.score = max(self.score, found.score if found else 0.0)
        return Verdict(attentive=True)


def _chain(kind: str, model: Model, detector: Detector) -> tuple[CameraPipeline, _Most]:
    told = KINDS[kind]
    most = _Most(told.evidence(Eyes(told.config, model.labels, model.thresholds)))
    rules = build((told.config,), "eval", model.labels, model.thresholds, event_ids())
    bodies = open_bodies(told.config.asks, model.labels, None, ExecutionConfig())
    tracker = GreedyTracker(model.labels)
    gate, sieve = gate_and_sieve((told.config,), MotionConfig())
    chain = CameraPipeline(gate, detector, tracker, (most, *rules), "eval", LOOKS_HZ, sieve=sieve, bodies=bodies)
    return chain, most


def _heap(scored: Sequence[Scored]) -> Scores:
    return np.array([one.score for one in scored], np.float64)


def _told(scored: Sequence[Scored]) -> Rate:
    known = [one.told for one in scored if one.told is not None]
    return Rate.of(sum(known), len(known))
