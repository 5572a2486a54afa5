"""What all live cameras share: one connection read packet by packet, with everything that can go wrong named."""

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Literal

import av
from av.codec.context import Flags
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from pydantic import Field

from edgeguard.errors import Fault, SourceError, SourceStalled
from edgeguard.sources.base import Clock, SourceSettings, Vitals
from edgeguard.sources.native import NativeCalls
from edgeguard.sources.packets import NoTap, PacketTap
from edgeguard.sources.picture import DecodedPicture, Scaler
from edgeguard.sources.timeline import LiveTimeline
from edgeguard.sources.translate import video_stream
from edgeguard.types import Frame

if TYPE_CHECKING:  # generic in its stub only
    from av.packet import Packet

# What waits in the line and does not drain for so long never will: a new connection begins with the present.
LATE_FOR_S = 5.0
# FFmpeg bounds the opening itself and the first look into the stream each by the timeout.
OPENING_STEPS = 2
# 7680x4320 takes a tenth of a second on one core; a decoder that needs more than this hangs.
DECODE_S = 3.0


class LiveConfig(SourceSettings):
    """What every live source can be told.

    `stall_timeout_s`: longest silence. `keyframe_timeout_s`: longest wait for a connection's first picture while data
    comes: some cameras send a key frame every 5 s only. `times`: "arrival" for cameras whose timestamps are wrong.
    """

    open_timeout_s: float = Field(default=5.0, gt=0, le=60)
    stall_timeout_s: float = Field(default=2.5, gt=0, le=30)
    keyframe_timeout_s: float = Field(default=8.0, gt=0, le=60)
    times: Literal["camera", "arrival"] = "camera"


class LiveSource:
    """Frames of one connection; a kind of camera brings `_open` and may bring `_explain`.

    Frames that cannot be decoded are left out and leave a gap in `index`.
    """

    def __init__(self, config: LiveConfig, where: str, camera_id: str, clock: Clock) -> None:
        self._live = config
        self._where = where
        self._camera_id = camera_id
        self._clock = clock
        self._native = NativeCalls(where, clock)
        self._tap: PacketTap = NoTap()
        self._timeline = LiveTimeline()

    def tap_into(self, tap: PacketTap) -> None:
        self._tap = tap

    def vitals(self) -> Vitals:
        return self._native.vitals(self._timeline.lag_s)

    def frames(self) -> Iterator[Frame]:
        """Yield decoded frames. Raises SourceAuth, SourceStalled or SourceError; never ends silently."""
        with self._connect() as container:
            stream = video_stream(self._where, container)
            stream.codec_context.flags |= Flags.low_delay
            yield from self._read(container, stream)
        raise SourceError(f"{self._where}: the stream ended", Fault.CLOSED)

    def _open(self) -> InputContainer:
        """Open the camera; FFmpeg's errors are the caller's."""
        raise NotImplementedError

    def _explain(self, error: SourceError) -> SourceError:
        """What an opening failed of, where more can be found out than FFmpeg says."""
        return error

    def _connect(self) -> InputContainer:
        allowed_s = self._live.open_timeout_s
        started_s = self._clock.monotonic_s()
        try:
            return self._native.run(self._open, allowed_s * OPENING_STEPS)
        except SourceError as error:
            failure = error
        # An opening that is interrupted half-way says "damaged", not "timed out".
        if failure.fault is Fault.DAMAGED and self._clock.monotonic_s() - started_s >= allowed_s:
            failure = SourceStalled(f"{self._where}: no answer within {allowed_s:g} s")
        raise self._explain(failure)

    def _read(self, container: InputContainer, stream: VideoStream) -> Iterator[Frame]:
        keep = self._tap.connected(stream)
        scaler = Scaler()
        index = 0
        picture_s, patience_s = self._clock.monotonic_s(), self._live.keyframe_timeout_s
        for packet, arrived_s in self._packets(container, stream):
            keep(packet, arrived_s)
            for picture in self._decode(packet):
                if picture is not None:
                    yield self._frame(picture, index, scaler, arrived_s)
                    picture_s, patience_s = arrived_s, self._live.stall_timeout_s
                index += 1
            self._refuse_dark(arrived_s - picture_s, patience_s)
            self._refuse_late(arrived_s)

    def _packets(self, container: InputContainer, stream: VideoStream) -> Iterator[tuple["Packet[VideoStream]", float]]:
        """Packets and when they came; raises SourceStalled after a silence."""
        last_s = self._clock.monotonic_s()
        packets = self._demux(container, stream)
        while (packet := self._next_packet(packets)) is not None:
            arrived_s = self._clock.monotonic_s()
            # A read that was interrupted may hand out the half of a picture that had come.
            if arrived_s - last_s > self._live.stall_timeout_s:
                raise SourceStalled(f"{self._where}: no data for {arrived_s - last_s:.1f} s")
            last_s = arrived_s
            yield packet, arrived_s
            if packet.size == 0:  # the demuxer's end mark
                return

    def _demux(self, container: InputContainer, stream: VideoStream) -> Iterator["Packet[VideoStream]"]:
        return container.demux(stream)

    def _next_packet(self, packets: Iterator["Packet[VideoStream]"]) -> "Packet[VideoStream] | None":
        return self._native.run(lambda: next(packets, None), self._live.stall_timeout_s)

    def _decode(self, packet: "Packet[VideoStream]") -> list[VideoFrame | None]:
        """Pictures of a packet, None for each damaged one: a live stream goes on with the next key frame."""

        def decode() -> list[VideoFrame | None]:
            try:
                # A smear without its references shows nothing: neither an e-bike nor an empty lift.
                return [None if picture.is_corrupt else picture for picture in packet.decode()]
            except av.FFmpegError:
                return [None]

        return self._native.run(decode, DECODE_S)

    def _refuse_dark(self, dark_s: float, patience_s: float) -> None:
        if dark_s > patience_s:
            told = f"data comes, but no picture could be decoded for {dark_s:.1f} s: no key frame, or damaged"
            raise SourceStalled(f"{self._where}: {told}", Fault.NO_PICTURE)

    def _refuse_late(self, arrived_s: float) -> None:
        if self._timeline.late_for_s(arrived_s) > LATE_FOR_S:
            told = "the line is too slow, or the camera's clock is (then set times: arrival)"
            raise SourceStalled(f"{self._where}: pictures come {self._timeline.lag_s:.1f} s late: {told}", Fault.LATE)

    def _frame(self, picture: VideoFrame, index: int, scaler: Scaler, arrived_s: float) -> Frame:
        pts_s = _seconds(picture.pts, picture.time_base) if self._live.times == "camera" else None
        captured_s = self._timeline.monotonic_s(pts_s, arrived_s)
        captured_at = self._clock.utcnow() - timedelta(seconds=arrived_s - captured_s)
        return Frame(self._camera_id, index, captured_s, captured_at, DecodedPicture(picture, scaler))


def _seconds(pts: int | None, time_base: Fraction | None) -> float | None:
    return None if pts is None or time_base is None else float(pts * time_base)
