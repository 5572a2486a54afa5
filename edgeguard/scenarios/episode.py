"""One kind of object or conduct in one zone: suspected, confirmed, cleared, ended. A pure state machine for all rules.

    IDLE --candidate--> SUSPECT --it convinces--> CONFIRMED <--sighting-- CLEARED --idle_s--> IDLE
          <--it does not--                         --nothing for clear_s-->

Exactly one NEW and one END per episode. Absence is counted in time looked at: no picture is not "nothing there".
How IDLE becomes CONFIRMED is the `Opening`'s: strong looks (`suspicion`) or time (`dwell`). What the door says is in
`passage`. Without `idle_s` there is no CLEARED: what is gone has ended.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Protocol

from edgeguard.scenarios.passage import Passage
from edgeguard.scenarios.suspicion import EPSILON_S, Candidate, Seen
from edgeguard.types import (
    Hush,
    Observation,
    OpenEpisode,
    Outcome,
    Phase,
    Report,
    Say,
    Severity,
    Signal,
    SpeechPriority,
)

# One looked-at frame answers for at most so long before it: a gap in the stream is not absence.
LOOK_SPAN_S = 1.0
# Without any look for so long an episode is blind, whatever the source says: the motion gate lets a frame in 5 s pass.
NO_LOOK_S = 6.0
# Of a count that was told, and at least one: less of a change is not told before the next update.
MARKED = 0.1


class State(Enum):
    """Of one kind of object at one camera."""

    IDLE = auto()
    SUSPECT = auto()
    CONFIRMED = auto()
    CLEARED = auto()


class Opening(Protocol):
    """Makes an episode of sightings. `seen`: None while nothing is suspected; `dismissed`: what came to nothing."""

    seen: Seen | None
    dismissed: int

    def look(self, now: Observation, found: Candidate | None) -> Seen | None:
        """Take a looked-at frame; returns what was seen when it convinces, and has then forgotten it."""

    def forget(self) -> None:
        """Suspect nothing."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When an episode speaks, escalates, clears and closes; a score of `c_lo` keeps it, one of `c_hi` brings it back.

    `patient`: for what lasts. Once confirmed and in sight it does not ask for every frame: while the motion gate lets
    none through nothing has moved. `count_every_s`: a count that has changed is told anew after so long.
    """

    update_every_s: float
    clear_s: float
    blind_close_s: float
    repeat_s: float = 0.0
    escalate_s: float = math.inf
    idle_s: float = 0.0
    c_lo: float = 0.0
    c_hi: float = 0.0
    patient: bool = False
    count_every_s: float = math.inf


@dataclass(frozen=True, slots=True)
class Wording:
    """Phrase ids: at once, on repeating, after escalation."""

    leave: str
    again: str
    escalate: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What the episodes of one machine are called; `wording` None: it stays silent and never escalates.

    `by_door`: the lift's door tells how they end. `plan`: what the site wants done, told with every step.
    """

    code: str
    rule: str
    camera_id: str
    zone: str
    severity: Severity
    wording: Wording | None
    by_door: bool = False
    plan: tuple[str, ...] = ()


@dataclass(slots=True)
class _Episode:
    event_id: str
    opened_s: float
    seen: Seen
    looked_s: float
    reported_s: float
    said_s: float | None = None
    phrase_due: bool = True  # at opening, return and escalation, also when repeat_s is 0
    escalated: bool = False
    cleared: bool = False
    absent_s: float = 0.0
    blind: bool = False
    blind_reported_s: float | None = None
    unseen_since_restart: bool = False
    counted: int | None = None  # as it was told


class EpisodeMachine:
    """Takes every observation with the best candidate of its frame; gives the signals of at most one episode."""

    def __init__(
        self,
        kind: Kind,
        timing: Timing,
        opening: Opening,
        new_event_id: Callable[[datetime], str],
        resume: OpenEpisode | None = None,
    ) -> None:
        self._kind = kind
        self._timing = timing
        self._new_event_id = new_event_id
        self._resume = resume
        self._opening = opening
        self._passage = Passage()
        self._episode: _Episode | None = None

    @property
    def state(self) -> State:
        if self._episode is not None:
            return State.CLEARED if self._episode.cleared else State.CONFIRMED
        return State.IDLE if self._opening.seen is None else State.SUSPECT

    @property
    def dismissed(self) -> int:
        """Suspicions that came to nothing."""
        return self._opening.dismissed

    @property
    def attentive(self) -> bool:
        """Every frame is wanted."""
        episode = self._episode
        if episode is not None and self._timing.patient:
            return episode.cleared or episode.absent_s > 0
        return self.state is not State.IDLE or self._resume is not None

    @property
    def idle(self) -> bool:
        """Nothing is open or suspected: where nothing is found a step changes nothing."""
        return self._episode is None and self._resume is None and self._opening.seen is None

    @property
    def in_episode(self) -> bool:
        """NEW was told, here or before a restart, and END not yet."""
        return self._episode is not None or self._resume is not None

    def step(self, now: Observation, found: Candidate | None) -> Iterator[Signal]:
        """`found`: the best candidate at or above c_lo, None when there is none or nobody looked."""
        if self._kind.by_door:
            self._passage.watch(now.monotonic_s, now.door)
        if self._resume is not None:
            self._episode = self._adopt(now, self._resume)
            self._resume = None
        if now.ending is not None:
            yield from self._finish(now, now.ending)
        elif self._episode is not None:
            yield from self._follow(now, found, self._episode)
        elif now.tracks is not None:
            seen = self._opening.look(now, found)
            if seen is not None:
                yield from self._open(now, seen)

    def _open(self, now: Observation, seen: Seen) -> Iterator[Signal]:
        at_s = now.monotonic_s
        self._passage.begin(at_s)
        episode = _Episode(self._new_event_id(now.captured_at), at_s, seen, looked_s=at_s, reported_s=at_s)
        self._episode = episode
        # The voice first: it must not wait for the journal's commit.
        yield from self._speak(now, episode)
        yield self._report(now, episode, Phase.NEW, decision="confirmed")
        if self._kind.by_door:
            yield from self._follow_door(now, episode)

    def _adopt(self, now: Observation, found: OpenEpisode) -> _Episode:
        """A resumed episode waits silently, as if just cleared, until the object is seen again."""

        def past_s(at: datetime) -> float:
            return now.monotonic_s - max(0.0, (now.captured_at - at).total_seconds())

        sighting = found.sighting
        opened_s = past_s(found.opened_at)
        seen = Seen(
            past_s(sighting.first_seen) if sighting else opened_s,
            past_s(sighting.last_seen) if sighting else opened_s,
            sighting,
        )
        self._passage.resume(now.monotonic_s, travelled=found.travelled)
        return _Episode(
            found.event_id,
            opened_s,
            seen,
            looked_s=now.monotonic_s,
            reported_s=now.monotonic_s,
            said_s=opened_s,
            cleared=True,
            # It has idle_s left to show itself, or clear_s where that is 0.
            absent_s=self._timing.clear_s if self._timing.idle_s else 0.0,
            unseen_since_restart=True,
        )

    def _follow(self, now: Observation, found: Candidate | None, episode: _Episode) -> Iterator[Signal]:
        """CONFIRMED and CLEARED."""
        timing = self._timing
        # A weak candidate keeps an episode, only a strong one brings a cleared one back.
        enough = timing.c_hi if episode.cleared else timing.c_lo
        if found is not None and found.score >= enough:
            yield from self._sight(now, found, episode)
        elif now.tracks is not None and not now.blind_for_s:
            episode.absent_s += min(max(now.monotonic_s - episode.looked_s, 0.0), LOOK_SPAN_S)
            self._looked(now, episode)
        blind_s = _blind_s(now, episode)
        if blind_s:
            yield from self._go_blind(now, episode)
        if blind_s >= timing.blind_close_s:
            yield from self._finish(now, "blind")
        elif episode.cleared:
            if episode.absent_s >= timing.clear_s + timing.idle_s - EPSILON_S:
                yield from self._finish(now, "restart" if episode.unseen_since_restart else "left")
        elif episode.absent_s >= timing.clear_s - EPSILON_S:
            yield from self._clear(now, episode) if timing.idle_s else self._finish(now, "left")
        else:
            yield from self._insist(now, episode)

    def _sight(self, now: Observation, found: Candidate, episode: _Episode) -> Iterator[Signal]:
        self._looked(now, episode)
        episode.absent_s = 0.0
        episode.unseen_since_restart = False
        episode.seen.add(now, found)
        if episode.cleared:
            episode.cleared = False
            episode.phrase_due = True
            yield self._report(now, episode, Phase.UPDATE, decision="seen_again")
        if self._kind.by_door:
            yield from self._follow_door(now, episode)

    def _follow_door(self, now: Observation, episode: _Episode) -> Iterator[Signal]:
        """On a sighting. Staff who know that the lift is moving with it need not run to this floor."""
        if self._passage.sight(now.monotonic_s):
            yield self._report(now, episode, Phase.UPDATE, decision="travelled")

    @staticmethod
    def _looked(now: Observation, episode: _Episode) -> None:
        episode.looked_s = now.monotonic_s
        episode.blind = False

    def _go_blind(self, now: Observation, episode: _Episode) -> Iterator[Signal]:
        """Mark the episode; a stream that comes and goes is reported at the pace of updates."""
        last_s = episode.blind_reported_s
        quiet = last_s is None or now.monotonic_s - last_s >= self._timing.update_every_s
        if not episode.blind and quiet:
            episode.blind_reported_s = now.monotonic_s
            yield self._report(now, episode, Phase.UPDATE, decision="blind")
        episode.blind = True

    def _clear(self, now: Observation, episode: _Episode) -> Iterator[Signal]:
        episode.cleared = True
        yield Hush(episode.event_id)
        yield self._report(now, episode, Phase.UPDATE, decision="cleared")

    def _insist(self, now: Observation, episode: _Episode) -> Iterator[Signal]:
        """CONFIRMED goes on: escalate, speak again, keep the record fresh. A covered camera stops none of it."""
        timing = self._timing
        if self._kind.wording is not None:
            if now.monotonic_s - episode.opened_s >= timing.escalate_s and not episode.escalated:
                episode.escalated = True
                episode.phrase_due = True
                yield self._report(now, episode, Phase.UPDATE, decision="escalated")
            yield from self._speak(now, episode)
        if now.monotonic_s - episode.reported_s >= min(timing.update_every_s, self._count_due_s(episode)):
            yield self._report(now, episode, Phase.UPDATE, decision="blind" if episode.blind else "present")

    def _count_due_s(self, episode: _Episode) -> float:
        """After how long its count is told anew."""
        count, told = episode.seen.count, episode.counted
        if count is None or told is None or episode.absent_s or abs(count - told) < max(1, MARKED * told):
            return math.inf
        return self._timing.count_every_s

    def _speak(self, now: Observation, episode: _Episode) -> Iterator[Say]:
        """At most one phrase per repeat_s, whatever asks for it."""
        wording, repeat_s = self._kind.wording, self._timing.repeat_s
        if wording is None or not (episode.phrase_due or repeat_s):
            return
        if episode.said_s is not None and now.monotonic_s - episode.said_s < repeat_s:
            return
        first = episode.said_s is None
        episode.said_s = now.monotonic_s
        episode.phrase_due = False
        if episode.escalated:
            yield Say(wording.escalate, SpeechPriority.ESCALATION, episode.event_id)
        else:
            yield Say(wording.leave if first else wording.again, SpeechPriority.WARNING, episode.event_id)

    def _finish(self, now: Observation, reason: str) -> Iterator[Signal]:
        """Close what is open; a suspicion is dropped without a word."""
        episode, self._episode = self._episode, None
        self._opening.forget()
        if episode is None:
            return
        if not episode.cleared:
            yield Hush(episode.event_id)
        yield self._report(now, episode, Phase.END, reason=reason)

    def _report(
        self, now: Observation, episode: _Episode, phase: Phase, decision: str | None = None, reason: str | None = None
    ) -> Report:
        episode.reported_s, episode.counted = now.monotonic_s, episode.seen.count
        return Report(
            event_id=episode.event_id,
            code=self._kind.code,
            phase=phase,
            severity=Severity.CRITICAL if episode.escalated else self._kind.severity,
            camera_id=self._kind.camera_id,
            rule=self._kind.rule,
            at=now.captured_at,
            monotonic_s=now.monotonic_s,
            sighting=episode.seen.sighting,
            zones=(self._kind.zone,),
            dwell_s=round(episode.seen.last_s - episode.seen.first_s, 3),
            decision=decision,
            outcome=self._outcome(episode, phase),
            end_reason=reason,
            plan=self._kind.plan,
        )

    def _outcome(self, episode: _Episode, phase: Phase) -> Outcome | None:
        """How it ended, at the END; that it travels, from then on."""
        if not self._kind.by_door:
            return None
        outcome = self._passage.outcome(gone=episode.cleared)
        return outcome if phase is Phase.END or outcome is Outcome.TRAVELLED else None


def _blind_s(now: Observation, episode: _Episode) -> float:
    """How long nothing could be seen; 0 while the camera gives looks."""
    unlooked_s = now.monotonic_s - episode.looked_s
    if unlooked_s < EPSILON_S:
        return 0.0
    if now.blind_for_s:
        return now.blind_for_s
    return unlooked_s if unlooked_s >= NO_LOOK_S else 0.0
