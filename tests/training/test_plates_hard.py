"""Crops that a reader doubts: which are kept, and what is done to their pictures."""

from pathlib import Path

import numpy as np
import pytest

from models.training.plates import hard
from models.training.plates.draw import Artist
from models.training.plates.kinds import KINDS
from tests.support import plate_templates

PLACE = np.array([[20, 30], [120, 30], [120, 62], [20, 62]], np.float32)


@pytest.mark.parametrize(
    ("met", "least", "kept"),
    [
        ("京A12345", 0.99, hard.KEPT_SURE),
        ("京A12345", 0.5, 1.0),  # right, and not sure
        ("皖A12345", 0.99, 1.0),  # sure, and wrong
        ("京A1234", 0.99, 1.0),
        ("", 1.0, hard.KEPT_LOST),  # nobody can read it
        ("J7", 0.6, hard.KEPT_LOST),
    ],
)
def test_what_is_kept(met: str, least: float, kept: float) -> None:
    assert hard.chance("京A12345", met, least) == kept


def test_every_kind_has_its_share() -> None:
    assert set(hard.SHARES) == set(KINDS)
    assert sum(hard.SHARES.values()) == pytest.approx(1)


def test_writing_leaves_the_characters_to_be_read() -> None:
    """They begin at a sixth of the height."""
    rng, grey = np.random.default_rng(1), np.full((90, 140, 3), 128, np.uint8)
    stamps = [hard.stamped(rng, grey, PLACE) for _ in range(40)]
    assert sum((stamp != grey).any() for stamp in stamps) > 30
    height = int(PLACE[3, 1] - PLACE[0, 1])
    middle = slice(int(PLACE[0, 1]) + height // 4, int(PLACE[3, 1]) - height // 4)
    assert all((stamp[middle] == 128).all() for stamp in stamps)


def test_light_runs_over_what_lies_beside_it() -> None:
    dark = np.full((60, 120, 3), 30, np.uint8)
    dark[20:40, 50:70] = 250
    lit = hard.bloomed(np.random.default_rng(2), dark)
    assert lit.shape == dark.shape
    assert lit[30, 48].min() > lit[5, 5].max()


def test_the_crops_of_a_seed_are_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hard, "SHARES", {"green_small": 1.0})  # whose shapes need no font
    artist = Artist(plate_templates.made_up(tmp_path / "plates"))
    first, again = (hard.doubted(artist, lambda _: ("京A12345", 0.5), 7, 40) for _ in range(2))
    assert first.images.shape[1:] == (48, 168, 3)
    assert np.array_equal(first.images, again.images)
    assert len(first) == len(first.texts) < 40
