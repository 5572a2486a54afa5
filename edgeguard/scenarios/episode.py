"""One kind of object in one zone: suspected, confirmed, cleared, ended. A pure state machine.

    IDLE --candidate--> SUSPECT --enough strong frames--> CONFIRMED <--sighting-- CLEARED --idle_s--> IDLE
          <--nothing for window_s--                        --nothing for clear_s-->

Exactly one NEW and one END per episode. Absence is counted in time looked at: no picture is not "nothing there".
"""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from edgeguard.types import (
    Hush,
    Observation,
    OpenEpisode,
    Outcome,
    Phase,
    Report,
    Say,
    Severity,
    Sighting,
    Signal,
    SpeechPriority,
)

# One looked-at frame answers for at most so long before it: a gap in the stream is not absence.
LOOK_SPAN_S = 1.0
# Without any look for so long an episode is blind, whatever the source says: the motion gate lets a frame in 5 s pass.
NO_LOOK_S = 6.0
# Sums of frame intervals fall short of the round number by float noise.
EPSILON_S = 1e-6


class State(Enum):
    """Of one kind of object at one camera."""

    IDLE = auto()
    SUSPECT = auto()
    CONFIRMED = auto()
    CLEARED = auto()


@dataclass(frozen=True, slots=True)
class Timing:
    """When a suspicion holds and when an episode speaks, escalates, clears and closes."""

    n_min: int
    ratio: float
    window_s: float
    c_lo: float
    c_hi: float
    repeat_s: float
    escalate_s: float
    update_every_s: float
    clear_s: float
    idle_s: float
    blind_close_s: float


@dataclass(frozen=True, slots=True)
class Wording:
    """Phrase ids: at once, on repeating, after escalation."""

    leave: str
    again: str
    escalate: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What the episodes of one machine are called; `wording` None: it stays silent and never escalates."""

    code: str
    rule: str
    camera_id: str
    zone: str
    severity: Severity
    wording: Wording | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """The best object of a frame that may count; `box` in 0..1 of the picture."""

    label: str
    track_id: int
    box: tuple[float, float, float, float]
    score: float


@dataclass(slots=True)
class _Seen:
    """What was seen from the first suspicion on; the best score is kept, the box is the latest."""

    first_s: float
    last_s: float
    sighting: Sighting | None

    @classmethod
    def begin(cls, now: Observation, found: Candidate) -> "_Seen":
        sighting = Sighting(found.label, found.track_id, found.box, found.score, 1, now.captured_at, now.captured_at)
        return cls(now.monotonic_s, now.monotonic_s, sighting)

    def add(self, now: Observation, found: Candidate) -> None:
        before = self.sighting
        self.last_s = now.monotonic_s
        self.sighting = Sighting(
            label=found.label,
            track_id=found.track_id,
            box=found.box,
            score=max(found.score, before.score if before else 0.0),
            frames_seen=before.frames_seen + 1 if before else 1,
            first_seen=before.first_seen if before else now.captured_at,
            last_seen=now.captured_at,
        )


@dataclass(slots=True)
class _Episode:
    event_id: str
    opened_s: float
    seen: _Seen
    looked_s: float
    reported_s: float
    said_s: float | None = None
    phrase_due: bool = True  # at opening, return and escalation, also when repeat_s is 0
    escalated: bool = False
    absent_s: float = 0.0
    blind: bool = False
    blind_reported_s: float | None = None
    unseen_since_restart: bool = False


class EpisodeMachine:
    """Takes every observation with the best candidate of its frame; gives the signals of at most one episode."""

    def __init__(
        self, kind: Kind, timing: Timing, new_event_id: Callable[[datetime], str], resume: OpenEpisode | None = None
    ) -> None:
        self.state = State.IDLE
        self.dismissed = 0  # suspicions that came to nothing
        self._kind = kind
        self._timing = timing
        self._new_event_id = new_event_id
        self._resume = resume
        self._window: deque[tuple[float, bool]] = deque()
        self._suspect: _Seen | None = None
        self._episode: _Episode | None = None

    @property
    def attentive(self) -> bool:
        """Every frame is wanted."""
        return self.state is not State.IDLE or self._resume is not None

    @property
    def in_episode(self) -> bool:
        """NEW was told, here or before a restart, and END not yet."""
        return self._episode is not None or self._resume is not None

    def step(self, now: Observation, found: Candidate | None) -> Iterator[Signal]:
        """`found`: the best candidate at or above c_lo, None when there is none or nobody looked."""
        if self._resume is not None:
            self._episode = self._adopt(now, self._resume)
            self._resume = None
            self.state = State.CLEARED
        if now.ending is not None:
            yield from self._finish(now, now.ending)
        elif self._episode is not None:
            yield from self._follow(now, found, self._episode)
        elif now.tracks is not None:
            yield from self._watch(now, found)

    def _watch(self, now: Observation, found: Candidate | None) -> Iterator[Signal]:
        """IDLE and SUSPECT, on a looked-at frame."""
        if found is not None:
            self._suspect_more(now, found)
        seen = self._suspect
        if seen is None:
            return
        timing = self._timing
        self._window.append((now.monotonic_s, found is not None and found.score >= timing.c_hi))
        while self._window[0][0] < now.monotonic_s - timing.window_s - EPSILON_S:
            self._window.popleft()
        if self._convinced():
            yield from self._open(now, seen)
        elif now.monotonic_s - seen.last_s > timing.window_s:
            self.dismissed += 1
            self._forget_suspicion(State.IDLE)

    def _suspect_more(self, now: Observation, found: Candidate) -> None:
        self.state = State.SUSPECT
        if self._suspect is None:
            self._suspect = _Seen.begin(now, found)
        else:
            self._suspect.add(now, found)

    def _forget_suspicion(self, state: State) -> None:
        self.state = state
        self._suspect = None
        self._window.clear()

    def _convinced(self) -> bool:
        """Any window that ends now and is not longer than window_s will do.

        So weak or empty frames before the strong ones never delay: a wheel that shows first hides nothing.
        """
        hits = 0
        for frames, (_, strong) in enumerate(reversed(self._window), start=1):
            hits += strong
            if hits >= self._timing.n_min and hits >= self._timing.ratio * frames:
                return True
        return False

    def _open(self, now: Observation, seen: _Seen) -> Iterator[Signal]:
        self._forget_suspicion(State.CONFIRMED)
        at_s = now.monotonic_s
        episode = _Episode(self._new_event_id(now.captured_at), at_s, seen, looked_s=at_s, reported_s=at_s)
        self._episode = episode
        # The voice first: it must not wait for the journal's commit.
        yield from self._speak(now, episode)
        yield self._report(now, episode, Phase.NEW, decision="confirmed")

    def _adopt(self, now: Observation, found: OpenEpisode) -> _Episode:
        """A resumed episode waits silently, as if just cleared, until the object is seen again."""

        def past_s(at: datetime) -> float:
            return now.monotonic_s - max(0.0, (now.captured_at - at).total_seconds())

        sighting = found.sighting
        opened_s = past_s(found.opened_at)
        seen = _Seen(
            past_s(sighting.first_seen) if sighting else opened_s,
            past_s(sighting.last_seen) if sighting else opened_s,
            sighting,
        )
        return _Episode(
            found.event_id,
            opened_s,
            seen,
            looked_s=now.monotonic_s,
            reported_s=now.monotonic_s,
            said_s=opened_s,
            absent_s=self._timing.clear_s,
            unseen_since_restart=True,
        )

    def _follow(self, now: Observation, found: Candidate | None, episode: _Episode) -> Iterator[Signal]:
        """CONFIRMED and CLEARED."""
        timing = self._timing
        # A weak candidate keeps an episode, only a strong one brings a cleared one back.
        enough = timing.c_lo if self.state is State.CONFIRMED else timing.c_hi
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
        elif self.state is State.CLEARED:
            if episode.absent_s >= timing.clear_s + timing.idle_s - EPSILON_S:
                yield from self._finish(now, "restart" if episode.unseen_since_restart else "left")
        elif episode.absent_s >= timing.clear_s - EPSILON_S:
            yield from self._clear(now, episode)
        else:
            yield from self._insist(now, episode)

    def _sight(self, now: Observation, found: Candidate, episode: _Episode) -> Iterator[Signal]:
        self._looked(now, episode)
        episode.absent_s = 0.0
        episode.unseen_since_restart = False
        episode.seen.add(now, found)
        if self.state is State.CLEARED:
            self.state = State.CONFIRMED
            episode.phrase_due = True
            yield self._report(now, episode, Phase.UPDATE, decision="seen_again")

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
        self.state = State.CLEARED
        yield Hush(episode.event_id)
        yield self._report(now, episode, Phase.UPDATE, decision="cleared")

    def _insist(self, now: Observation, episode: _Episode) -> Iterator[Signal]:
        """CONFIRMED goes on: escalate, speak again, keep the record fresh. A covered camera stops none of it."""
        wording, timing = self._kind.wording, self._timing
        overdue = now.monotonic_s - episode.opened_s >= timing.escalate_s
        if wording is not None and overdue and not episode.escalated:
            episode.escalated = True
            episode.phrase_due = True
            yield self._report(now, episode, Phase.UPDATE, decision="escalated")
        yield from self._speak(now, episode)
        if now.monotonic_s - episode.reported_s >= timing.update_every_s:
            yield self._report(now, episode, Phase.UPDATE, decision="blind" if episode.blind else "present")

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
        episode, was = self._episode, self.state
        self._episode = None
        self._forget_suspicion(State.IDLE)
        if episode is None:
            return
        if was is State.CONFIRMED:
            yield Hush(episode.event_id)
        yield self._report(now, episode, Phase.END, reason=reason)

    def _report(
        self, now: Observation, episode: _Episode, phase: Phase, decision: str | None = None, reason: str | None = None
    ) -> Report:
        episode.reported_s = now.monotonic_s
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
            # Whether the door closed with it inside is not known without a door state.
            outcome=Outcome.UNKNOWN if phase is Phase.END else None,
            end_reason=reason,
        )


def _blind_s(now: Observation, episode: _Episode) -> float:
    """How long nothing could be seen; 0 while the camera gives looks."""
    unlooked_s = now.monotonic_s - episode.looked_s
    if unlooked_s < EPSILON_S:
        return 0.0
    if now.blind_for_s:
        return now.blind_for_s
    return unlooked_s if unlooked_s >= NO_LOOK_S else 0.0
