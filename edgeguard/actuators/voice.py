"""The box's voice: one thread, one loudspeaker, never two voices at once; the more urgent one cuts in."""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from types import TracebackType
from typing import Self

from edgeguard.actuators.audio import Pcm, apply_gain
from edgeguard.actuators.catalogue import Catalogue
from edgeguard.actuators.config import VoiceConfig
from edgeguard.actuators.link import OutputLink
from edgeguard.actuators.outputs import AudioOutput, Cue
from edgeguard.actuators.schedule import rule
from edgeguard.actuators.speech_queue import Request, SpeechQueue
from edgeguard.actuators.talk import LIVE_TALK, OPENING, TalkLine
from edgeguard.errors import AudioError
from edgeguard.types import Playback, Say, SpeechPriority

# The longest that somebody more urgent waits for a chunk to be taken.
CHUNK_S = 0.02
# A write that hangs in a driver cannot be cancelled; leaving waits for it no longer than this.
LEAVE_S = 1.0

STOPPED = "the voice was stopped"
HANGS = "the output hangs"
SPOKEN_OVER = "somebody spoke instead"

_log = logging.getLogger(__name__)


class VoiceState(StrEnum):
    """Whether the box can be heard."""

    OK = "ok"
    NO_DEVICE = "no_device"
    OFF = "off"  # configured without an output
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class VoiceHealth:
    """`stuck_s` is how long the output has been busy with one chunk of 20 ms: above 3 s it hangs in its driver."""

    state: VoiceState
    reason: str
    output: str
    waiting: int
    stuck_s: float


@dataclass(slots=True)
class _Outcome:
    """How far a request came."""

    result: str = "played"
    detail: str = ""
    started_at: datetime | None = None
    started_s: float = 0.0
    samples: int = 0

    def stop(self, result: str, detail: str) -> Self:
        self.result, self.detail = result, detail
        return self


def _tell_nobody(playback: Playback) -> None:
    del playback


class Voice:
    """Says what it is asked to, in the order of priority. `say`, `hush`, `talk`, `health`: from any thread.

    `on_playback` gets one record for every request that was accepted, when it is over; `on_started` one with the
    result "playing" when its first sample is out. Both are called on the voice's own thread and must be quick.
    Entering starts the thread, leaving ends it; `run` is the thread's work, for a supervisor with threads of its own.
    """

    def __init__(
        self,
        config: VoiceConfig,
        catalogue: Catalogue,
        output: AudioOutput | None,
        on_playback: Callable[[Playback], None],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        on_started: Callable[[Playback], None] = lambda _: None,
    ) -> None:
        self._config = config
        self._on_started = on_started
        self.catalogue = catalogue
        self._link = OutputLink(output) if output is not None else None
        self._on_playback = on_playback
        self._now = now
        self._changed = threading.Condition()
        self._queue = SpeechQueue()
        self._current: Request | None = None
        self._cut: str | None = None
        self._running = False
        self._stopping = False
        self._chunk_since_s: float | None = None
        self._thread: threading.Thread | None = None

    def say(self, say: Say) -> bool:
        """Queue a phrase; False where the same one of the same episode is waiting already.

        Raises AudioError on a name or a language that the box has not.
        """
        phrase = self.catalogue[say.phrase]
        if say.language is not None and say.language not in self._config.languages:
            accepted = ", ".join(self._config.languages)
            raise AudioError(f"{phrase.name}: met language {say.language!r}, accepted: {accepted}")
        with self._changed:
            return self._push(say)

    def hush(self, event_id: str) -> None:
        """Stop and forget the phrases of an episode; who speaks live is not cut off."""
        with self._changed:
            gone = self._queue.remove(event_id)
            current = self._current
            if current is not None and current.line is None and current.say.event_id == event_id:
                self._cut = "hushed"
        for request in gone:
            self._report(request, _Outcome("interrupted", "hushed before its turn"))

    def talk(self, line: TalkLine) -> None:
        """Fall silent for a person at once, over every phrase, and be heard what comes on their line until it ends.

        The warnings that wait by then are forgotten: nobody is talked over, the next repeat says them again.
        """
        with self._changed:
            self._push(Say(LIVE_TALK, SpeechPriority.LIVE_TALK, line.event_id), line)

    def health(self) -> VoiceHealth:
        """Tell whether the voice can be heard, and why not."""
        since_s = self._chunk_since_s
        stuck_s = 0.0 if since_s is None else time.monotonic() - since_s
        if self._link is not None:
            stuck_s = max(stuck_s, self._link.overdue_s())
        name = "none" if self._link is None else self._link.output.name
        state, reason = self._state()
        return VoiceHealth(state, reason, name, len(self._queue), stuck_s)

    def _state(self) -> tuple[VoiceState, str]:
        if self._link is None:
            return VoiceState.OFF, "configured without an output"
        if not self._running:
            return VoiceState.STOPPED, "not running"
        return (VoiceState.OK, "") if self._link.is_open else (VoiceState.NO_DEVICE, self._link.reason)

    def __enter__(self) -> Self:
        self._stopping = False
        self._running = True
        self._thread = threading.Thread(target=self.run, name="voice", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        if self._thread is not None:
            self._thread.join(LEAVE_S)
            if self._thread.is_alive():
                _log.error("voice: the output hangs; left behind")

    @property
    def thread(self) -> threading.Thread | None:
        """Where it speaks, once it was entered."""
        return self._thread

    def abandon(self) -> list[Say]:
        """Leave it behind, its output hangs: what it was saying has failed; returns the phrases that waited.

        It reports nothing any more, whenever the output comes back.
        """
        with self._changed:
            self._stopping, self._cut = True, HANGS
            current, self._current = self._current, None
            waiting = self._queue.clear()
            told, self._on_playback, self._on_started = self._on_playback, _tell_nobody, _tell_nobody
        for request in filter(None, (current, *(left for left in waiting if left.line is not None))):
            told(self._record(request, _Outcome("failed", HANGS), self._now()))
        return [request.say for request in waiting if request.line is None]

    def stop(self) -> None:
        """Make `run` return soon: within a chunk, unless the output hangs."""
        with self._changed:
            self._stopping = True
            self._cut = STOPPED
            self._changed.notify()

    def run(self) -> None:
        """Speak until `stop`; what still waits then is reported as interrupted."""
        self._running = True
        try:
            while not self._stopping:
                if self._link is not None and self._link.seconds_to_retry() == 0:
                    self._link.open()
                request = self._take()
                if request is not None:
                    self._perform(request)
        finally:
            self._running = False
            if self._link is not None:
                self._link.close()
            with self._changed:
                left = self._queue.clear()
            for request in left:
                self._report(request, _Outcome("interrupted", STOPPED))

    def _push(self, say: Say, line: TalkLine | None = None) -> bool:
        added = self._queue.push(Request(say, self._now(), time.monotonic(), line))
        self._changed.notify()
        return added

    def _take(self) -> Request | None:
        """Wait for a request, the end, or the time to try the output again."""
        with self._changed:
            if not self._queue and not self._stopping:
                self._changed.wait(None if self._link is None else self._link.seconds_to_retry())
            if self._stopping:
                return None
            self._current, self._cut = self._queue.pop(), None
            return self._current

    def _perform(self, request: Request) -> None:
        was_open = self._link is not None and self._link.is_open
        outcome = self._attempt(request)
        if was_open and outcome.result == "no_device":
            # It broke while it was idle, a USB reset for example: one fresh start may still save the phrase.
            outcome = self._attempt(request)
        with self._changed:
            self._current = None
            spoken_over = self._queue.remove_warnings() if request.line is not None and request.line.heard_s else []
        self._report(request, outcome)
        for other in spoken_over:
            self._report(other, _Outcome("interrupted", SPOKEN_OVER))

    def _attempt(self, request: Request) -> _Outcome:
        outcome = _Outcome()
        if request.line is not None:
            blocks = request.line.blocks(self.catalogue.rate_hz)  # a person decides: no quiet hours
        else:
            ruling = rule(self._config, request.say.phrase, self._now())
            if refused := self._refused(request.say.phrase) or ruling.refused:
                return outcome.stop("quiet", refused)
            blocks = self._phrase_blocks(request.say, ruling.gain_db)
        if self._link is None or not self._link.open():
            return outcome.stop("no_device", self._state()[1])
        try:
            return self._feed(self._link.output, request, blocks, outcome)
        except AudioError as error:
            self._link.lost(error)
            return outcome.stop("no_device" if outcome.started_at is None else "failed", str(error))

    def _refused(self, name: str) -> str | None:
        if self.catalogue[name].on_request and name not in self._config.optional_phrases:
            return f"{name} is not among the optional_phrases"
        return None

    def _feed(
        self, output: AudioOutput, request: Request, blocks: Iterator[tuple[Cue, Pcm]], outcome: _Outcome
    ) -> _Outcome:
        for cue, pcm in blocks:
            if why := self._why_cut(request):
                return outcome.stop("interrupted", f"{why}, after {outcome.samples / output.rate_hz:.1f} s")
            self._chunk_since_s = time.monotonic()
            try:
                output.play(pcm, cue)
            finally:
                self._chunk_since_s = None
            if outcome.started_at is None and cue is not OPENING:
                outcome.started_at, outcome.started_s = self._now(), time.monotonic()
                self._on_started(self._record(request, outcome, None))
            outcome.samples += len(pcm)
        if request.line is not None:
            outcome.detail = request.line.ended_by
            if outcome.started_at is None:
                return outcome.stop("failed", outcome.detail or "nothing was said")
        return outcome

    def _why_cut(self, request: Request) -> str | None:
        with self._changed:
            if self._queue.outranks(request.say.priority):
                return "by something more urgent"
            return self._cut

    def _phrase_blocks(self, say: Say, gain_db: float) -> Iterator[tuple[Cue, Pcm]]:
        step = int(CHUNK_S * self.catalogue.rate_hz)
        for turn, language in enumerate(self._languages(say)):
            clip = self.catalogue[say.phrase].clips[language]
            cue = Cue(say.phrase, language, say.event_id)
            # One chime for the whole: the second language goes on behind its own.
            for start in range(clip.speech_from if turn else 0, len(clip.pcm), step):
                yield cue, apply_gain(clip.pcm[start : start + step], gain_db)

    def _languages(self, say: Say) -> tuple[str, ...]:
        return self._config.languages if say.language is None else (say.language,)

    def _report(self, request: Request, outcome: _Outcome) -> None:
        self._on_playback(self._record(request, outcome, self._now()))

    def _record(self, request: Request, outcome: _Outcome, ended_at: datetime | None) -> Playback:
        line = request.line
        # A person may think before they speak: only from their first sound on does the box keep somebody waiting.
        asked_s = request.requested_s if line is None else line.first_put_s
        waited = outcome.started_at is not None and asked_s is not None
        return Playback(
            phrase=request.say.phrase,
            language="" if line is not None else "+".join(self._languages(request.say)),
            output="none" if self._link is None else self._link.output.name,
            requested_at=request.requested_at,
            started_at=outcome.started_at,
            ended_at=ended_at,
            result="playing" if ended_at is None else outcome.result,
            event_id=request.say.event_id,
            detail=outcome.detail,
            request_to_audio_ms=1000 * (outcome.started_s - asked_s) if waited and asked_s is not None else None,
            by=None if line is None else line.by,
            heard_s=None if line is None else line.heard_s,
        )
