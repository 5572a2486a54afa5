from pathlib import Path

import numpy as np
import pytest

from edgeguard.recognizers.plates.rectify import rectify
from models.training.plates import degrade, placed, pool
from models.training.plates.draw import Artist
from tests.support import plate_templates


@pytest.fixture(scope="module")
def artist(tmp_path_factory: pytest.TempPathFactory) -> Artist:
    return Artist(plate_templates.made_up(tmp_path_factory.mktemp("templates") / "plates"))


@pytest.mark.parametrize("kind", ["blue", "green_large", "trailer"])
def test_a_crop_is_what_the_reader_gets(artist: Artist, kind: str) -> None:
    rng = np.random.default_rng(1)
    crops = [degrade.crop(rng, artist.draw(rng, kind))[0] for _ in range(12)]
    assert {crop.shape for crop in crops} == {(48, 168, 3)}
    assert {crop.dtype for crop in crops} == {np.dtype(np.uint8)}
    assert np.std([crop.mean() for crop in crops]) > 5  # day and night


def test_weather_keeps_the_outline(artist: Artist) -> None:
    rng = np.random.default_rng(2)
    image = artist.draw(rng).image
    for _ in range(20):
        weathered = degrade.weathered(rng, image)
        assert weathered.shape == image.shape
        assert np.array_equal(weathered[..., 3], image[..., 3])


@pytest.mark.parametrize("shape", [(20, 60, 3), (48, 168, 3), (300, 400, 3)])
def test_a_picture_of_any_size_is_photographed(shape: tuple[int, int, int]) -> None:
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 256, shape, np.uint8)
    for _ in range(15):
        assert degrade.photographed(rng, picture).shape == shape


def test_corners_are_clockwise_and_about_as_wide_as_asked() -> None:
    rng = np.random.default_rng(4)
    for _ in range(50):
        corners = placed.seen(rng, (440, 140), 100.0)
        assert np.ptp(corners[:, 0]) == pytest.approx(100, rel=1e-4)
        assert corners.min(0) == pytest.approx(0, abs=1e-4)
        edges = np.roll(corners, -1, 0) - corners
        turns = edges[:, 0] * np.roll(edges[:, 1], -1) - edges[:, 1] * np.roll(edges[:, 0], -1)
        assert (turns > 0).all()


def test_misplaced_corners_stay_near() -> None:
    rng = np.random.default_rng(5)
    corners = np.array([[0, 0], [100, 0], [100, 32], [0, 32]], np.float32)
    off = np.array([placed.misplaced(rng, corners) - corners for _ in range(500)])
    assert 0.5 < off[..., 0].std() < 5
    assert 0.5 < off[..., 1].std() < 4


@pytest.mark.parametrize("rows", [1, 2])
def test_training_rectifies_as_the_product_does(rows: int) -> None:
    """Half a pixel apart at most: OpenCV's pixel centres."""
    x, y = np.meshgrid(np.linspace(0, 255, 200), np.linspace(0, 255, 100))
    picture = np.dstack([x, y, (x + y) / 2]).astype(np.uint8)
    corners = np.array([[20, 10], [180, 20], [178, 88], [22, 80]], np.float32)
    ours, products = placed.rectified(picture, corners, rows), rectify(picture, corners, rows)
    assert ours.shape == products.shape
    assert np.abs(ours.astype(int) - products).mean() < 2


def test_a_pool_is_the_same_for_a_seed_and_is_kept(artist: Artist, tmp_path: Path) -> None:
    first, again, other = (pool.rendered(artist, seed, 40) for seed in (1, 1, 2))
    assert np.array_equal(first.images, again.images)
    assert not np.array_equal(first.images, other.images)
    assert len(first) == 40
    assert {text == "" for text in first.texts} <= {True, False}
    assert ((first.colours >= 0) == (first.texts != "")).all()
    pool.write(first, tmp_path / "pool" / "00001.npz")
    kept = pool.read(tmp_path / "pool" / "00001.npz")
    assert kept.texts.tolist() == first.texts.tolist()
    assert np.array_equal(kept.images, first.images)
    assert np.array_equal(kept.legible, first.legible, equal_nan=True)
    assert np.array_equal(np.isnan(kept.legible), kept.texts == "")


def test_a_file_that_was_written_before_legibility_was_measured_is_read(artist: Artist, tmp_path: Path) -> None:
    crops = pool.rendered(artist, 3, 6)
    np.savez(tmp_path / "old.npz", images=crops.images, texts=crops.texts, colours=crops.colours, kinds=crops.kinds)
    old = pool.read(tmp_path / "old.npz")
    assert old.kinds.tolist() == crops.kinds.tolist()
    assert np.isnan(old.legible).all()


def test_a_pool_goes_on_where_it_stopped(tmp_path: Path) -> None:
    templates = plate_templates.made_up(tmp_path / "plates")
    pool.fill(tmp_path / "pool", templates, range(1, 3), 4)
    made = pool.chunk_path(tmp_path / "pool", 1).stat().st_mtime_ns
    pool.fill(tmp_path / "pool", templates, range(1, 4), 4)
    assert pool.chunk_path(tmp_path / "pool", 1).stat().st_mtime_ns == made
    assert len([*(tmp_path / "pool").iterdir()]) == 3
