"""Episodes against the truth: matched, missed, false alarms, and how late."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from edgeguard.replay.truth import TruthEntry
from edgeguard.types import Outcome, Severity

ASIDE = "{} of the truth set aside: about other scenarios"


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
    """`latency_ms` has one entry per match, in the order of the episodes: `new` after `start_s`.

    `set_aside`: entries of the truth that were not asked for.
    """

    matched: int
    missed: int
    false_alarms: int
    latency_ms: tuple[float, ...]
    set_aside: int = 0


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


def of_codes(truth: Sequence[TruthEntry], asked: Collection[str] | None) -> tuple[TruthEntry, ...]:
    """The entries of the codes that were asked for; all of them where `asked` is None."""
    return tuple(entry for entry in truth if asked is None or entry.code in asked)


def false_alarms(
    matching: Matching, truth: Sequence[TruthEntry], asked: Collection[str] | None = None
) -> tuple[Episode, ...]:
    """Episodes nothing explains.

    One that is only information (a bicycle that is logged) is no alarm, unless its code is among those `asked` for or
    the truth names it.
    """
    counted = {entry.code for entry in truth}.union(asked or ())
    return tuple(
        episode
        for episode, entry in matching.found
        if entry is None and (episode.severity is not Severity.INFO or episode.code in counted)
    )


def latency_ms(episode: Episode, entry: TruthEntry) -> float:
    """From the start of what happened to its `new`."""
    return round((episode.new_s - entry.start_s) * 1000, 1)


def score(episodes: Sequence[Episode], truth: Sequence[TruthEntry], asked: Collection[str] | None = None) -> Score:
    """Count what `match` and `false_alarms` find; `asked`: codes of the rules that the question is about, None: all."""
    kept = of_codes(truth, asked)
    matching = match(episodes, kept)
    late = tuple(latency_ms(episode, entry) for episode, entry in matching.found if entry is not None)
    alarms = false_alarms(matching, kept, asked)
    return Score(len(late), len(matching.missed), len(alarms), late, len(truth) - len(kept))


def _fits(episode: Episode, entry: TruthEntry) -> bool:
    return episode.code == entry.code and entry.opens_s <= episode.new_s <= entry.closes_s
