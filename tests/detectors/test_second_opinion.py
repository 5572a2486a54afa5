import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from edgeguard.detectors import find_model, for_one_camera, models_dir, open_detector
from edgeguard.detectors.known_others import LOOKS
from edgeguard.detectors.second_opinion import EVERY, LEAST_IF_HIDDEN, PROVEN, Agreed
from edgeguard.errors import ConfigError, ModelError
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Detections, Detector, Picture
from tests.conftest import constant_network

MakeModel = Callable[..., Path]
Rows = list[list[float]]

# In the 64 x 64 input a 128 x 64 picture lies in rows 16..48, at half its size.
FIRST = [
    [10, 20, 20, 40, 0.9, 1],  # e-bike
    [50, 20, 60, 40, 0.8, 0],  # person
    [30, 20, 40, 40, 0.7, 1],  # e-bike
]
TERMS = {"model": "other", "label": "e-bike", "least": 0.15, "overlap": 0.25}


@pytest.fixture
def with_opinion(make_model: MakeModel) -> Callable[..., Path]:
    """Two models, "tiny" and "other", each of which always sees the same; the first asks the second."""

    def make(first: Rows, second: Rows, /, **changes: Any) -> Path:
        network = constant_network(_answer(second), (1, 3, 64, 64))
        folder = make_model(_answer(first), second_opinion=TERMS | changes)
        (folder / "other.onnx").write_bytes(network)
        written = yaml.safe_load((folder / "manifest.yaml").read_text("utf-8"))
        other = written["models"][0] | {
            "name": "other",
            "file": "other.onnx",
            "sha256": hashlib.sha256(network).hexdigest(),
            "labels": ["e-bike", "person", "bicycle"],  # in an order of its own
            "thresholds": {"default": {"low": 0.5, "high": 0.6}},
            "second_opinion": None,
        }
        (folder / "manifest.yaml").write_text(yaml.safe_dump({"models": [*written["models"], other]}), "utf-8")
        return folder

    return make


def _answer(rows: Rows) -> np.ndarray[Any, np.dtype[np.float32]]:
    return np.array(rows, np.float32).reshape(1, -1, 6)


def picture() -> Picture:
    return picture_from_array(np.zeros((64, 128, 3), np.uint8), "bgr24")


def opened(folder: Path) -> Detector:
    return open_detector(find_model("tiny", folder))


@pytest.mark.parametrize(
    ("second", "kept"),
    [
        ([[10, 20, 20, 40, 0.9, 0], [30, 20, 40, 40, 0.9, 0]], [0.9, 0.8, 0.7]),
        ([[10, 20, 20, 40, 0.9, 0]], [0.9, 0.8]),
        ([[10, 20, 20, 40, 0.16, 0]], [0.9, 0.8]),  # below its own threshold, but not below what is asked
        ([[10, 20, 20, 40, 0.14, 0]], [0.8]),
        ([[10, 20, 20, 40, 0.9, 1]], [0.8]),  # a person for it
        ([[10, 30, 20, 48, 0.9, 0]], [0.9, 0.8]),  # 10 of 28 rows shared
        ([[10, 34, 20, 48, 0.9, 0]], [0.8]),  # 6 of 28
        ([[10, 20, 20, 40, 0.6, 0], [10, 22, 20, 40, 0.7, 2]], [0.8]),  # a bicycle rather
        ([[10, 20, 20, 40, 0.7, 0], [10, 22, 20, 40, 0.36, 2]], [0.8]),  # or perhaps one
        ([[10, 20, 20, 40, 0.7, 0], [10, 22, 20, 40, 0.34, 2]], [0.9, 0.8]),  # hardly one
        ([[10, 20, 20, 40, 0.6, 0], [10, 32, 20, 48, 0.7, 2]], [0.9, 0.8]),  # one beside it
        ([[10, 20, 20, 40, 0.6, 0], [10, 22, 20, 40, 0.7, 1]], [0.9, 0.8]),  # somebody before it
    ],
)
def test_what_the_other_does_not_see_does_not_count(
    with_opinion: Callable[..., Path], second: Rows, kept: list[float]
) -> None:
    found = opened(with_opinion(FIRST, second)).detect(picture())
    np.testing.assert_allclose(found.score, kept)


def test_an_other_that_sees_nothing_leaves_the_people(with_opinion: Callable[..., Path]) -> None:
    found = opened(with_opinion(FIRST, [[0, 0, 0, 0, 0.0, 0]])).detect(picture())
    assert found.label.tolist() == [0]


class Told:
    """A detector that sees what it is told to, picture after picture, and counts how often it was asked."""

    labels = ("person", "e-bike")

    def __init__(self, *found: Detections) -> None:
        self._found = list(found)
        self.asked = 0

    def detect(self, picture: Picture) -> Detections:
        self.asked += 1
        return self._found.pop(0)


def _one(label: int, score: float = 0.9) -> Detections:
    return Detections(np.array([[0, 0, 9, 9]], np.float32), np.array([score], np.float32), np.array([label], np.int16))


@pytest.mark.parametrize(("label", "asked"), [(0, 0), (1, 1)])
def test_only_e_bikes_cost_a_second_network(label: int, asked: int) -> None:
    other = Told(_one(1))
    assert len(Agreed(Told(_one(label)), 1, other, 1, 0.2).detect(picture())) == 1
    assert other.asked == asked


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": "third"}, r"tiny: second_opinion.model is 'third', accepted: another row with 'e-bike' \(other\)"),
        ({"model": "tiny"}, r"second_opinion.model is 'tiny', accepted: another row with 'e-bike' \(other\)"),
        ({"label": "tram"}, r"second_opinion.label is 'tram', accepted: person, e-bike, bicycle"),
        ({"least": 0}, r"least"),
        ({"overlap": 1.5}, r"overlap"),
    ],
)
def test_a_wrong_entry_is_refused(with_opinion: Callable[..., Path], changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        find_model("tiny", with_opinion(FIRST, FIRST, **changes))


def test_a_file_of_the_other_that_was_changed_is_refused(with_opinion: Callable[..., Path]) -> None:
    folder = with_opinion(FIRST, FIRST)
    (folder / "other.onnx").write_bytes(b"no network")
    with pytest.raises(ModelError, match=r"other.onnx: sha256"):
        opened(folder)


def test_a_row_whose_other_was_not_looked_up_is_refused(with_opinion: Callable[..., Path]) -> None:
    spec = find_model("tiny", with_opinion(FIRST, FIRST)).model_copy(update={"asked": None})
    with pytest.raises(ConfigError, match=r"tiny: second_opinion.model is 'other'"):
        open_detector(spec)


def test_a_manifest_without_the_other_says_so(with_opinion: Callable[..., Path]) -> None:
    folder = with_opinion(FIRST, FIRST)
    written = yaml.safe_load((folder / "manifest.yaml").read_text("utf-8"))
    (folder / "manifest.yaml").write_text(yaml.safe_dump({"models": written["models"][:1]}), "utf-8")
    with pytest.raises(ConfigError, match=r"is 'other', accepted: another row with 'e-bike' \(there is none\)"):
        find_model("tiny", folder)


NOTHING = Detections.empty()


def watched(first: list[Detections], other: Told) -> list[int]:
    """How many boxes are left in each picture."""
    detector = for_one_camera(Agreed(Told(*first), 1, other, 1, 0.2))
    return [len(detector.detect(picture())) for _ in first]


def test_what_is_proven_is_asked_about_less_often() -> None:
    other = Told(*[_one(1)] * 99)
    assert watched([_one(1)] * (PROVEN + 4 * EVERY), other) == [1] * (PROVEN + 4 * EVERY)
    assert other.asked == PROVEN + 4


def test_what_is_not_agreed_on_is_asked_about_every_time() -> None:
    other = Told(*[_one(1), NOTHING] * 20)
    assert watched([_one(1)] * 40, other) == [1, 0] * 20
    assert other.asked == 40


def test_once_it_has_gone_all_begins_anew() -> None:
    other = Told(*[_one(1)] * PROVEN, *[NOTHING] * 3)
    assert watched([*[_one(1)] * (PROVEN + 1), _one(0), *[_one(1)] * 2], other)[-3:] == [1, 0, 0]


def test_what_is_believed_no_more_is_asked_about_again() -> None:
    """It had been proven, then something else stands there."""
    other = Told(*[_one(1)] * PROVEN, *[NOTHING] * 9)
    left = watched([_one(1)] * (PROVEN + EVERY + 3), other)
    assert left[PROVEN + EVERY :] == [0] * 3


def test_of_a_hidden_bicycle_the_other_must_be_sure() -> None:
    """It came in as one; each camera has its own."""
    scores = [LEAST_IF_HIDDEN - 0.01, LEAST_IF_HIDDEN, LEAST_IF_HIDDEN - 0.01]
    both = Agreed(
        Told(*[_one(2)] * LOOKS, *[_one(1)] * 4), 1, Told(*[_one(1, s) for s in (*scores, 0.2)]), 1, 0.2, (), [2]
    )
    camera, elsewhere = for_one_camera(both), for_one_camera(both)
    left = [len(camera.detect(picture())) for _ in range(LOOKS + len(scores))]
    assert left == [1] * LOOKS + [0, 1, 0]
    assert len(elsewhere.detect(picture())) == 1


def test_a_detector_without_an_opinion_stays_as_it_is() -> None:
    plain = Told()
    assert for_one_camera(plain) is plain


def test_the_bundled_one_asks_the_larger_network() -> None:
    """And is the one without an opinion in all else."""
    spec, alone = (find_model(name, models_dir()) for name in ("lift-n", "lift-n-alone"))
    assert spec.asked is not None
    assert spec.asked.name == "lift-s"
    without = {"second_opinion": None, "asked": None, "name": "lift-n-alone"}
    assert spec.model_copy(update=without) == alone
