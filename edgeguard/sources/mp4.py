"""Encoded packets into an MP4 file: nothing is decoded, nothing is encoded, the index stands in front."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
from av.video.stream import VideoStream

from edgeguard.errors import SourceError
from edgeguard.sources.packets import Cut, EncodedPacket

# An index entry takes at most 40 bytes a frame (size, time, shift, place, key); the rest of it a few hundred.
_INDEX_BYTES_PER_FRAME = 40
_INDEX_BYTES = 4096
# A camera that sets its clock leaves its timestamps useless; the network's jitter stays far below this.
_CLOCK_JUMP_S = 2.0


@dataclass(frozen=True, slots=True)
class Clip:
    """A whole MP4 file, starting at time 0 with a key frame."""

    data: bytes
    codec: str
    frames: int
    duration_s: float


@dataclass(frozen=True, slots=True)
class _Timed:
    packet: EncodedPacket
    pts: int
    dts: int


def write_mp4(cut: Cut) -> Clip:
    """Mux the packets of a cut; raises SourceError for a codec or packets that MP4 cannot hold."""
    coding = cut.coding
    timed = list(_rebased(cut.packets, coding.time_base))
    file = io.BytesIO()
    room = _INDEX_BYTES + _INDEX_BYTES_PER_FRAME * len(timed)
    try:
        # The room for the index is left in front: a browser then plays a file that is still coming.
        with av.open(file, "w", format="mp4", options={"moov_size": str(room)}) as container:
            if coding.template is None:
                raise SourceError(f"MP4 cannot hold {coding.codec}")
            stream = container.add_stream_from_template(coding.template, opaque=True)
            for item in timed:
                container.mux(_packet(item, stream, coding.time_base))
    except (av.FFmpegError, ValueError) as error:
        raise SourceError(f"no MP4 can be made of its {coding.codec} packets: {error}") from error
    last = timed[-1]
    duration_s = float((last.pts + last.packet.duration) * coding.time_base)
    return Clip(file.getvalue(), coding.codec, len(timed), duration_s)


def _packet(item: _Timed, stream: VideoStream, time_base: Fraction) -> "av.Packet[Any]":
    packet: av.Packet[Any] = av.Packet(item.packet.data)
    packet.stream = stream
    packet.time_base = time_base
    packet.pts, packet.dts, packet.duration = item.pts, item.dts, item.packet.duration
    packet.is_keyframe = item.packet.is_key
    return packet


def _rebased(packets: Sequence[EncodedPacket], time_base: Fraction) -> Iterator[_Timed]:
    """With the first picture at 0 and decoding times that only grow, as a muxer demands."""
    pts = _presented(packets, time_base)
    latest = None
    for packet, shown in zip(packets, pts, strict=True):
        if shown < 0:  # it needs pictures from before the first key frame
            continue
        dts = shown if packet.dts is None or packet.pts is None else shown - (packet.pts - packet.dts)
        dts = dts if latest is None else max(dts, latest + 1)
        latest = dts
        yield _Timed(packet, max(shown, dts), dts)


def _presented(packets: Sequence[EncodedPacket], time_base: Fraction) -> list[int]:
    """When each is shown, from 0 on: by the camera's timestamps, by arrival where those are missing or jump."""
    first = packets[0]
    by_arrival = [round((packet.at_s - first.at_s) / time_base) for packet in packets]
    jump = int(_CLOCK_JUMP_S / time_base)
    pts = [packet.pts - first.pts for packet in packets if packet.pts is not None and first.pts is not None]
    if len(pts) < len(packets) or any(abs(a - b) > jump for a, b in zip(pts, by_arrival, strict=True)):
        return by_arrival
    return pts
