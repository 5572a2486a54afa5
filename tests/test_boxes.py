import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.boxes import hull, iou, pairwise_iou


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ([], [[0, 0, 1, 1]], np.zeros((0, 1))),
        ([[0, 0, 10, 10]], [[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]], [[1, 1 / 3, 0]]),
        ([[3, 3, 3, 3]], [[3, 3, 3, 3]], [[0]]),
    ],
)
def test_arrays(left: list[list[float]], right: list[list[float]], expected: NDArray[np.float64]) -> None:
    met = pairwise_iou(np.array(left, np.float32).reshape(-1, 4), np.array(right, np.float32).reshape(-1, 4))
    np.testing.assert_allclose(met, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        ((0, 0, 2, 2), 1),
        ((1, 0, 3, 2), 1 / 3),
        ((2, 0, 4, 2), 0),
        ((5, 5, 6, 6), 0),
        ((1, 1, 1, 1), 0),
        ((2, 2, 0, 0), 0),
    ],
)
def test_two(other: tuple[float, ...], expected: float) -> None:
    assert iou((0, 0, 2, 2), other) == pytest.approx(expected)
    assert iou(other, (0, 0, 2, 2)) == pytest.approx(expected)


def test_the_hull_is_around_all() -> None:
    assert hull([(100.0, 50.0, 140.0, 150.0), (260.0, 50.0, 300.0, 150.0)]) == (100, 50, 300, 150)
