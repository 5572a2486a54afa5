"""Real lifts without their e-bike: only where it stood is anything changed."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.training import lifts
from models.training.labels import LABELS, Box
from models.training.lifts import FRAME_PX, TILE_SIZE, ebike_mask, inner_boxes, plates, read_tile, without_ebike
from models.training.sources import Sample

BIKE, PERSON = LABELS.index("e-bike"), LABELS.index("person")
SIZE = TILE_SIZE
FAR_PX = 6 + 3 * 6
"""The mask's margin and three sigmas of its soft edge."""


def lift(light: float = 1.0) -> np.ndarray:
    """A wall that becomes lighter to the right, with some texture."""
    across = np.linspace(80, 160, SIZE[0])[None, :, None]
    texture = np.random.default_rng(1).normal(0, 3, (SIZE[1], SIZE[0], 1))
    wall: np.ndarray = np.clip((across + texture) * np.array([1.0, 0.95, 0.9]) * light, 0, 255).astype(np.uint8)
    return wall


def with_bike(corners: tuple[int, int, int, int], light: float = 1.0) -> tuple[np.ndarray, list[Box]]:
    picture = lift(light)
    x1, y1, x2, y2 = corners
    picture[y1:y2, x1:x2] = (200, 30, 30)
    return picture, [Box.from_corners(BIKE, corners, SIZE)]


BIKES = [(40, 120, 140, 220), (200, 60, 300, 200), (330, 100, 430, 240)]


def test_a_mask_covers_e_bikes_alone_and_a_little_around_them() -> None:
    boxes = [Box.from_corners(BIKE, (100, 80, 160, 150), SIZE), Box.from_corners(PERSON, (300, 50, 340, 200), SIZE)]
    ys, xs = np.nonzero(ebike_mask(boxes, SIZE))
    assert (xs.min(), ys.min(), xs.max(), ys.max()) == (94, 74, 166, 156)


@pytest.mark.parametrize("plate", [lift(0.8), None], ids=["another picture's plate", "what surrounds it"])
def test_only_where_the_e_bike_stood_is_anything_changed(plate: np.ndarray | None) -> None:
    picture, boxes = with_bike(BIKES[1])
    cleared = without_ebike(picture, boxes, plate)
    assert cleared is not None
    changed = np.abs(cleared.astype(int) - picture).max(axis=2)
    x1, y1, x2, y2 = BIKES[1]
    near = np.zeros(changed.shape, bool)
    near[y1 - FAR_PX : y2 + FAR_PX, x1 - FAR_PX : x2 + FAR_PX] = True
    assert changed[~near].max() <= 1
    assert np.abs(cleared.astype(int) - lift())[y1:y2, x1:x2].mean() < 8  # the empty lift, in this picture's light
    assert changed[y1:y2, x1:x2].mean() > 50


@pytest.mark.parametrize(
    ("boxes", "plate", "made"),
    [
        ([], lift(), False),
        ([Box.from_corners(PERSON, BIKES[0], SIZE)], lift(), False),
        ([Box.from_corners(BIKE, (20, 20, 400, 250), SIZE)], None, False),
        ([Box.from_corners(BIKE, (20, 20, 400, 250), SIZE)], lift(), True),
        ([Box.from_corners(BIKE, BIKES[0], SIZE)], None, True),
    ],
    ids=["nobody", "no e-bike", "too large to guess", "as large before a plate", "small"],
)
def test_what_cannot_be_known_is_not_made_up(boxes: list[Box], plate: np.ndarray | None, made: bool) -> None:
    assert (without_ebike(lift(), boxes, plate) is not None) == made


@pytest.fixture
def tiles(tmp_path: Path) -> list[Sample]:
    """Three tiles of one lift, in a grey frame, each with its e-bike elsewhere."""
    samples = []
    for number, corners in enumerate(BIKES):
        picture, boxes = with_bike(corners)
        framed = np.pad(picture, ((FRAME_PX, FRAME_PX), (FRAME_PX, FRAME_PX), (0, 0)), constant_values=128)
        cv2.imwrite(str(tmp_path / f"lily_v0_0{number}.png"), framed)
        whole = (SIZE[0] + 2 * FRAME_PX, SIZE[1] + 2 * FRAME_PX)
        x1, y1, x2, y2 = (side + FRAME_PX for side in corners)
        samples.append(
            Sample(tmp_path / f"lily_v0_0{number}.png", [Box.from_corners(BIKE, (x1, y1, x2, y2), whole)], "tiles")
        )
        assert inner_boxes(samples[-1].path, samples[-1].boxes)[0].corners(SIZE) == pytest.approx(
            boxes[0].corners(SIZE)
        )
    return samples


def test_a_tile_loses_its_frame(tiles: list[Sample]) -> None:
    tile = read_tile(tiles[0].path)
    assert tile.shape == (SIZE[1], SIZE[0], 3)
    assert (tile == with_bike(BIKES[0])[0]).all()


def test_a_picture_that_is_not_there_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"expected a picture, got .*none\.jpg"):
        read_tile(tmp_path / "none.jpg")


def test_a_plate_is_the_lift_without_anybody(tiles: list[Sample]) -> None:
    made = plates(tiles, {"this": ["v0_00", "v0_01", "v0_02"], "another": ["v9_00"]})
    assert list(made) == ["this"]
    assert np.abs(made["this"].astype(int) - lift()).mean() < 2
    assert np.abs(made["this"].astype(int) - lift()).max() < 25


def test_where_every_tile_has_its_e_bike_the_wall_is_painted_in(tiles: list[Sample]) -> None:
    made = plates([tiles[0], tiles[0]], {"this": ["v0_00"]})["this"]
    x1, y1, x2, y2 = BIKES[0]
    inside = made[y1:y2, x1:x2].astype(int)
    assert np.abs(inside - lift()[y1:y2, x1:x2]).mean() < 12
    assert (made == plates([tiles[0], tiles[0]], {"this": ["v0_00"]})["this"]).all()


def test_a_tile_of_no_view_has_none(tiles: list[Sample]) -> None:
    assert lifts.view_of(tiles[0], {"this": ["v0_01"]}) is None
    assert lifts.view_of(tiles[1], {"this": ["v0_01"]}) == "this"
