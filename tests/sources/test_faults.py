"""Every fault of a stream by a real server behind a bad line: its state, its word, its reason."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from time import monotonic, sleep

import numpy as np
import pytest

from edgeguard.errors import Fault, SourceAuth, SourceError
from edgeguard.sources import CameraReader, ReaderConfig, ReaderState, ReaderStatus, RtspConfig, open_source
from edgeguard.types import Source
from tests.support.rtsp import RtspServer
from tests.support.sizes import write_changing
from tests.support.wire import (
    Wire,
    damaged,
    deaf_server,
    full_server,
    jumping,
    renamed_codec,
    without_key_frames,
)

LIVELY_S = 30.0
QUICK = ReaderConfig(retry_first_s=0.1, retry_longest_s=0.3)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    server = RtspServer()
    server.start()
    yield server.port
    server.kill()


def watched(url: str, until: Callable[[ReaderStatus], bool], **settings: object) -> list[ReaderStatus]:
    """Every state the reader went through, up to the first that `until` accepts."""
    config = RtspConfig.model_validate({"url": url, "open_timeout_s": 2, "keyframe_timeout_s": 2} | settings)
    seen: list[ReaderStatus] = []
    ends_s = monotonic() + LIVELY_S
    with CameraReader("cam", lambda: open_source(config, "cam"), QUICK) as reader:
        while monotonic() < ends_s:
            status = reader.status()
            if not seen or (seen[-1].state, seen[-1].fault) != (status.state, status.fault):
                seen.append(status)
            if until(status):
                return seen
            sleep(0.02)
    raise AssertionError(f"never came: {[(status.state, status.fault, status.reason) for status in seen]}")


Line = Callable[[int], Wire]

DARK: dict[str, tuple[Line, ReaderState, Fault, str]] = {
    "no key frame": (
        lambda port: Wire(port, packet=without_key_frames),
        ReaderState.STALLED,
        Fault.NO_PICTURE,
        "no picture could be decoded",
    ),
    "all damaged": (
        lambda port: Wire(port, packet=damaged(1)),
        ReaderState.STALLED,
        Fault.NO_PICTURE,
        "no picture could be decoded",
    ),
    "unknown codec": (
        lambda port: Wire(port, reply=renamed_codec),
        ReaderState.FAILED,
        Fault.NO_DECODER,
        "no decoder for its codec",
    ),
}


@pytest.mark.parametrize("case", DARK)
def test_a_stream_without_pictures_is_blind_and_says_why(case: str, port: int) -> None:
    line, state, fault, reason = DARK[case]
    with line(port) as wire:
        seen = watched(wire.url, lambda status: status.fault == fault)
    last = seen[-1]
    assert (last.state, last.fault) == (state, fault)
    assert reason in last.reason
    assert last.blind_for_s > 0
    assert ReaderState.OK not in {status.state for status in seen}


POOR: dict[str, tuple[Line, Fault, str]] = {
    "damaged": (lambda port: Wire(port, packet=damaged(5)), Fault.DAMAGED, "pictures damaged"),
    "later and later": (
        lambda port: Wire(port, delay_s=lambda at_s: 0.0 if at_s < 2 else 0.12),
        Fault.LATE,
        "s late",
    ),
}


@pytest.mark.parametrize("case", POOR)
def test_a_poor_stream_is_degraded_and_says_why(case: str, port: int) -> None:
    line, fault, reason = POOR[case]
    with line(port) as wire:
        last = watched(wire.url, lambda status: status.fault == fault)[-1]
    assert (last.state, last.blind_for_s) == (ReaderState.DEGRADED, 0)
    assert reason in last.reason


def test_what_waits_in_the_line_is_given_up_for_the_present(port: int) -> None:
    with Wire(port, delay_s=lambda at_s: 0.0 if at_s < 2 else 0.3) as wire:
        seen = watched(wire.url, lambda status: status.fault == Fault.LATE and status.state is ReaderState.STALLED)
    assert "the line is too slow" in seen[-1].reason


@pytest.mark.parametrize("by_s", [-1000.0, -2.0, 5.0, 1e4])
def test_timestamps_that_jump_cost_no_picture(by_s: float, port: int) -> None:
    with Wire(port, packet=jumping(60, by_s)) as wire:
        seen = watched(wire.url, lambda status: status.frames_in > 90)
    assert [status.state for status in seen] == [ReaderState.CONNECTING, ReaderState.OK]
    assert seen[-1].lag_s < 1


ABSENT: dict[str, tuple[Callable[[], AbstractContextManager[str]], ReaderState, Fault, str]] = {
    "never answers": (deaf_server, ReaderState.STALLED, Fault.STALLED, "no answer within 2 s"),
    "answers nonsense": (lambda: deaf_server(b"hello\r\n" * 50), ReaderState.STALLED, Fault.STALLED, "no answer"),
    "host is off": (full_server, ReaderState.FAILED, Fault.UNREACHABLE, "the host does not answer"),
}


@pytest.mark.parametrize("case", ABSENT)
def test_a_server_that_is_not_one(case: str) -> None:
    server, state, fault, reason = ABSENT[case]
    with server() as url:
        last = watched(url, lambda status: bool(status.fault) and status.state is not ReaderState.CONNECTING)[-1]
    assert (last.state, last.fault) == (state, fault)
    assert reason in last.reason


def test_an_unknown_name() -> None:
    last = watched("rtsp://no-such-camera.invalid/cam", lambda status: status.state is ReaderState.FAILED)[-1]
    assert last.fault == Fault.UNKNOWN_HOST


@pytest.mark.parametrize(
    ("arguments", "transport"),
    [
        (("--codec", "h265"), "tcp"),
        (("--codec", "h265"), "udp"),
        (("--codec", "mjpeg"), "tcp"),
        (("--codec", "mjpeg"), "udp"),
        (("--codec", "mjpeg", "--width", "2", "--height", "2"), "tcp"),
        (("--codec", "mjpeg", "--width", "637", "--height", "359"), "tcp"),
        (("--width", "360", "--height", "640"), "udp"),
    ],
)
def test_codecs_and_sizes(arguments: tuple[str, ...], transport: str, rtsp_server: RtspServer) -> None:
    rtsp_server.arguments = arguments
    rtsp_server.start()
    watched(rtsp_server.url, lambda status: status.state is ReaderState.OK, transport=transport)


def test_frames_further_apart_than_a_stall_are_never_well_again(rtsp_server: RtspServer) -> None:
    rtsp_server.arguments = ("--fps", "1/2")
    rtsp_server.start()
    patient = {"open_timeout_s": 8, "keyframe_timeout_s": 8, "stall_timeout_s": 1}
    seen = watched(rtsp_server.url, lambda status: status.fault == Fault.RETURNING, **patient)
    assert [status.state for status in seen][-2:] == [ReaderState.STALLED, ReaderState.DEGRADED]
    assert "pictures again, after: " in seen[-1].reason


def test_a_stream_of_sound_alone(rtsp_server: RtspServer) -> None:
    rtsp_server.arguments = ("--audio-only",)
    rtsp_server.start()
    last = watched(rtsp_server.url, lambda status: status.fault == Fault.NO_VIDEO)[-1]
    assert last.state is ReaderState.FAILED
    assert "no video stream in it, only audio" in last.reason


def test_few_frames_are_told(rtsp_server: RtspServer) -> None:
    rtsp_server.arguments = ("--fps", "1")
    rtsp_server.start()
    last = watched(rtsp_server.url, lambda status: status.fault == Fault.SLOW, open_timeout_s=8, keyframe_timeout_s=8)[
        -1
    ]
    assert last.state is ReaderState.DEGRADED
    assert "pictures a second" in last.reason


def test_openings_that_wait_hold_nobody_up(port: int) -> None:
    """Twelve cameras that never answer, one that does."""
    with deaf_server() as url:
        config = RtspConfig(url=url, open_timeout_s=3)
        waiting = [CameraReader(f"w{n}", lambda: open_source(config, "w"), QUICK) for n in range(12)]
        for reader in waiting:
            reader.start()
        watched(f"rtsp://127.0.0.1:{port}/cam", lambda status: status.state is ReaderState.OK)
        ends_s = monotonic() + 15  # one after the other they would need 36 s
        while any(reader.status().state is ReaderState.CONNECTING for reader in waiting):
            assert monotonic() < ends_s
            sleep(0.05)
        for reader in waiting:
            reader.stop(0)


def test_a_size_that_changes_in_mid_stream(rtsp_server: RtspServer, tmp_path: Path) -> None:
    path = write_changing(tmp_path / "clip.h264", [(640, 360), (352, 288)], frames=60)
    rtsp_server.arguments = ("--file", str(path))
    rtsp_server.start()
    # The server has no times for a bare stream and makes some up.
    config = RtspConfig(url=rtsp_server.url, times="arrival")
    sizes: list[tuple[int, int]] = []
    with pytest.raises(SourceError, match="the stream ended"):
        sizes.extend((frame.picture.width, frame.picture.height) for frame in open_source(config, "cam").frames())
    assert set(sizes) == {(640, 360), (352, 288)}
    assert sizes == sorted(sizes, reverse=True)


def test_thirty_cameras_that_break_at_once_come_back_apart() -> None:
    """Each waits its share: nothing is measured but what the readers asked their clock for."""
    config = ReaderConfig()
    for attempt, longest_s in ((1, 0.5), (3, 2.0), (9, 5.0)):
        pauses = [pause_s(config, SourceError("x"), attempt, n / 29) for n in range(30)]
        assert max(pauses) == pytest.approx(longest_s)
        assert max(pauses) - min(pauses) == pytest.approx(0.75 * longest_s)
        assert np.diff(pauses).max() < 0.03 * longest_s
    assert pause_s(config, SourceAuth("x"), 1, 0.0) == config.auth_retry_s


def pause_s(config: ReaderConfig, failure: SourceError, attempt: int, share: float) -> float:
    return CameraReader("cam", no_source, config, jitter=lambda: share)._pause_s(failure, attempt)


def no_source() -> Source:
    raise AssertionError("nobody starts it")
