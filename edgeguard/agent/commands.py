"""Commands of a center that the box executes."""

import threading
from collections.abc import Callable

from edgeguard.contract import SpeakCommand
from edgeguard.errors import AudioError
from edgeguard.types import Playback, Say, SpeechPriority

# The longest phrase with everything that may stand before it in the queue.
PLAYED_WITHIN_S = 60.0


class SpeakHandler:
    """`cmd/speak`: plays a phrase and answers when it was heard.

    A person decided, so it goes before the warnings of the box itself. `say` is the voice's, raising AudioError for a
    phrase it does not know.
    """

    def __init__(self, say: Callable[[Say], bool]) -> None:
        self._say = say
        self._changed = threading.Condition()
        self._waiting: dict[str, Playback | None] = {}

    def __call__(self, command: SpeakCommand) -> str:
        """Return what was heard; raise AudioError when it was not."""
        heard = ""
        for _ in range(command.args.repeat):
            heard = self._once(command)
        return heard

    def played(self, playback: Playback) -> bool:
        """Take a playback; False when it is none of a command's."""
        with self._changed:
            if playback.event_id not in self._waiting:
                return False
            if playback.ended_at is None:
                return True
            self._waiting[playback.event_id] = playback
            self._changed.notify_all()
            return True

    def _once(self, command: SpeakCommand) -> str:
        # The command's id stands where an episode's would, so that the playback finds its way back.
        with self._changed:
            self._waiting[command.id] = None
        try:
            args = command.args
            self._say(Say(args.phrase, SpeechPriority.ESCALATION, command.id, args.language))
            with self._changed:
                self._changed.wait_for(lambda: self._waiting[command.id] is not None, PLAYED_WITHIN_S)
                playback = self._waiting[command.id]
        finally:
            with self._changed:
                del self._waiting[command.id]
        return _heard(playback)


def _heard(playback: Playback | None) -> str:
    if playback is None:
        raise AudioError(f"the phrase was not played within {PLAYED_WITHIN_S:.0f} s")
    if playback.result != "played":
        raise AudioError(f"{playback.result}: {playback.detail or 'no reason given'}")
    return f"{playback.phrase} played on {playback.output}"
