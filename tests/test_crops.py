import numpy as np
import pytest

from edgeguard.crops import GREY, Square

BLACK = np.zeros((40, 60, 3), np.uint8)


def test_the_square_has_the_longer_side_and_its_context() -> None:
    assert Square.around(((10, 20, 50, 40),), 1.5) == Square(0, 0, 60)


def test_it_is_around_all_boxes() -> None:
    assert Square.around(((10, 10, 20, 20), (30, 20, 40, 40)), 1.0) == Square(10, 10, 30)


def test_a_box_without_area_is_a_pixel() -> None:
    assert Square.around(((10, 10, 10, 10),), 1.0).side == 1


def test_what_is_cut_is_what_lies_there() -> None:
    image = BLACK.copy()
    image[10:20, 30:40] = (1, 2, 3)
    np.testing.assert_array_equal(Square(30, 10, 10).cut(image, 10), np.full((10, 10, 3), (1, 2, 3), np.uint8))


def test_what_is_made_smaller_is_averaged() -> None:
    stripes = np.zeros((40, 40), np.uint8)
    stripes[:, ::2] = 200
    assert np.unique(Square(0, 0, 40).cut(stripes, 10)).tolist() == [100]


@pytest.mark.parametrize("corner", [(-10, -10), (50, 30), (-10, 30), (20, -10)])
def test_beyond_the_picture_it_is_grey(corner: tuple[int, int]) -> None:
    cut = Square(*corner, 20).cut(BLACK, 20)
    assert cut.shape == (20, 20, 3)
    assert set(np.unique(cut)) == {0, GREY}


@pytest.mark.parametrize("corner", [(-50, 10), (500, 10), (10, -50), (10, 500)])
def test_a_square_wholly_outside_is_border_alone(corner: tuple[int, int]) -> None:
    assert (Square(*corner, 20).cut(BLACK, 8) == GREY).all()


@pytest.mark.parametrize("side", [1, 3, 400])
def test_any_side_gives_the_size_asked_for(side: int) -> None:
    assert Square(20, 20, side).cut(BLACK, 16).shape == (16, 16, 3)
    assert Square(20, 20, side).cut(BLACK[..., 0], 16).shape == (16, 16)


def test_points_come_back_to_the_picture() -> None:
    points = np.array([[0, 0], [16, 8]], np.float32)
    np.testing.assert_allclose(Square(-4, 6, 32).to_picture(points, 16), [[-4, 6], [28, 22]])
