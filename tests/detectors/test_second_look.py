import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from edgeguard.detectors import OnnxDetector, find_model, open_detector
from edgeguard.detectors.manifest import Weighing
from edgeguard.detectors.second_look import TwoLooks, together
from edgeguard.errors import ConfigError, ModelError
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Picture
from tests.conftest import constant_network

MakeModel = Callable[..., Path]

KINDS = ["e-bike", "pram", "other"]
# In the 64 x 64 input a 128 x 64 picture lies in rows 16..48, at half its size.
ROWS = [
    [10, 20, 20, 30, 0.95, 1],  # e-bike, beyond doubt
    [30, 20, 40, 30, 0.5, 1],  # e-bike, unsure
    [40, 20, 50, 30, 0.12, 1],  # e-bike, weaker than its low of 0.2
    [50, 20, 60, 30, 0.8, 0],  # person
]


@pytest.fixture
def with_second_look(make_model: MakeModel) -> Callable[..., Path]:
    def make(answer: NDArray[np.float32], /, rows: list[list[float]] = ROWS, **changes: Any) -> Path:
        network = constant_network(answer, (1, 3, 32, 32))
        entry = {
            "file": "second.onnx",
            "sha256": hashlib.sha256(network).hexdigest(),
            "input": {"size": [32, 32], "layout": "nchw", "color": "rgb", "scale": 1 / 255},
            "label": "e-bike",
            "kinds": KINDS,
            "context": 1.25,
            "asked_from": 0.1,
            "sure": 0.9,
            "weighing": {"first": 1.0, "second": 1.0},
            "card": "second.md",
        } | changes
        folder = make_model(np.array(rows, np.float32).reshape(1, -1, 6), second_look=entry)
        (folder / "second.onnx").write_bytes(network)
        return folder

    return make


def says(probability: float) -> NDArray[np.float32]:
    return np.array([[probability, 1 - probability, 0]], np.float32)


def picture(width: int = 128, height: int = 64) -> Picture:
    return picture_from_array(np.zeros((height, width, 3), np.uint8), "bgr24")


@pytest.mark.parametrize(
    ("second", "scores"),
    [
        (0.5, [0.95, 0.8, 0.5]),  # it does not know either; the weak one stays below its low
        (0.9, [0.95, 0.9, 0.8, 0.551]),
        (0.1, [0.95, 0.8]),  # 0.5 becomes 0.1
    ],
)
def test_unsure_boxes_are_weighed_anew(
    with_second_look: Callable[..., Path], second: float, scores: list[float]
) -> None:
    found = open_detector(find_model("tiny", with_second_look(says(second)))).detect(picture())
    np.testing.assert_allclose(found.score, scores, atol=1e-3)


@pytest.mark.parametrize(("second", "kept"), [(0.21, [0.95, 0.8, 0.515]), (0.19, [0.95, 0.8])])
def test_what_was_asked_about_and_denied_is_dropped(
    with_second_look: Callable[..., Path], second: float, kept: list[float]
) -> None:
    unsure = [10, 20, 20, 30, 0.8, 1]
    folder = with_second_look(says(second), rows=[ROWS[0], ROWS[3], unsure], least=0.2)
    np.testing.assert_allclose(open_detector(find_model("tiny", folder)).detect(picture()).score, kept, atol=1e-3)


def test_a_floor_replaces_the_low(with_second_look: Callable[..., Path]) -> None:
    detector = open_detector(find_model("tiny", with_second_look(says(0.1))), score_floor=0.001)
    assert len(detector.detect(picture())) == len(ROWS)


def test_nothing_unsure_nothing_asked(with_second_look: Callable[..., Path]) -> None:
    detector = open_detector(find_model("tiny", with_second_look(says(0.1), rows=[ROWS[0], ROWS[3]])))
    np.testing.assert_allclose(detector.detect(picture(4000, 2000)).score, [0.95, 0.8])


def test_a_large_picture_is_looked_at_as_well(with_second_look: Callable[..., Path]) -> None:
    detector = open_detector(find_model("tiny", with_second_look(says(0.9))))
    np.testing.assert_allclose(detector.detect(picture(3840, 1920)).score[1], 0.9, atol=1e-3)


def test_without_an_entry_there_is_one_look(make_model: MakeModel) -> None:
    detector = open_detector(find_model("tiny", make_model(np.array(ROWS, np.float32).reshape(1, -1, 6))))
    assert isinstance(detector, OnnxDetector)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"label": "tram"}, r"second_look.*label is 'tram', accepted: one of kinds"),
        ({"label": "pram"}, r"second_look.label is 'pram', accepted: person, e-bike, bicycle"),
        ({"asked_from": 0.9, "sure": 0.5}, r"asked_from is 0.9, accepted: below sure \(0.5\)"),
        ({"kinds": ["e-bike"]}, r"kinds"),
        ({"least": 1.0}, r"least"),
    ],
)
def test_a_wrong_entry_is_refused(with_second_look: Callable[..., Path], changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        find_model("tiny", with_second_look(says(0.5), **changes))


def test_a_file_that_does_not_fit_is_refused(with_second_look: Callable[..., Path]) -> None:
    folder = with_second_look(np.zeros((1, 5), np.float32))
    with pytest.raises(ModelError, match=r"second.onnx: output is \[1, 5\], accepted: \[1, 3\]"):
        open_detector(find_model("tiny", folder))
    (folder / "second.onnx").write_bytes(b"no network")
    with pytest.raises(ModelError, match="sha256"):
        open_detector(find_model("tiny", folder))


def test_the_manifest_is_read_back_as_written(with_second_look: Callable[..., Path]) -> None:
    folder = with_second_look(says(0.5))
    written = yaml.safe_load((folder / "manifest.yaml").read_text("utf-8"))["models"][0]["second_look"]
    again = find_model("tiny", folder).looks_again
    assert again is not None
    assert (again.path, again.kinds) == (folder / "second.onnx", tuple(written["kinds"]))


@pytest.mark.parametrize(
    ("weighing", "first", "second", "expected"),
    [
        (Weighing(first=1, second=1), 0.5, 0.5, 0.5),
        (Weighing(first=1, second=1), 0.8, 0.2, 0.5),
        (Weighing(first=1, second=0.5), 0.6, 0.9, 0.818),
        (Weighing(first=1, second=1, shift=-1), 0.5, 0.5, 0.269),
        (Weighing(first=1, second=1), 0.0, 1.0, 0.5),  # nothing is certain
    ],
)
def test_odds_add_up(weighing: Weighing, first: float, second: float, expected: float) -> None:
    assert together(weighing, first, second) == pytest.approx(expected, abs=1e-3)


def test_it_is_a_detector_of_its_own(with_second_look: Callable[..., Path]) -> None:
    assert isinstance(open_detector(find_model("tiny", with_second_look(says(0.5)))), TwoLooks)
