"""A camera on a USB port, through Video4Linux."""

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import av
from av.container import InputContainer
from av.video.stream import VideoStream
from pydantic import Field

from edgeguard.errors import Fault, SourceError
from edgeguard.sources.base import SYSTEM_CLOCK, Clock
from edgeguard.sources.live import LiveConfig, LiveSource

if TYPE_CHECKING:  # generic in its stub only
    from av.packet import Packet

# Between two looks for a frame; small against the 33 ms of a fast camera, and nothing for a processor.
POLL_S = 0.004
# The kernel's number for video devices: Documentation/admin-guide/devices.txt.
VIDEO4LINUX_MAJOR = 81
_ERRNO: dict[int, tuple[Fault, str]] = {
    errno.EBUSY: (Fault.BUSY, "another program uses this camera"),
    errno.EINVAL: (Fault.FAILED, "the camera does not offer this size, fps or input_format"),
    errno.ENODEV: (Fault.NOT_FOUND, "the camera was unplugged"),
    errno.ENXIO: (Fault.NOT_FOUND, "the camera was unplugged"),
    errno.EIO: (Fault.NOT_FOUND, "the camera does not answer: unplugged, or too little power on its port"),
}


class UsbConfig(LiveConfig):
    """Settings of a USB camera. `device`: /dev/video0, or /dev/v4l/by-id/..., which stays the same after a restart."""

    kind: Literal["usb"] = "usb"
    device: Path
    size: str = Field(default="640x360", pattern=r"^[1-9]\d{0,4}x[1-9]\d{0,4}$")
    fps: int = Field(default=15, gt=0, le=120)
    input_format: Literal["mjpeg", "yuyv422", "h264", "nv12"] | None = None


class UsbSource(LiveSource):
    """Frames until the camera is unplugged; raises SourceError then, and where it cannot be opened."""

    def __init__(self, config: UsbConfig, camera_id: str, clock: Clock = SYSTEM_CLOCK) -> None:
        super().__init__(config, f"{camera_id} {config.device}", camera_id, clock)
        self._config = config

    def _open(self) -> InputContainer:
        config = self._config
        _refuse_no_camera(self._where, config.device)
        # Without "nonblock" a camera that falls silent holds the thread in the driver, where nothing can end it.
        options = {"video_size": config.size, "framerate": str(config.fps), "fflags": "nonblock"}
        if config.input_format is not None:
            options["input_format"] = config.input_format
        timeout_s = (config.open_timeout_s, config.stall_timeout_s)
        try:
            return av.open(str(config.device), format="v4l2", options=options, timeout=timeout_s)
        except (av.FFmpegError, OSError) as error:
            raise explained(self._where, error) from error

    def _demux(self, container: InputContainer, stream: VideoStream) -> Iterator["Packet[VideoStream]"]:
        """Packets as they come; between them it waits in small steps, so that a silence can be noticed."""
        quiet_since_s = self._clock.monotonic_s()
        while True:
            try:
                for packet in container.demux(stream):
                    yield packet
                    quiet_since_s = self._clock.monotonic_s()
            except av.error.BlockingIOError:
                if self._clock.monotonic_s() - quiet_since_s > self._live.stall_timeout_s:
                    raise av.error.TimeoutError(errno.ETIMEDOUT, "no frame") from None
                self._clock.sleep_s(POLL_S)
            except (av.FFmpegError, OSError) as error:
                raise explained(self._where, error) from error
            else:
                return


def explained(where: str, error: OSError | av.FFmpegError) -> SourceError:
    """What Video4Linux means by an error number."""
    number = getattr(error, "errno", None)
    fault, reason = _ERRNO.get(number or 0, (Fault.FAILED, str(getattr(error, "strerror", None) or error).lower()))
    return SourceError(f"{where}: {reason}", fault)


def _refuse_no_camera(where: str, device: Path) -> None:
    try:
        found = device.stat()
    except FileNotFoundError:
        raise SourceError(f"{where}: no such device: is the camera plugged in?", Fault.NOT_FOUND) from None
    except OSError as error:
        raise explained(where, error) from error
    if not stat.S_ISCHR(found.st_mode) or os.major(found.st_rdev) != VIDEO4LINUX_MAJOR:
        raise SourceError(f"{where}: is no camera, accepted: a device such as /dev/video0", Fault.NO_VIDEO)
    if not os.access(device, os.R_OK | os.W_OK):
        told = "no permission: the user of this program must be in the group that owns it (video)"
        raise SourceError(f"{where}: {told}", Fault.NO_PERMISSION)
