import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.training.plates.level import levelled, slope_of


def plate_in_a_box(slope: float) -> NDArray[np.uint8]:
    """(h, 160, 3): white letters on blue with a white rim, its edges going down by the slope, on a dark bumper."""
    plate = np.full((50, 160, 3), (150, 60, 20), np.uint8)
    cv2.rectangle(plate, (2, 2), (157, 47), (230, 230, 230), 2)
    cv2.putText(plate, "A 12345", (12, 38), cv2.FONT_HERSHEY_SIMPLEX, 1.1, (235, 235, 235), 3)
    rise = abs(slope) * 160
    matrix = np.array([[1, 0, 0], [slope, 1, rise if slope < 0 else 0]])
    box = np.full((50 + round(rise), 160, 3), 35, np.uint8)
    cv2.warpAffine(plate, matrix, (160, box.shape[0]), dst=box, borderMode=cv2.BORDER_TRANSPARENT)
    return box


@pytest.mark.parametrize("slope", [-0.3, -0.14, 0.0, 0.14, 0.3])
def test_the_slope_of_a_plate_in_its_box_is_found(slope: float) -> None:
    assert slope_of(plate_in_a_box(slope)) == pytest.approx(slope, abs=0.03)


@pytest.mark.parametrize("slope", [-0.2, 0.2])
def test_a_levelled_plate_is_as_high_as_the_plate_itself_and_without_the_bumper(slope: float) -> None:
    box = plate_in_a_box(slope)
    plate = levelled(box)
    assert plate.shape[1] == 160
    assert 49 <= plate.shape[0] <= 56 < box.shape[0]
    assert plate[3:-3, 20:-20].mean() > box.mean() + 15


def test_a_level_plate_stays_as_it_is() -> None:
    box = plate_in_a_box(0.0)
    assert np.array_equal(levelled(box), box)
