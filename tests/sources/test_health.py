"""States over time, on a clock that the test moves."""

import pytest

from edgeguard.errors import Fault, SourceAuth, SourceError, SourceStalled
from edgeguard.sources import ReaderState
from edgeguard.sources.base import SYSTEM_CLOCK, Clock, Vitals
from edgeguard.sources.health import ReaderHealth
from edgeguard.sources.pulse import SPAN_S


class Story:
    def __init__(self) -> None:
        self.now_s = 0.0
        self.health = ReaderHealth(Clock(lambda: self.now_s, SYSTEM_CLOCK.utcnow), stall_after_s=2.5)
        self.health.connecting()

    def frames(self, seconds: float, fps: float = 10.0, lag_s: float = 0.0) -> "Story":
        for _ in range(round(seconds * fps)):
            self.now_s += 1 / fps
            self.health.frame(lag_s)
        return self

    def now(self) -> tuple[ReaderState, str]:
        status = self.health.snapshot({})
        return status.state, status.fault


def test_a_first_picture_is_believed() -> None:
    assert Story().now() == (ReaderState.CONNECTING, "connecting")
    assert Story().frames(0.1).now() == (ReaderState.OK, "")


def test_after_blindness_a_camera_is_on_probation() -> None:
    story = Story().frames(10)
    story.health.broke(SourceError("cam: nothing listens", Fault.REFUSED))
    story.now_s += 5
    assert story.now() == (ReaderState.FAILED, "refused")
    story.health.connecting()
    assert story.now() == (ReaderState.FAILED, "refused")  # shown until it succeeds
    assert story.frames(0.1).now() == (ReaderState.DEGRADED, "returning")
    assert story.health.snapshot({}).blind_for_s == 0
    assert story.health.reason == "pictures again, after: cam: nothing listens"
    assert story.frames(SPAN_S + 0.2).now() == (ReaderState.OK, "")


def test_slow_late_and_well_again() -> None:
    story = Story().frames(10)
    assert story.frames(7, fps=3).now() == (ReaderState.DEGRADED, "slow")
    assert story.frames(7, lag_s=1.5).now() == (ReaderState.DEGRADED, "late")
    assert story.frames(7).now() == (ReaderState.OK, "")
    assert story.health.snapshot({}).fps == pytest.approx(10, abs=0.5)


@pytest.mark.parametrize(
    ("error", "state", "fault"),
    [
        (SourceError("x"), ReaderState.FAILED, "failed"),
        (SourceError("x", Fault.NO_DECODER), ReaderState.FAILED, "no_decoder"),
        (SourceStalled("x"), ReaderState.STALLED, "stalled"),
        (SourceStalled("x", Fault.LATE), ReaderState.STALLED, "late"),
        (SourceAuth("x"), ReaderState.AUTH_FAILED, "auth_failed"),
    ],
)
def test_blind_time_goes_to_its_fault(error: SourceError, state: ReaderState, fault: str) -> None:
    story = Story().frames(1)
    story.health.broke(error)
    story.now_s += 4
    status = story.health.snapshot({})
    assert (status.state, dict(status.blind_s)) == (state, {"connecting": 0.1, fault: 4.0})


def test_a_degraded_camera_that_falls_silent_is_blind_since_its_last_frame() -> None:
    story = Story().frames(10).frames(7, fps=3)
    story.now_s += 6
    assert story.now() == (ReaderState.STALLED, "stalled")
    assert story.health.snapshot({}).blind_for_s == pytest.approx(6)


def test_a_hanging_source_is_told() -> None:
    status = Story().health.snapshot({}, Vitals(busy_s=9, overdue_s=4, lag_s=0.5))
    assert (status.busy_s, status.overdue_s, status.lag_s) == (9, 4, 0.5)
