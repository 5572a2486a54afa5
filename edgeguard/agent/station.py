"""One voice, and the reporter of the cameras that speak through it: a lift, as a rule."""

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime

from edgeguard.actuators import VoiceConfig, VoiceState, build_voice
from edgeguard.agent.commands import SpeakHandler
from edgeguard.agent.reporter import EventLog, Reporter
from edgeguard.contract import Action, Event, EventDraft
from edgeguard.types import Playback, Report

log = logging.getLogger(__name__)


class Station:
    """Built at rest, raising AudioError for a phrase or recording that cannot be used; `start` gives it life."""

    def __init__(self, config: VoiceConfig) -> None:
        self.voice = build_voice(config, self._on_playback, self._on_playback)
        self.speak = SpeakHandler(self.voice.say)
        self.reporter: Reporter
        self._playbacks: ThreadPoolExecutor
        self._said: VoiceState | None = None

    def start(
        self,
        stack: ExitStack,
        journal: EventLog,
        drafted: Callable[[Report, Sequence[Action], datetime], EventDraft],
        recorded: Callable[[Event], None],
        utcnow: Callable[[], datetime],
    ) -> None:
        """Start the voice; it ends with `stack`, its last playbacks recorded."""
        self.reporter = Reporter(journal, self.voice, drafted, recorded, utcnow)
        self._playbacks = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="playbacks"))
        stack.enter_context(self.voice)

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
        if not self.speak.played(playback):
            self.reporter.played(playback)


def _logged(done: Future[None]) -> None:
    error = done.exception()
    if error is not None:
        log.error("a playback could not be reported", exc_info=error)
