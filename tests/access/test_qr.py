"""Codes that are not held straight before the camera."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.access.qr import QrReader, draw, places
from edgeguard.pipeline.privacy import cover_up

TEXT = "EG1" + "ABCDEFGHIJ234567" * 9


def squeezed(width: float, height: float) -> NDArray[np.uint8]:
    """On grey, as one that is turned away from the camera is seen."""
    code = np.pad(draw(TEXT, 6), 60, constant_values=150)
    return np.asarray(cv2.resize(code, None, fx=width, fy=height, interpolation=cv2.INTER_AREA), np.uint8)


@pytest.mark.parametrize(("width", "height"), [(1, 1), (0.5, 1), (1, 0.5)])
def test_a_code_turned_away_is_read(width: float, height: float) -> None:
    assert QrReader().read(squeezed(width, height)) == TEXT


@pytest.mark.parametrize(("width", "height"), [(1, 1), (0.5, 1), (1, 0.5)])
def test_a_camera_reads_it_in_one_of_two_looks(width: float, height: float) -> None:
    reader = QrReader()
    assert TEXT in {reader.glance(squeezed(width, height)) for _ in range(2)}


def test_nothing_is_read_where_there_is_no_code() -> None:
    reader, grey = QrReader(), np.full((240, 320), 150, np.uint8)
    assert (reader.read(grey), reader.glance(grey), reader.glance(grey)) == (None, None, None)


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("turned_deg", [0, 20, 45])
def test_a_code_whose_place_is_covered_cannot_be_read(turned_deg: float, scale: float) -> None:
    code = np.pad(draw(TEXT, 4), 150, constant_values=150)
    turn = cv2.getRotationMatrix2D((code.shape[1] / 2, code.shape[0] / 2), turned_deg, 1)
    code = np.asarray(cv2.warpAffine(code, turn, code.shape[::-1], borderValue=(150,)), np.uint8)
    picture = np.asarray(cv2.resize(code, None, fx=scale, fy=scale), np.uint8)
    assert QrReader().read(picture) == TEXT
    left = cover_up(np.repeat(picture[:, :, None], 3, axis=2), places(picture))
    assert QrReader().read(left) is None
    assert left[2, 2].tolist() == [150, 150, 150]


def test_there_is_no_place_where_there_is_no_code() -> None:
    assert places(np.full((1080, 1920), 150, np.uint8)).shape == (0, 4)
