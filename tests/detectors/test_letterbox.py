import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.boxes import Box
from edgeguard.detectors.letterbox import Letterbox, Preprocessor, fit
from edgeguard.networks import InputSpec
from edgeguard.sources.picture import picture_from_array


def spec(color: str = "rgb", **fields: object) -> InputSpec:
    return InputSpec.model_validate({"size": (64, 64), "color": color, "scale": 1.0, **fields})


def flat(width: int, height: int, bgr: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.full((height, width, 3), bgr, np.uint8)


@pytest.mark.parametrize(
    ("frame", "centred", "expected"),
    [
        ((360, 640), True, Letterbox((360, 640), (36, 64), 0, 14, (64, 64))),
        ((640, 360), True, Letterbox((640, 360), (64, 36), 14, 0, (64, 64))),
        ((360, 640), False, Letterbox((360, 640), (36, 64), 0, 0, (64, 64))),
        ((64, 64), True, Letterbox((64, 64), (64, 64), 0, 0, (64, 64))),
        ((1, 4000), True, Letterbox((1, 4000), (1, 64), 0, 31, (64, 64))),
    ],
)
def test_the_picture_keeps_its_aspect(frame: tuple[int, int], centred: bool, expected: Letterbox) -> None:
    assert fit(frame, (64, 64), centred=centred) == expected


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ((360, 640), Letterbox((360, 640), (180, 320), 0, 6, (192, 320))),
        ((640, 360), Letterbox((640, 360), (320, 180), 6, 0, (320, 192))),
        ((576, 704), Letterbox((576, 704), (262, 320), 0, 13, (288, 320))),
        ((320, 320), Letterbox((320, 320), (320, 320), 0, 0, (320, 320))),
        ((1, 4000), Letterbox((1, 4000), (1, 320), 0, 15, (32, 320))),
    ],
)
def test_a_dynamic_canvas_is_no_larger_than_the_picture_needs(frame: tuple[int, int], expected: Letterbox) -> None:
    assert fit(frame, (320, 320), centred=True, dynamic=True) == expected


@pytest.mark.parametrize(
    ("width", "height", "canvas"), [(640, 360, (192, 320)), (360, 640, (320, 192)), (1, 1, (320, 320))]
)
def test_a_dynamic_tensor_holds_the_picture_and_its_border(width: int, height: int, canvas: tuple[int, int]) -> None:
    preprocessor = Preprocessor(spec("bgr", size=(320, 320), dynamic=True), centred=True)
    for value in (1, 2):
        box = preprocessor.load(picture_from_array(flat(width, height, (value, 20, 30)), "bgr24"))
        assert box.canvas == canvas
        assert preprocessor.tensor.shape == (1, 3, *canvas)
        assert preprocessor.tensor.flags.c_contiguous
        rows, columns = slice(box.top, box.top + box.inner[0]), slice(box.left, box.left + box.inner[1])
        assert (preprocessor.tensor[0, 0, rows, columns] == value).all()
        assert (preprocessor.tensor[0, 2, rows, columns] == 30).all()
        around = preprocessor.tensor[0, 1].copy()
        around[rows, columns] = 114
        assert (around == 114).all()


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        ((0, 14, 64, 50), (0, 0, 640, 360)),
        ((32, 32, 42, 42), (320, 180, 420, 280)),
        ((-9, -9, 99, 99), (0, 0, 640, 360)),
        ((5, 0, 9, 13), (50, 0, 90, 0)),
    ],
)
def test_boxes_return_to_the_picture_and_stay_inside_it(network: Box, expected: Box) -> None:
    assert fit((360, 640), (64, 64), centred=True).to_frame(network) == expected


@pytest.mark.parametrize(("color", "expected"), [("bgr", [10, 20, 30]), ("rgb", [30, 20, 10])])
def test_colours_come_in_the_order_asked_for(color: str, expected: list[int]) -> None:
    preprocessor = Preprocessor(spec(color), centred=True)
    preprocessor.load(picture_from_array(flat(64, 64, (10, 20, 30)), "bgr24"))
    np.testing.assert_allclose(preprocessor.tensor[0, :, 32, 32], expected)
    assert preprocessor.tensor.shape == (1, 3, 64, 64)
    assert preprocessor.tensor.dtype == np.float32


def test_scale_mean_and_std_also_for_the_border() -> None:
    preprocessor = Preprocessor(spec(scale=1 / 255, mean=(0.5, 0.4, 0.3), std=(0.1, 0.2, 0.4)), centred=True)
    preprocessor.load(picture_from_array(flat(64, 32, (0, 0, 255)), "bgr24"))
    np.testing.assert_allclose(preprocessor.tensor[0, :, 32, 32], [5, -2, -0.75], rtol=1e-5)
    grey = 114 / 255
    border = [(grey - 0.5) / 0.1, (grey - 0.4) / 0.2, (grey - 0.3) / 0.4]
    np.testing.assert_allclose(preprocessor.tensor[0, :, 0, 0], border, rtol=1e-5)


def test_a_camera_of_another_size_leaves_nothing_of_the_last_one() -> None:
    preprocessor = Preprocessor(spec("bgr"), centred=True)
    preprocessor.load(picture_from_array(flat(64, 64, (1, 1, 1)), "bgr24"))
    preprocessor.load(picture_from_array(flat(128, 64, (2, 2, 2)), "bgr24"))
    preprocessor.load(picture_from_array(flat(64, 128, (3, 3, 3)), "bgr24"))
    assert set(np.unique(preprocessor.tensor)) == {3, 114}
    assert (preprocessor.tensor[0, :, :, 16:48] == 3).all()
