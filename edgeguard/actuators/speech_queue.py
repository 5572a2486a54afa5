"""Who speaks next: the highest priority first, within it the oldest. Holds no lock; its owner does."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from edgeguard.actuators.talk import TalkLine
from edgeguard.types import Say, SpeechPriority


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """A phrase somebody asked for, and when; `line`: no phrase but a person who speaks."""

    say: Say
    requested_at: datetime
    requested_s: float
    line: TalkLine | None = None


class SpeechQueue:
    """Requests that wait for their turn."""

    def __init__(self) -> None:
        self._waiting: list[Request] = []

    def __len__(self) -> int:
        return len(self._waiting)

    def push(self, request: Request) -> bool:
        """Add, unless the same phrase of the same episode is waiting already; tell whether it was added."""
        if request.line is None and any(other.say == request.say for other in self._waiting):
            return False
        self._waiting.append(request)
        return True

    def pop(self) -> Request | None:
        """Take the next one out; None where nobody waits."""
        if not self._waiting:
            return None
        # max() keeps the first of equals, which is the oldest.
        chosen = max(self._waiting, key=lambda request: request.say.priority)
        self._waiting.remove(chosen)
        return chosen

    def outranks(self, priority: SpeechPriority) -> bool:
        """Tell whether somebody waits who may interrupt a speaker of `priority`."""
        return any(request.say.priority > priority for request in self._waiting)

    def remove(self, event_id: str) -> list[Request]:
        """Take out every phrase that an episode asked for."""
        return self._take_out(lambda request: request.line is None and request.say.event_id == event_id)

    def remove_warnings(self) -> list[Request]:
        """Take out what a rule or nobody in particular asked for: warnings and information."""
        return self._take_out(lambda request: request.say.priority <= SpeechPriority.WARNING)

    def clear(self) -> list[Request]:
        """Take out everything."""
        return self._take_out(lambda _: True)

    def _take_out(self, chosen: Callable[[Request], bool]) -> list[Request]:
        gone = [request for request in self._waiting if chosen(request)]
        self._waiting = [request for request in self._waiting if not chosen(request)]
        return gone
