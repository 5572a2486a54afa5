"""What a still looks like out of a starved H.264 stream: through a real encoder as its last P frame, and back.

The frames before it are made out of the picture itself: its things stood a little aside, its noise was another. What
the few bits do not mend, blocks, smears and trails of where something was, is what bad cameras show. BGR uint8.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Final

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from .sensor import Picture, Rng

RATE_HZ: Final = 12
PRESETS: Final = ("ultrafast", "veryfast")  # without and with the filter that hides the edges of blocks
QP: Final = (33, 44)
HIT_SHARE: Final = 0.25
LATE_SHARE: Final = 0.3
SLICES: Final = 6
NOISE: Final = 1.5
_START: Final = re.compile(rb"\x00\x00\x00?\x01")
_SLICE_TYPES: Final = (1, 5)
# Of a slice, kept in front of what is garbled: its header, and some blocks that are still true.
_WHOLE_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class Stream:
    """`qp` (0..51, more is coarser), `frames` from the key frame to the picture, in each of which things move by
    `moved_px`; of frame `hit` (None: of none) slice `hit_slice` of SLICES is lost, or `garbled`."""

    qp: int
    frames: int
    preset: str
    moved_px: tuple[float, float]
    hit: int | None = None
    hit_slice: int = 0
    garbled: bool = False


def stream(rng: Rng) -> Stream:
    """A starved stream at random; a quarter have lost or garbled a slice on the way."""
    frames = int(rng.integers(3, 8))
    angle, pace = rng.uniform(0, 2 * np.pi), rng.uniform(0, 5)
    # What is hurt in a key frame stays until the next one; in a P frame hardly anything is sent that could be missed.
    late = int(rng.integers(1, frames)) if rng.random() < LATE_SHARE else 0
    hit = late if rng.random() < HIT_SHARE else None
    return Stream(
        qp=int(rng.integers(*QP)),
        frames=frames,
        preset=str(rng.choice(PRESETS)),
        moved_px=(float(pace * np.cos(angle)), float(pace * np.sin(angle))),
        hit=hit,
        hit_slice=int(rng.integers(0, SLICES)),
        garbled=bool(rng.random() < 0.5),
    )


def streamed(picture: Picture, how: Stream, rng: Rng, things: NDArray[np.uint8] | None = None) -> Picture:
    """The picture as that stream shows it, of the same size; `things` (h, w): not 0 where something may have moved."""
    h, w = picture.shape[:2]
    even = np.asarray(cv2.copyMakeBorder(picture, 0, h % 2, 0, w % 2, cv2.BORDER_REPLICATE), np.uint8)
    there = np.zeros((h, w), np.uint8) if things is None else things
    there = np.asarray(cv2.copyMakeBorder(there, 0, h % 2, 0, w % 2, cv2.BORDER_REPLICATE), np.uint8)
    packets = _encoded(list(_lead_in(even, there, how, rng)), how)
    if how.hit is not None:
        packets[how.hit] = hurt(packets[how.hit], how.hit_slice, rng if how.garbled else None)
    shown = _last_shown(packets)
    return even[:h, :w] if shown is None else shown[:h, :w]


def _lead_in(picture: Picture, things: NDArray[np.uint8], how: Stream, rng: Rng) -> Iterator[Picture]:
    """The frames from the key frame on, the picture last."""
    h, w = picture.shape[:2]
    for before in range(how.frames - 1, 0, -1):
        shift = np.array([[1, 0, -how.moved_px[0] * before], [0, 1, -how.moved_px[1] * before]], np.float32)
        there = cv2.warpAffine(np.asarray(things > 0, np.uint8), shift, (w, h))
        frame = picture.copy()
        frame[there > 0] = cv2.warpAffine(picture, shift, (w, h))[there > 0]
        yield np.clip(frame + rng.normal(0, NOISE, (h, w, 1)), 0, 255).astype(np.uint8)
    yield picture


def _encoded(frames: list[Picture], how: Stream) -> list[bytes]:
    """One packet for each frame: a key frame, then P frames."""
    encoder = av.CodecContext.create("libx264", "w")
    assert isinstance(encoder, av.VideoCodecContext)
    encoder.height, encoder.width = frames[0].shape[:2]
    encoder.pix_fmt, encoder.time_base = "yuv420p", Fraction(1, RATE_HZ)
    encoder.options = {
        "preset": how.preset,
        "tune": "zerolatency",
        "qp": str(how.qp),
        "g": "999",
        "sc_threshold": "0",
        "bf": "0",
        "slices": str(SLICES if how.hit is not None else 1),
        "threads": "1",
    }
    packets = []
    for n, picture in enumerate(frames):
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
        frame.pts, frame.time_base = n, Fraction(1, RATE_HZ)
        packets += [bytes(packet) for packet in encoder.encode(frame)]
    return packets + [bytes(packet) for packet in encoder.encode(None)]


def hurt(packet: bytes, number: int, rng: Rng | None = None) -> bytes:
    """The packet (Annex B) without its slice `number`, or, with `rng`, with the rest of that slice garbled."""
    starts = [match.start() for match in _START.finditer(packet)] + [len(packet)]
    units = [packet[a:b] for a, b in pairwise(starts)]
    slices = [k for k, unit in enumerate(units) if _START.sub(b"", unit)[0] & 31 in _SLICE_TYPES]
    if not slices:
        return packet
    hit = slices[number % len(slices)]
    units[hit] = b"" if rng is None else _garbled(units[hit], rng)
    return b"".join(units)


def _garbled(unit: bytes, rng: Rng) -> bytes:
    """From a third of it on every byte another; none of them 0, so that no new unit seems to begin."""
    keep = max(_WHOLE_BYTES, len(unit) // 3)
    return unit[:keep] + rng.integers(1, 256, max(0, len(unit) - keep), dtype=np.uint8).tobytes()


def _last_shown(packets: list[bytes]) -> Picture | None:
    """What a decoder that conceals what it misses shows last; None where it shows nothing."""
    decoder = av.CodecContext.create("h264", "r")
    assert isinstance(decoder, av.VideoCodecContext)
    decoder.thread_count = 1
    decoder.options = {"flags": "+output_corrupt"}
    shown = None
    for packet in (*packets, None):
        try:
            for frame in decoder.decode(None if packet is None else av.Packet(packet)):
                shown = frame
        except av.FFmpegError:
            continue
    return None if shown is None else np.asarray(shown.to_ndarray(format="bgr24"), np.uint8)
