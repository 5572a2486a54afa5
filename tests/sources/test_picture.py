from typing import TYPE_CHECKING

import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame

from edgeguard.sources.picture import DecodedPicture, Scaler, picture_from_array
from tests.support.recordings import drawn

if TYPE_CHECKING:
    from numpy.typing import NDArray


def picture(pixel_format: str, width: int = 64, height: int = 48) -> DecodedPicture:
    frame = VideoFrame.from_ndarray(drawn(4, width, height), "bgr24").reformat(format=pixel_format)
    return DecodedPicture(frame, Scaler())


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuvj420p", "yuv422p", "yuv444p", "nv12", "nv21", "gray"])
def test_luma_is_a_view_of_the_decoders_plane(pixel_format: str) -> None:
    frame = VideoFrame.from_ndarray(drawn(4), "bgr24").reformat(format=pixel_format)
    luma = DecodedPicture(frame, Scaler()).luma
    assert luma.shape == (48, 64)
    assert luma.ctypes.data == np.frombuffer(memoryview(frame.planes[0]), np.uint8).ctypes.data
    assert not luma.flags.writeable


@pytest.mark.parametrize(
    "pixel_format", ["bgr24", "rgb24", "rgba", "gbrp", "yuyv422", "yuv420p10le", "gray16le", "pal8"]
)
def test_other_formats_give_luma_by_conversion(pixel_format: str) -> None:
    if pixel_format == "pal8":
        indices = np.zeros((48, 64), np.uint8)
        indices[16:32, 8:24] = 1
        frame = VideoFrame(64, 48, "pal8")
        frame.planes[0].update(indices.tobytes())
        frame.planes[1].update(bytes([40, 40, 40, 255, 200, 200, 200, 255]) + bytes(1016))
        luma = DecodedPicture(frame, Scaler()).luma
    else:
        luma = picture(pixel_format).luma
    assert luma.shape == (48, 64)
    assert luma.dtype == np.uint8
    assert int(luma[24, 14]) > int(luma[40, 60]) + 20


@pytest.mark.parametrize("width", [50, 62, 66, 130])
def test_line_padding_is_left_out(width: int) -> None:
    odd = picture("yuv420p", width)
    expected = VideoFrame.from_ndarray(drawn(4, width), "bgr24").reformat(format="gray").to_ndarray()
    assert odd.luma.shape == (48, width)
    assert abs(float(odd.luma.mean()) - float(expected.mean())) < 20
    assert odd.bgr(width, 48).shape == (48, width, 3)
    assert np.abs(odd.bgr(width, 48).astype(int) - drawn(4, width)).mean() < 6


def yuv(luma: int, pixel_format: str) -> DecodedPicture:
    planes = np.full((72, 64), 128, np.uint8)
    planes[:48] = luma
    return picture_from_array(planes, pixel_format)


@pytest.mark.parametrize(
    ("pixel_format", "black", "white"), [("yuv420p", 16, 235), ("yuvj420p", 0, 255)], ids=["limited", "full"]
)
def test_bgr_uses_the_whole_range_whatever_the_camera_codes(pixel_format: str, black: int, white: int) -> None:
    assert yuv(black, pixel_format).bgr(32, 24).max() <= 4
    assert yuv(white, pixel_format).bgr(32, 24).min() >= 250


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuvj420p", "yuv422p"])
@pytest.mark.parametrize(("width", "height"), [(64, 48), (62, 46), (132, 88)])
def test_half_the_size_looks_as_any_other(pixel_format: str, width: int, height: int) -> None:
    seen = picture(pixel_format, width, height)
    half = seen.bgr(width // 2, height // 2)
    expected = cv2.resize(drawn(4, width, height), (width // 2, height // 2), interpolation=cv2.INTER_AREA)
    assert half.shape == expected.shape
    assert np.abs(half.astype(int) - expected).mean() < 6


def test_bgr_scales_without_keeping_the_aspect_and_is_contiguous() -> None:
    scaled = picture("yuv420p").bgr(31, 17)
    assert scaled.shape == (17, 31, 3)
    assert scaled.flags.c_contiguous


def test_bgr_is_the_callers_own() -> None:
    source: NDArray[np.uint8] = drawn(4)
    unscaled = picture_from_array(source, "bgr24")
    unscaled.bgr(64, 48)[:] = 0
    assert np.array_equal(unscaled.bgr(64, 48), source)


def test_many_sizes_from_one_scaler() -> None:
    shared = picture("yuv420p")
    assert [shared.bgr(side, side).shape[0] for side in (8, 16, 24, 32, 40, 48, 8)] == [8, 16, 24, 32, 40, 48, 8]
