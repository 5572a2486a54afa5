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
class Matching:
    """`found`: each episode, by time, with the entry it matches or None; `missed`: the entries nothing matched."""

    found: tuple[tuple[Episode, TruthEntry | None], ...]
    missed: tuple[TruthEntry, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """`latency_ms` has one entry per match, in the order of the episodes: `new` after `start_s`."""

    matched: int
    missed: int
    false_alarms: int
    latency_ms: tuple[float, ...]


def match(episodes: Sequence[Episode], truth: Sequence[TruthEntry]) -> Matching:
    """Match one to one: each episode, by time, takes the fitting entry that closes first.

    That is the most pairs there can be, because an entry passed over stays open longer.
    """
    left = sorted(truth, key=lambda entry: (entry.closes_s, entry.opens_s))
    found: list[tuple[Episode, TruthEntry | None]] = []
    for episode in sorted(episodes, key=lambda episode: episode.new_s):
        entry = next((entry for entry in left if _fits(episode, entry)), None)
        if entry is not None:
            left.remove(entry)
        found.append((episode, entry))
    return Matching(tuple(found), tuple(left))


def false_alarms(matching: Matching, truth: Sequence[TruthEntry]) -> tuple[Episode, ...]:
    """Episodes nothing explains.

    One that is only information (a bicycle that is logged) is no alarm, unless the truth asks for its code.
    """
    asked = {entry.code for entry in truth}
    return tuple(
        episode
        for episode, entry in matching.found
        if entry is None and (episode.severity is not Severity.INFO or episode.code in asked)
    )


def latency_ms(episode: Episode, entry: TruthEntry) -> float:
    """From the start of what happened to its `new`."""
    return round((episode.new_s - entry.start_s) * 1000, 1)


def score(episodes: Sequence[Episode], truth: Sequence[TruthEntry]) -> Score:
    """Count what `match` and `false_alarms` find."""
    matching = match(episodes, truth)
    late = tuple(latency_ms(episode, entry) for episode, entry in matching.found if entry is not None)
    return Score(len(late), len(matching.missed), len(false_alarms(matching, truth)), late)


def _fits(episode: Episode, entry: TruthEntry) -> bool:
    return episode.code == entry.code and entry.opens_s <= episode.new_s <= entry.closes_s
