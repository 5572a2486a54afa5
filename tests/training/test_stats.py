import pytest

from models.training.stats import told, wilson


@pytest.mark.parametrize(
    ("hits", "n", "interval"),
    [
        (0, 0, (0.0, 1.0)),
        (0, 10, (0.0, 0.2775)),
        (10, 10, (0.7225, 1.0)),
        (5, 10, (0.2366, 0.7634)),
    ],
)
def test_interval(hits: int, n: int, interval: tuple[float, float]) -> None:
    assert wilson(hits, n) == pytest.approx(interval, abs=1e-4)


def test_more_hits_than_trials_are_refused() -> None:
    with pytest.raises(ValueError, match=r"0\.\.3, got 4"):
        wilson(4, 3)


@pytest.mark.parametrize(("hits", "n", "text"), [(0, 0, "0/0"), (5, 10, "5/10 = 0.50 (0.24-0.76)")])
def test_told(hits: int, n: int, text: str) -> None:
    assert told(hits, n) == text
