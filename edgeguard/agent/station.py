"""One voice of the box, and who hears of what it played: a lift's loudspeaker, as a rule."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from edgeguard.actuators import VoiceConfig, VoiceState, build_voice
from edgeguard.agent.commands import SpeakHandler
from edgeguard.agent.talk import Seat
from edgeguard.types import Playback

log = logging.getLogger(__name__)


class Station:
    """Built at rest, raising AudioError for a phrase or recording that cannot be used; `start` gives it life."""

    def __init__(self, config: VoiceConfig) -> None:
        self.config = config
        self.voice = build_voice(config, self._on_playback, self._on_playback)
        self.speak = SpeakHandler(self.voice.say)
        self.seat = Seat(self.voice.talk)
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

    def watch(self) -> None:
        """Log the voice's state when it has changed."""
        health = self.voice.health()
        if health.state is not self._said:
            self._said = health.state
            level = logging.INFO if health.state in {VoiceState.OK, VoiceState.OFF} else logging.WARNING
            why = f": {health.reason}" if health.reason else ""
            log.log(level, "voice on %s is %s%s", health.output, health.state, why)

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
