import numpy as np
import pytest

from edgeguard.crops import GREY, cut_square, square_around


def test_the_square_has_the_longer_side_and_its_context() -> None:
    assert square_around((10, 20, 50, 40), 1.5) == (30, 30, 60)


def test_what_is_cut_is_what_lies_there() -> None:
    image = np.zeros((40, 60, 3), np.uint8)
    image[10:20, 30:40] = (1, 2, 3)
    np.testing.assert_array_equal(cut_square(image, (35, 15, 10), 10), np.full((10, 10, 3), (1, 2, 3), np.uint8))


@pytest.mark.parametrize("middle", [(0, 0), (59, 39), (0, 39), (30, 0)])
def test_beyond_the_picture_it_is_grey(middle: tuple[float, float]) -> None:
    image = np.zeros((40, 60, 3), np.uint8)
    cut = cut_square(image, (*middle, 20), 20)
    assert cut.shape == (20, 20, 3)
    assert set(np.unique(cut)) == {0, GREY}


@pytest.mark.parametrize("middle", [(-50, 10), (500, 10), (10, -50), (10, 500)])
def test_a_square_wholly_outside_is_border_alone(middle: tuple[float, float]) -> None:
    assert (cut_square(np.zeros((40, 60, 3), np.uint8), (*middle, 20), 8) == GREY).all()


@pytest.mark.parametrize("side", [0.2, 3, 400])
def test_any_side_gives_the_size_asked_for(side: float) -> None:
    assert cut_square(np.zeros((40, 60, 3), np.uint8), (20, 20, side), 16).shape == (16, 16, 3)
