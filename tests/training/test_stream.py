"""Stills out of starved H.264 streams."""

import cv2
import numpy as np
import pytest

from models.training.scenes import sensor, stream

MILD = stream.Stream(qp=34, frames=4, preset="ultrafast", moved_px=(3.0, 1.0))
HARSH = stream.Stream(qp=43, frames=4, preset="ultrafast", moved_px=(3.0, 1.0))
BLOCK_PX = 8


def slope(height: int = 144, width: int = 192) -> sensor.Picture:
    """A soft gradient with some grain and a bright block in it."""
    y, x = np.mgrid[0:height, 0:width]
    grain = np.random.default_rng(0).normal(0, 4, (height, width))
    out = np.repeat(np.clip(60 + 0.5 * x + 0.3 * y + grain, 0, 255)[..., None], 3, axis=2).astype(np.uint8)
    out[40:90, 60:110] = (30, 60, 220)
    return out


def sent(how: stream.Stream, picture: sensor.Picture | None = None, seed: int = 0) -> sensor.Picture:
    return stream.streamed(slope() if picture is None else picture, how, np.random.default_rng(seed))


def blockiness(picture: sensor.Picture) -> float:
    """Steps across the edges of blocks over steps inside of them, in the quiet lower part."""
    steps = np.abs(np.diff(picture[100:, :, 1].astype(float), axis=1)).mean(axis=0)
    edges = np.arange(len(steps)) % BLOCK_PX == BLOCK_PX - 1
    return float(steps[edges].mean() / max(steps[~edges].mean(), 1e-6))


def test_few_bits_make_blocks() -> None:
    assert blockiness(slope()) == pytest.approx(1, abs=0.4)
    assert blockiness(sent(HARSH)) > 3


def test_more_bits_leave_more_of_the_picture() -> None:
    mild, harsh = (np.abs(sent(how).astype(int) - slope()).mean() for how in (MILD, HARSH))
    assert 0 < mild < harsh < 15


@pytest.mark.parametrize("size", [(60, 80), (61, 81), (270, 480), (62, 33)])
def test_size_and_type_stay(size: tuple[int, int]) -> None:
    out = sent(HARSH, slope(*size))
    assert out.shape == (*size, 3)
    assert out.dtype == np.uint8


def test_the_same_seed_gives_the_same_picture() -> None:
    np.testing.assert_array_equal(sent(HARSH), sent(HARSH))
    assert (sent(MILD, seed=1) != sent(MILD, seed=2)).any()


@pytest.mark.parametrize("garbled", [False, True])
def test_a_hurt_slice_spoils_its_rows_alone(garbled: bool) -> None:
    hurt = stream.Stream(34, 3, "ultrafast", (0.0, 0.0), hit=0, hit_slice=3, garbled=garbled)
    off = np.abs(sent(hurt).astype(int) - sent(MILD).astype(int)).mean(axis=(1, 2))
    assert off[64:96].max() > 3 * off[:40].max()


def test_every_random_stream_can_be_shown() -> None:
    hit = 0
    for seed in range(40):
        how = stream.stream(np.random.default_rng(seed))
        hit += how.hit is not None
        assert sent(how).shape == slope().shape
    assert 3 <= hit <= 20


def test_a_packet_without_slices_stays() -> None:
    assert stream.hurt(b"\x00\x00\x00\x01\x67abc", 0) == b"\x00\x00\x00\x01\x67abc"


def test_what_moved_leaves_a_trail() -> None:
    there = np.zeros(slope().shape[:2], np.uint8)
    there[40:90, 60:110] = 1
    runs = stream.Stream(43, 4, "ultrafast", (8.0, 0.0))
    out = stream.streamed(slope(), runs, np.random.default_rng(0), there)
    still = stream.streamed(slope(), runs, np.random.default_rng(0))
    trail = (slice(45, 85), slice(36, 58))
    wrong = [np.abs(cv2.blur(one, (3, 3)).astype(int) - slope())[trail].mean() for one in (out, still)]
    assert wrong[0] > wrong[1]
