from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from models.training.plates import real
from models.training.plates.kinds import COLOURS
from models.training.plates.real import Real


def crop(source: str, text: str, *, held_out: bool) -> Real:
    image = np.zeros((24, 94, 3), np.uint8)
    return Real("made-up.jpg", source, text, "", held_out, image, real.whole(image))


@pytest.mark.parametrize(
    ("source", "place", "kept_out"),
    [
        ("scenes", 9, False),
        ("scenes", 10, True),
        ("scenes", 19, True),
        ("scenes", 120, False),
        ("ccpd", 0, False),
        ("ccpd", 1, True),
        ("pseudo", 8, False),
        ("pseudo", 9, True),
        ("no_plate", 19, True),
    ],
)
def test_the_split(source: str, place: int, kept_out: bool) -> None:
    assert real.is_held_out(source, place) == kept_out


def test_a_car_that_is_kept_out_is_trained_on_from_nowhere() -> None:
    kept_out = crop("scenes", "浙A12345", held_out=True)
    same, other = crop("ccpd", "浙A12345", held_out=False), crop("ccpd", "浙A12346", held_out=False)
    nothing = [crop("no_plate", "", held_out=held_out) for held_out in (True, False)]
    chosen = real.for_training([kept_out, same, other, *nothing], lambda _: "")
    assert chosen == [other, nothing[1]]


def test_doubted_texts_are_confirmed_by_the_teacher() -> None:
    crops = [crop("pseudo", text, held_out=False) for text in ("浙A12345", "浙A12346")]
    assert [one.text for one in real.for_training(crops, lambda _: "浙A12346")] == ["浙A12346"]


def test_a_reader_is_asked_once(tmp_path: Path) -> None:
    asked = []

    def read(image: NDArray[np.uint8]) -> str:
        asked.append(image.shape)
        return "浙A12345"

    one = crop("pseudo", "浙A12345", held_out=False)
    remembered = real.Remembered(read, tmp_path / "cache" / "teacher.json")
    assert [remembered(one), remembered(one)] == ["浙A12345"] * 2
    remembered.keep()
    assert real.Remembered(read, tmp_path / "cache" / "teacher.json")(one) == "浙A12345"
    assert asked == [(48, 168, 3)]


@pytest.mark.parametrize(
    ("text", "told", "colour"),
    [
        ("浙A12345", "blue", "blue"),
        ("浙A12345", "black", "blue"),
        ("浙A12345", "yellow", "yellow"),
        ("浙A12345", "green", ""),
        ("浙A1234学", "blue", "yellow"),
        ("浙A1234警", "blue", "white"),
    ],
)
def test_a_colour_is_believed_as_far_as_the_text_allows(text: str, told: str, colour: str) -> None:
    assert real.likely_colour(text, told) == colour


def test_a_box_that_stands_is_the_same_as_one_that_lies() -> None:
    lying, standing = real.turned(50, 40, 30, 10, 5), real.turned(50, 40, 10, 30, -85)
    assert lying == pytest.approx(np.roll(standing, -1, 0), abs=1e-4)
    assert lying[0, 0] < lying[1, 0]


@pytest.mark.shared
def test_the_shared_plates_are_read_and_split(shared: Path) -> None:
    found = list(real.scenes(shared / "data"))
    kept_out = [one for one in found if one.held_out]
    assert (len(found), len(kept_out)) == (133, 62)  # one of the 134 rows is there twice
    assert {one.colour for one in found} <= set(COLOURS)
    assert found[0].upright().shape == (48, 168, 3)
    assert found[0].varied(np.random.default_rng(1)).shape == (48, 168, 3)
