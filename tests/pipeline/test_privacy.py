import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.pipeline import blur_heads


def noise(height: int = 200, width: int = 300) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), np.uint8)


def people(*boxes: tuple[float, float, float, float]) -> NDArray[np.float32]:
    return np.array(boxes, np.float32).reshape(-1, 4)


def test_nobody() -> None:
    clear = noise()
    assert (blur_heads(clear, people()) == clear).all()


def test_a_standing_persons_head_goes_and_the_rest_stays() -> None:
    clear = noise()
    before = clear.copy()
    blurred = blur_heads(clear, people((100, 20, 150, 170)))
    assert (clear == before).all()
    assert blurred[20:72, 100:150].std() < 20 < clear[20:72, 100:150].std()
    assert (blurred[80:] == clear[80:]).all()
    assert (blurred[:, :90] == clear[:, :90]).all()
    assert (blurred[:, 160:] == clear[:, 160:]).all()


def test_a_head_seen_from_above_lies_deeper() -> None:
    blurred = blur_heads(noise(), people((100, 50, 200, 150)))
    assert blurred[50:110, 100:200].std() < 20


def test_no_face_can_be_told_from_what_is_left() -> None:
    """16 means hold 48 numbers; what is between them is interpolated, not kept."""
    clear = noise()
    blurred = blur_heads(clear, people((100, 20, 150, 170)))
    other = clear.copy()
    other[20:60, 105:145] = clear[20:60, 105:145][::-1, ::-1]
    difference = blurred.astype(int) - blur_heads(other, people((100, 20, 150, 170)))
    assert np.abs(difference).max() < 40


@pytest.mark.parametrize(
    "box",
    [(-50, -50, 20, 80), (280, 150, 400, 400), (10, 10, 10, 10), (50, 40, 30, 20), (500, 500, 600, 700), (5, 5, 6, 7)],
    ids=["top left", "bottom right", "empty", "inside out", "outside", "tiny"],
)
def test_boxes_at_and_beyond_the_edge(box: tuple[float, float, float, float]) -> None:
    assert blur_heads(noise(), people(box)).shape == (200, 300, 3)
