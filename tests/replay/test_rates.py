import numpy as np
import pytest

from edgeguard.replay.rates import Rate, accepted, accuracy, area_under_curve, best_threshold, threshold_at


def of(*values: float) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.array(values, np.float64)


def test_a_share_of_nothing_is_unknown() -> None:
    assert Rate.of(0, 0) == Rate(None, 0, 0, (0.0, 1.0))
    assert Rate.of(1, 4).value == 0.25


@pytest.mark.parametrize(
    ("high", "low", "expected"),
    [
        (of(3, 4), of(1, 2), 1.0),
        (of(1, 2), of(3, 4), 0.0),
        (of(1, 2), of(1, 2), 0.5),
        (of(2), of(2), 0.5),
        (of(1, 3), of(2), 0.5),
        (of(), of(1), None),
    ],
)
def test_area_under_the_curve(high: object, low: object, expected: float | None) -> None:
    area = area_under_curve(high, low)  # type: ignore[arg-type]  # a table of arrays
    assert area.value == expected
    assert area.interval[0] <= (0.5 if expected is None else expected) <= area.interval[1]


def test_its_interval_is_that_of_hanley_and_mcneil() -> None:
    """58 ill and 51 sound with an area of 0.893 have a standard error of 0.032 (their table of the CT readings)."""
    rng = np.random.default_rng(3)
    high, low = rng.normal(1.757, 1, 51), rng.normal(0, 1, 58)
    area = area_under_curve(high, low)
    assert area.value is not None
    assert 0.8 < area.value < 0.97
    assert (area.interval[1] - area.interval[0]) / 2 / 1.96 == pytest.approx(0.032, abs=0.01)


@pytest.mark.parametrize(
    ("high", "low", "threshold", "right"),
    [
        (of(3, 4), of(1, 2), 2.5, 4),
        (of(1, 4), of(2, 3), 3.5, 3),
        (of(1), of(2, 3), None, 2),  # above everything
        (of(1, 2), of(), 1.0, 2),
        (of(), of(), 0.0, 0),
    ],
)
def test_the_best_threshold_is_right_most_often(high: object, low: object, threshold: float | None, right: int) -> None:
    best = best_threshold(high, low)  # type: ignore[arg-type]
    assert accuracy(high, low, best).count == right  # type: ignore[arg-type]
    if threshold is not None:
        assert best == threshold


@pytest.mark.parametrize(("far", "passing"), [(0.5, 5), (0.1, 1), (0.19, 1), (0.05, 0), (1.0, 10)])
def test_a_threshold_lets_no_more_pass_than_allowed(far: float, passing: int) -> None:
    low = of(*range(10))
    threshold = threshold_at(far, low)
    assert accepted(low, threshold).count == passing


def test_equal_scores_all_stay_out() -> None:
    assert accepted(of(1, 1, 1, 1), threshold_at(0.5, of(1, 1, 1, 1))).count == 0


def test_without_others_anybody_passes() -> None:
    assert threshold_at(0.01, of()) == -1
