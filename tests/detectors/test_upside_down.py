from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeguard.detectors import find_model, for_one_camera, looking_down, open_detector
from edgeguard.detectors.odds import mean_score
from edgeguard.detectors.second_look import quarter_turns
from edgeguard.detectors.second_opinion import Agreed
from edgeguard.detectors.upside_down import UNSEEN, BothWays, HalfTurned
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Detections, Picture

WIDTH, HEIGHT = 128, 64
PERSON, E_BIKE = 0, 1
Rows = list[tuple[float, float, float, float, float, int]]


class Two:
    """A detector that sees one thing in the upright picture and another in the turned one."""

    labels = ("person", "e-bike")

    def __init__(self, upright: Rows, turned: Rows) -> None:
        self._upright, self._turned = found(upright), found(turned)

    def detect(self, picture: Picture) -> Detections:
        return self._turned if isinstance(picture, HalfTurned) else self._upright


def found(rows: Rows) -> Detections:
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Detections(table[:, :4], table[:, 4], table[:, 5].astype(np.int16))


def picture() -> Picture:
    return picture_from_array(np.zeros((HEIGHT, WIDTH, 3), np.uint8), "bgr24")


def test_a_turned_picture_is_the_same_one_from_the_other_side() -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    upright = picture_from_array(pixels, "bgr24")
    turned = HalfTurned(upright)
    assert (turned.width, turned.height) == (WIDTH, HEIGHT)
    assert np.array_equal(turned.bgr(WIDTH, HEIGHT), pixels[::-1, ::-1])
    assert np.array_equal(turned.luma, upright.luma[::-1, ::-1])
    assert turned.bgr(32, 16).shape == (16, 32, 3)


def test_boxes_of_both_looks_are_one_between_them() -> None:
    seen = BothWays(Two([(10, 8, 30, 28, 0.9, 1)], [(98, 36, 118, 58, 0.3, 1)]), E_BIKE).detect(picture())
    np.testing.assert_allclose(seen.xyxy, [[10, 7, 30, 28]])
    assert seen.score.tolist() == [pytest.approx(mean_score((0.9, 0.3)))]
    assert 0.6 < mean_score((0.9, 0.3)) < 0.7


@pytest.mark.parametrize("turned", [False, True])
def test_what_one_look_alone_has_falls_far(turned: bool) -> None:
    rows: Rows = [(10, 8, 30, 28, 0.9, 1)]
    seen = BothWays(Two([], rows) if turned else Two(rows, []), E_BIKE).detect(picture())
    assert seen.score.tolist() == [pytest.approx(mean_score((0.9, UNSEEN)))]
    assert seen.xyxy.tolist() == [[98, 36, 118, 56] if turned else [10, 8, 30, 28]]


def test_two_of_them_find_their_own_partners_and_all_else_stays_upright() -> None:
    upright: Rows = [(50, 20, 60, 40, 0.95, 0), (10, 8, 30, 28, 0.8, 1), (80, 8, 100, 28, 0.5, 1)]
    turned: Rows = [(28, 36, 48, 56, 0.7, 1), (98, 36, 118, 56, 0.6, 1), (0, 0, 9, 9, 0.9, 0)]
    seen = BothWays(Two(upright, turned), E_BIKE).detect(picture())
    assert seen.label.tolist() == [0, 1, 1]
    np.testing.assert_allclose(seen.xyxy, [row[:4] for row in upright])
    np.testing.assert_allclose(seen.score, [0.95, mean_score((0.8, 0.6)), mean_score((0.5, 0.7))], atol=1e-6)


def test_nothing_is_nothing() -> None:
    assert len(BothWays(Two([], []), E_BIKE).detect(picture())) == 0


def test_the_other_looks_both_ways_too() -> None:
    """Upright it would say nothing."""
    first: Rows = [(10, 8, 30, 28, 0.9, 1)]
    back: Rows = [(98, 36, 118, 56, 0.9, 1)]
    both = Agreed(Two(first, back), E_BIKE, Two([(10, 8, 30, 28, 0.1, 1)], back), E_BIKE, 0.2, least=0.15)
    assert len(both.detect(picture())) == 0
    assert len(for_one_camera(both).detect(picture())) == 0
    assert len(for_one_camera(both, looks_down=True).detect(picture())) == 1
    assert len(for_one_camera(both).detect(picture())) == 0, "the shared one stays as it is"


def test_a_crop_is_seen_from_four_sides() -> None:
    crop = np.arange(27, dtype=np.uint8).reshape(3, 3, 3)
    turns = quarter_turns(crop)
    assert len({turn.tobytes() for turn in turns}) == 4
    assert np.array_equal(turns[0], crop)
    assert np.array_equal(turns[2], crop[::-1, ::-1])


def test_the_bundled_detector_shares_its_networks() -> None:
    detector = open_detector(find_model("lift-n", Path("models")))
    down: Any = looking_down(detector)
    assert isinstance(detector, Agreed)
    assert isinstance(down, Agreed)
    assert down is not detector
    assert len(down.detect(picture())) == 0


def test_a_detector_that_asks_nothing_further_stays_as_it_is(make_model: Callable[..., Path]) -> None:
    plain = open_detector(find_model("tiny", make_model(np.zeros((1, 1, 6), np.float32))))
    assert looking_down(plain) is plain
