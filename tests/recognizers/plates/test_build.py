"""The bundled networks, as far as a quick look tells; what they can is measured by commands (docs/plates.md)."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeguard.networks import models_dir
from edgeguard.recognizers import read_photo
from edgeguard.recognizers.plates import PlateChain, grammar_of
from edgeguard.recognizers.plates.build import plate_chain


@pytest.fixture(scope="module")
def chain() -> PlateChain:
    return plate_chain(models_dir(), grammar_of("cn"))


def test_an_empty_picture_has_no_plate(chain: PlateChain) -> None:
    assert chain.look(np.full((480, 640, 3), 90, np.uint8)) == ()


@pytest.mark.parametrize("size", [(8, 8), (32, 2000), (3000, 40), (1, 1)])
def test_a_picture_of_any_size_is_looked_at(chain: PlateChain, size: tuple[int, int]) -> None:
    assert isinstance(chain.look(np.zeros((*size, 3), np.uint8)), tuple)


@pytest.mark.shared
def test_a_plate_of_a_scene_kept_out_is_read(chain: PlateChain, shared: Path) -> None:
    picture = read_photo(shared / "data" / "plate_scenes" / "images" / "073.jpg")
    texts = [look.plate.text for look in chain.look(picture) if look.plate]
    assert "粤A5J512" in texts


@pytest.mark.shared
def test_a_smaller_picture_gives_the_same_plate(chain: PlateChain, shared: Path) -> None:
    """Corners go with the picture."""
    picture = read_photo(shared / "data" / "plate_scenes" / "images" / "073.jpg")
    whole, half = chain.look(picture)[0], chain.look(np.asarray(cv2.resize(picture, None, fx=0.6, fy=0.6)))[0]
    assert np.abs(whole.corners * 0.6 - half.corners).max() < 0.08 * half.width_px
