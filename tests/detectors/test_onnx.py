import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.detectors import ExecutionConfig, OnnxDetector, find_model
from edgeguard.detectors.manifest import ModelSpec, Threshold
from edgeguard.errors import ModelError
from edgeguard.networks import InputSpec
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Picture

MakeModel = Callable[..., Path]

# In the 64 x 64 input a 128 x 64 picture lies in rows 16..48, at half its size.
ROWS: list[list[float]] = [
    [10, 20, 20, 30, 0.9, 1],  # e-bike
    [10, 20, 20, 30, 0.25, 1],  # e-bike, above its own low of 0.2
    [10, 20, 20, 30, 0.25, 0],  # person, below the default low of 0.3
    [50, 40, 90, 60, 0.8, 2],  # bicycle, out of the picture at the right and the bottom
    [10, 2, 20, 12, 0.9, 0],  # wholly in the border
    [10, 20, 20, 30, 0.9, 7],  # no such label
]


def end2end(rows: list[list[float]]) -> NDArray[np.float32]:
    return np.array(rows, np.float32).reshape(1, -1, 6)


def picture(width: int = 128, height: int = 64) -> Picture:
    return picture_from_array(np.zeros((height, width, 3), np.uint8), "bgr24")


def test_boxes_in_picture_pixels_clipped_and_above_their_labels_low(make_model: MakeModel) -> None:
    detector = OnnxDetector(find_model("tiny", make_model(end2end(ROWS))))
    found = detector.detect(picture())
    np.testing.assert_allclose(found.xyxy, [[20, 8, 40, 28], [20, 8, 40, 28], [100, 48, 128, 64]])
    np.testing.assert_allclose(found.score, [0.9, 0.25, 0.8])
    assert [detector.labels[label] for label in found.label] == ["e-bike", "e-bike", "bicycle"]


@pytest.mark.parametrize(("floor", "count"), [(0.01, 4), (0.5, 2), (0.95, 0)])
def test_a_floor_replaces_the_labels_lows(make_model: MakeModel, floor: float, count: int) -> None:
    detector = OnnxDetector(find_model("tiny", make_model(end2end(ROWS))), score_floor=floor)
    assert len(detector.detect(picture())) == count


@pytest.mark.parametrize("rows", [[], [[0, 0, 0, 0, 0.0, 0]]])
def test_nothing_found(make_model: MakeModel, rows: list[list[float]]) -> None:
    # A network with no rows at all is as good as one with rows below the threshold.
    detector = OnnxDetector(find_model("tiny", make_model(end2end(rows))))
    assert len(detector.detect(picture())) == 0


@pytest.mark.parametrize(
    ("head", "shape", "message"),
    [
        ("end2end", (1, 300, 7), r"float32 \[1, 300, 7\], accepted: float32 \[1, 'any', 6\] for head 'end2end'"),
        ("yolov8", (1, 84, 84), r"float32 \[1, 84, 84\], accepted: float32 \[1, 7, 84\] .* 3 labels at \(64, 64\)"),
        ("yolov8", (1, 7, 8400), r"accepted: float32 \[1, 7, 84\]"),
        ("yolox", (1, 84, 85), r"accepted: float32 \[1, 84, 8\]"),
        ("yolox", (84, 8), r"accepted: float32 \[1, 84, 8\]"),
    ],
)
def test_an_output_that_does_not_fit_the_labels_is_refused(
    make_model: MakeModel, head: str, shape: tuple[int, ...], message: str
) -> None:
    spec = find_model("tiny", make_model(np.zeros(shape, np.float32), head=head))
    with pytest.raises(ModelError, match=message) as refused:
        OnnxDetector(spec)
    assert str(refused.value).startswith(str(spec.path))


def test_yolov8_and_yolox_run_through(make_model: MakeModel) -> None:
    output = np.zeros((1, 7, 84), np.float32)
    output[0, :, 5] = [15, 25, 10, 10, 0, 0.9, 0]
    found = OnnxDetector(find_model("tiny", make_model(output, head="yolov8"))).detect(picture())
    np.testing.assert_allclose(found.xyxy, [[20, 8, 40, 28]])

    output = np.zeros((1, 84, 8), np.float32)
    output[0, 0] = [1.5, 1.5, np.log(1.25), np.log(1.25), 1, 0, 0.9, 0]  # cell 0: centre 12, side 10
    found = OnnxDetector(find_model("tiny", make_model(output, head="yolox"))).detect(picture())
    # YOLOX puts the picture at the top left, without a border above.
    np.testing.assert_allclose(found.xyxy, [[14, 14, 34, 34]], rtol=1e-5)


@pytest.mark.parametrize("sessions", [1, 2])
def test_many_threads_get_the_answers_of_their_own_pictures(make_model: MakeModel, sessions: int) -> None:
    spec = find_model("tiny", make_model(end2end([[0, 0, 64, 64, 0.9, 1]])))
    detector = OnnxDetector(spec, ExecutionConfig(sessions=sessions))
    sizes = [(64 + 16 * (n % 5), 64) for n in range(60)]
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda size: detector.detect(picture(*size)), sizes))
    for (width, height), found in zip(sizes, answers, strict=True):
        np.testing.assert_allclose(found.xyxy, [[0, 0, width, height]])


@pytest.mark.shared
def test_a_real_network_finds_the_people(shared: Path) -> None:
    """YOLOX-nano on pictures with one clear person or more: most of them are found where they are."""
    path = shared / "models" / "yolox_nano_416.onnx"
    spec = ModelSpec(
        name="yolox-nano",
        file=path.name,
        folder=path.parent,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        head="yolox",
        input=InputSpec(size=(416, 416), color="bgr", scale=1.0),
        labels=("person", *(f"other-{n}" for n in range(79))),
        thresholds={"default": Threshold(low=0.3, high=0.5)},
        licence="Apache-2.0",
        card="none",
    )
    detector = OnnxDetector(spec)
    labelled = found = 0
    for text in sorted((shared / "data" / "lift_people").rglob("*.txt"))[:20]:
        pictures = [path for path in text.parent.parent.rglob(f"{text.stem}.*") if path.suffix in {".jpg", ".png"}]
        people = [line for line in text.read_text().splitlines() if line.startswith("0 ")]
        if not pictures:
            continue
        pixels = cv2.imread(str(pictures[0]))
        assert pixels is not None
        answer = detector.detect(picture_from_array(pixels.astype(np.uint8, copy=False), "bgr24"))
        labelled += len(people)
        found += min(len(people), int((answer.label == 0).sum()))
        assert (answer.xyxy[:, 2] <= pixels.shape[1]).all()
    assert labelled >= 10
    assert found >= 0.6 * labelled
