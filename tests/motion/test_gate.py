"""The gate as tables over drawn luma: what is seen is (time, change of luma) in a grey, noisy lift."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from edgeguard.motion import MotionConfig, MotionGate
from edgeguard.motion.gate import cells_of
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Picture

FPS = 8
QUIET_FROM_S = 12.0  # warmed up, nothing has happened yet

SENSOR = np.random.default_rng(5).normal(0, 1, (24, 360, 640)).astype(np.float32)  # drawn once: slow to draw


def shown(luma: NDArray[np.uint8]) -> Picture:
    return picture_from_array(luma, "gray")


Scene = Callable[[NDArray[np.float64], float], None]


def nothing(luma: NDArray[np.float64], time_s: float) -> None:
    """An empty lift."""


def block(speed_px_s: float, contrast: float = 60, size: int = 60, start_s: float = QUIET_FROM_S) -> Scene:
    """A block that comes in from the left and is pushed on to the middle, where it stays."""

    def scene(luma: NDArray[np.float64], time_s: float) -> None:
        right = int(np.clip((time_s - start_s) * speed_px_s, 0, 320))
        luma[150 : 150 + size, max(0, right - size) : right] += contrast

    return scene


def appears(height: int, width: int, contrast: float) -> Scene:
    def scene(luma: NDArray[np.float64], time_s: float) -> None:
        if time_s >= QUIET_FROM_S:
            luma[100 : 100 + height, 400 : 400 + width] += contrast

    return scene


def light(step: float) -> Scene:
    def scene(luma: NDArray[np.float64], time_s: float) -> None:
        luma += step if time_s >= QUIET_FROM_S else 0

    return scene


def dusk(per_s: float) -> Scene:
    def scene(luma: NDArray[np.float64], time_s: float) -> None:
        luma -= per_s * time_s

    return scene


def flicker(depth: float) -> Scene:
    def scene(luma: NDArray[np.float64], time_s: float) -> None:
        luma += depth * np.sin(2 * np.pi * 3.1 * time_s)

    return scene


def bands(depth: float) -> Scene:
    """A rolling shutter under a flickering lamp."""

    def scene(luma: NDArray[np.float64], time_s: float) -> None:
        rows = np.arange(luma.shape[0])[:, None]
        luma += depth * np.sin(2 * np.pi * (rows / 120 + 1.7 * time_s))

    return scene


def both(first: Scene, second: Scene) -> Scene:
    def scene(luma: NDArray[np.float64], time_s: float) -> None:
        first(luma, time_s)
        second(luma, time_s)

    return scene


def run(
    scene: Scene, seconds: float = 30, noise: float = 3, ground: float = 110, gate: MotionGate | None = None
) -> dict[float, bool]:
    """Time -> whether the gate let the frame through."""
    gate = gate or MotionGate()
    rng = np.random.default_rng(5)
    passed: dict[float, bool] = {}
    for index in range(int(seconds * FPS)):
        time_s = index / FPS
        luma = np.full((360, 640), float(ground))
        scene(luma, time_s)
        luma += noise * SENSOR[rng.integers(len(SENSOR))][:, :: rng.choice((1, -1))]
        passed[time_s] = gate.update(shown(np.clip(luma, 0, 255).astype(np.uint8)), time_s, held=False)
    return passed


def share_open(passed: dict[float, bool], from_s: float, to_s: float) -> float:
    return float(np.mean([is_open for time_s, is_open in passed.items() if from_s <= time_s < to_s]))


KEEPALIVE_SHARE = 1 / (5 * FPS)

QUIET = {
    "empty lift": (nothing, 3, 110),
    "grey night, strong noise": (nothing, 14, 40),
    "no noise at all": (nothing, 0, 110),
    "black": (nothing, 0, 0),
    "dusk, 100 levels in 10 minutes": (dusk(1 / 6), 3, 110),
    "quick dusk, a level a second": (dusk(1.0), 3, 200),
    "flicker of the whole picture": (flicker(5), 3, 110),
    "flicker in bands": (bands(3), 3, 110),
}


@pytest.mark.parametrize("case", QUIET)
def test_stays_closed_but_for_one_frame_in_five_seconds(case: str) -> None:
    scene, noise, ground = QUIET[case]
    passed = run(scene, 42, noise, ground)
    assert 0 < share_open(passed, QUIET_FROM_S, 42) <= KEEPALIVE_SHARE * 1.2


OPENS = {
    "e-bike pushed in": (block(200), 3, 1.0),
    "e-bike pushed slowly": (block(20), 3, 2.0),
    "e-bike pushed very slowly": (block(5), 3, 4.0),
    "dark e-bike at night": (block(60, contrast=-25), 10, 1.5),
    "dark e-bike in flicker": (both(block(60, contrast=-25), flicker(5)), 3, 1.5),
    "e-bike in bands of flicker": (both(block(60, contrast=50), bands(3)), 3, 1.5),
    "small far object": (appears(14, 14, 40), 3, 0.2),
    "handlebar": (appears(6, 60, 50), 3, 0.2),
    "light step up": (light(20), 3, 0.2),
    "light step down": (light(-40), 3, 0.2),
    "door opens": (appears(250, 200, 80), 3, 0.2),
    "whole picture covered": (appears(260, 240, -110), 3, 0.2),
}


@pytest.mark.parametrize("case", OPENS)
def test_opens_for_a_change(case: str) -> None:
    scene, noise, within_s = OPENS[case]
    passed = run(scene, 20, noise)
    assert share_open(passed, QUIET_FROM_S - 4, QUIET_FROM_S) <= 2 * KEEPALIVE_SHARE
    assert share_open(passed, QUIET_FROM_S + within_s, QUIET_FROM_S + within_s + 1) == 1.0


def test_stays_open_while_something_is_pushed_slowly() -> None:
    passed = run(block(12), 34)
    assert share_open(passed, QUIET_FROM_S + 3, 34) == 1.0


def test_standing_still_closes_after_a_while_and_is_still_looked_at() -> None:
    passed = run(block(200), 60)
    assert share_open(passed, 14, 16) == 1.0
    assert 0 < share_open(passed, 40, 60) <= KEEPALIVE_SHARE * 1.3


def test_people_moving_for_long_do_not_blunt_it() -> None:
    gate = MotionGate()

    def crowd(luma: NDArray[np.float64], time_s: float) -> None:
        left = int(250 + 60 * np.sin(3 * time_s))
        luma[100:300, left : left + 80] += 50 * np.sin(5 * time_s)
        if time_s > 60:
            luma[150:180, 320:360] += 30

    assert share_open(run(crowd, 66, gate=gate), 5, 66) == 1.0


@pytest.mark.parametrize(
    "luma", [np.zeros((360, 640), np.uint8), np.zeros((2, 2), np.uint8), np.zeros((1, 1), np.uint8)]
)
def test_warms_up_open_and_then_closes(luma: NDArray[np.uint8]) -> None:
    gate = MotionGate(MotionConfig(warmup_s=3))
    passed = [gate.update(shown(luma), n / FPS, held=False) for n in range(6 * FPS)]
    assert all(passed[: 3 * FPS])
    assert not any(passed[4 * FPS :])


def test_held_open_and_closed_after() -> None:
    gate, luma = MotionGate(), np.zeros((90, 160), np.uint8)
    passed = {n / FPS: gate.update(shown(luma), n / FPS, held=10 <= n / FPS < 20) for n in range(40 * FPS)}
    assert share_open(passed, 10, 20) == 1.0
    assert share_open(passed, 23, 40) <= KEEPALIVE_SHARE * 1.3


def test_another_resolution_opens() -> None:
    gate = MotionGate()
    for n in range(20 * FPS):
        gate.update(shown(np.zeros((360, 640), np.uint8)), n / FPS, held=False)
    assert gate.update(shown(np.zeros((720, 1280), np.uint8)), 20.0, held=False)
    assert gate.update(shown(np.zeros((720, 1280), np.uint8)), 20.1, held=False)


def test_what_changed_while_blind_opens() -> None:
    gate, luma = MotionGate(), np.zeros((360, 640), np.uint8)
    for n in range(20 * FPS):
        gate.update(shown(luma), n / FPS, held=False)
    luma[100:200, 100:200] = 80
    assert [gate.update(shown(luma), 400 + n / FPS, held=False) for n in range(FPS)] == [True] * FPS


def test_a_clock_set_back_anchors_anew() -> None:
    gate, luma = MotionGate(), np.zeros((360, 640), np.uint8)
    gate.update(shown(luma), 1000.0, held=False)
    assert all(gate.update(shown(luma), n / FPS, held=False) for n in range(FPS))


@pytest.mark.parametrize(("height", "width"), [(360, 640), (1080, 1920), (288, 352), (120, 160), (9, 7), (1, 1)])
def test_cells_are_means_of_any_size(height: int, width: int) -> None:
    cells = cells_of(np.full((height, width + 10), 77, np.uint8)[:, :width])
    assert cells.dtype == np.float32
    assert cells.size <= 90 * 90
    assert np.all(cells == 77)


@pytest.mark.parametrize("wrong", [{"keepalive_s": 0}, {"hold_s": -1}, {"min_cells": 0}, {"hold": 2}])
def test_wrong_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        MotionConfig.model_validate(wrong)
