"""Logistic regression over standardised features, by Newton's method: the learned heads are no more."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Head:
    """The last weight is the bias."""

    mean: Table
    spread: Table
    weight: Table

    def odds(self, features: Table) -> Table:
        """(rows,): their logarithm."""
        return np.asarray(_standard(features, self.mean, self.spread) @ self.weight, np.float64)

    def probability(self, features: Table) -> Table:
        """(rows,): 0..1."""
        return np.asarray(1 / (1 + np.exp(-self.odds(features))), np.float64)

    def unstandardised(self) -> tuple[Table, float]:
        """Weights and bias of the features as they are."""
        weight = self.weight[:-1] / self.spread
        return weight, float(self.weight[-1] - weight @ self.mean)


def fit(features: Table, positive: NDArray[np.bool_], whose: NDArray[np.int64], against: float) -> Head:
    """`features` (rows, columns), `positive` and number of the clip or person of each; `against` large weights.

    Clips of a kind count alike however many rows they have, both kinds half of all. A feature that is the same
    everywhere gets no weight.
    """
    mean, spread = features.mean(axis=0), features.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    rows = _standard(features, mean, spread)
    counts = _weights(positive, whose)
    ridge = np.diag([against] * features.shape[1] + [0.0])
    weight = np.zeros(rows.shape[1])
    for _ in range(20):
        met = 1 / (1 + np.exp(-rows @ weight))
        slope = rows.T @ ((met - positive) * counts) + ridge @ weight
        bend = (rows * (met * (1 - met) * counts)[:, None]).T @ rows + ridge
        weight -= np.linalg.solve(bend, slope)
    return Head(mean, spread, weight)


def _weights(positive: NDArray[np.bool_], whose: NDArray[np.int64]) -> Table:
    counts = 1 / np.bincount(whose)[whose]
    half = counts.sum() / 2
    return np.asarray(counts * half / np.where(positive, counts[positive].sum(), counts[~positive].sum()), np.float64)


def _standard(features: Table, mean: Table, spread: Table) -> Table:
    return np.column_stack([(features - mean) / spread, np.ones(len(features))])
