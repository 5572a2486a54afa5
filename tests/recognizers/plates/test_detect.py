import hashlib
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.errors import ModelError
from edgeguard.networks import InputSpec
from edgeguard.recognizers import PlateDetectorSpec
from edgeguard.recognizers.plates import PlateDetector
from tests.conftest import constant_network

Cell = tuple[float, ...]
FREE = (1, 3, "height", "width")


def cell(score: float, two_rows: float, x: float, y: float, width: float, height: float) -> Cell:
    """What the network says of one upright plate."""
    return (score, two_rows, x, y, x + width, y, x + width, y + height, x, y + height)


def spec(folder: Path, output: NDArray[np.float32], graph_input: tuple[int | str, ...] = FREE) -> PlateDetectorSpec:
    data = constant_network(output, graph_input)
    (folder / "tiny.onnx").write_bytes(data)
    return PlateDetectorSpec(
        name="tiny",
        kind="plate_detector",
        file="tiny.onnx",
        sha256=hashlib.sha256(data).hexdigest(),
        licence="CC0-1.0",
        source="made by the test",
        input=InputSpec(size=(320, 320), dynamic=True, color="rgb", scale=1 / 255),
        score=0.4,
        folder=folder,
    )


def detector(folder: Path, *cells: Cell) -> PlateDetector:
    output = np.array(cells, np.float32).reshape(-1, 10).T[None]
    return PlateDetector(spec(folder, output))


def picture(width: int, height: int) -> NDArray[np.uint8]:
    return np.zeros((height, width, 3), np.uint8)


def test_corners_are_of_the_picture(tmp_path: Path) -> None:
    """640 x 480 is looked at as 320 x 240."""
    found = detector(tmp_path, cell(0.9, 0.2, 40, 50, 100, 30)).find(picture(640, 480))
    assert found.corners.tolist() == [[[80, 100], [280, 100], [280, 160], [80, 160]]]
    assert found.xyxy.tolist() == [[80, 100, 280, 160]]
    assert found.rows.tolist() == [1]
    assert found.score.tolist() == pytest.approx([0.9])


def test_a_small_picture_lies_in_a_margin(tmp_path: Path) -> None:
    found = detector(tmp_path, cell(0.9, 0.8, 32, 32, 94, 24)).find(picture(94, 24))
    assert found.xyxy.tolist() == [[0, 0, 94, 24]]
    assert found.rows.tolist() == [2]


def test_the_weak_go_and_copies_of_one_are_one(tmp_path: Path) -> None:
    cells = (
        cell(0.7, 0, 20, 20, 100, 30),
        cell(0.9, 0, 22, 21, 100, 30),
        cell(0.3, 0, 150, 20, 100, 30),
        cell(0.5, 0, 150, 150, 100, 30),
    )
    found = detector(tmp_path, *cells).find(picture(320, 320))
    assert found.score.tolist() == pytest.approx([0.9, 0.5])
    assert found.xyxy[0].tolist() == [22, 21, 122, 51]


def test_nothing_found_is_empty(tmp_path: Path) -> None:
    assert len(detector(tmp_path, cell(0.1, 0, 20, 20, 100, 30)).find(picture(320, 320))) == 0


def test_a_small_plate_is_looked_at_again_from_nearer(tmp_path: Path) -> None:
    """The network says the same of every picture: 24 pixels at (60, 40) of the whole at a quarter of its size, and
    the same 24 pixels of the part around that, at its own size.
    """
    found = detector(tmp_path, cell(0.9, 0, 60, 40, 24, 8)).find(picture(1280, 1280))
    # The whole: middle (288, 176), 96 x 32. The part begins at (288 - 1.7 * 48, 176 - 2.6 * 16).
    assert found.xyxy.tolist() == [[206 + 60, 134 + 40, 206 + 84, 134 + 48]]


@pytest.mark.parametrize(("second", "found"), [(0.9, 1), (0.35, 0)])
def test_what_the_first_look_half_believes_the_second_must_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, second: float, found: int
) -> None:
    """Asked for is 0.4."""
    finder = detector(tmp_path, cell(0.3, 0, 60, 40, 24, 8))
    said = [np.array([cell(score, 0, 60, 40, 24, 8)], np.float32).T[None] for score in (second, 0.3)]
    monkeypatch.setattr(finder, "_network", SimpleNamespace(run=lambda _: said.pop()))
    assert len(finder.find(picture(1280, 1280))) == found


def test_a_network_that_answers_otherwise_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"output is \[1, 9, 4\], accepted: \[1, 10, cells\]"):
        PlateDetector(spec(tmp_path, np.zeros((1, 9, 4), np.float32)))


def test_a_network_of_one_size_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="accepted: free height and width, or dynamic: false"):
        PlateDetector(spec(tmp_path, np.zeros((1, 10, 4), np.float32), (1, 3, 320, 320)))
