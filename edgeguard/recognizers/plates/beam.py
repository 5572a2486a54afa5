"""What a plate may be by all columns together: prefix beam search that only goes where the grammar goes.

A. Graves, N. Jaitly: Towards end-to-end speech recognition with recurrent neural networks (2014), algorithm 1. The best
path takes each column by itself: a character that no column is sure of is lost, and two that a column hesitates between
may both be read.
"""

import math
from collections.abc import Callable

import numpy as np

from edgeguard.recognizers.plates.reading import Columns

# Texts that are gone on with after each column.
WIDTH = 6
# Symbols that are so much less likely than a column's first (natural logarithm) are not followed.
BEHIND = 6.0

IsOpen = Callable[[str], bool]
"""Whether a text of the grammar begins so."""

Ends = tuple[float, float]
"""Log probability of all paths of a text that end in a column of none, and of those that end in its last character."""

Symbols = list[tuple[str, float]]
NEVER = float("-inf")


def texts_of(columns: Columns, is_open: IsOpen) -> dict[str, float]:
    """The likeliest texts that `is_open` lets begin, whole or not; the log probability of all paths of each."""
    beam: dict[str, Ends] = {"": (0.0, NEVER)}
    nones, silence = columns.log_probs[:, 0].tolist(), list[float]()
    for none, symbols in zip(nones, _followed(columns), strict=True):
        if not symbols:  # most columns: as many as follow one another are one step
            silence.append(none)
            continue
        beam = _kept(_advanced(_silent(beam, silence), symbols, none, is_open))
        silence.clear()
    return {text: _sum(*ends) for text, ends in _silent(beam, silence).items()}


def _silent(beam: dict[str, Ends], logs: list[float]) -> dict[str, Ends]:
    """After columns that show no character, with the log probability of that."""
    return {text: (_sum(*ends) + sum(logs), NEVER) for text, ends in beam.items()} if logs else beam


def _followed(columns: Columns) -> list[Symbols]:
    """Of each column the characters that are worth a try."""
    logs = columns.log_probs
    followed: list[Symbols] = [[] for _ in logs]
    for row, symbol in np.argwhere(logs[:, 1:] > logs.max(1, keepdims=True) - BEHIND).tolist():
        followed[row].append((columns.alphabet[symbol], float(logs[row, 1 + symbol])))
    return followed


def _advanced(beam: dict[str, Ends], symbols: Symbols, none: float, is_open: IsOpen) -> dict[str, Ends]:
    onward: dict[str, Ends] = {}
    for text, (in_none, in_last) in beam.items():
        either = _sum(in_none, in_last)
        _add(onward, text, either + none, NEVER)
        for symbol, log in symbols:
            again = text[-1:] == symbol
            if again:
                _add(onward, text, NEVER, in_last + log)
            if is_open(text + symbol):
                _add(onward, text + symbol, NEVER, (in_none if again else either) + log)
    return onward


def _add(onward: dict[str, Ends], text: str, in_none: float, in_last: float) -> None:
    if in_none == in_last == NEVER:
        return
    met = onward.get(text)
    onward[text] = (in_none, in_last) if met is None else (_sum(met[0], in_none), _sum(met[1], in_last))


def _kept(beam: dict[str, Ends]) -> dict[str, Ends]:
    if len(beam) <= WIDTH:
        return beam
    return dict(sorted(beam.items(), key=lambda one: -max(one[1]))[:WIDTH])


def _sum(a: float, b: float) -> float:
    """Of two probabilities given as logarithms."""
    high, low = (a, b) if a >= b else (b, a)
    return high if low == NEVER or low < high - 30 else high + math.log1p(math.exp(low - high))
