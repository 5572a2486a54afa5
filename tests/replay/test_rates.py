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


def test_its_interval_narrows_with_n_and_has_a_width_where_nothing_was_confused() -> None:
    few, many = (area_under_curve(np.ones(n), np.zeros(n)) for n in (2, 200))
    assert few.interval[0] < 0.6 < 0.97 < many.interval[0] < 1  # noqa: PLR0133 - a chain
    assert few.interval[1] == many.interval[1] == 1
    upside_down = area_under_curve(np.zeros(200), np.ones(200))
    assert upside_down.interval[0] == 0
    assert upside_down.interval[1] == pytest.approx(1 - many.interval[0])


def test_its_interval_covers_what_it_should() -> None:
    """Of 200 draws from heaps with a known area the interval holds it in about 95 of 100."""
    rng = np.random.default_rng(3)
    area = 0.8556  # of two normal heaps 1.5 apart: the normal distribution at 1.5 / sqrt(2)
    held = 0
    for _ in range(200):
        low, high = area_under_curve(rng.normal(1.5, 1, 40), rng.normal(0, 1, 30)).interval
        held += low <= area <= high
    assert 182 <= held <= 199


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
