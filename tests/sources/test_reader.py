import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic, sleep

import pytest

from edgeguard.sources import (
    CameraReader,
    ReaderConfig,
    ReaderState,
    RtspConfig,
    SyntheticConfig,
    open_source,
)
from edgeguard.sources.base import SYSTEM_CLOCK, Clock
from edgeguard.sources.health import ReaderHealth
from edgeguard.types import Frame, Source
from tests.support.rtsp import RtspServer

QUICK = ReaderConfig(retry_first_s=0.05, retry_longest_s=0.2, auth_retry_s=0.1, stall_after_s=0.4)
LIVELY_S = 20.0  # a bound for a busy machine, nothing is measured by it


def until(condition: Callable[[], bool], within_s: float = LIVELY_S) -> float:
    """Seconds until `condition` holds."""
    started_s = monotonic()
    while not condition():
        assert monotonic() - started_s < within_s, "did not come true in time"
        sleep(0.01)
    return monotonic() - started_s


def drawn(**settings: object) -> Callable[[], Source]:
    config = SyntheticConfig.model_validate({"fps": 50, "width_px": 64, "height_px": 48} | settings)
    return lambda: open_source(config, "cam")


def live(url: str) -> Callable[[], Source]:
    return lambda: open_source(RtspConfig(url=url, open_timeout_s=2), "cam")


def test_before_the_start_there_is_nothing() -> None:
    reader = CameraReader("cam", drawn())
    assert reader.take().frame is None
    assert reader.status().state is ReaderState.STOPPED
    assert reader.stop()


def test_the_newest_frame_wins_and_the_dropped_are_counted() -> None:
    with CameraReader("cam", drawn(duration_s=0.5, pace="max"), QUICK) as reader:
        until(lambda: reader.status().state is ReaderState.ENDED)
        taken = reader.take()
        assert taken.frame is not None
        assert (taken.frame.index, taken.dropped) == (24, 24)
        assert reader.take().frame is None
        status = reader.status()
        assert (status.frames_in, dict(status.dropped), status.reconnects) == (25, {"superseded": 24}, 0)


def test_latest_waits_for_a_frame_and_not_longer_than_told() -> None:
    with CameraReader("cam", drawn(duration_s=0.1, then="stall"), QUICK) as reader:
        assert reader.latest(LIVELY_S).frame is not None
        until(lambda: reader.status().frames_in == 5)
        reader.take()
        assert reader.latest(0.05).frame is None


def test_every_frame_is_sifted_and_only_what_is_wanted_waits() -> None:
    shown: list[int] = []

    def third(frame: Frame) -> bool:
        shown.append(frame.index)
        return frame.index == 2

    with CameraReader("cam", drawn(duration_s=0.5), QUICK, sift=third) as reader:
        until(lambda: reader.status().state is ReaderState.ENDED)
        taken = reader.take()
        assert taken.frame is not None
        assert (taken.frame.index, taken.dropped) == (2, 0)
        assert shown == list(range(25))
        assert reader.status().frames_in == 25


@pytest.mark.parametrize(
    ("then", "state"),
    [("error", ReaderState.FAILED), ("auth", ReaderState.AUTH_FAILED)],
)
def test_a_broken_source_is_opened_again_and_again(then: str, state: ReaderState) -> None:
    seen: set[ReaderState] = set()
    with CameraReader("cam", drawn(duration_s=0.1, then=then), QUICK) as reader:
        until(lambda: seen.add(reader.status().state) or reader.status().reconnects >= 3)  # type: ignore[func-returns-value]
        assert state in seen
        assert reader.status().frames_in >= 15
        assert reader.status().blind_s[state] > 0
        newest = reader.latest(LIVELY_S).frame
        assert newest is not None
        assert newest.index >= 10  # goes on counting


def test_a_silent_source_is_stalled_and_blind_since_its_last_frame() -> None:
    with CameraReader("cam", drawn(duration_s=0.1, then="stall"), QUICK) as reader:
        until(lambda: reader.status().state is ReaderState.STALLED)
        status = reader.status()
        assert status.reason.startswith("no frame for")
        assert status.blind_for_s >= QUICK.stall_after_s
        assert status.blind_s["stalled"] == pytest.approx(status.blind_for_s)
        assert reader.stop()
        assert reader.status().state is ReaderState.STOPPED


@dataclass
class Gappy:
    """A source that lost frames 1 to 3."""

    inner: Source

    def frames(self) -> Iterator[Frame]:
        for frame in self.inner.frames():
            if frame.index not in {1, 2, 3}:
                yield frame


def test_frames_lost_in_decoding_are_counted() -> None:
    with CameraReader("cam", lambda: Gappy(drawn(duration_s=0.2, pace="max")()), QUICK) as reader:
        until(lambda: reader.status().state is ReaderState.ENDED)
        assert reader.status().dropped["decode"] == 3
        assert reader.take().dropped == 9


class Deaf:
    """A source that hangs in a call nobody can interrupt."""

    def __init__(self) -> None:
        self.release = threading.Event()

    def frames(self) -> Iterator[Frame]:
        self.release.wait(LIVELY_S)
        yield from ()


def test_stop_does_not_wait_for_a_call_that_hangs() -> None:
    deaf = Deaf()
    reader = CameraReader("cam", lambda: deaf, QUICK)
    reader.start()
    assert not reader.stop(0.2)
    assert reader.status().state is ReaderState.STOPPED
    deaf.release.set()


def test_a_reader_is_started_once() -> None:
    with CameraReader("cam", drawn(), QUICK) as reader, pytest.raises(RuntimeError, match="started already"):
        reader.start()


def test_blind_time_is_booked_to_its_state() -> None:
    now_s = 0.0
    health = ReaderHealth(Clock(lambda: now_s, SYSTEM_CLOCK.utcnow), stall_after_s=2.5)
    health.connecting()
    now_s = 1.0
    health.frame()
    now_s = 2.0
    health.frame()
    assert health.snapshot({}).blind_for_s == 0
    now_s = 6.0
    status = health.snapshot({})
    assert (status.state, status.blind_for_s) == (ReaderState.STALLED, 4.0)
    now_s = 8.0
    health.frame()
    now_s = 9.0
    assert dict(health.snapshot({}).blind_s) == {"connecting": 1.0, "stalled": 6.0}


def test_a_killed_server_is_noticed_and_opened_again(rtsp_server: RtspServer) -> None:
    rtsp_server.start()
    with CameraReader("cam", live(rtsp_server.url)) as reader:
        until(lambda: reader.status().state is ReaderState.OK)
        index = reader.status().frames_in
        rtsp_server.kill()
        noticed_s = until(lambda: reader.status().state in {ReaderState.FAILED, ReaderState.STALLED}, 3.0)
        rtsp_server.start()
        reopened_s = until(lambda: reader.status().state is ReaderState.OK)
        reader.take()
        newest = reader.latest(LIVELY_S).frame
        assert newest is not None
        assert newest.index >= index
        print(f"killed: noticed after {noticed_s:.2f} s, frames {reopened_s:.2f} s after the server's return")


def test_a_frozen_server_is_noticed_and_opened_again(rtsp_server: RtspServer) -> None:
    rtsp_server.start()
    with CameraReader("cam", live(rtsp_server.url)) as reader:
        until(lambda: reader.status().state is ReaderState.OK)
        rtsp_server.freeze()
        noticed_s = until(lambda: reader.status().state is not ReaderState.OK, 3.0)
        assert reader.status().state is ReaderState.STALLED, reader.status()
        rtsp_server.kill()
        rtsp_server.start()
        reopened_s = until(lambda: reader.status().state is ReaderState.OK)
        assert reader.status().blind_s["stalled"] > 0
        print(f"frozen: noticed after {noticed_s:.2f} s, frames {reopened_s:.2f} s after the server's return")


def test_a_server_that_comes_later(rtsp_server: RtspServer) -> None:
    rtsp_server.start()
    rtsp_server.kill()
    with CameraReader("cam", live(rtsp_server.url), QUICK) as reader:
        until(lambda: reader.status().state is ReaderState.FAILED)
        assert "connection refused" in reader.status().reason
        rtsp_server.start()
        until(lambda: reader.status().state is ReaderState.OK)


def test_a_wrong_password_is_a_state_of_its_own(rtsp_server: RtspServer) -> None:
    rtsp_server.arguments = ("--user", "guard", "--password", "right")
    rtsp_server.start()
    with CameraReader("cam", live(rtsp_server.url.replace("//", "//guard:wrong-one@"))) as reader:
        until(lambda: reader.status().state is ReaderState.AUTH_FAILED)
        assert "wrong-one" not in reader.status().reason
