import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.pipeline import encode_jpeg, outlined, snapshot
from edgeguard.pipeline.snapshot import AMBER, MAX_JPEG_BYTES, traced
from edgeguard.sources.picture import picture_from_array


def noise(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


def decoded(jpeg: bytes) -> NDArray[np.uint8]:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture.astype(np.uint8)


@pytest.mark.parametrize(("height", "width", "limit"), [(1080, 1920, MAX_JPEG_BYTES), (40, 30, 2000), (1, 1, 1000)])
def test_even_noise_fits(height: int, width: int, limit: int) -> None:
    jpeg = encode_jpeg(noise(height, width), limit)
    assert len(jpeg) <= limit
    assert decoded(jpeg).shape[0] <= height


def test_what_cannot_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="max_bytes is 100, accepted: at least"):
        encode_jpeg(noise(8, 8), 100)


def test_the_box_is_drawn_where_it_is() -> None:
    plain = np.zeros((100, 200, 3), np.uint8)
    marked = outlined(plain, (0.25, 0.2, 0.75, 0.8))
    assert tuple(marked[50, 50]) == tuple(marked[20, 100]) == AMBER
    assert not marked[50, 100].any()
    assert not plain.any()


def test_a_snapshot_is_small_marked_and_blurred() -> None:
    picture = picture_from_array(noise(720, 1280), "bgr24")
    person = np.array([[0, 0, 400, 700]], np.float32)
    blurred = decoded(snapshot(picture, (0.5, 0.5, 0.9, 0.9), person))
    clear = decoded(snapshot(picture, None))
    assert blurred.shape == clear.shape == (540, 960, 3)
    assert blurred[20:150, 20:280].std() < 20 < clear[20:150, 20:280].std()


def test_a_small_picture_is_not_blown_up() -> None:
    picture = picture_from_array(noise(48, 64), "bgr24")
    assert decoded(snapshot(picture, None, np.zeros((0, 4), np.float32))).shape == (48, 64, 3)


def test_the_way_of_a_thing_is_drawn_in_place_of_its_box() -> None:
    plain = np.zeros((100, 200, 3), np.uint8)
    path = [(0.25, 0.1), (0.25, 0.11), (0.25, 0.5), (0.25, 0.9)]
    marked = traced(plain, path)
    assert tuple(marked[30, 50]) == tuple(marked[70, 50]) == AMBER
    assert not marked[:, 100:].any()
    assert not plain.any()
    shown = decoded(snapshot(picture_from_array(plain, "bgr24"), (0.2, 0.1, 0.9, 0.9), path=path))
    assert shown[30, 50].max() > 100
    assert shown[50, 150:].max() < 40
