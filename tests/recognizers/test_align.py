from typing import Any

import cv2
import numpy as np
import pytest

from edgeguard.recognizers.align import REFERENCE, align, similarity


def moved(scale: float, degrees: float, shift: tuple[float, float]) -> Any:
    angle = np.radians(degrees)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return scale * REFERENCE @ rotation.T + np.array(shift)


@pytest.mark.parametrize(
    ("scale", "degrees", "shift"), [(1, 0, (0, 0)), (3, 0, (100, 50)), (0.5, 30, (-7, 9)), (2, 175, (500, 600))]
)
def test_a_face_comes_back_however_it_was_held(scale: float, degrees: float, shift: tuple[float, float]) -> None:
    points = moved(scale, degrees, shift)
    matrix = similarity(points, REFERENCE)
    np.testing.assert_allclose(points @ matrix[:, :2].T + matrix[:, 2], REFERENCE, atol=1e-9)
    assert np.linalg.det(matrix[:, :2]) == pytest.approx(1 / scale**2)


def test_a_mirrored_face_is_not_mirrored_back() -> None:
    matrix = similarity(REFERENCE * (-1, 1), REFERENCE)
    assert np.linalg.det(matrix[:, :2]) > 0


def test_points_in_one_place_give_a_picture_all_the_same() -> None:
    matrix = similarity(np.ones((5, 2), np.float32), REFERENCE)
    assert np.isfinite(matrix).all()
    assert align(np.full((20, 20, 3), 9, np.uint8), np.ones((5, 2), np.float32)).shape == (112, 112, 3)


def test_the_pixels_of_the_eyes_lie_where_the_network_expects_them() -> None:
    points = moved(2, 20, (150, 60)).astype(np.float32)
    bgr = np.zeros((500, 500, 3), np.uint8)
    for x, y in points:
        cv2.circle(bgr, (round(float(x)), round(float(y))), 5, (255, 255, 255), -1)
    aligned = align(bgr, points)
    for x, y in REFERENCE:
        assert aligned[round(y), round(x)].min() > 200
    assert aligned[10, 10].max() == 0
