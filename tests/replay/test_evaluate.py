from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.detectors import ScriptedDetector
from edgeguard.replay.evaluate import (
    Evaluation,
    Evaluator,
    LabelScore,
    assign,
    average_precision,
    evaluate,
    wilson_interval,
)
from edgeguard.replay.labelled import LabelledImage
from edgeguard.types import Detections

LABELS = ("person", "e-bike")
OPERATING = np.array([0.5, 0.6], np.float32)
PERSON, EBIKE = 0, 1

# left, top, right, bottom, label (and score)
Row = tuple[float, ...]


def truth(*rows: Row, path: Path = Path("none")) -> LabelledImage:
    table = np.array(rows, np.float32).reshape(-1, 5)
    return LabelledImage(path, table[:, :4], table[:, 4].astype(np.int16), "set.jsonl:1")


def found(*rows: Row) -> Detections:
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Detections(table[:, :4], table[:, 5], table[:, 4].astype(np.int16))


def score(*images: tuple[LabelledImage, Detections]) -> Evaluation:
    evaluator = Evaluator(LABELS, OPERATING)
    for image, detections in images:
        evaluator.add(image, detections)
    return evaluator.result()


BIKE = (0, 0, 100, 100, EBIKE)
NOT_LABELLED = LabelScore(0, 0, None, None)


@pytest.mark.parametrize(
    ("labelled", "detections", "expected", "false_alarm"),
    [
        ([], [], NOT_LABELLED, 0),
        ([BIKE], [], LabelScore(1, 0, 0.0, 0.0), 0),
        ([BIKE], [(*BIKE, 0.6)], LabelScore(1, 1, 1.0, 1.0), 0),
        # Below the operating threshold: not found and no alarm, but part of the curve.
        ([BIKE], [(*BIKE, 0.59)], LabelScore(1, 0, 0.0, 1.0), 0),
        ([], [(*BIKE, 0.59)], NOT_LABELLED, 0),
        ([], [(*BIKE, 0.6)], NOT_LABELLED, 1),
        # IoU 0.45 finds, but does not count at 0.5; IoU 0.35 does neither.
        ([BIKE], [(0, 0, 45, 100, EBIKE, 0.9)], LabelScore(1, 1, 1.0, 0.0), 0),
        ([BIKE], [(0, 0, 35, 100, EBIKE, 0.9)], LabelScore(1, 0, 0.0, 0.0), 1),
        # Another class on the e-bike is neither found nor counted as a false alarm.
        ([BIKE], [(0, 0, 100, 100, PERSON, 0.9)], LabelScore(1, 0, 0.0, 0.0), 0),
        # Two boxes on one e-bike: found once, and explained.
        ([BIKE], [(*BIKE, 0.9), (5, 0, 100, 100, EBIKE, 0.8)], LabelScore(1, 1, 1.0, 1.0), 0),
        # Two false ones in a picture are one false-alarm image.
        ([BIKE], [(*BIKE, 0.9), (300, 0, 400, 99, EBIKE, 0.8), (500, 0, 600, 99, EBIKE, 0.8)],
         LabelScore(1, 1, 1.0, 1.0), 1),
        # One box cannot find two e-bikes.
        ([BIKE, (10, 0, 110, 100, EBIKE)], [(*BIKE, 0.9)], LabelScore(2, 1, 0.5, 0.5), 0),
    ],
)  # fmt: skip
def test_one_picture(labelled: list[Row], detections: list[Row], expected: LabelScore, false_alarm: int) -> None:
    result = score((truth(*labelled), found(*detections)))
    assert result.images == 1
    assert result.labels["e-bike"] == expected
    assert result.false_alarm_images == false_alarm


def test_labels_are_counted_apart_over_all_pictures() -> None:
    person = (200, 0, 260, 100, PERSON)
    result = score(
        (truth(BIKE, person), found((*BIKE, 0.9), (*person, 0.4))),
        (truth(BIKE), found((400, 0, 500, 100, EBIKE, 0.95))),
        (truth(person), found((*person, 0.8), (300, 0, 360, 100, PERSON, 0.99))),
    )
    # Ranked: miss .95, hit .9 -> precision 1/2 at half the recall.
    assert result.labels["e-bike"] == LabelScore(2, 1, 0.5, 0.25)
    # Ranked: miss .99, hit .8, hit .4 -> 2/3 at both hits once made monotone.
    assert result.labels["person"] == LabelScore(2, 1, 0.5, 2 / 3)
    assert (result.images, result.false_alarm_images) == (3, 1)


def test_no_picture() -> None:
    assert score() == Evaluation(0, dict.fromkeys(LABELS, NOT_LABELLED), 0)


def test_the_detector_is_run_on_each_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    cv2.imwrite(str(path), np.zeros((100, 100, 3), np.uint8))
    detector = ScriptedDetector.constant(LABELS, found((*BIKE, 0.7)))
    result = evaluate(detector, [truth(BIKE, path=path), truth(path=path)], LABELS, OPERATING)
    # A hit and a miss with the same score: at that score half of what is said is true.
    assert result.labels["e-bike"] == LabelScore(1, 1, 1.0, 0.5)
    assert (result.images, result.false_alarm_images) == (2, 1)


@pytest.mark.parametrize(
    ("ranked", "labelled", "expected"),
    [
        (np.zeros((0, 4)), np.zeros((0, 4)), []),
        (np.zeros((0, 4)), np.array([[0, 0, 9, 9]]), []),
        (np.array([[0, 0, 9, 9]]), np.zeros((0, 4)), [-1]),
        # The second detection takes what the first has left.
        (np.array([[0, 0, 10, 10], [0, 0, 10, 9]]), np.array([[0, 0, 10, 10], [2, 0, 12, 10]]), [0, 1]),
    ],
)
def test_assign(ranked: NDArray[np.float64], labelled: NDArray[np.float64], expected: list[int]) -> None:
    assert assign(ranked.astype(np.float32), labelled.astype(np.float32), 0.4).tolist() == expected


@pytest.mark.parametrize(
    ("curve", "n", "expected"),
    [
        ([], 0, None),
        ([(0.9, False)], 0, None),
        ([], 3, 0.0),
        ([(0.5, True), (0.9, True)], 2, 1.0),
        ([(0.9, True), (0.8, False), (0.7, True)], 2, (1 + 2 / 3) / 2),
        ([(0.9, False), (0.8, True)], 1, 0.5),
        ([(0.9, True), (0.9, False)], 1, 0.5),
    ],
)
def test_average_precision(curve: list[tuple[float, bool]], n: int, expected: float | None) -> None:
    assert average_precision(curve, n) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("successes", "n", "expected"),
    [(0, 0, (0, 1)), (0, 10, (0, 0.2775)), (10, 10, (0.7225, 1)), (81, 263, (0.2553, 0.3662))],
)
def test_wilson_interval(successes: int, n: int, expected: tuple[float, float]) -> None:
    assert wilson_interval(successes, n) == pytest.approx(expected, abs=5e-5)
