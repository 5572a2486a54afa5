import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.training import feed
from models.training.augment import Fisheye, Motion, moved, moved_rows, relit, shown
from models.training.labels import LABELS

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


RECIPE = feed.read_recipe()
ANY_TURN = Motion(quarter_turns=0.0, any_turn=1.0)
WIDE_LENS = Motion(quarter_turns=0.0, fisheye=1.0, half_angle_deg=(60.0, 70.0))
BOTH = Motion(quarter_turns=0.0, any_turn=1.0, fisheye=1.0)


def dotted(x: int, y: int) -> tuple[np.ndarray, np.ndarray]:
    """A picture with a white dot in the middle of its one box."""
    picture = np.zeros((288, 512, 3), np.uint8)
    picture[y - 4 : y + 5, x - 4 : x + 5] = 255
    return picture, np.array([[1, x - 60, y - 30, x + 60, y + 30]], np.float32)


@pytest.mark.parametrize("motion", [ANY_TURN, WIDE_LENS, BOTH], ids=["turned", "bent", "both"])
@pytest.mark.parametrize("size", [(320, 320), (320, 192)])
@pytest.mark.parametrize("at", [(256, 144), (90, 60), (430, 200)])
def test_a_dot_in_the_middle_of_a_box_stays_there(motion: Motion, size: tuple[int, int], at: tuple[int, int]) -> None:
    picture, rows = dotted(*at)
    seen = 0
    for seed in range(20):
        canvas, boxes = moved(picture, rows, size, motion, np.random.default_rng(seed))
        ys, xs = np.nonzero(canvas.min(axis=2) > 180)
        if not len(boxes) or not len(xs):
            continue  # cut off
        x1, y1, x2, y2 = boxes[0, 1:]
        assert x1 <= xs.mean() <= x2
        assert y1 <= ys.mean() <= y2
        seen += 1
    assert seen > 5


@pytest.mark.parametrize("motion", [ANY_TURN, WIDE_LENS, BOTH], ids=["turned", "bent", "both"])
def test_boxes_stay_on_the_canvas(motion: Motion) -> None:
    rng = np.random.default_rng(2)
    middles, halves = rng.uniform(0, (512, 288), (40, 2)), rng.uniform(4, 90, (40, 2))
    rows = np.hstack([np.ones((40, 1)), middles - halves, middles + halves]).astype(np.float32)
    for _ in range(20):
        _, boxes = moved(np.zeros((288, 512, 3), np.uint8), rows, (320, 192), motion, rng)
        assert (boxes[:, 1:] >= 0).all()
        assert (boxes[:, 3:] <= (320, 192)).all()
        assert (boxes[:, 3:] > boxes[:, 1:3]).all()


@pytest.mark.parametrize("angle_deg", [37.0, 140.0])
def test_a_disc_fills_its_box_at_any_angle(angle_deg: float) -> None:
    ys, xs = np.mgrid[:288, :512]
    picture = np.zeros((288, 512, 3), np.uint8)
    picture[((xs - 200) / 80) ** 2 + ((ys - 120) / 30) ** 2 <= 1] = 255
    cos, sin = np.cos(np.deg2rad(angle_deg)), np.sin(np.deg2rad(angle_deg))
    turn = np.array([[cos, -sin], [sin, cos]])
    matrix = np.hstack([turn, (np.array([160, 160]) - turn @ (200, 120))[:, None]])
    rows = np.array([[1, 120, 90, 280, 150]], np.float32)
    for lens in (None, Fisheye.over((512, 288), 55.0)):
        ys, xs = np.nonzero(shown(picture, matrix, (320, 320), lens).min(axis=2) > 127)
        (box,) = moved_rows(rows, matrix, (320, 320), lens)
        assert box[1:] == pytest.approx([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1], abs=2.5)


def test_a_lens_of_no_width_bends_nothing() -> None:
    assert Fisheye.over((512, 288), 0.0) is None
    picture = np.random.default_rng(0).integers(0, 255, (90, 160, 3)).astype(np.uint8)
    faint = Fisheye.over((160, 90), 0.01)
    assert (shown(picture, STILL, (160, 90), faint) == picture).all()
    assert moved_rows(ROW, STILL, (160, 90), faint) == pytest.approx(ROW, abs=0.1)


def test_what_is_seen_through_the_lens_comes_from_where_it_was() -> None:
    lens = Fisheye.over((512, 288), 60.0)
    assert lens is not None
    x, y = lens.looked_up(STILL, (512, 288))
    back = lens.bent(np.dstack([x, y]).astype(np.float64))
    ys, xs = np.mgrid[:288, :512]
    inside = (np.hypot(xs - 256, ys - 144) < 240)[..., None]
    assert np.abs((back - np.dstack([xs, ys])) * inside).max() < 0.01


def test_an_equidistant_lens_shows_equal_angles_at_equal_distances() -> None:
    lens = Fisheye.over((400, 300), 60.0)
    assert lens is not None
    angles = np.deg2rad([10.0, 20.0, 30.0, 40.0])
    along = np.stack([200 + lens.focal_px * np.tan(angles), np.full(4, 150.0)], axis=1)
    seen = lens.bent(along)[:, 0] - 200
    assert np.diff(seen) == pytest.approx([seen[0]] * 3)


@pytest.mark.parametrize("angle_deg", [-1.0, 90.0])
def test_an_angle_that_no_pinhole_has_is_refused(angle_deg: float) -> None:
    with pytest.raises(ValueError, match=r"half_angle_deg must lie in 0\.\.80, got"):
        Fisheye.over((400, 300), angle_deg)


def test_the_recipe_bends_sources_that_have_a_share() -> None:
    for source in RECIPE["fisheye"]["sources"]:
        assert any(share.startswith(source) for share in RECIPE["shares"]), source


def test_a_wide_lens_is_the_recipe_s_to_ask_for(tmp_path: Path) -> None:
    _one_picture(tmp_path)
    still = {"turns": {"quarter": 0, "any": 0}, "fisheye": RECIPE["fisheye"] | {"share": 0}}
    bent = {"turns": {"quarter": 0, "any": 0}, "fisheye": RECIPE["fisheye"] | {"share": 1}}
    first, second = (feed.Feed(tmp_path, RECIPE | extra, 1).batch(4, stacked=False) for extra in (still, bent))
    assert np.abs(first.pictures.astype(float) - second.pictures).mean() > 1


def _one_picture(root: Path) -> None:
    (root / "images").mkdir()
    (root / "labels").mkdir()
    cv2.imwrite(str(root / "images" / "a.png"), np.random.default_rng(0).integers(0, 255, (90, 160, 3)))
    (root / "labels" / "a.txt").write_text(f"{LABELS.index('e-bike')} 0.5 0.5 0.2 0.4\n")
    (root / "real.jsonl").write_text(json.dumps({"image": "images/a.png", "source": "scenes", "part": "train"}))
