import numpy as np
import pytest

from models.training.augment import Motion, moved, moved_rows, relit

STILL = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
QUARTER = np.array([[0.0, -1.0, 100.0], [1.0, 0.0, 0.0]])


def shifted(x_px: float) -> np.ndarray:
    return np.array([[1.0, 0.0, x_px], [0.0, 1.0, 0.0]])


ROW = np.array([[1, 10, 20, 50, 40]], np.float32)


@pytest.mark.parametrize(
    ("rows", "matrix", "expected"),
    [
        (np.zeros((0, 5), np.float32), STILL, np.zeros((0, 5))),
        (ROW, STILL, ROW),
        (ROW, QUARTER, [[1, 60, 10, 80, 50]]),
        (ROW, shifted(-35), [[1, 0, 20, 15, 40]]),
        (ROW, shifted(-45), np.zeros((0, 5))),
    ],
    ids=["none", "still", "quarter turn", "cut", "mostly outside"],
)
def test_boxes_follow_the_picture(rows: np.ndarray, matrix: np.ndarray, expected: np.ndarray) -> None:
    assert moved_rows(rows, matrix, (100, 100)) == pytest.approx(np.asarray(expected), abs=1e-4)


def test_a_turned_box_stays_around_its_object() -> None:
    picture = np.zeros((120, 200, 3), np.uint8)
    picture[40:80, 60:140] = 255
    motion = Motion(quarter_turns=1.0, tilt_deg=0.0, scale=(1.0, 1.0))
    out, rows = moved(
        picture, np.array([[1, 60, 40, 140, 80]], np.float32), (160, 160), motion, np.random.default_rng(3)
    )
    ys, xs = np.nonzero(out.min(axis=2) > 200)
    assert rows[0, 1:] == pytest.approx([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1], abs=2.5)


def test_other_light_keeps_shape_and_seed_decides() -> None:
    picture = np.random.default_rng(0).integers(0, 255, (40, 60, 3)).astype(np.uint8)
    first, second = (relit(picture, np.random.default_rng(5)) for _ in range(2))
    assert first.shape == picture.shape
    assert first.dtype == np.uint8
    assert (first == second).all()
