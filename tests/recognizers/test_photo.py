import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeguard.errors import PhotoError
from edgeguard.recognizers import read_photo
from edgeguard.recognizers.photo import size_of

# APP1 with one entry: orientation 6, to be turned right before it is shown.
TURN_RIGHT = (
    b"\xff\xe1"
    + struct.pack(">H", 34)
    + b"Exif\0\0"
    + b"MM\0*\0\0\0\x08"
    + struct.pack(">HHHIHHI", 1, 0x112, 3, 1, 6, 0, 0)
)


def encoded(bgr: np.ndarray[tuple[int, ...], np.dtype[np.uint8]], kind: str = ".jpg") -> bytes:
    return cv2.imencode(kind, bgr)[1].tobytes()


def left_half_red(width: int, height: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    bgr = np.zeros((height, width, 3), np.uint8)
    bgr[:, : width // 2, 2] = 255
    return bgr


@pytest.mark.parametrize("kind", [".jpg", ".png"])
def test_size_is_known_before_anything_is_decoded(tmp_path: Path, kind: str) -> None:
    data = encoded(left_half_red(40, 20), kind)
    assert size_of(data) == (40, 20)
    (tmp_path / "a").write_bytes(data)
    assert read_photo(tmp_path / "a").shape == (20, 40, 3)


def test_a_telephones_photo_is_turned_upright(tmp_path: Path) -> None:
    data = encoded(left_half_red(40, 20))
    (tmp_path / "a.jpg").write_bytes(data[:2] + TURN_RIGHT + data[2:])
    bgr = read_photo(tmp_path / "a.jpg")
    assert bgr.shape == (40, 20, 3)
    above, below = bgr[5, 10, 2], bgr[35, 10, 2]  # what was left is above
    assert above > 200
    assert below < 50


def test_40_megapixels_are_read_and_made_smaller(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(encoded(np.full((5000, 8000, 3), 128, np.uint8)))
    assert read_photo(tmp_path / "a.jpg").shape == (2560, 4096, 3)


def bomb() -> bytes:
    """A PNG of some bytes that tells of 30,000 x 30,000 pixels."""
    data = bytearray(encoded(np.zeros((1, 1, 3), np.uint8), ".png"))
    data[16:24] = struct.pack(">II", 30_000, 30_000)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "0 bytes that are no picture, accepted: a JPEG or PNG picture"),
        (b"Dear sir, please find attached", "30 bytes that are no picture"),
        (encoded(left_half_red(40, 20), ".bmp"), "bytes that are no picture"),
        (b"\xff\xd8\xff", "3 bytes that are no picture"),
        (b"\xff\xd8\xff\xe0\0", "bytes that are no picture"),
        (bomb(), r"30000x30000 pixels \(900 megapixels\), accepted: up to 64 megapixels"),
        (encoded(left_half_red(40, 20), ".png")[:60], "60 bytes of a damaged picture of 40x20"),
    ],
)
def test_what_is_no_photo_is_told(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "photo.jpg").write_bytes(data)
    with pytest.raises(PhotoError, match=message) as refused:
        read_photo(tmp_path / "photo.jpg")
    assert str(refused.value).startswith(str(tmp_path / "photo.jpg"))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match=r"cannot be read \(No such file or directory\)"):
        read_photo(tmp_path / "none.jpg")
