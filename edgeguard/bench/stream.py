"""Streams as cameras send them: H.264, 640x360, made of a bundled recording, so that every decoder has real work."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from edgeguard.recordings import recording

if TYPE_CHECKING:  # generic in its stub only
    from av.packet import Packet
    from av.video.stream import VideoStream

FPS = 15
# A substream as installers set it: half a megabit at most, a key frame every two seconds, no frame that refers to a
# later one. With a variable rate a still scene needs a third of that; a constant one is filled up with noise.
MAX_BIT_RATE = 512_000
QUALITY = {"variable": {"crf": "26"}, "constant": {"b": str(MAX_BIT_RATE)}}
KEY_FRAME_S = 2
# Sensor noise of an indoor camera. Without it nothing is left to decode in a still scene.
NOISE_LUMA = 2.0
NOISE_PICTURES = 16  # drawn once; which of them comes next is drawn anew
# In the recording: nobody is in the lift before, the e-bike comes in, stands, is pushed out.
EMPTY_UNTIL_S, BUSY_FROM_S, BUSY_TO_S = 0.5, 2.0, 9.0

Planes = NDArray[np.uint8]
Rate = Literal["variable", "constant"]


@dataclass(frozen=True, slots=True)
class Streams:
    """Two files that loop: nobody moves in one, an e-bike moves in the other all the time."""

    quiet: Path
    busy: Path
    quiet_kbit_s: float
    busy_kbit_s: float


def write_streams(folder: Path, seconds: int, rate: Rate = "variable") -> Streams:
    """Encode both, `seconds` long."""
    frames = seconds * FPS
    sizes = [
        _write(folder / f"{name}.mp4", islice(pictures, frames), rate)
        for name, pictures in (("quiet", quiet_pictures()), ("busy", busy_pictures()))
    ]
    quiet_kbit_s, busy_kbit_s = (round(size * 8 / 1000 / seconds, 1) for size in sizes)
    return Streams(folder / "quiet.mp4", folder / "busy.mp4", quiet_kbit_s, busy_kbit_s)


def quiet_pictures() -> Iterator[Planes]:
    """(540, 640) uint8 yuv420p without end: an empty lift."""
    return _noisy(cycle(list(recorded(0, EMPTY_UNTIL_S))[:1]))


def busy_pictures() -> Iterator[Planes]:
    """The e-bike in, and back again, without a jump in between."""
    there = list(recorded(BUSY_FROM_S, BUSY_TO_S))
    return _noisy(cycle(chain(there, there[-2:0:-1])))


def entering_pictures() -> list[Planes]:
    """The recording's beginning, in its own order: an empty lift, then an e-bike comes."""
    return list(recorded(0, BUSY_TO_S))


def encode(pictures: Iterable[Planes], rate: Rate = "variable") -> "list[Packet[VideoStream]]":
    """Packets in memory, ready for a decoder."""
    codec = VideoCodecContext.create("libx264", "w")
    _configure(codec, rate)
    frames = (_frame(picture, index) for index, picture in enumerate(pictures))
    return [packet for frame in chain(frames, [None]) for packet in codec.encode(frame)]


def _write(path: Path, pictures: Iterator[Planes], rate: Rate) -> int:
    """Size in bytes."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS)
        _configure(stream.codec_context, rate)
        for index, picture in enumerate(pictures):
            container.mux(stream.encode(_frame(picture, index)))
        container.mux(stream.encode(None))
    return path.stat().st_size


def _configure(codec: VideoCodecContext, rate: Rate) -> None:
    codec.width, codec.height, codec.pix_fmt = 640, 360, "yuv420p"
    codec.framerate, codec.time_base = Fraction(FPS), Fraction(1, FPS)
    codec.gop_size = KEY_FRAME_S * FPS
    limits = {"maxrate": str(MAX_BIT_RATE), "bufsize": str(2 * MAX_BIT_RATE)}
    codec.options = {"preset": "veryfast", "tune": "zerolatency", "bf": "0"} | limits | QUALITY[rate]


def _frame(picture: Planes, index: int) -> VideoFrame:
    frame = VideoFrame.from_ndarray(picture, "yuv420p")
    frame.pts, frame.time_base = index, Fraction(1, FPS)
    return frame


def recorded(from_s: float, to_s: float) -> Iterator[Planes]:
    """(540, 640) uint8 yuv420p of the bundled recording, ten a second."""
    with av.open(str(recording("lift_ebike"))) as container:
        for frame in container.decode(video=0):
            if frame.time is not None and from_s <= frame.time < to_s:
                yield frame.to_ndarray(format="yuv420p").astype(np.uint8, copy=False)


def _noisy(pictures: Iterator[Planes]) -> Iterator[Planes]:
    rng = np.random.default_rng(0)
    noise = rng.normal(0, NOISE_LUMA, (NOISE_PICTURES, 360, 640)).round().astype(np.int16)
    for planes in pictures:
        noisy = planes.copy()
        np.clip(planes[:360] + noise[rng.integers(NOISE_PICTURES)], 0, 255, out=noisy[:360], casting="unsafe")
        yield noisy
