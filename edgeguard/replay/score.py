"""Episodes against the truth: matched, missed, false alarms, and how late."""

from collections.abc import Sequence
from dataclasses import dataclass

from edgeguard.replay.truth import TruthEntry
from edgeguard.types import Outcome, Severity


@dataclass(frozen=True, slots=True)
class Episode:
    """One episode of a replay; seconds of the recording. `severity` is the highest it reached."""

    event_id: str
    code: str
    new_s: float
    end_s: float
    severity: Severity
    outcome: Outcome | None
    end_reason: str | None
    max_score: float


@dataclass(frozen=True, slots=True)
class Score:
    """`latency_ms` has one entry per match, in the order of the episodes: `new` after `start_s`."""

    matched: int
    missed: int
    false_alarms: int
    latency_ms: tuple[float, ...]


def score(episodes: Sequence[Episode], truth: Sequence[TruthEntry]) -> Score:
    """Match one to one: each episode, by time, takes the fitting entry that closes first.

    That is the most pairs there can be, because an entry passed over stays open longer. An episode that is only
    information (a bicycle that is logged) is no alarm, unless the truth asks for its code.
    """
    left = sorted(truth, key=lambda entry: (entry.closes_s, entry.opens_s))
    asked = {entry.code for entry in truth}
    latency_ms: list[float] = []
    false_alarms = 0
    for episode in sorted(episodes, key=lambda episode: episode.new_s):
        entry = next((entry for entry in left if _fits(episode, entry)), None)
        if entry is not None:
            left.remove(entry)
            latency_ms.append(round((episode.new_s - entry.start_s) * 1000, 1))
        elif episode.severity is not Severity.INFO or episode.code in asked:
            false_alarms += 1
    return Score(len(latency_ms), len(left), false_alarms, tuple(latency_ms))


def _fits(episode: Episode, entry: TruthEntry) -> bool:
    return episode.code == entry.code and entry.opens_s <= episode.new_s <= entry.closes_s
