"""Crops as they are varied each time they are shown, and those of the other camera."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from models.training.plates import moved, pool
from models.training.plates.draw import Artist
from models.training.plates.gates import crop_at_gate
from models.training.plates.legible import legibility
from models.training.plates.moved import Moves
from models.training.plates.placed import READER_PX
from tests.support import plate_templates

RECIPE = yaml.safe_load(Path(moved.__file__).with_name("recipe.yaml").read_text())
WIDTH, HEIGHT = READER_PX


def marked(*columns: int) -> moved.Image:
    """White lines on black."""
    crop = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    for column in columns:
        crop[:, column - 1 : column + 2] = 255
    return crop


def line_of(half: moved.Image) -> float:
    """Where the line stands, its columns weighed by their light."""
    light = half.astype(float).mean((0, 2))
    return float((light * np.arange(half.shape[1])).sum() / light.sum())


@pytest.mark.parametrize("wrong", [{}, {"chance": 1.0}, {**RECIPE["moved"], "turned": 1.0}])
def test_a_setting_that_is_missing_or_unknown_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(TypeError):
        Moves(**wrong)


def test_without_a_chance_a_crop_stays_as_it_is() -> None:
    crop = marked(60)
    assert np.array_equal(Moves(0.0, 3.0, 1.8, 0.0).of(np.random.default_rng(1), crop, "blue"), crop)


def test_the_recipe_cuts_elsewhere_and_takes_no_character_away() -> None:
    """A character is sixteen pixels wide."""
    moves, rng = Moves(**RECIPE["moved"]), np.random.default_rng(2)
    cut = [moves.of(rng, marked(84), "blue") for _ in range(300)]
    assert {one.shape for one in cut} == {(HEIGHT, WIDTH, 3)}
    off = np.array([line_of(one) - 84 for one in cut])
    assert 0.5 < off.std() < 4
    assert np.abs(off).max() < 12


def test_the_rows_of_a_plate_do_not_run_into_one_another() -> None:
    moves, rng, half = Moves(1.0, 3.0, 1.8, 0.0), np.random.default_rng(3), WIDTH // 2
    red = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    red[:, :half] = (0, 0, 255)
    whole, parted = (moves.of(rng, red, kind) for kind in ("blue", "yellow_two_row"))
    assert np.array_equal(parted, red)
    assert not np.array_equal(whole, red)


def test_the_kind_of_a_real_crop_is_none_of_the_generator() -> None:
    assert Moves(1.0, 3.0, 1.8, 1.0).of(np.random.default_rng(4), marked(60), "none").shape == (HEIGHT, WIDTH, 3)


def test_light_keeps_the_order_of_what_is_bright() -> None:
    ramp = np.tile(np.linspace(0, 255, WIDTH, dtype=np.uint8)[None, :, None], (HEIGHT, 1, 3))
    relit = [moved.relit(np.random.default_rng(seed), ramp) for seed in range(20)]
    assert all((np.diff(one[0, :, 0].astype(int)) >= 0).all() for one in relit)
    assert np.std([one.mean() for one in relit]) > 5


def test_what_cannot_be_read_is_left_out_where_that_was_measured() -> None:
    images, texts = np.zeros((4, HEIGHT, WIDTH, 3), np.uint8), np.array(["a", "b", "c", ""])
    left = np.array([0.1, 0.3, np.nan, np.nan], np.float32)
    crops = pool.Crops(images, texts, np.zeros(4, np.int64), texts, left)
    assert pool.readable(crops, 0.3).texts.tolist() == ["b", "c", ""]


@pytest.mark.parametrize("kind", ["blue", "green_small", "yellow_two_row"])
def test_crops_of_the_other_camera_are_measured_too(tmp_path: Path, kind: str) -> None:
    artist, rng = Artist(plate_templates.made_up(tmp_path / "plates")), np.random.default_rng(5)
    plate = artist.draw(rng, kind)
    looks = [crop_at_gate(rng, plate) for _ in range(12)]
    left = [legibility(crop, plate, shown) for crop, shown in looks]
    assert {crop.shape for crop, _ in looks} == {(HEIGHT, WIDTH, 3)}
    assert max(left) > 0.8  # so what is shown is told rightly
    assert np.std([crop.mean() for crop, _ in looks]) > 5


def test_a_pool_of_the_other_camera_is_the_same_for_a_seed(tmp_path: Path) -> None:
    artist = Artist(plate_templates.made_up(tmp_path / "plates"))
    first, again, usual = (pool.rendered(artist, 6, 12, *look) for look in ((crop_at_gate,), (crop_at_gate,), ()))
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.images, usual.images)
