"""Parabolas, and parabolas that go on as their tangent."""

import numpy as np
import pytest

from edgeguard.scenarios.ballistics import free_fall, sinking


def test_a_parabola_is_found_through_some_wrong_points() -> None:
    t = np.arange(40) / 25
    xy = np.stack([300 + 20 * t, 100 + 30 * t + 200 * t * t], 1)
    xy[[7, 20, 33]] += 60
    fit = free_fall(t, xy)
    assert (fit.first_px_s, fit.gain_px_s2, fit.drift_px) == pytest.approx((30, 400, 31.2), rel=1e-3)
    assert fit.kept == pytest.approx(37 / 40)


def test_the_knee_of_a_light_thing_is_found() -> None:
    t = np.arange(60) / 25
    early = np.minimum(t, 0.7)
    xy = np.stack([np.full(60, 300.0), 100 + 150 * early * early + 300 * 0.7 * (t - early)], 1)
    fit = sinking(t, xy)
    assert fit.knee_s == pytest.approx(0.7, abs=0.12)
    assert fit.last_px_s == pytest.approx(210, rel=0.03)
    # A stone's parabola has to leave out how it let go.
    assert free_fall(t, xy).kept < fit.kept == 1
