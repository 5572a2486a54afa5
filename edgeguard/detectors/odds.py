"""Scores as log odds: what independent looks at one thing say of it adds up there."""

import math
from collections.abc import Iterable

# Keeps the logarithms finite.
LEAST = 1e-4


def log_odds(score: float) -> float:
    """Of a score 0..1."""
    score = min(max(score, LEAST), 1 - LEAST)
    return math.log(score / (1 - score))


def score_of(odds: float) -> float:
    """0..1 of log odds."""
    return 1 / (1 + math.exp(-odds))


def mean_score(scores: Iterable[float]) -> float:
    """The score of the mean log odds of one or more scores."""
    odds = [log_odds(score) for score in scores]
    return score_of(sum(odds) / len(odds))
