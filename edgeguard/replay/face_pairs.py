"""Are two pictures of one person? A CSV `a,b,same`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgeguard.recognizers import Look, ThresholdRule
from edgeguard.replay.csvrows import Row, label_of
from edgeguard.replay.face_looks import Looks
from edgeguard.replay.rates import Rate, Scores, accepted, accuracy, best_threshold, threshold_at

COLUMNS = ("a", "b", "same")
SAME = {"1": True, "0": False, "yes": True, "no": False, "true": True, "false": False}
FARS = (1e-2, 1e-3)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two files, and whether they show one person."""

    a: Path
    b: Path
    same: bool


@dataclass(frozen=True, slots=True)
class AtFar:
    """True accepts where at most the share `far` of other people is accepted; with fewer than 1 / far, none is.

    Without a pair of different people nothing is known.
    """

    far: float
    tar: Rate
    threshold: float | None


@dataclass(frozen=True, slots=True)
class PairsResult:
    """`compared`: both pictures gave a template. `best_*` is fitted to these very pairs, `rule_*` to none of them."""

    pairs: int
    compared: int
    same: int
    different: int
    best_threshold: float
    best_accuracy: Rate
    rule_threshold: float
    rule_accuracy: Rate
    rule_tar: Rate
    rule_far: Rate
    at_far: tuple[AtFar, ...]


def pairs_of(path: Path, rows: Sequence[Row]) -> list[Pair]:
    """Raises TruthError."""
    return [
        Pair(path.parent / row.cells["a"], path.parent / row.cells["b"], label_of(row, "same", SAME)) for row in rows
    ]


def score_pairs(pairs: Sequence[Pair], looks: Looks, rule: ThresholdRule) -> PairsResult:
    """Compare those of which both were seen."""
    same, different = similarities(pairs, looks, wanted=True), similarities(pairs, looks, wanted=False)
    best = best_threshold(same, different)
    return PairsResult(
        len(pairs),
        len(same) + len(different),
        len(same),
        len(different),
        best,
        accuracy(same, different, best),
        rule.verify,
        accuracy(same, different, rule.verify),
        accepted(same, rule.verify),
        accepted(different, rule.verify),
        tuple(_at_far(far, same, different) for far in FARS),
    )


def similarities(pairs: Sequence[Pair], looks: Looks, *, wanted: bool) -> Scores:
    """(n,) cosines of the pairs of one label."""
    return np.array([value for pair in pairs if pair.same == wanted for value in _similarity(pair, looks)], np.float64)


def _similarity(pair: Pair, looks: Mapping[Path, object]) -> list[float]:
    a, b = looks[pair.a], looks[pair.b]
    return [a.template.similarity(b.template)] if isinstance(a, Look) and isinstance(b, Look) else []


def _at_far(far: float, same: Scores, different: Scores) -> AtFar:
    if not len(different):
        return AtFar(far, Rate.of(0, 0), None)
    threshold = threshold_at(far, different)
    return AtFar(far, accepted(same, threshold), threshold)
