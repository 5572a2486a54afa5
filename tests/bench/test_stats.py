from collections import Counter

import pytest

from edgeguard.bench.cameras import bucket_percentile, search
from edgeguard.bench.stats import Spent, median, percentile, ratio

INF = float("inf")


@pytest.mark.parametrize(
    ("values", "mid", "p95"), [([], 0, 0), ([3.0], 3, 3), ([1.0, 2.0, 3.0], 2, 2.9), ([5.0] * 9, 5, 5)]
)
def test_median_and_percentile(values: list[float], mid: float, p95: float) -> None:
    assert (median(values), percentile(values, 95)) == (mid, p95)


def test_a_ratio_is_taken_pair_by_pair() -> None:
    # A neighbour that doubles the second pair's times leaves its ratio as it is.
    taken = ratio([Spent(11, 10.2), Spent(22, 20.4)], [Spent(10, 10), Spent(20, 20)])
    assert (taken.wall, taken.wall_p90, taken.cpu, taken.pairs) == (1.1, 1.1, 1.02, 2)


@pytest.mark.parametrize(
    ("counts", "share", "value"),
    [
        ({}, 0.95, 0.0),
        ({20.0: 0, 40.0: 10}, 0.5, 30.0),
        ({20.0: 10, 40.0: 10}, 0.95, 38.0),
        ({20.0: 1, INF: 9}, 0.95, 20.0),
    ],
)
def test_a_percentile_of_buckets_lies_between_its_bounds(counts: dict[float, int], share: float, value: float) -> None:
    assert bucket_percentile(Counter(counts), share) == value


@pytest.mark.parametrize(
    ("carried", "start", "found"),
    [(0, 8, 0), (1, 8, 1), (7, 8, 7), (8, 8, 8), (40, 8, 40), (47, 8, 44), (64, 8, 64), (99, 8, 64)],
)
def test_the_search_ends_within_a_tenth_below_what_is_carried(carried: int, start: int, found: int) -> None:
    tried: list[int] = []

    def fits(cameras: int) -> bool:
        tried.append(cameras)
        return cameras <= carried

    assert search(fits, start) == found
    assert carried * 0.9 - 1 <= found or found == 64
    assert len(tried) <= 9
    assert len(set(tried)) == len(tried)
