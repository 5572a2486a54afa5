"""People cut out for the posture network: pictures that somebody has turned come upright, too."""

import numpy as np
import pytest
import yaml

from models.training.bodies.people import MENDED, turned_back


@pytest.mark.parametrize(("floor", "edge"), [("left", np.s_[:, :10]), ("right", np.s_[:, -10:])])
def test_the_floor_comes_to_the_bottom_and_boxes_go_along(floor: str, edge: tuple[slice, slice]) -> None:
    bgr = np.zeros((60, 100, 3), np.uint8)
    bgr[edge] = 200
    bgr[20:30, 40:70] = 90
    upright, boxes = turned_back(bgr, np.array([[40, 20, 70, 30]], np.float32), floor)
    assert upright.shape == (100, 60, 3)
    assert upright[-10:].min() == 200
    x1, y1, x2, y2 = boxes[0].astype(int)
    assert (x2 - x1, y2 - y1) == (10, 30)
    assert upright[y1:y2, x1:x2].min() == upright[y1:y2, x1:x2].max() == 90


def test_no_picture_is_turned_both_ways() -> None:
    turned = yaml.safe_load(MENDED.read_text("utf-8"))["turned"]
    assert not set(turned["left"]) & set(turned["right"])
