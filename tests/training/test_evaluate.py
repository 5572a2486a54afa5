import numpy as np
import pytest

from models.training.evaluate import (
    OnnxDetector,
    Verdict,
    asked_for,
    hard_ones,
    judge,
    letterboxed,
    mean_recall,
    summary,
    suppressed,
    table,
)
from models.training.feed import Item

PICTURE = np.zeros((90, 160, 3), np.uint8)
E_BIKE_ROW = np.array([[1, 40, 20, 80, 60]], np.float32)


@pytest.mark.parametrize(
    ("found", "hits", "false"),
    [
        (np.zeros((0, 5)), (0.0,), 0.0),
        ([[42, 20, 80, 60, 0.7]], (0.7,), 0.0),
        ([[100, 20, 140, 60, 0.6]], (0.0,), 0.6),
    ],
    ids=["nothing found", "found", "elsewhere"],
)
def test_verdict(found: np.ndarray, hits: tuple[float, ...], false: float) -> None:
    verdict = judge(Item(PICTURE, E_BIKE_ROW, "tiles"), "a.jpg", np.asarray(found, np.float32))
    assert verdict.hits == pytest.approx(hits)
    assert verdict.worst_false == pytest.approx(false)


def test_the_better_of_two_on_one_object_stays() -> None:
    found = np.array([[0, 0, 10, 10, 0.3], [1, 0, 10, 10, 0.9], [50, 50, 60, 60, 0.2]], np.float32)
    assert suppressed(found)[:, 4] == pytest.approx([0.9, 0.2])


@pytest.mark.parametrize(("square", "shape", "shift"), [(False, (192, 320, 3), [0, 6]), (True, (320, 320, 3), [0, 70])])
def test_a_wide_picture_is_centred_in_its_canvas(square: bool, shape: tuple[int, int, int], shift: list[int]) -> None:
    canvas, scale, moved_by = letterboxed(PICTURE, 320, square)
    assert canvas.shape == shape
    assert scale == 2.0
    assert moved_by.tolist() == shift


def test_boxes_come_back_in_the_picture_s_pixels() -> None:
    output = np.zeros((1, 12, 3), np.float32)
    output[0, :4, 1] = [120, 86, 80, 80]
    output[0, 5, 1] = 0.8
    found = OnnxDetector(lambda _: output, 320)(PICTURE)
    assert found == pytest.approx(np.array([[40, 20, 80, 60, 0.8]]))


def test_table_counts_objects_and_pictures() -> None:
    judged = [Verdict("a", "tiles", (0.5, 0.1), 0.0), Verdict("b", "tiles", (), 0.4)]
    assert table(judged, 0.3) == [("tiles", "1/2 = 0.50 (0.09-0.91)", "1/2 = 0.50 (0.09-0.91)")]


def test_what_is_missed_or_nearly_mistaken_is_hard() -> None:
    judged = [
        Verdict("missed", "scenes", (0.8, 0.1), 0.0),
        Verdict("mistaken", "scenes", (), 0.2),
        Verdict("found", "scenes", (0.8,), 0.1),
        Verdict("empty", "scenes", (), 0.0),
    ]
    assert set(hard_ones(judged)) == {"missed", "mistaken"}


def test_mean_recall_goes_down_with_every_false_alarm_allowed_less() -> None:
    judged = [Verdict("a", "tiles", (0.9, 0.3), 0.0), Verdict("b", "tiles", (), 0.5)]
    assert mean_recall(judged, most=0) == 0.5  # above 0.5
    assert mean_recall(judged, most=1) == 0.75  # above 0.5, then above nothing
    assert mean_recall(judged[1:]) == 0.0


def test_what_is_never_found_is_no_recall_however_many_alarms() -> None:
    assert mean_recall([Verdict("a", "tiles", (0.0,), 0.0)]) == 0.0


def test_made_pictures_are_summed_up_apart() -> None:
    judged = [Verdict("a", "lift_ebike/tiles", (0.9,), 0.0), Verdict("b", "composite", (0.0,), 0.0)]
    assert summary(judged) == {"real": 1.0, "made": 0.0}


@pytest.mark.parametrize(("most", "threshold"), [(0, 0.701), (0.5, 0.401), (0.9, 0.201)])
def test_a_threshold_lets_no_more_alarm_than_may(most: float, threshold: float) -> None:
    judged = [Verdict("a", "rooms", (0.9,), 0.8), *(Verdict("b", "rooms", (), false) for false in (0.2, 0.7, 0.4))]
    assert asked_for(judged, most) == threshold


def test_no_threshold_is_asked_for_where_nothing_may_alarm() -> None:
    assert asked_for([Verdict("a", "rooms", (0.9,), 0.0)], 0.1) is None
