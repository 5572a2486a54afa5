import cv2
import numpy as np
import pytest

from edgeguard.recognizers.plates import rectify
from edgeguard.recognizers.plates.rectify import with_margin

Corners = list[tuple[float, float]]
UPRIGHT: Corners = [(20, 30), (120, 30), (120, 62), (20, 62)]
TURNED: Corners = [(30, 20), (110, 45), (100, 80), (20, 55)]
BEYOND: Corners = [(-30, 10), (60, 10), (60, 40), (-30, 40)]


def quarters(corners: Corners, size: tuple[int, int] = (160, 100)) -> np.ndarray:
    """A picture in which the plate's quarters are red, green, blue and white: clockwise from its top left."""
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    sheet = np.zeros((200, 400, 3), np.uint8)
    sheet[:100, :200], sheet[:100, 200:] = (0, 0, 255), (0, 255, 0)
    sheet[100:, 200:], sheet[100:, :200] = (255, 0, 0), (255, 255, 255)
    ends = np.array([(0, 0), (400, 0), (400, 200), (0, 200)], np.float32)
    matrix = cv2.getPerspectiveTransform(ends, np.array(corners, np.float32))
    return np.asarray(cv2.warpPerspective(sheet, matrix, size, picture, borderMode=cv2.BORDER_TRANSPARENT))


@pytest.mark.parametrize("corners", [UPRIGHT, TURNED])
def test_the_plate_lies_straight(corners: Corners) -> None:
    got = rectify(quarters(corners), np.array(corners, np.float32))
    assert got.shape == (48, 168, 3)
    assert got[8, 20].tolist() == pytest.approx([0, 0, 255], abs=30)
    assert got[8, 148].tolist() == pytest.approx([0, 255, 0], abs=30)
    assert got[40, 148].tolist() == pytest.approx([255, 0, 0], abs=30)
    assert got[40, 20].tolist() == pytest.approx([255, 255, 255], abs=30)


def test_two_rows_stand_side_by_side() -> None:
    got = rectify(quarters(UPRIGHT), np.array(UPRIGHT, np.float32), rows=2)
    assert got.shape == (48, 168, 3)
    assert got[20, 20].tolist() == pytest.approx([0, 0, 255], abs=30)
    assert got[20, 64].tolist() == pytest.approx([0, 255, 0], abs=30)
    assert got[40, 104].tolist() == pytest.approx([255, 255, 255], abs=30)
    assert got[40, 148].tolist() == pytest.approx([255, 0, 0], abs=30)


def test_a_large_plate_is_made_smaller_without_flicker() -> None:
    """Lines a pixel wide become grey, and not black or white by chance."""
    picture = np.zeros((400, 1600, 3), np.uint8)
    picture[:, ::2] = 255
    got = rectify(picture, np.array([(40, 40), (1560, 40), (1560, 360), (40, 360)], np.float32))
    assert np.abs(got[4:-4, 4:-4].astype(int) - 128).max() < 40


@pytest.mark.parametrize("rows", [1, 2])
@pytest.mark.parametrize("corners", [BEYOND, [(500, 500), (600, 500), (600, 530), (500, 530)]])
def test_a_plate_beyond_the_edge_is_no_error(corners: Corners, rows: int) -> None:
    assert rectify(quarters(UPRIGHT), np.array(corners, np.float32), rows).shape == (48, 168, 3)


def test_a_margin_is_along_the_plate() -> None:
    upright = np.array([(0, 0), (100, 0), (100, 20), (0, 20)], np.float32)
    turned = np.array([(0, 0), (0, 100), (-20, 100), (-20, 0)], np.float32)
    assert with_margin(upright, (0.1, 0.2)).tolist() == [[-5, -2], [105, -2], [105, 22], [-5, 22]]
    assert with_margin(turned, (0.1, 0.2)).tolist() == [[2, -5], [2, 105], [-22, 105], [-22, -5]]
