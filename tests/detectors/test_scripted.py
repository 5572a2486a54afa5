from typing import Any

import numpy as np
import pytest

from edgeguard.detectors import ScriptedDetector
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Detections

LABELS = ("person", "e-bike")
PICTURE = picture_from_array(np.zeros((8, 8), np.uint8), "gray")


def one(score: float) -> Detections:
    return Detections(np.array([[0, 0, 4, 4]], np.float32), np.array([score], np.float32), np.ones(1, np.int16))


@pytest.mark.parametrize(
    ("time_s", "scores"), [(0.0, []), (0.99, []), (1.0, [0.5]), (1.9, [0.5]), (2.0, []), (3.5, [0.75]), (99, [0.75])]
)
def test_a_row_holds_until_the_next(time_s: float, scores: list[float]) -> None:
    table = {3.0: one(0.75), 1.0: one(0.5), 2.0: Detections.empty()}
    detector = ScriptedDetector(LABELS, table, lambda _: time_s)
    assert detector.detect(PICTURE).score.tolist() == scores


@pytest.mark.parametrize("answer", [Detections.empty(), one(0.5)])
def test_constant(answer: Detections) -> None:
    assert ScriptedDetector.constant(LABELS, answer).detect(PICTURE) is answer


def test_an_empty_table_sees_nothing() -> None:
    table: dict[float, Any] = {}
    assert len(ScriptedDetector(LABELS, table, lambda _: 1.0).detect(PICTURE)) == 0
