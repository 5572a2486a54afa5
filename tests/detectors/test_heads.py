import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.detectors.heads import (
    MAX_CANDIDATES,
    Found,
    YoloxDecoder,
    decode_end2end,
    decode_yolov8,
    make_head,
    suppress,
)

SIZE = (64, 96)
CELLS = 8 * 12 + 4 * 6 + 2 * 3


def yolov8(rows: list[list[float]], labels: int = 3) -> NDArray[np.float32]:
    output = np.zeros((4 + labels, CELLS), np.float32)
    for cell, row in enumerate(rows):
        output[:, cell * 7] = row
    return output


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([], []),
        ([[20, 20, 10, 20, 0.1, 0.05, 0]], []),
        ([[20, 20, 10, 20, 0.1, 0.9, 0]], [[15, 10, 25, 30, 0.9, 1]]),
        # The weaker copy of the same label goes, another label at the same place stays.
        (
            [[20, 20, 10, 20, 0, 0.6, 0], [20, 20, 10, 21, 0, 0.8, 0], [20, 20, 10, 20, 0, 0, 0.5]],
            [[15, 9.5, 25, 30.5, 0.8, 1], [15, 10, 25, 30, 0.5, 2]],
        ),
    ],
)
def test_yolov8(rows: list[list[float]], expected: list[list[float]]) -> None:
    found = [(*one.box, one.score, one.label) for one in decode_yolov8(yolov8(rows), 0.25)]
    np.testing.assert_allclose(np.reshape(found, (-1, 6)), np.reshape(expected, (-1, 6)), rtol=1e-5)


def test_end2end_is_only_thresholded() -> None:
    output = np.array([[1, 2, 3, 4, 0.9, 2], [1, 2, 3, 4, 0.8, 2], [5, 6, 7, 8, 0.1, 0]], np.float32)
    found = decode_end2end(output, 0.25)
    np.testing.assert_allclose([(one.score, one.label) for one in found], [(0.9, 2), (0.8, 2)])
    assert len(decode_end2end(output[:0], 0.25)) == 0


def test_yolox_offsets_are_of_the_cell_and_its_stride() -> None:
    output = np.zeros((CELLS, 5 + 2), np.float32)
    # Row 1, column 2 of the stride 16 grid, which follows the 8 x 12 one of stride 8.
    output[8 * 12 + 6 + 2] = [0.5, 0.25, np.log(2), np.log(3), 0.9, 0.1, 0.5]
    # Sure of an object but of no label: the product is below the floor.
    output[0] = [0, 0, 0, 0, 0.9, 0.1, 0.1]
    (found,) = YoloxDecoder(SIZE).decode(output, 0.25)
    centre_x, centre_y = 2.5 * 16, 1.25 * 16
    assert found.box == pytest.approx((centre_x - 16, centre_y - 24, centre_x + 16, centre_y + 24))
    assert found.score == pytest.approx(0.45)
    assert found.label == 1
    assert len(YoloxDecoder(SIZE).decode(np.zeros_like(output), 0.25)) == 0


def test_a_network_that_fires_everywhere_stays_bounded() -> None:
    output = np.ones((5, 8400), np.float32)
    output[:2] = np.random.default_rng(0).uniform(0, 640, (2, 8400))
    assert len(decode_yolov8(output, 0.25)) <= MAX_CANDIDATES


def test_suppress_gives_the_strongest_first() -> None:
    boxes = [(0.0, 0.0, 10.0, 10.0), (50.0, 50.0, 60.0, 60.0), (0.0, 0.0, 10.0, 11.0)]
    kept = suppress(Found(box, score, 0) for box, score in zip(boxes, (0.3, 0.5, 0.4), strict=True))
    assert [one.score for one in kept] == [0.5, 0.4]


@pytest.mark.parametrize(
    ("kind", "shape"), [("yolov8", (1, 7, CELLS)), ("end2end", (1, -1, 6)), ("yolox", (1, CELLS, 8))]
)
def test_the_shape_a_head_accepts(kind: str, shape: tuple[int, ...]) -> None:
    assert make_head(kind, SIZE, 3).shape == shape  # type: ignore[arg-type]  # a table of literals
