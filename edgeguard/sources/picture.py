"""A decoded picture: a view of its luma, and pixels in BGR only for those who ask."""

from functools import cache
from threading import Lock

import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, VideoReformatter
from numpy.typing import NDArray

# The detector's size, the evidence picture's, the live view's; a scaler beyond these is rebuilt, which costs time only.
SCALERS_KEPT = 4


class Scaler:
    """swscale contexts of one source, kept per target so that two users of one camera do not rebuild them in turns."""

    def __init__(self) -> None:
        self._lock = Lock()  # a context, and the colour fields of the frame it reads, serve one thread at a time
        self._contexts: dict[tuple[int, int, str], VideoReformatter] = {}

    def scale(self, frame: VideoFrame, width: int, height: int, pixel_format: str) -> VideoFrame:
        """Convert and scale; the frame itself comes back where there is nothing to do."""
        target = (width, height, pixel_format)
        with self._lock:
            context = self._contexts.get(target)
            if context is None:
                if len(self._contexts) >= SCALERS_KEPT:
                    self._contexts.pop(next(iter(self._contexts)))
                context = self._contexts[target] = VideoReformatter()
            # One thread: cameras share the cores, and waking helpers for a small picture costs a fifth of it.
            return context.reformat(frame, width, height, pixel_format, threads=1)


class DecodedPicture:
    """`Picture` over a decoder's frame; it holds on to the buffers, so it stays valid when the decoder moves on.

    Luma is as coded: 16..235 in limited range (most cameras), 0..255 in full range. `bgr` is 0..255 in both.
    """

    __slots__ = ("_frame", "_luma", "_scaler")

    def __init__(self, frame: VideoFrame, scaler: Scaler) -> None:
        self._frame = frame
        self._scaler = scaler
        self._luma: NDArray[np.uint8] | None = None

    @property
    def width(self) -> int:
        return self._frame.width

    @property
    def height(self) -> int:
        return self._frame.height

    @property
    def luma(self) -> NDArray[np.uint8]:
        """(H, W) uint8, read-only: the Y plane without a copy; RGB, packed and deeper formats are converted once."""
        if self._luma is None:
            frame = self._frame
            if not _has_luma_plane(frame):
                frame = self._scaler.scale(frame, frame.width, frame.height, "gray")
            self._luma = _rows(frame.planes[0], frame.width)
            self._luma.flags.writeable = False
        return self._luma

    def bgr(self, width: int, height: int) -> NDArray[np.uint8]:
        """(height, width, 3) uint8, C-contiguous and the caller's own; scaled without keeping the aspect."""
        if _halves(self._frame, width, height):
            return _halved(self._frame, width, height)
        scaled = self._scaler.scale(self._frame, width, height, "bgr24")
        pixels = _rows(scaled.planes[0], width * 3).reshape(height, width, 3)
        return pixels.copy() if scaled is self._frame else np.ascontiguousarray(pixels)


def picture_from_array(array: NDArray[np.uint8], pixel_format: str) -> DecodedPicture:
    """Picture of a numpy array in one of PyAV's layouts: "bgr24" (h, w, 3), "gray" (h, w), "yuv420p" (3h/2, w) ..."""
    return DecodedPicture(VideoFrame.from_ndarray(array, pixel_format), Scaler())


def _has_luma_plane(frame: VideoFrame) -> bool:
    return _is_plain_luma(frame.format.name)


@cache
def _is_plain_luma(pixel_format: str) -> bool:
    """Whether plane 0 is 8 bit luma and nothing else (yuv4xxp, yuvj4xxp, nv12, gray; not yuyv422, not 10 bit)."""
    layout = VideoFrame(16, 16, pixel_format).format
    first, *others = layout.components
    return (
        not layout.has_palette
        and first.is_luma
        and first.bits == 8
        and first.plane == 0
        and all(c.plane != 0 for c in others)
    )


# What OpenCV converts by: BT.601. FFmpeg's numbers for nothing said (the same), BT470BG and SMPTE170M.
_BT601 = {2, 5, 6}


def _halves(frame: VideoFrame, width: int, height: int) -> bool:
    """Whether a plain frame is to be halved, as a substream is for the detector: OpenCV takes half of swscale's time.

    For thirds and less of larger pictures it takes longer.
    """
    return (
        (2 * width, 2 * height) == (frame.width, frame.height)
        and width % 2 == height % 2 == 0
        and frame.format.name == "yuv420p"
        and frame.color_range != ColorRange.JPEG
        and frame.colorspace in _BT601
    )


def _halved(frame: VideoFrame, width: int, height: int) -> NDArray[np.uint8]:
    """BGR of means of four pixels; OpenCV's I420 is one plane under the other."""
    planes = np.empty((height * 3 // 2, width), np.uint8)
    colours = planes[height:].reshape(2, height // 2, width // 2)
    for number, target in enumerate((planes[:height], *colours)):
        plane = frame.planes[number]
        cv2.resize(_rows(plane, plane.width), target.shape[::-1], target, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.cvtColor(planes, cv2.COLOR_YUV2BGR_I420), np.uint8)


def _rows(plane: VideoPlane, width_bytes: int) -> NDArray[np.uint8]:
    """(H, width_bytes) view of a plane without the padding at the end of each line."""
    stride = plane.line_size
    lines = np.frombuffer(plane, np.uint8).reshape(plane.height, abs(stride))  # type: ignore[call-overload]  # a buffer
    if stride < 0:  # stored bottom line first
        lines = lines[::-1]
    view: NDArray[np.uint8] = lines[:, :width_bytes]
    return view
