"""What a yard's picture asks a detector for, and which yards are trained on."""

import json
from pathlib import Path

import pytest

from models.training import yards
from models.training.labels import LABELS
from models.training.yards import FIRST_TRAINED, is_trained, pictures, seen
from tests.support.recordings import write_video

SIZE = (480, 270)
Shown = list[float | str]


def test_what_a_nearer_thing_hides_is_not_asked_for() -> None:
    behind: Shown = ["bicycle", 100.0, 100.0, 140.0, 140.0]
    before: Shown = ["person", 90.0, 90.0, 132.0, 170.0]
    assert [LABELS[box.label] for box in seen([behind, before], SIZE)] == ["person"]
    beside: Shown = ["person", 120.0, 90.0, 160.0, 170.0]
    assert [LABELS[box.label] for box in seen([behind, beside], SIZE)] == ["bicycle", "person"]


def test_yards_that_are_measured_in_are_not_trained_on(tmp_path: Path) -> None:
    frames = yards.EVERY_NTH + 1
    for number in (FIRST_TRAINED - 1, FIRST_TRAINED):
        folder = tmp_path / f"{number:03d}"
        folder.mkdir()
        write_video(folder / "clip.mp4", frames)
        (folder / "boxes.json").write_text(json.dumps([[["dog", 16.0, 12.0, 32.0, 24.0]]] * frames))
    assert [is_trained(tmp_path / name) for name in ("003", "004")] == [False, True]
    (tmp_path / "099").mkdir()  # still being rendered
    made = list(pictures(tmp_path))
    assert [name for name, _, _ in made] == [f"{FIRST_TRAINED:03d}-000", f"{FIRST_TRAINED:03d}-{yards.EVERY_NTH:03d}"]
    (box,) = made[0][2]
    assert LABELS[box.label] == "dog"
    assert (box.cx, box.cy) == pytest.approx((0.375, 0.375))
    assert made[0][1].shape == (48, 64, 3)
