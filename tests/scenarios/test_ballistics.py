"""Parabolas, and parabolas that go on as their tangent."""

import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.scenarios.ballistics import course, free_fall, sinking


def test_a_parabola_is_found_through_some_wrong_points() -> None:
    t = np.arange(40) / 25
    xy = np.stack([300 + 20 * t, 100 + 30 * t + 200 * t * t], 1)
    xy[[7, 20, 33]] += 60
    fit = free_fall(t, xy)
    assert (fit.first_px_s, fit.gain_px_s2, fit.drift_px) == pytest.approx((30, 400, 31.2), rel=1e-3)
    assert fit.kept == pytest.approx(37 / 40)


def test_a_wrong_point_at_the_end_does_not_bend_it() -> None:
    t = np.arange(10) / 12.5
    xy = np.stack([300 + 0 * t, 100 + 120 * t * t], 1)
    xy[-1, 1] += 14
    fit = free_fall(t, xy)
    assert (fit.gain_px_s2, fit.fell_px) == pytest.approx((240, 120 * t[8] ** 2), rel=1e-3)
    assert fit.kept == pytest.approx(0.9)


@pytest.mark.parametrize(
    ("off_px", "strays"),
    [
        ([-20], 1),
        ([20], 1),
        ([-14, -20], 2),
        # What comes at the camera leaves the parabola ever farther ahead.
        ([9, 20], 0),
        ([-14, -17, -20], 0),
    ],
)
def test_what_is_a_stray_at_its_end(off_px: list[float], strays: int) -> None:
    t = np.arange(40) / 25
    xy = np.stack([300 + 20 * t, 100 + 200 * t * t], 1)
    xy[-len(off_px) :, 1] += off_px
    fit = free_fall(t, xy)
    assert fit.strays == strays
    assert fit.fell_px == pytest.approx(xy[-1 - strays, 1] - 100)


def test_a_stray_at_its_end_is_no_arch() -> None:
    t = np.arange(30) / 25
    xy = np.stack([300 + 60 * t, 100 + 200 * t * t], 1)
    xy[-1, 1] -= 30
    assert course(t, xy).arch > 0.35
    assert course(t, xy, free_fall(t, xy).strays).arch == pytest.approx(0, abs=0.01)


def test_the_knee_of_a_light_thing_is_found() -> None:
    t = np.arange(60) / 25
    early = np.minimum(t, 0.7)
    xy = np.stack([np.full(60, 300.0), 100 + 150 * early * early + 300 * 0.7 * (t - early)], 1)
    fit = sinking(t, xy)
    assert fit.knee_s == pytest.approx(0.7, abs=0.12)
    assert fit.last_px_s == pytest.approx(210, rel=0.03)
    # A stone's parabola has to leave out how it let go.
    assert free_fall(t, xy).kept < fit.kept == 1


T = np.arange(50) / 25


@pytest.mark.parametrize(
    ("x", "y", "veer", "late", "wave_px"),
    [
        (20 * T, 200 * T * T, 0.0, 1.0, 0.0),
        (60 * T * T, 200 * T * T, 0.3, 1.0, 0.0),
        (-60 * T * T, 200 * T * T, 0.3, 1.0, 0.0),
        # Perspective lets it gain more and more: no wave.
        (0 * T, 200 * T * T + 20 * T**3, 0.0, 1.12, 0.0),
        (0 * T, 200 * T * T + 4 * np.sin(9 * T), 0.0, 1.0, 2.6),
        # Nor is noise, as large sideways.
        (2 * (-1.0) ** np.arange(50), 200 * T * T + 2 * (-1.0) ** np.arange(50), 0.0, 1.0, 0.0),
        # Down, and at rest again.
        (0 * T, 300 * (T / 2) ** 2 * (3 - T), 0.0, -4.0, 0.0),
    ],
)
def test_how_it_keeps_its_course(
    x: NDArray[np.float64], y: NDArray[np.float64], veer: float, late: float, wave_px: float
) -> None:
    way = course(T, np.stack([300 + x, 100 + y], 1))
    assert way.veer == pytest.approx(veer, abs=0.02)
    assert way.wave_px == pytest.approx(wave_px, abs=0.4)
    if late > 0:
        assert way.late == pytest.approx(late, abs=0.2)
    else:
        assert way.late + way.late_error < -0.25


@pytest.mark.parametrize(
    ("y", "arch"),
    [
        (200 * T * T, 0.0),
        (-150 * T + 200 * T * T, 0.0),
        # Nearer and nearer: the middle has less than both ends together.
        (200 * T * T + 10 * T**4, -0.22),
        # Air takes the gain, in the end ever more slowly.
        (300 * np.log(np.cosh(T)), -0.38),
        # Up from a perch and down on another: an arch of a sine.
        (200 * (1 - np.sin(np.pi * T / T[-1])), 1.25),
    ],
)
def test_what_gains_most_in_its_middle_flies_in_an_arch(y: NDArray[np.float64], arch: float) -> None:
    way = course(T, np.stack([300 + 60 * T, 100 + y], 1))
    assert way.arch == pytest.approx(arch, abs=0.1)
    assert way.arch_error < 0.1


def test_few_points_tell_no_arch() -> None:
    t = np.arange(6) / 12.5
    way = course(t, np.stack([300 + 60 * t, 200 - 100 * np.sin(7 * t)], 1))
    assert way.arch - way.arch_error < 0


@pytest.mark.parametrize("n", [16, 50])
def test_a_jerky_way_is_told_from_a_smooth_one(n: int) -> None:
    t = np.arange(n) / 12.5
    smooth = np.stack([300 + 30 * t, 100 + 200 * t * t], 1)
    assert course(t, smooth).rough_px == pytest.approx(0, abs=0.01)
    jerks = np.random.default_rng(1).normal(0, 3, (20, n, 2)).cumsum(1).cumsum(1)
    assert np.median([course(t, smooth + one).rough_px for one in jerks]) > 1.4


def test_noise_of_many_points_is_no_jerk() -> None:
    noise = np.random.default_rng(1).normal(0, 3, (50, 2))
    assert course(T, np.stack([300 + 0 * T, 100 + 200 * T * T], 1) + noise).rough_px < 1.2


def test_few_points_tell_a_course_with_doubt() -> None:
    t = np.arange(5) / 12.5
    way = course(t, np.stack([300 + 0 * t, 100 + 200 * t * t], 1))
    assert way.late == pytest.approx(1.0)
    assert way.late_error > 0.01


def test_a_beginning_of_which_nothing_fits_tells_no_gain() -> None:
    """All points before the knee are left out: a straight way, whatever came before it."""
    at_s: NDArray[np.float64] = np.arange(138) * np.float64(0.08)
    for seed in range(60):
        rng = np.random.default_rng(seed)
        xy = np.column_stack([10 + 12 * at_s, 10 + 47 * at_s]) + rng.normal(0, 0.3, (len(at_s), 2))
        xy[:21] += rng.normal(0, 6, (21, 2))
        fit = sinking(at_s, xy)
        assert abs(fit.gain_px_s2) < 12 * fit.gain_error_px_s2
