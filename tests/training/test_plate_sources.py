"""What the plate detector is trained on, as far as it goes without pictures."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.training.plate_detector import compose
from models.training.plate_detector.sources import PLATES, crops, is_held_out, labelled, turned_box
from tests.support import plate_templates


@pytest.mark.parametrize(
    ("w", "h", "angle", "first", "third"),
    [
        (40, 10, 0, (80, 45), (120, 55)),
        (10, 40, -90, (80, 45), (120, 55)),  # the same, told as lying on its side
        (40, 10, 90, (105, 30), (95, 70)),
    ],
)
def test_corners_go_clockwise_from_the_top_left(
    w: float, h: float, angle: float, first: tuple[float, float], third: tuple[float, float]
) -> None:
    corners = turned_box(100, 50, w, h, angle)
    assert corners[0] == pytest.approx(first)
    assert corners[2] == pytest.approx(third)


def test_pictures_are_kept_out_by_tens() -> None:
    assert [is_held_out(f"{number:03d}.jpg") for number in (0, 9, 10, 19, 20, 115)] == [
        False,
        False,
        True,
        True,
        False,
        True,
    ]


@pytest.mark.shared
def test_no_crop_shows_a_plate_that_is_kept_out(shared: Path) -> None:
    scenes = labelled(shared / "data" / "plate_scenes")
    assert len(scenes) == 121
    assert all(np.array(plate.corners).shape == (4, 2) for plates in scenes.values() for plate in plates)
    names = crops(shared / "data")
    assert len(set(names)) == len(names) == 1914


def test_without_restricted_sources_none_of_their_pictures_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compose, "POOL", 2)
    plate_templates.made_up(tmp_path / "data" / "plate_templates")
    rows = [{"file": f"{source}.jpg", "source": source, "plates": [], "unclear": []} for source in ("street", PLATES)]
    (tmp_path / "index.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    cv2.imwrite(str(tmp_path / "street.jpg"), np.full((90, 120, 3), 80, np.uint8))  # of the others none is there
    composer = compose.Composer(tmp_path, tmp_path / "data", 3, 64, free=True)
    assert {composer.sample().picture.shape for _ in range(24)} == {(64, 64, 3)}
