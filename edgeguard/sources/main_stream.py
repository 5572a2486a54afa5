"""A camera's main stream, read for evidence only: its packets go to a ring, nothing is decoded."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream
from numpy.typing import NDArray

from edgeguard.errors import SourceError
from edgeguard.sources.base import SYSTEM_CLOCK, Clock
from edgeguard.sources.packets import PacketTap
from edgeguard.sources.rtsp import RtspConfig, RtspSource
from edgeguard.types import Frame


@dataclass(frozen=True, slots=True)
class UndecodedPicture:
    """Stands where a picture would: only its size is known."""

    width: int
    height: int

    @property
    def luma(self) -> NDArray[np.uint8]:
        raise SourceError("a main stream is not decoded")

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        raise SourceError(f"a main stream is not decoded, met a wish for {width}x{height}")


class MainStream(RtspSource):
    """`frames()` fills the tap and yields one undecoded frame a packet, so that a `CameraReader` can watch it."""

    def _read(self, container: InputContainer, stream: VideoStream) -> Iterator[Frame]:
        keep = self._tap.connected(stream)
        picture = UndecodedPicture(stream.width, stream.height)
        for index, (packet, arrived_s) in enumerate(self._packets(container, stream)):
            if packet.size == 0:  # the demuxer's end mark
                return
            keep(packet, arrived_s)
            yield Frame(self._camera_id, index, arrived_s, self._clock.utcnow(), picture)


def open_main_stream(
    config: RtspConfig,
    camera_id: str,
    tap: PacketTap,
    clock: Clock = SYSTEM_CLOCK,
    environ: Mapping[str, str] = os.environ,
) -> MainStream:
    """Make the source of a main stream; raises ConfigError for a missing `password_env`."""
    source = MainStream(config.resolved(environ), f"{camera_id} main", clock)
    source.tap_into(tap)
    return source
