"""Medians, percentiles, and times taken in pairs: beside busy neighbours only the ratio within one can be trusted."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter, thread_time


@dataclass(frozen=True, slots=True)
class Spent:
    """Milliseconds of one step: on the wall, and of this thread's processor time, which a neighbour hardly touches."""

    wall_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Ratio:
    """Of pairs: the median of their ratios by wall clock, their 90th percentile, and the median by processor time."""

    wall: float
    wall_p90: float
    cpu: float
    pairs: int


def spent(work: Callable[[], object]) -> Spent:
    """Run it once."""
    wall_s, cpu_s = perf_counter(), thread_time()
    work()
    return Spent((perf_counter() - wall_s) * 1000, (thread_time() - cpu_s) * 1000)


def ratio(whole: Sequence[Spent], bare: Sequence[Spent]) -> Ratio:
    """`whole[i]` over `bare[i]`, which were taken one after the other."""
    wall = [one.wall_ms / other.wall_ms for one, other in zip(whole, bare, strict=True)]
    cpu = [one.cpu_ms / other.cpu_ms for one, other in zip(whole, bare, strict=True)]
    return Ratio(median(wall), percentile(wall, 90), median(cpu), len(wall))


def median(values: Sequence[float]) -> float:
    """Rounded to a thousandth; 0 of nothing."""
    return round(statistics.median(values), 3) if values else 0.0


def percentile(values: Sequence[float], percent: int) -> float:
    """Linear between neighbours, rounded to a thousandth; 0 of nothing."""
    if len(values) < 2:
        return median(values)
    return round(statistics.quantiles(values, n=100, method="inclusive")[percent - 1], 3)
