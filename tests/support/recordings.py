"""Recordings that the tests draw themselves."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.stream import AudioStream
from av.video.stream import VideoStream
from numpy.typing import NDArray


def drawn(index: int, width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """(height, width, 3) uint8 BGR: a bright square that moves two pixels a frame."""
    picture = np.full((height, width, 3), 60, np.uint8)
    left = 2 * index % (width - 16)
    picture[16:32, left : left + 16] = (40, 80, 220)
    return picture


def write_video(path: Path, frames: int = 30, fps: int = 10, codec: str = "libx264", **options: str) -> Path:
    """Encode drawn frames; `options` go to the muxer."""
    with av.open(str(path), "w", container_options=options) as container:
        stream = container.add_stream(codec, rate=fps)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, fps)
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(drawn(index), "bgr24").reformat(format="yuv420p")
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_audio(path: Path) -> Path:
    """One second of silence."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        assert isinstance(stream, AudioStream)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 8000), np.int16), "s16", "mono")
        frame.sample_rate, frame.pts = 8000, 0
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_pictures(folder: Path, names: list[str]) -> Path:
    """One drawn picture per name."""
    folder.mkdir(exist_ok=True)
    for index, name in enumerate(names):
        codec = "mjpeg" if name.endswith(("jpg", "jpeg")) else "png"
        pixel_format = "yuvj420p" if codec == "mjpeg" else "rgb24"
        with av.open(str(folder / name), "w", format="image2", container_options={"update": "1"}) as container:
            stream = container.add_stream(codec, rate=1)
            assert isinstance(stream, VideoStream)
            stream.width, stream.height, stream.pix_fmt = 64, 48, pixel_format
            frame = av.VideoFrame.from_ndarray(drawn(index), "bgr24").reformat(format=pixel_format)
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return folder
