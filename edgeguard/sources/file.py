"""Recordings: a video file, or a folder of numbered pictures."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from pydantic import AwareDatetime, Field, model_validator

from edgeguard.errors import Fault, SourceError
from edgeguard.sources.base import SYSTEM_CLOCK, Clock, SourceSettings
from edgeguard.sources.pace import Pacer
from edgeguard.sources.packets import NoTap, PacketTap, TakePacket
from edgeguard.sources.picture import DecodedPicture, Scaler
from edgeguard.sources.translate import translated, video_stream
from edgeguard.types import Frame

if TYPE_CHECKING:  # generic in its stub only
    from av.packet import Packet

PICTURE_SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".webp"})
# A header's duration counts the last frame and the audio in, and muxers round; a file cut off lacks more than this.
TRUNCATED_S = 0.5
# A step back by more, or a gap longer than any camera pauses, is no time that passed: files joined, a clock set anew.
BACK_S = 0.5
JUMP_S = 60.0


class FileConfig(SourceSettings):
    """Settings of a recording.

    `pace` "max": as fast as it is read, `monotonic_s` counts from 0 and `captured_at` from `recorded_at`, so two runs
    are the same. "real": as a camera would, on this machine's clocks. `rest_s`: between two rounds of a `loop` the last
    picture stays so long.
    """

    kind: Literal["file"] = "file"
    path: Path
    pace: Literal["real", "max"] = "real"
    loop: bool = False
    rest_s: float = Field(default=0.0, ge=0, le=3600)
    fps: float | None = Field(default=None, gt=0, le=240)
    recorded_at: AwareDatetime = datetime(1970, 1, 1, tzinfo=UTC)

    @model_validator(mode="after")
    def _loop_is_paced(self) -> Self:
        if self.loop and self.pace == "max":
            raise ValueError("loop needs pace: real; at full speed it would never end")
        return self

    @model_validator(mode="after")
    def _rest_is_in_a_loop(self) -> Self:
        if self.rest_s and not self.loop:
            raise ValueError("rest_s needs loop: true; a recording played once has no next round")
        return self


@dataclass(frozen=True, slots=True)
class _Timed:
    """A decoded frame and its seconds since the start of the recording."""

    pts_s: float
    frame: VideoFrame


class FileSource:
    """Frames of a recording in order, once or for ever."""

    def __init__(self, config: FileConfig, camera_id: str, clock: Clock = SYSTEM_CLOCK) -> None:
        self._config = config
        self._camera_id = camera_id
        self._clock = clock
        self._tap: PacketTap = NoTap()

    def tap_into(self, tap: PacketTap) -> None:
        """At full speed nothing is tapped: its times are not this machine's."""
        if self._config.pace == "real":
            self._tap = tap

    def frames(self) -> Iterator[Frame]:
        """Yield frames; ends with the recording unless `loop`.

        Raises SourceError where there is no such file, no video in it, or where it is damaged or cut off: what could
        be read before has been yielded.
        """
        config = self._config
        pacer = Pacer(config.pace, config.recorded_at, self._clock)
        scaler = Scaler()
        index, round_start_s = 0, 0.0
        while True:
            pts_s, interval_s = 0.0, 0.0
            for timed in _rested(self._round(pacer, round_start_s), config.rest_s):
                interval_s, pts_s = timed.pts_s - pts_s, timed.pts_s
                moment = pacer.wait(round_start_s + pts_s)
                picture = DecodedPicture(timed.frame, scaler)
                yield Frame(self._camera_id, index, moment.monotonic_s, moment.captured_at, picture)
                index += 1
            if not config.loop:
                return
            round_start_s += pts_s + max(interval_s, 0.001)

    def _round(self, pacer: Pacer, start_s: float) -> Iterator[_Timed]:
        path, fps = self._config.path, self._config.fps
        if path.is_dir():
            return _folder(path, fps)
        if fps is not None:
            raise SourceError(f"{path}: fps {fps:g} is for a folder of pictures, a video file has its own times")
        return _video(path, lambda stream: _dated(self._tap.connected(stream), pacer, start_s))


def _rested(frames: Iterator[_Timed], rest_s: float) -> Iterator[_Timed]:
    """The frames, then the last one again at their pace for `rest_s`."""
    pts_s, interval_s, frame = 0.0, 0.0, None
    for timed in frames:
        interval_s, pts_s, frame = timed.pts_s - pts_s, timed.pts_s, timed.frame
        yield timed
    if frame is not None and interval_s > 0:
        for step in range(1, round(rest_s / interval_s) + 1):
            yield _Timed(pts_s + step * interval_s, frame)


def _dated(take: TakePacket, pacer: Pacer, start_s: float) -> Callable[["Packet[VideoStream]"], None]:
    """Hand packets on with the time at which they are due."""
    first_s: float | None = None

    def keep(packet: "Packet[VideoStream]") -> None:
        nonlocal first_s
        if packet.pts is not None and packet.time_base is not None:
            pts_s = float(packet.pts * packet.time_base)
            first_s = pts_s if first_s is None else first_s
            take(packet, pacer.due(start_s + max(pts_s - first_s, 0.0)).monotonic_s)

    return keep


def _video(path: Path, connected: Callable[[VideoStream], Callable[["Packet[VideoStream]"], None]]) -> Iterator[_Timed]:
    with translated(str(path), lambda: av.open(str(path))) as container:
        stream = video_stream(str(path), container)
        times = _Times()
        seen = False
        frames = _decoded(container, stream, connected(stream))
        while (frame := translated(f"{path} after {times.now_s:.2f} s", lambda: next(frames, None))) is not None:
            seen = True
            yield _Timed(times.place(frame.time if frame.pts is not None else None), frame)
        if not times.jumped:  # else its header's duration counts the jumps
            _refuse_truncated(path, container, stream, times.now_s if seen else None)


@dataclass(slots=True)
class _Times:
    """A recording's timestamps as seconds from 0 that never run back; a jump is closed up to one frame's interval."""

    now_s: float = 0.0
    jumped: bool = False
    _interval_s: float = 0.0
    _stamp_s: float = 0.0
    _zero_s: float | None = None  # the timestamp that is second 0

    def place(self, stamp_s: float | None) -> float:
        """The second of the next frame; None: it has no timestamp."""
        if stamp_s is None:
            return self.now_s
        if self._zero_s is None:
            self._zero_s = stamp_s
        elif not -BACK_S < stamp_s - self._stamp_s < JUMP_S:
            self.jumped = True
            self._zero_s = stamp_s - self.now_s - self._interval_s
        self._stamp_s = stamp_s
        before_s, self.now_s = self.now_s, max(stamp_s - self._zero_s, self.now_s)
        self._interval_s = self.now_s - before_s or self._interval_s
        return self.now_s


def _decoded(
    container: InputContainer, stream: VideoStream, keep: Callable[["Packet[VideoStream]"], None]
) -> Iterator[VideoFrame]:
    for packet in container.demux(stream):
        keep(packet)
        yield from packet.decode()


def _refuse_truncated(path: Path, container: InputContainer, stream: VideoStream, end_s: float | None) -> None:
    """Raise SourceError where a file holds less than its header says; `end_s`: last frame's time, None if none."""
    if end_s is None:
        raise SourceError(f"{path}: no picture could be decoded: empty or damaged", Fault.DAMAGED)
    if stream.duration is not None and stream.time_base is not None:
        duration_s = float(stream.duration * stream.time_base)
    elif container.duration is not None and len(container.streams) == 1:
        duration_s = container.duration / av.time_base
    else:
        return
    interval_s = float(1 / stream.average_rate) if stream.average_rate else 0.0
    if end_s + interval_s < duration_s - TRUNCATED_S:
        raise SourceError(
            f"{path}: cut off: its header says {duration_s:.2f} s, pictures end at {end_s:.2f} s", Fault.DAMAGED
        )


def _folder(path: Path, fps: float | None) -> Iterator[_Timed]:
    pictures = sorted((p for p in path.iterdir() if p.suffix.lower() in PICTURE_SUFFIXES), key=_number)
    if not pictures:
        raise SourceError(f"{path}: no pictures in this folder (accepted: {', '.join(sorted(PICTURE_SUFFIXES))})")
    if fps is None:
        raise SourceError(f"{path}: a folder of pictures needs fps")
    for index, picture in enumerate(pictures):
        yield _Timed(index / fps, _picture(picture))


def _number(path: Path) -> tuple[int, str]:
    """Order by the last number in the name: frame_9 comes before frame_10."""
    numbers = re.findall(r"\d+", path.stem)
    if not numbers:
        raise SourceError(f"{path}: pictures of a folder must be numbered, like frame_0001.png")
    return int(numbers[-1]), path.name


def _picture(path: Path) -> VideoFrame:
    with translated(str(path), lambda: av.open(str(path))) as container:
        frames = container.decode(video_stream(str(path), container))
        frame = translated(str(path), lambda: next(frames, None))
    if frame is None:
        raise SourceError(f"{path}: no picture could be decoded: empty or damaged")
    return frame
