"""People cut out for the posture network: pictures that somebody has turned come upright, too."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from models.training.bodies.people import FOLDS, LYING, MENDED, STANDING, UPRIGHT_NAME, folds, turned_back, views


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


def test_a_turned_picture_comes_twice_with_its_labels_mended(tmp_path: Path) -> None:
    mended = yaml.safe_load(MENDED.read_text("utf-8"))
    both = next(name for name in mended["standing"] if name in mended["turned"]["left"])
    (tmp_path / "images").mkdir()
    (tmp_path / "labels").mkdir()
    for name in (both, "plain.jpg", *mended["left_out"]):
        cv2.imwrite(str(tmp_path / "images" / name), np.full((60, 100, 3), 90, np.uint8))
        (tmp_path / "labels" / f"{name[:-4]}.txt").write_text("0 0.5 0.5 0.2 0.5\n")
    seen = {view.image: view for view in views(tmp_path)}
    assert set(seen) == {both, UPRIGHT_NAME + both, "plain.jpg"}
    assert seen["plain.jpg"].labels.tolist() == [LYING]
    assert seen[both].labels.tolist() == seen[UPRIGHT_NAME + both].labels.tolist() == [STANDING]
    assert seen[UPRIGHT_NAME + both].bgr.shape == (100, 60, 3)
    assert seen[UPRIGHT_NAME + both].group == seen[both].group
    np.testing.assert_allclose(seen[UPRIGHT_NAME + both].boxes, [[15, 40, 45, 60]])


def test_a_group_is_in_one_fold() -> None:
    fold = folds(["b", "a", "c", "a", "d", "e", "b"])
    assert sorted(fold) == ["a", "b", "c", "d", "e"]
    assert set(fold.values()) == set(range(FOLDS))
