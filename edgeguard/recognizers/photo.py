"""A photo out of a file, as it was held: from a telephone, a scanner, a mail, or something that is none."""

import struct
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.errors import PhotoError

# A telephone's 50 megapixels are read. A file of some kilobytes that unfolds to gigabytes is not.
MAX_PIXELS = 64_000_000
# Beyond this a face has pixels to spare; the rest would only cost time and memory.
LONGEST_PX = 4096
ACCEPTED = "accepted: a JPEG or PNG picture"

_PNG = b"\x89PNG\r\n\x1a\n"
_JPEG = b"\xff\xd8\xff"


def read_photo(path: Path) -> NDArray[np.uint8]:
    """(h, w, 3) uint8 BGR, upright as its EXIF says, made smaller to at most 4096 pixels. Raises PhotoError."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise PhotoError(f"{path}: cannot be read ({error.strerror}), {ACCEPTED}") from error
    size = size_of(data)
    if size is None:
        raise PhotoError(f"{path}: {len(data)} bytes that are no picture, {ACCEPTED}")
    width, height = size
    if width * height > MAX_PIXELS:
        most = f"{MAX_PIXELS / 1e6:.0f} megapixels"
        raise PhotoError(
            f"{path}: {width}x{height} pixels ({width * height / 1e6:.0f} megapixels), accepted: up to {most}"
        )
    # Turns the picture as its EXIF says.
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if pixels is None:
        raise PhotoError(f"{path}: {len(data)} bytes of a damaged picture of {width}x{height}, {ACCEPTED}")
    scale = LONGEST_PX / max(pixels.shape[:2])
    if scale < 1:
        shape = (max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale)))
        pixels = cv2.resize(pixels, shape, interpolation=cv2.INTER_AREA)
    return np.asarray(pixels, np.uint8)


def is_photo(path: Path) -> bool:
    """Whether the file begins as a JPEG or a PNG does. Raises OSError."""
    with path.open("rb") as stream:
        return stream.read(len(_PNG)).startswith((_PNG, _JPEG))


def size_of(data: bytes) -> tuple[int, int] | None:
    """(width, height) that the head of a PNG or JPEG file tells, before anything is decoded; None: neither."""
    if data.startswith(_PNG) and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    return _jpeg_size(data) if data.startswith(_JPEG) else None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """ISO/IEC 10918-1, B.2.2: segments of marker and length up to the first start of frame."""
    at = 2
    while at + 9 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:  # fill bytes may stand before any marker
            at += 1
            continue
        # SOF0 to SOF15 without DHT, JPG and DAC, which lie between them.
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return None
