import numpy as np
import pytest

from edgeguard.detectors.known_others import FORGOTTEN_AFTER, LOOKS, SURE, KnownOthers
from edgeguard.types import Detections

EBIKE, BICYCLE, PERSON = 1, 2, 0
Seen = tuple[int, float, float]  # label, score, left side in pixels; all are 100 wide and high


def known_others() -> KnownOthers:
    return KnownOthers(EBIKE, {BICYCLE}, overlap=0.2)


def detections(*seen: Seen) -> Detections:
    boxes = [(left, 0, left + 100, 100) for _, _, left in seen]
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array([score for _, score, _ in seen], np.float32),
        np.array([label for label, _, _ in seen], np.int16),
    )


def told(known: KnownOthers, *seen: Seen) -> list[bool]:
    hidden: list[bool] = known.hidden(detections(*seen)).tolist()
    return hidden


def came_in(looks: int = LOOKS, score: float = 0.8) -> KnownOthers:
    """A bicycle was pushed 20 pixels a look, the last time at 40 from the left."""
    known = known_others()
    for look in range(looks):
        assert told(known, (BICYCLE, score, 40 - 20 * (looks - 1 - look))) == [False]
    return known


def test_an_e_bike_where_a_bicycle_was_last_seen_is_doubted() -> None:
    assert told(came_in(), (PERSON, 0.9, 40), (EBIKE, 0.7, 50), (EBIKE, 0.6, 300)) == [False, True, False]


@pytest.mark.parametrize(("looks", "score"), [(LOOKS - 1, 0.8), (LOOKS, SURE - 0.01)])
def test_what_was_hardly_seen_is_not_known(looks: int, score: float) -> None:
    assert told(came_in(looks, score), (EBIKE, 0.7, 40)) == [False]


def test_an_e_bike_beside_a_bicycle_that_is_seen_is_not_doubted() -> None:
    assert told(came_in(), (BICYCLE, 0.8, 40), (EBIKE, 0.7, 90)) == [False, False]


def test_what_is_read_as_both_is_not_known() -> None:
    known = known_others()
    for _ in range(LOOKS + 1):
        told(known, (BICYCLE, 0.9, 40), (EBIKE, 0.7, 50))
    assert told(known, (EBIKE, 0.7, 50)) == [False]


def test_it_stays_known_for_as_long_as_something_hides_it() -> None:
    known = came_in()
    assert all(told(known, (EBIKE, 0.7, 40 + 20 * min(look, 6))) == [True] for look in range(3 * FORGOTTEN_AFTER))


@pytest.mark.parametrize(("looks", "doubted"), [(FORGOTTEN_AFTER - 1, True), (FORGOTTEN_AFTER, False)])
def test_what_is_not_seen_for_long_is_forgotten(looks: int, doubted: bool) -> None:
    known = came_in()
    for _ in range(looks):
        assert told(known) == []
    assert told(known, (EBIKE, 0.7, 40)) == [doubted]


def test_two_of_them_are_known_apart() -> None:
    """One is seen on, the other one is hidden."""
    known = known_others()
    for _ in range(LOOKS):
        told(known, (BICYCLE, 0.8, 0), (BICYCLE, 0.8, 90))
    assert told(known, (BICYCLE, 0.8, 90), (EBIKE, 0.7, 10)) == [False, True]
