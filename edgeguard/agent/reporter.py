"""From a scenario's signals to voice, journal and uplink, in that order (docs/adr/0001)."""

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from edgeguard.contract import Action, Decision, Event, EventDraft
from edgeguard.errors import ContractError, JournalError
from edgeguard.pipeline.reporting import PLAN
from edgeguard.types import Hush, Open, Phase, Playback, Report, Say, Signal

log = logging.getLogger(__name__)

PLAYING = "playing"
# Why a step tells of a playback: its first sound is out, nobody could hear it, a person has spoken.
SPOKEN, UNSPOKEN, TALKED = "spoken", "unspoken", "talked"
# Why a step tells of a relay, by the result of its action.
OPENED, UNOPENED = "opened", "unopened"
# A phrase that is hushed ends at its next chunk; longer than this its output hangs, and the END must not wait for it.
SETTLE_S = 1.0


def _no_gate(signal: Open) -> "Future[Action]":
    """Of a box without gates."""
    answer: Future[Action] = Future()
    answer.set_result(
        Action(type="relay", target=signal.gate, asset=signal.event_id, result="refused", detail="no gate")
    )
    return answer


class Speaker(Protocol):
    """The part of the voice that a reporter needs."""

    def say(self, say: Say) -> bool:
        """Queue a phrase; False where the same one is waiting already."""

    def hush(self, event_id: str) -> None:
        """Stop and forget the phrases of an episode."""


class EventLog(Protocol):
    """The part of the journal that a reporter needs."""

    def record(self, draft: EventDraft) -> Event:
        """Make durable, return with seq and rev."""


@dataclass(slots=True)
class _Episode:
    draft: EventDraft | None = None
    actions: list[Action] = field(default_factory=list)
    told: set[str] = field(default_factory=set)  # what the platform knows of playbacks: SPOKEN, UNSPOKEN


class Reporter:
    """Thread-safe: camera threads hand in signals, the voice's thread hands in playbacks.

    `drafted(report, actions, decided)` fills in what a site knows. `recorded(event)` is called after each commit.
    """

    def __init__(
        self,
        journal: EventLog,
        speaker: Speaker,
        drafted: Callable[[Report, Sequence[Action], datetime], EventDraft],
        recorded: Callable[[Event], None],
        utcnow: Callable[[], datetime],
        opener: "Callable[[Open], Future[Action]]" = _no_gate,
    ) -> None:
        self._opener = opener
        self._journal = journal
        self._speaker = speaker
        self._drafted = drafted
        self._recorded = recorded
        self._utcnow = utcnow
        self._changed = threading.Condition()
        self._episodes: dict[str, _Episode] = {}
        self._in_flight: Counter[str] = Counter()
        self._refused: deque[EventDraft] = deque()

    def handle(self, signals: Sequence[Signal]) -> None:
        """Speak, then commit. What a failing journal refuses is kept in memory, in order, and tried again."""
        decided = self._utcnow()
        for signal in signals:
            if isinstance(signal, Say):
                self._say(signal)
            elif isinstance(signal, Hush):
                self._speaker.hush(signal.event_id)
            elif isinstance(signal, Open):
                self._open(signal)
        for signal in signals:
            if isinstance(signal, Report):
                self._report(signal, decided)

    def retry(self) -> None:
        """Try again what the journal refused; called with every tick."""
        if self._refused:
            with self._changed:
                self._drain()

    def tell(self, drafts: Sequence[EventDraft]) -> None:
        """Commit steps that no scenario reports, behind whatever waits for the journal."""
        with self._changed:
            self._refused.extend(drafts)
            self._drain()

    def noted(self, event_id: str, action: Action) -> None:
        """Something was done about an open episode: its next step tells of it, and all after that."""
        with self._changed:
            _note(self._episodes.setdefault(event_id, _Episode()).actions, action)

    def played(self, playback: Playback) -> bool:
        """Take what the voice does (result "playing") or has done; False when it is of none of these episodes.

        The start of an episode's first playback, the first that was not heard and the end of every talk are told at
        once, everything else with the episode's next step.
        """
        if playback.event_id is None:
            return False
        with self._changed:
            episode = self._episodes.get(playback.event_id)
            if episode is None:
                return False
            if playback.ended_at is not None and playback.by is None:
                self._in_flight[playback.event_id] -= 1
                self._changed.notify_all()
            _note(episode.actions, _action(playback))
            reason = _reason(playback)
            if (reason == TALKED or reason not in episode.told) and episode.draft is not None:
                episode.told.add(reason)
                self._commit(episode, _spoken(episode.draft, episode.actions, playback))
            return True

    def acted(self, event_id: str, action: Action) -> None:
        """Tell of a relay with a step of its episode; with the first one, where that has not been reported yet."""
        with self._changed:
            episode = self._episodes.get(event_id)
            if episode is None:
                log.warning("%s of %s after its episode %s: %s", action.type, action.target, event_id, action.result)
                return
            episode.actions.append(action)
            if episode.draft is not None:
                self._commit(episode, _acted(episode.draft, episode.actions, action, self._utcnow()))

    def _open(self, signal: Open) -> None:
        with self._changed:
            self._episodes.setdefault(signal.event_id, _Episode())
        self._opener(signal).add_done_callback(lambda done: self.acted(signal.event_id, done.result()))

    def _say(self, say: Say) -> None:
        # Counted first: a short phrase may be over before `say` has returned.
        self._count(say, 1)
        if not self._speaker.say(say):
            self._count(say, -1)

    def _count(self, say: Say, change: int) -> None:
        if say.event_id is not None:
            with self._changed:
                self._in_flight[say.event_id] += change
                self._episodes.setdefault(say.event_id, _Episode())

    def _report(self, report: Report, decided: datetime) -> None:
        if report.phase is Phase.END:
            self._settle(report.event_id)
        with self._changed:
            episode = self._episodes.setdefault(report.event_id, _Episode())
            self._commit(episode, self._drafted(report, episode.actions, decided))
            if report.phase is Phase.END:
                del self._episodes[report.event_id]
                del self._in_flight[report.event_id]

    def _settle(self, event_id: str) -> None:
        """Let a phrase that still sounds end, so that the END tells of it."""
        if self._in_flight[event_id] <= 0:
            return
        self._speaker.hush(event_id)
        with self._changed:
            self._changed.wait_for(lambda: self._in_flight[event_id] <= 0, SETTLE_S)

    def _commit(self, episode: _Episode, draft: EventDraft) -> None:
        episode.draft = draft
        self._refused.append(draft)
        self._drain()

    def _drain(self) -> None:
        while self._refused:
            draft = self._refused[0]
            try:
                event = self._journal.record(draft)
            except JournalError as error:
                log.error("%d events wait for the journal: %s", len(self._refused), error)  # noqa: TRY400 retried each tick
                return
            except ContractError:
                # Waiting would not mend it, and what comes behind it must not wait.
                log.exception("%s %s of %s can never be recorded", draft.code, draft.phase, draft.event_id)
                self._refused.popleft()
                continue
            self._refused.popleft()
            self._recorded(event)


def _acted(draft: EventDraft, actions: Sequence[Action], action: Action, now: datetime) -> EventDraft:
    """The step that tells of a relay; all else is as the latest step had it."""
    told = draft.decision
    update = {
        "phase": Phase.UPDATE,
        "at": action.ended_at or now,
        "actions": (*(one for one in draft.actions if one.type == PLAN), *actions),
        "decision": (told or Decision()).model_copy(
            update={"reason": UNOPENED if action.result in {"failed", "refused", "expired"} else OPENED}
        ),
    }
    return draft.model_copy(update=update)


def _spoken(draft: EventDraft, actions: Sequence[Action], playback: Playback) -> EventDraft:
    """The step that tells of a phrase's start or a talk's end; all else is as the latest step had it."""
    reason = _reason(playback)
    ended = reason != SPOKEN
    spoken, told = draft.timing.spoken or playback.started_at, draft.decision
    return draft.model_copy(
        update={
            "phase": Phase.UPDATE,
            "at": (playback.ended_at if ended else playback.started_at) or playback.requested_at,
            "actions": (*(action for action in draft.actions if action.type == PLAN), *actions),
            "decision": Decision(reason=reason, outcome=told.outcome if told else None),
            "timing": draft.timing.model_copy(update={"spoken": spoken}),
        }
    )


def _reason(playback: Playback) -> str:
    if playback.by is not None and playback.ended_at is not None:
        return TALKED
    return SPOKEN if playback.started_at is not None else UNSPOKEN


def _note(actions: list[Action], action: Action) -> None:
    """What has ended stands where it was said to play; a person and a phrase may come out of two loudspeakers."""
    for place, before in enumerate(actions):
        if before.result == PLAYING and (before.type, before.target) == (action.type, action.target):
            actions[place] = action
            return
    actions.append(action)


def _action(playback: Playback) -> Action:
    if playback.by is not None:
        return _talk(playback, playback.by)
    return Action(
        type="voice",
        target=playback.output,
        asset=playback.phrase,
        language=playback.language,
        started_at=playback.started_at,
        ended_at=playback.ended_at,
        result=playback.result,
        detail=playback.detail or None,
    )


def _talk(playback: Playback, by: str) -> Action:
    """Who spoke live, and for how long; no word of what was said."""
    heard = "" if playback.ended_at is None else f": {playback.heard_s or 0:.1f} s heard"
    return Action(
        type="talk",
        target=playback.output,
        started_at=playback.started_at,
        ended_at=playback.ended_at,
        result=playback.result,
        detail=f"{by}{heard}" + (f"; {playback.detail}" if playback.detail else ""),
    )
