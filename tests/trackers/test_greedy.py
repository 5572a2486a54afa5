import numpy as np
import pytest
from pydantic import ValidationError

from edgeguard.trackers import GreedyTracker, TrackerConfig
from edgeguard.types import Detections

LABELS = ("person", "e-bike", "bicycle", "wheelchair")
PERSON, EBIKE, BICYCLE, WHEELCHAIR = range(4)


def see(*objects: tuple[float, float, int]) -> Detections:
    """100 x 100 boxes at (left, top) with a label."""
    xyxy = np.array([(x, y, x + 100, y + 100) for x, y, _ in objects], np.float32).reshape(-1, 4)
    return Detections(xyxy, np.full(len(objects), 0.5, np.float32), np.array([o[2] for o in objects], np.int16))


def ids(tracker: GreedyTracker, *frames: Detections, step_s: float = 0.2) -> list[list[int]]:
    return [tracker.update(frame, 10 + n * step_s).id.tolist() for n, frame in enumerate(frames)]


@pytest.mark.parametrize(
    ("frames", "expected"),
    [
        ([], []),
        ([see(), see()], [[], []]),
        ([see((0, 0, EBIKE)), see((30, 0, EBIKE)), see((60, 0, EBIKE))], [[1], [1], [1]]),
        # The order of the rows is the detector's; identities follow the boxes.
        ([see((0, 0, PERSON), (300, 0, PERSON)), see((310, 0, PERSON), (5, 0, PERSON))], [[1, 2], [2, 1]]),
        # A flip between e-bike and bicycle is one object, to and fro.
        ([see((0, 0, EBIKE)), see((5, 0, BICYCLE)), see((10, 0, EBIKE))], [[1], [1], [1]]),
        # A person in front of an e-bike, or a wheelchair in its place, is another object.
        ([see((0, 0, EBIKE)), see((0, 0, PERSON)), see((0, 0, WHEELCHAIR))], [[1], [2], [3]]),
        # Both labels on one object: each keeps its own id, whichever comes first.
        ([see((0, 0, EBIKE), (3, 0, BICYCLE)), see((1, 0, BICYCLE), (2, 0, EBIKE))], [[1, 2], [2, 1]]),
        # The nearest pair is matched first, though the other one would do.
        ([see((0, 0, PERSON)), see((40, 0, PERSON), (5, 0, PERSON))], [[1], [2, 1]]),
        # Too far between two frames.
        ([see((0, 0, EBIKE)), see((90, 0, EBIKE))], [[1], [2]]),
        # Unseen for a frame.
        ([see((0, 0, EBIKE), (300, 0, PERSON)), see((300, 0, PERSON)), see((0, 0, EBIKE))], [[1, 2], [2], [1]]),
        ([see((0, 0, EBIKE)), see(), see((0, 0, EBIKE))], [[1], [], [1]]),
    ],
)
def test_identities(frames: list[Detections], expected: list[list[int]]) -> None:
    assert ids(GreedyTracker(LABELS), *frames) == expected


@pytest.mark.parametrize(("gap_s", "expected"), [(0.5, 1), (2.0, 1), (2.1, 2), (60, 2)])
def test_a_gap_is_survived_up_to_its_limit(gap_s: float, expected: int) -> None:
    tracker = GreedyTracker(LABELS, TrackerConfig(max_gap_s=2.0))
    tracker.update(see((0, 0, EBIKE)), 10.0)
    tracker.update(see((500, 0, PERSON)), 10.0)
    later = tracker.update(see((0, 0, EBIKE)), 10.0 + gap_s)
    assert later.id.tolist() == [1 if expected == 1 else 3]


def test_ages_count_from_the_first_sight_through_gaps() -> None:
    tracker = GreedyTracker(LABELS)
    tracker.update(see((0, 0, EBIKE)), 1000.0)
    tracker.update(see(), 1001.0)
    tracks = tracker.update(see((300, 0, PERSON), (0, 0, BICYCLE)), 1002.5)
    np.testing.assert_allclose(tracks.age_s, [0, 2.5])
    assert tracks.age_s.dtype == np.float32
    assert tracks.id.dtype == np.int64
    assert tracks.boxes.label.tolist() == [PERSON, BICYCLE]


def test_the_same_input_gives_the_same_ids_and_none_twice() -> None:
    rng = np.random.default_rng(7)
    frames = []
    for _ in range(200):
        where, what = rng.uniform(0, 400, (10, 2)), rng.integers(0, 4, 10)
        frames.append(see(*((float(x), float(y), int(label)) for (x, y), label in zip(where, what, strict=True))))
    first, second = ids(GreedyTracker(LABELS), *frames), ids(GreedyTracker(LABELS), *frames)
    assert first == second
    assert all(len(set(row)) == len(row) for row in first)


def test_labels_without_a_group_of_their_own() -> None:
    assert ids(GreedyTracker(("bag",)), see((0, 0, 0)), see((1, 0, 0))) == [[1], [1]]


@pytest.mark.parametrize("fields", [{"min_iou": 0}, {"min_iou": 1}, {"max_gap_s": -1}, {"gap": 2}])
def test_a_wrong_configuration_is_refused(fields: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        TrackerConfig.model_validate(fields)
