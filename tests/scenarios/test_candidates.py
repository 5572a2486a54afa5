from datetime import UTC, datetime

import numpy as np
import pytest

from edgeguard.polygons import WHOLE_PICTURE
from edgeguard.scenarios.candidates import Candidates
from edgeguard.scenarios.zone import Zone
from edgeguard.types import Detections, Observation, Tracks

LABELS = ("person", "e-bike", "wheelchair", "bag")
BOX = (100, 100, 200, 300)
SHIFTED = (110, 100, 210, 300)
BESIDE = (180, 100, 280, 300)


def best(rows: list[tuple[str, tuple[int, int, int, int], float]]) -> float | None:
    n = len(rows)
    boxes = Detections(
        np.array([box for _, box, _ in rows], np.float32).reshape(n, 4),
        np.array([score for *_, score in rows], np.float32),
        np.array([LABELS.index(label) for label, *_ in rows], np.int16),
    )
    tracks = Tracks(boxes, np.arange(n, dtype=np.int64), np.zeros(n, np.float32))
    now = Observation(0, datetime(2026, 1, 1, tzinfo=UTC), 640, 480, tracks)
    found = Candidates("e-bike", LABELS, Zone("cabin", WHOLE_PICTURE), 0.2).best(now)
    return None if found is None else round(found.score, 3)


@pytest.mark.parametrize(
    ("rows", "score"),
    [
        ([], None),
        ([("e-bike", BOX, 0.5)], 0.5),
        ([("e-bike", BOX, 0.19)], None),
        ([("e-bike", BOX, 0.5), ("e-bike", BESIDE, 0.6)], 0.6),
        ([("wheelchair", BOX, 0.9), ("person", BOX, 0.9), ("bag", BOX, 0.9)], None),
        ([("e-bike", BOX, 0.5), ("wheelchair", SHIFTED, 0.6)], None),
        ([("e-bike", BOX, 0.5), ("wheelchair", SHIFTED, 0.4)], 0.5),
        ([("e-bike", BOX, 0.5), ("wheelchair", BESIDE, 0.9)], 0.5),
        ([("e-bike", BOX, 0.5), ("person", BOX, 0.9), ("bag", BOX, 0.9)], 0.5),
    ],
)
def test_best(rows: list[tuple[str, tuple[int, int, int, int], float]], score: float | None) -> None:
    assert best(rows) == score


def test_nobody_looked() -> None:
    now = Observation(0, datetime(2026, 1, 1, tzinfo=UTC), 640, 480)
    assert Candidates("e-bike", LABELS, Zone("cabin", WHOLE_PICTURE), 0.2).best(now) is None


def test_a_box_beyond_the_picture_is_cut_to_it() -> None:
    boxes = Detections(np.array([[-64, 0, 704, 480]], np.float32), np.array([0.9], np.float32), np.array([1], np.int16))
    tracks = Tracks(boxes, np.zeros(1, np.int64), np.zeros(1, np.float32))
    now = Observation(0, datetime(2026, 1, 1, tzinfo=UTC), 640, 480, tracks)
    found = Candidates("e-bike", LABELS, Zone("cabin", WHOLE_PICTURE), 0.2).best(now)
    assert found is not None
    assert found.box == (0, 0, 1, 1)
