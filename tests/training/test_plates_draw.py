from pathlib import Path

import numpy as np
import pytest

from models.training.plates.draw import Artist
from models.training.plates.kinds import KINDS
from tests.support import plate_templates


@pytest.fixture(scope="module")
def artist(tmp_path_factory: pytest.TempPathFactory) -> Artist:
    return Artist(plate_templates.made_up(tmp_path_factory.mktemp("templates") / "plates"))


@pytest.mark.parametrize("kind", [*KINDS])
def test_every_kind_is_drawn_in_its_size_with_round_corners(artist: Artist, kind: str) -> None:
    plate = artist.draw(np.random.default_rng(1), kind)
    width, height = KINDS[kind].size
    assert plate.image.shape == (height, width, 4)
    assert plate.image.dtype == np.uint8
    assert (plate.kind, plate.colour, plate.rows) == (kind, KINDS[kind].colour, KINDS[kind].rows)
    assert plate.image[0, 0, 3] == 0
    assert plate.image[height // 2, width // 2, 3] == 255
    assert plate.image[..., :3].std() > 20


def test_one_seed_draws_one_plate(artist: Artist) -> None:
    first, again = (artist.draw(np.random.default_rng(9)) for _ in range(2))
    assert first.text == again.text
    assert np.array_equal(first.image, again.image)


def test_a_given_text_is_written(artist: Artist) -> None:
    one, other = (artist.draw(np.random.default_rng(2), "blue", text=text) for text in ("浙A12345", "浙A12346"))
    assert one.text == "浙A12345"
    changed = np.flatnonzero((one.image != other.image).any((0, 2)))
    assert changed.min() > 370  # only the last character, and the light on its edges


def test_a_province_is_kept(artist: Artist) -> None:
    assert artist.draw(np.random.default_rng(2), "green_small", "藏").text[0] == "藏"


def test_a_text_alone_is_refused(artist: Artist) -> None:
    with pytest.raises(ValueError, match="text '浙A12345' without a kind, accepted: one of blue, green_small"):
        artist.draw(np.random.default_rng(0), text="浙A12345")


def test_missing_templates_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"font_model: no such folder, accepted: plate_templates of the shared"):
        Artist(tmp_path)


@pytest.mark.shared
def test_the_shared_templates_hold_every_character(shared: Path) -> None:
    artist, rng = Artist(shared / "data" / "plate_templates"), np.random.default_rng(7)
    drawn = [artist.draw(rng, kind) for kind in KINDS if kind != "emergency"]  # 应 and 急 are of a system font
    assert len({plate.text for plate in drawn}) == len(KINDS) - 1
