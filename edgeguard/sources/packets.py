"""The last seconds of a camera's encoded packets: a clip is cut from them without encoding anything again."""

import io
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from threading import Lock
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

if TYPE_CHECKING:  # generic in its stub only
    from av.packet import Packet

TakePacket = Callable[["Packet[VideoStream]", float], None]


@dataclass(frozen=True, slots=True)
class EncodedPacket:
    """A copy of one packet. `pts`, `dts`, `duration` are in its stream's time base, `at_s` monotonic seconds."""

    data: bytes
    at_s: float
    pts: int | None
    dts: int | None
    duration: int
    is_key: bool


class Coding:
    """What a muxer must know of a stream; it outlives the connection that the stream came from.

    `template` is None for a codec that MP4 cannot hold.
    """

    def __init__(self, stream: VideoStream) -> None:
        self.codec = stream.codec_context.name
        self.time_base = stream.time_base or Fraction(1, av.time_base)
        self._holder: OutputContainer = av.open(io.BytesIO(), "w", format="mp4")
        self.template: VideoStream | None = None
        try:
            self.template = self._holder.add_stream_from_template(stream, opaque=True)
        except (ValueError, av.FFmpegError):
            self._holder.close()


@dataclass(frozen=True, slots=True)
class Cut:
    """Packets of one connection, a key frame first. Never empty."""

    coding: Coding
    packets: tuple[EncodedPacket, ...]

    @property
    def from_s(self) -> float:
        return self.packets[0].at_s

    @property
    def to_s(self) -> float:
        return self.packets[-1].at_s

    def covers_s(self, from_s: float, to_s: float) -> float:
        """How much of that time it shows."""
        return min(self.to_s, to_s) - max(self.from_s, from_s)


class PacketTap(Protocol):
    """Gets a copy of what a source reads."""

    def connected(self, stream: VideoStream) -> TakePacket:
        """A connection was made; its packets go to the function returned, with their monotonic seconds."""


@runtime_checkable
class Tappable(Protocol):
    """A source whose packets can be had."""

    def tap_into(self, tap: PacketTap) -> None:
        """Hand every packet to `tap`, from the next `frames()` on."""


class NoTap:
    """For sources that nobody listens to."""

    def connected(self, stream: VideoStream) -> TakePacket:
        del stream
        return _drop


def _drop(packet: "Packet[VideoStream]", at_s: float) -> None:
    del packet, at_s


@dataclass(slots=True)
class _Group:
    """A key frame and what needs it."""

    connection: int
    coding: Coding
    packets: list[EncodedPacket]
    size_bytes: int = 0
    dropped: bool = False


@dataclass(slots=True)
class PacketRing:
    """Keeps whole groups of pictures: `keep_s` of them, at most `max_bytes`. Any thread may call it.

    Each connection is a stretch of its own: parameters and timestamps of two never mix.
    """

    keep_s: float
    max_bytes: int
    size_bytes: int = 0
    unfit: str | None = None  # codec of the latest connection where MP4 cannot hold it
    _groups: deque[_Group] = field(default_factory=deque)
    _connections: int = 0
    _lock: Lock = field(default_factory=Lock)

    def connected(self, stream: VideoStream) -> TakePacket:
        """`PacketTap`: start a new stretch."""
        coding = Coding(stream)
        with self._lock:
            self._connections += 1
            number = self._connections
            self.unfit = coding.codec if coding.template is None else None
        if coding.template is None:
            return _drop
        group: _Group | None = None

        def take(packet: "Packet[VideoStream]", at_s: float) -> None:
            nonlocal group
            if packet.is_keyframe:
                group = _Group(number, coding, [])
            # What comes before the first key frame, or after one that was too large, cannot be shown.
            if group is not None and packet.size:
                self._put(group, _copied(packet, at_s))
                group = None if group.dropped else group

        return take

    def cut(self, from_s: float, to_s: float) -> Cut | None:
        """The packets from the last key frame at or before `from_s` up to `to_s`; None where there are none.

        Of the connection that shows most of that time: the cut starts late or ends early where that one did.
        """
        with self._lock:
            stretches = [_stretch(groups, from_s, to_s) for groups in self._by_connection()]
        cuts = [cut for cut in stretches if cut is not None and cut.to_s >= from_s]
        return max(cuts, key=lambda cut: cut.covers_s(from_s, to_s), default=None)

    def _put(self, group: _Group, packet: EncodedPacket) -> None:
        with self._lock:
            if not group.packets:
                self._groups.append(group)
            group.packets.append(packet)
            group.size_bytes += len(packet.data)
            self.size_bytes += len(packet.data)
            while self._groups and (self.size_bytes > self.max_bytes or self._oldest_is_over(packet.at_s)):
                dropped = self._groups.popleft()
                dropped.dropped = True
                self.size_bytes -= dropped.size_bytes

    def _oldest_is_over(self, now_s: float) -> bool:
        return len(self._groups) > 1 and self._groups[1].packets[0].at_s <= now_s - self.keep_s

    def _by_connection(self) -> Iterator[list[_Group]]:
        for number in sorted({group.connection for group in self._groups}):
            yield [group for group in self._groups if group.connection == number]


def _copied(packet: "Packet[VideoStream]", at_s: float) -> EncodedPacket:
    return EncodedPacket(bytes(packet), at_s, packet.pts, packet.dts, packet.duration or 0, is_key=packet.is_keyframe)


def _stretch(groups: list[_Group], from_s: float, to_s: float) -> Cut | None:
    """Of one connection's groups."""
    early = [index for index, group in enumerate(groups) if group.packets[0].at_s <= from_s]
    wanted: Iterable[_Group] = groups[early[-1] if early else 0 :]
    packets = tuple(packet for group in wanted for packet in group.packets if packet.at_s <= to_s)
    return Cut(groups[0].coding, packets) if packets else None
