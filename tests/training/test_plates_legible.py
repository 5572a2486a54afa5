"""How much of a drawn plate is left in a crop of it."""

import cv2
import numpy as np
import pytest

from models.training.plates.draw import Artist, Plate
from models.training.plates.legible import LEGIBLE_FROM, Floats, Image, legibility, strokes, undamaged
from models.training.plates.placed import upright
from tests.support import plate_templates


@pytest.fixture(scope="module")
def artist(tmp_path_factory: pytest.TempPathFactory) -> Artist:
    return Artist(plate_templates.made_up(tmp_path_factory.mktemp("templates") / "plates"))


def whole(plate: Plate) -> Floats:
    height, width = plate.image.shape[:2]
    return upright(0, 0, width, height)


def drawn(artist: Artist, kind: str = "green_small") -> tuple[Plate, Image]:
    plate = artist.draw(np.random.default_rng(3), kind)
    return plate, undamaged(plate, whole(plate))


@pytest.mark.parametrize("kind", ["blue", "green_small", "green_large", "yellow_two_row", "armed_police", "embassy"])
def test_of_an_undamaged_plate_all_is_left(artist: Artist, kind: str) -> None:
    plate, crop = drawn(artist, kind)
    assert legibility(crop, plate, whole(plate)) == pytest.approx(1, abs=1e-4)
    assert len(strokes(crop, plate, whole(plate))) == len(plate.text)


def test_blur_leaves_the_less_the_more_it_is(artist: Artist) -> None:
    plate, crop = drawn(artist)
    blurred = [np.asarray(cv2.GaussianBlur(crop, (0, 0), sigma), np.uint8) for sigma in (0.6, 1.5, 3.0, 9.0)]
    left = [legibility(one, plate, whole(plate)) for one in blurred]
    assert left == sorted(left, reverse=True)
    assert left[0] > LEGIBLE_FROM > left[-1]


def test_noise_over_everything_leaves_nothing(artist: Artist) -> None:
    plate, crop = drawn(artist)
    grain = np.random.default_rng(1).integers(0, 256, crop.shape, np.uint8)
    assert legibility(grain, plate, whole(plate)) < LEGIBLE_FROM


def test_the_weakest_character_speaks_for_the_plate(artist: Artist) -> None:
    plate, crop = drawn(artist)
    crop[:, 150:] = 255  # glare over the last one
    left = strokes(crop, plate, whole(plate))
    assert min(left[:-1]) > 0.9
    assert legibility(crop, plate, whole(plate)) == left[-1] < LEGIBLE_FROM


def test_another_light_and_a_place_beside_its_own_take_nothing(artist: Artist) -> None:
    plate, crop = drawn(artist)
    dark = np.roll((crop * 0.4 + 20).astype(np.uint8), 1, axis=1)
    assert legibility(dark, plate, whole(plate)) > 0.9


def test_a_character_that_is_cut_off_is_not_there(artist: Artist) -> None:
    plate, _ = drawn(artist)
    without_the_last = whole(plate) - np.array([(0, 0), (70, 0), (70, 0), (0, 0)], np.float32)
    assert legibility(undamaged(plate, without_the_last), plate, without_the_last) < LEGIBLE_FROM
