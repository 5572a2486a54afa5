"""No camera where tests run: refusals on real paths, and the wait between frames on a container that stutters."""

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import av
import pytest
from pydantic import ValidationError

from edgeguard.errors import Fault, SourceError
from edgeguard.sources import UsbConfig, UsbSource, open_source
from edgeguard.sources.base import Clock
from edgeguard.sources.usb import explained


def a_file(folder: Path) -> Path:
    path = folder / "video0"
    path.write_bytes(b"no camera")
    return path


BAD: dict[str, tuple[Callable[[Path], Path], Fault, str]] = {
    "not there": (lambda folder: folder / "video7", Fault.NOT_FOUND, "no such device"),
    "a file": (a_file, Fault.NO_VIDEO, "is no camera, accepted: a device"),
    "a folder": (lambda folder: folder, Fault.NO_VIDEO, "is no camera"),
    "a device, no camera": (lambda _: Path("/dev/null"), Fault.NO_VIDEO, "is no camera"),
}


@pytest.mark.parametrize("case", BAD)
def test_refuses_what_is_no_camera(case: str, tmp_path: Path) -> None:
    make, fault, reason = BAD[case]
    device = make(tmp_path)
    with pytest.raises(SourceError, match=reason) as caught:
        next(UsbSource(UsbConfig(device=device), "hall").frames())
    assert caught.value.fault == fault
    assert str(caught.value).startswith(f"hall {device}: ")


@pytest.mark.parametrize(
    ("number", "fault", "reason"),
    [
        (errno.EBUSY, Fault.BUSY, "another program"),
        (errno.EINVAL, Fault.FAILED, "size, fps or input_format"),
        (errno.ENODEV, Fault.NOT_FOUND, "unplugged"),
        (errno.EIO, Fault.NOT_FOUND, "unplugged"),
        (errno.ENOMEM, Fault.FAILED, "cannot allocate memory"),
    ],
)
def test_error_numbers_in_words(number: int, fault: Fault, reason: str) -> None:
    error = explained("hall /dev/video0", OSError(number, os.strerror(number)))
    assert (error.fault, reason in str(error)) == (fault, True)


class Stutter:
    """A container opened without waiting: each reading gives a packet, or the error it was given."""

    def __init__(self, *readings: object) -> None:
        self.readings = list(readings)

    def demux(self, stream: object) -> Iterator[object]:
        while self.readings:
            reading = self.readings.pop(0)
            if isinstance(reading, Exception):
                raise reading
            yield reading


def again() -> Exception:
    return av.error.BlockingIOError(errno.EAGAIN, "again")


def demuxed(*readings: object) -> tuple[list[object], float]:
    """The packets, and how long was waited for them."""
    slept: list[float] = []
    clock = Clock(monotonic_s=lambda: sum(slept), sleep_s=slept.append)
    source = UsbSource(UsbConfig(device=Path("/dev/video0")), "hall", clock)
    packets = list(source._demux(cast("Any", Stutter(*readings)), cast("Any", None)))
    return cast("list[object]", packets), sum(slept)


def test_waits_for_frames_in_small_steps() -> None:
    assert demuxed() == ([], 0)
    packets, waited_s = demuxed("a", again(), again(), "b", again(), "c")
    assert packets == ["a", "b", "c"]
    assert waited_s == pytest.approx(0.012)


def test_a_camera_that_falls_silent_is_given_up() -> None:
    with pytest.raises(av.error.TimeoutError):
        demuxed("a", *(again() for _ in range(1000)))


def test_a_camera_pulled_out_says_so() -> None:
    with pytest.raises(SourceError, match="unplugged") as caught:
        demuxed("a", av.error.OSError(errno.ENODEV, "No such device"))
    assert caught.value.fault == Fault.NOT_FOUND


@pytest.mark.parametrize("wrong", [{"size": "big"}, {"size": "0x0"}, {"fps": 0}, {"input_format": "gif"}, {"url": "x"}])
def test_wrong_settings_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        UsbConfig.model_validate({"device": "/dev/video0"} | wrong)


def test_open_source_knows_the_kind() -> None:
    assert isinstance(open_source(UsbConfig(device=Path("/dev/video0")), "hall"), UsbSource)
