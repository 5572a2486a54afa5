"""What became of the latest try to set each rule of a box, for every screen; the audit keeps all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from edgeguard.center.hub import HealthChanged, Hub

# site, box, camera, kind, zone
RuleKey = tuple[str, str, str, str, str]
WordState = Literal["sending", "done", "refused", "failed", "unanswered"]


@dataclass(frozen=True, slots=True)
class RuleWord:
    """`what` was asked for, in words; `reason`: the box's, or why nothing could be sent."""

    state: WordState
    what: str
    by: str
    at: datetime
    reason: str = ""


class RuleWords:
    """Of rules that boxes have told. One event loop; gone with the process, what is in force comes from the boxes."""

    def __init__(self, hub: Hub, now: Callable[[], datetime]) -> None:
        self._hub = hub
        self._now = now
        self._words: dict[RuleKey, RuleWord] = {}

    def of(self, key: RuleKey) -> RuleWord | None:
        return self._words.get(key)

    def say(self, key: RuleKey, state: WordState, what: str, by: str, reason: str = "") -> None:
        """Every open page hears of it."""
        self._words[key] = RuleWord(state, what, by, self._now(), reason)
        self._hub.publish(HealthChanged())
