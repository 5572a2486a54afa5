"""Recordings of odd sizes, and of a size that changes."""

from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream


def write_sized(path: Path, width: int, height: int, frames: int = 4, codec: str = "mjpeg", fps: int = 10) -> Path:
    """A bright block wanders over a grey ground; MJPEG takes any size."""
    pixel_format = "yuvj420p" if codec == "mjpeg" else "yuv420p"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=fps)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, pixel_format
        for index in range(frames):
            picture = np.full((height, width, 3), 60, np.uint8)
            picture[: height // 2 + 1, : (index + 1) * width // frames + 1] = (40, 80, 220)
            frame = av.VideoFrame.from_ndarray(picture, "bgr24").reformat(format=pixel_format)
            frame.pts = index
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def write_changing(path: Path, sizes: Sequence[tuple[int, int]], frames: int = 15) -> Path:
    """Streams of H.264 without a container, one after the other: each brings its own parameters."""
    parts = [
        write_sized(path.with_name(f"part{n}.h264"), width, height, frames, "libx264")
        for n, (width, height) in enumerate(sizes)
    ]
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path
