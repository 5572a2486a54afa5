"""A fixed camera as tables: pictures of a drawn room once a second, what is done to them, and what is told."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from edgeguard.motion import ViewConfig, ViewFault, ViewWatch
from edgeguard.motion.glance import Glance, alike, correlation
from edgeguard.sources.picture import picture_from_array

COVERED, MOVED, DEFOCUSED = ViewFault.COVERED, ViewFault.MOVED, ViewFault.DEFOCUSED
DARK, FROZEN = ViewFault.DARK, ViewFault.FROZEN
ALL = ViewConfig(tell=tuple(ViewFault), covered_s=5, moved_s=20, defocused_s=20, dark_s=5, frozen_s=10)
LEARN_S, AFTER_S = 40, 70
HEIGHT, WIDTH = 180, 320
Luma = NDArray[np.float32]
Change = Callable[[Luma, int], Luma]


def room() -> Luma:
    """Twice as large as what the camera sees: rectangles of all sizes."""
    chance = np.random.default_rng(4)
    picture = np.full((2 * HEIGHT, 2 * WIDTH), 110, np.float32)
    for _ in range(160):
        x, y = chance.integers(0, 2 * WIDTH), chance.integers(0, 2 * HEIGHT)
        w, h = chance.integers(10, 90), chance.integers(10, 60)
        picture[y : y + h, x : x + w] = chance.uniform(40, 220)
    return picture


ROOM = room()
NOISE = np.random.default_rng(5).normal(0, 1.5, (7, HEIGHT, WIDTH)).astype(np.float32)


def seen(left: int = WIDTH // 2, top: int = HEIGHT // 2) -> Luma:
    return ROOM[top : top + HEIGHT, left : left + WIDTH].copy()


def shown(luma: Luma, second: int, noise: float = 1.0) -> NDArray[np.uint8]:
    return np.asarray(np.clip(np.rint(luma + noise * NOISE[second % len(NOISE)]), 0, 255), np.uint8)


def told(change: Change, config: ViewConfig = ALL, noise: float = 1.0) -> set[ViewFault]:
    """All that is told of a camera that has seen the room for a while, and then this."""
    watch, said = ViewWatch(config), set()
    for second in range(LEARN_S + AFTER_S):
        luma = shown(seen(), second) if second < LEARN_S else shown(change(seen(), second), second, noise)
        watch.update(picture_from_array(luma, "gray"), float(second))
        said |= {fault for fault in ViewFault if watch.told(fault)}
    return said


def nothing(luma: Luma, _: int) -> Luma:
    return luma


def hand(share: float) -> Change:
    def cover(luma: Luma, _: int) -> Luma:
        luma[:, : round(share * WIDTH)] = 50
        return blurred(luma, 0) if share >= 1 else luma

    return cover


def somebody(luma: Luma, second: int) -> Luma:
    x = 40 + 5 * (second % 30)
    luma[40:, x : x + 70] = 70
    return luma


def blurred(luma: Luma, _: int) -> Luma:
    return np.asarray(cv2.GaussianBlur(luma, (0, 0), 3), np.float32)


def zoomed(luma: Luma, _: int) -> Luma:
    return np.asarray(cv2.resize(luma[18:-18, 32:-32], (WIDTH, HEIGHT)), np.float32)


def infrared(luma: Luma, _: int) -> Luma:
    """Bright and dark change places here and there, and the middle is brighter."""
    across = np.linspace(-1, 1, WIDTH, dtype=np.float32)
    return np.asarray(20 + 0.7 * luma * (1 + 0.4 * np.sin(luma / 40)) * np.exp(-across * across), np.float32)


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        (nothing, set()),
        (hand(1), {COVERED}),
        (hand(0.9), {COVERED}),
        (lambda luma, _: np.full_like(luma, 180), {COVERED}),
        (lambda _, __: seen(WIDTH // 2 + 30), {MOVED}),
        (lambda _, __: seen(top=HEIGHT // 2 - 20), {MOVED}),
        (zoomed, {MOVED}),
        (blurred, {DEFOCUSED}),
        (lambda luma, _: 16 + 0.02 * luma, {DARK}),
        # None of these is the camera's fault.
        (hand(0.4), set()),
        (somebody, set()),
        (infrared, set()),
        (lambda luma, _: 16 + 0.4 * luma, set()),
        (lambda luma, _: 1.3 * luma, set()),
        # For a moment only.
        (lambda luma, second: np.full_like(luma, 50) if LEARN_S + 20 <= second < LEARN_S + 24 else luma, set()),
    ],
)
def test_what_is_told(change: Change, faults: set[ViewFault]) -> None:
    assert told(change) == faults


def test_a_picture_that_stands_still() -> None:
    """Without the sensor's noise; with it nobody can tell a still picture from a still room."""
    assert told(nothing, noise=0.0) == {FROZEN}
    assert told(nothing, noise=0.05) == {FROZEN}


@pytest.mark.parametrize("clock", [False, True])
def test_a_still_picture_that_is_encoded_anew(*, clock: bool) -> None:
    """It looks one way or the other, and a clock that is drawn in goes on."""
    watch, said = ViewWatch(ALL), set()
    for second in range(LEARN_S + AFTER_S):
        picture = shown(seen(), min(second, LEARN_S))
        if second >= LEARN_S:
            quality = [cv2.IMWRITE_JPEG_QUALITY, 85 + second * second % 4]
            picture = np.asarray(cv2.imdecode(cv2.imencode(".jpg", picture, quality)[1], 0), np.uint8)
        if clock:
            cv2.putText(picture, f"{second:06d}", (8, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 2)
        watch.update(picture_from_array(picture, "gray"), float(second))
        said |= {fault for fault in ViewFault if watch.told(fault)}
    assert said == {FROZEN}


def test_a_camera_that_cleans_its_pictures_is_frozen_only_after_long() -> None:
    clean = ViewConfig(tell=(FROZEN,), frozen_s=10)
    watch, said = ViewWatch(clean), []
    for second in range(160):
        luma = shown(seen(), second // 2 if second < 40 else 20, noise=1.0 if second < 40 and second % 20 < 2 else 0.0)
        watch.update(picture_from_array(luma, "gray"), float(second))
        if watch.told(FROZEN):
            said.append(second)
    assert 110 <= said[0] <= 150


def test_only_what_the_site_wants_is_told() -> None:
    assert told(blurred, ViewConfig(covered_s=5)) == set()
    assert told(hand(1), ViewConfig(tell=())) == set()


def test_covered_before_the_box_was_started() -> None:
    watch = ViewWatch(ALL)
    for second in range(10):
        watch.update(picture_from_array(shown(np.full((HEIGHT, WIDTH), 90, np.float32), second), "gray"), float(second))
    assert watch.told(COVERED)


def test_it_ends_when_the_hand_is_taken_away() -> None:
    watch = ViewWatch(ALL)
    for second in range(80):
        luma = hand(1)(seen(), second) if 40 <= second < 60 else seen()
        watch.update(picture_from_array(shown(luma, second), "gray"), float(second))
        assert bool(watch.told(COVERED)) == (44 <= second < 62), second


def test_another_size_and_a_clock_set_back_begin_anew() -> None:
    watch = ViewWatch(ALL)
    for second in range(40):
        watch.update(picture_from_array(shown(seen(), second), "gray"), float(second))
    small = np.asarray(cv2.resize(shown(seen(), 0), (64, 48)), np.uint8)
    watch.update(picture_from_array(small, "gray"), 41.0)
    watch.update(picture_from_array(small[:16, :16].copy(), "gray"), 3.0)
    assert watch.faults == {}


def test_looks_once_a_second_only() -> None:
    watch = ViewWatch(ALL)
    covered = picture_from_array(np.full((HEIGHT, WIDTH), 90, np.uint8), "gray")
    watch.update(covered, 0.0)
    before = watch.faults
    for frame in range(1, 10):
        watch.update(covered, frame / 10)
    assert watch.faults is before


def test_measures() -> None:
    luma = shown(seen(), 0)
    glance, dimmed = Glance.take(luma), Glance.take((16 + 0.5 * luma).astype(np.uint8))
    assert np.median(alike(glance.edges, dimmed.edges)) > 0.95
    assert correlation(glance.coarse, dimmed.coarse) > 0.99
    assert correlation(glance.coarse, np.zeros_like(glance.coarse)) == 0
    assert glance.apart(glance) == 0
    assert Glance.take(np.full((48, 64), 90, np.uint8)).edges.max() == 0


def test_a_wrong_fault_is_refused() -> None:
    with pytest.raises(ValidationError, match="'covered', 'moved', 'defocused', 'dark' or 'frozen'"):
        ViewConfig.model_validate({"tell": ["stolen"]})
