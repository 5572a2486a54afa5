"""One voice of the box, and who hears of what it played: a lift's loudspeaker, as a rule."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Thread

from edgeguard.actuators import Voice, VoiceConfig, VoiceState, build_voice
from edgeguard.agent.commands import SpeakHandler
from edgeguard.agent.supervisor import Beat, Part
from edgeguard.agent.talk import Seat
from edgeguard.types import Playback

log = logging.getLogger(__name__)


class Station:
    """Built at rest, raising AudioError for a phrase or recording that cannot be used; `start` gives it life."""

    def __init__(self, config: VoiceConfig) -> None:
        self.config = config
        self.voice = self._build()
        self.speak = SpeakHandler(lambda say: self.voice.say(say))  # noqa: PLW0108 - the voice may be replaced
        self.seat = Seat(lambda line: self.voice.talk(line))  # noqa: PLW0108
        self.part = Part(f"voice on {self.voice.health().output}", self._beat, self._replace)
        self._played: Callable[[Playback], None] = lambda _: None
        self._playbacks: ThreadPoolExecutor
        self._said: VoiceState | None = None

    def start(self, played: Callable[[Playback], None]) -> None:
        """Start the voice; `played` gets every playback that is none of a command's, on a thread of the station."""
        self._played = played
        self._playbacks = ThreadPoolExecutor(1, thread_name_prefix="playbacks")
        self.voice.__enter__()

    def stop(self) -> None:
        """Fall silent, the last playbacks told."""
        self.voice.__exit__(None, None, None)
        self._playbacks.shutdown()

    def _build(self) -> Voice:
        return build_voice(self.config, self._on_playback, self._on_playback)

    def _beat(self) -> Beat:
        thread = self.voice.thread
        return Beat(thread is None or thread.is_alive(), self.voice.health().stuck_s, doing="plays a chunk of sound")

    def _replace(self) -> Sequence[Thread]:
        """What waited is said by the new one; what hangs is told as failed."""
        old, new = self.voice, self._build()
        waiting = old.abandon()
        self.voice = new
        new.__enter__()
        for say in waiting:
            new.say(say)
        return [old.thread] if old.thread else []

    def watch(self) -> None:
        """Log the voice's state when it has changed."""
        health = self.voice.health()
        if health.state is not self._said:
            self._said = health.state
            level = logging.INFO if health.state in {VoiceState.OK, VoiceState.OFF} else logging.WARNING
            why = f": {health.reason}" if health.reason else ""
            log.log(level, "voice on %s is %s%s", health.output, health.state, why, extra={"output": health.output})

    def _on_playback(self, playback: Playback) -> None:
        """On the voice's thread, between two chunks of sound: it must not wait for a disk."""
        self._playbacks.submit(self._take, playback).add_done_callback(_logged)

    def _take(self, playback: Playback) -> None:
        if self.speak.played(playback):
            return
        # The event first: who hears that a talk is over finds it told there.
        self._played(playback)
        if playback.by is not None and playback.ended_at is not None:
            self.seat.played(playback)


def _logged(done: Future[None]) -> None:
    error = done.exception()
    if error is not None:
        log.error("a playback could not be reported", exc_info=error)
