import numpy as np
import pytest

from edgeguard.sources.timeline import LiveTimeline

RNG = np.random.default_rng(7)


def run(pts_s: list[float], arrived_s: list[float]) -> tuple[list[float], LiveTimeline]:
    timeline = LiveTimeline()
    return [timeline.monotonic_s(p, a) for p, a in zip(pts_s, arrived_s, strict=True)], timeline


def regular(seconds: float, fps: float = 10) -> list[float]:
    return [n / fps for n in range(int(seconds * fps))]


def test_nothing_in_nothing_out() -> None:
    assert run([], [])[0] == []


def test_jitter_of_the_network_stays_out() -> None:
    pts = regular(60)
    mapped, timeline = run(pts, [100 + p + 0.2 * RNG.random() for p in pts])
    assert np.allclose(np.diff(mapped[100:]), 0.1, atol=0.05)
    assert abs(mapped[-1] - 100 - pts[-1]) < 0.06
    assert timeline.anchors == 1


@pytest.mark.parametrize("speed", [0.999, 1.001])
def test_drift_of_the_cameras_clock_is_taken_up(speed: float) -> None:
    true = regular(1800, 5)
    mapped, timeline = run([t * speed for t in true], [50 + t for t in true])
    assert np.abs(np.array(mapped) - 50 - true).max() < 0.05
    assert timeline.anchors == 1


@pytest.mark.parametrize("jump_s", [-95443.7, -30.0, -3.0, 3.0, 1e6], ids=["wrap", "back", "back 3", "on 3", "far"])
def test_a_jump_of_the_timestamps_anchors_anew(jump_s: float) -> None:
    true = regular(20)
    mapped, timeline = run([t + (jump_s if t >= 10 else 0) for t in true], [7 + t for t in true])
    assert np.abs(np.array(mapped) - 7 - true).max() < 0.01
    assert timeline.anchors == 2


def test_a_burst_after_connecting_never_lies_in_the_future_nor_runs_back() -> None:
    pts = regular(2)
    arrived = [max(1.0, p) for p in pts]
    mapped, _ = run(pts, arrived)
    assert np.all(np.diff(mapped) > 0)
    assert all(m <= a + 0.02 for m, a in zip(mapped, arrived, strict=True))


def test_frames_out_of_order_or_without_time_never_run_back() -> None:
    timeline = LiveTimeline()
    pts: list[float | None] = [0.0, 0.2, 0.1, None, 0.3, None]
    mapped = [timeline.monotonic_s(p, 1 + 0.1 * n) for n, p in enumerate(pts)]
    assert np.all(np.diff(mapped) > 0)
