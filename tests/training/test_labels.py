from pathlib import Path

import pytest

from models.training.labels import Box, read_yolo, write_yolo


def test_a_missing_file_is_a_picture_without_objects(tmp_path: Path) -> None:
    assert read_yolo(tmp_path / "none.txt") == []


def test_what_is_written_is_read(tmp_path: Path) -> None:
    boxes = [Box(1, 0.5, 0.25, 0.5, 0.125)]
    write_yolo(tmp_path / "a.txt", boxes)
    assert read_yolo(tmp_path / "a.txt") == boxes


def test_foreign_classes_are_mapped_or_left_out(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("1 0.5 0.5 0.1 0.1\n7 0.5 0.5 0.1 0.1\n")
    assert [box.label for box in read_yolo(tmp_path / "a.txt", {1: 3})] == [3]


@pytest.mark.parametrize(
    ("text", "said"),
    [("8 0.5 0.5 0.1 0.1", r"a\.txt:1.*0\.\.7, got 8"), ("1 0.5", "expected 'class cx cy w h', got '1 0.5'")],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    with pytest.raises(ValueError, match=said):
        read_yolo(tmp_path / "a.txt")


def test_corners_are_clipped_to_the_picture() -> None:
    box = Box.from_corners(1, (-10, 20, 50, 120), (100, 100))
    assert box.corners((100, 100)) == pytest.approx((0, 20, 50, 100))
