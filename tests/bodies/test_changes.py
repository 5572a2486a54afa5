"""What a network sees of people, here mean colours of cells: how it changes is of the people, not of what is around."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.bodies.changes import LEAST, Changes, canvas, part
from edgeguard.boxes import Box
from edgeguard.errors import ModelError
from edgeguard.networks import ExecutionConfig
from edgeguard.sources.picture import DecodedPicture, picture_from_array
from tests.support import body_models

LEFT, RIGHT = (0.0, 0.0, 160.0, 192.0), (160.0, 0.0, 320.0, 192.0)
RUN = ExecutionConfig()


def picture(left: int, right: int) -> DecodedPicture:
    """Levels of green of both halves."""
    pixels = np.zeros((192, 320, 3), np.uint8)
    pixels[:, :160, 1], pixels[:, 160:, 1] = left, right
    return picture_from_array(pixels, "bgr24")


def looked(folder: Path, people: list[Box], *levels: tuple[int, int]) -> NDArray[np.float64]:
    """Mean changes of red, green and blue, 0..1."""
    changes = Changes(body_models.fight(folder), RUN)
    for number, (left, right) in enumerate(levels):
        changes.take(picture(left, right), people, number / 8)
    return np.exp(changes.logarithms()) - LEAST


def test_it_is_the_mean_change_from_look_to_look(tmp_path: Path) -> None:
    changed = looked(tmp_path, [LEFT, RIGHT], (0, 0), (255, 255), (255, 255))
    np.testing.assert_allclose(changed, (0, 0.5, 0), atol=0.02)


def test_what_is_around_people_does_not_count(tmp_path: Path) -> None:
    levels = (0, 0), (0, 255), (0, 0)
    np.testing.assert_allclose(looked(tmp_path, [LEFT], *levels), 0, atol=0.02)
    np.testing.assert_allclose(looked(tmp_path, [RIGHT], *levels), (0, 1, 0), atol=0.02)


def test_without_people_the_whole_picture_counts(tmp_path: Path) -> None:
    np.testing.assert_allclose(looked(tmp_path, [], (0, 0), (0, 255)), (0, 0.5, 0), atol=0.02)


def test_what_was_before_the_window_is_forgotten(tmp_path: Path) -> None:
    """Two seconds: the change of the first look is no longer there, then nothing changes."""
    levels = [(0, 0), (255, 255), *[(255, 255)] * 17]
    np.testing.assert_allclose(looked(tmp_path, [LEFT], *levels), 0, atol=0.01)


def test_what_was_forgotten_is_not_compared_with(tmp_path: Path) -> None:
    changes = Changes(body_models.fight(tmp_path), RUN)
    changes.take(picture(0, 0), [LEFT], 0.0)
    changes.forget()
    changes.take(picture(255, 255), [LEFT], 0.125)
    changes.take(picture(255, 255), [LEFT], 0.25)
    np.testing.assert_allclose(np.exp(changes.logarithms()) - LEAST, 0, atol=0.01)


def test_a_network_of_other_channels_is_refused(tmp_path: Path) -> None:
    spec = body_models.fight(tmp_path).model_copy(update={"changes": (1.0, 2.0)})
    with pytest.raises(ModelError, match=r"output is \[1, 3, 6, 10\], accepted: \[1, 2\] and any cells"):
        Changes(spec, RUN)


@pytest.mark.parametrize(
    ("size", "wanted"),
    [((1920, 1080), (320, 192)), ((640, 480), (320, 256)), ((480, 640), (256, 320)), ((900, 20), (320, 32))],
)
def test_the_canvas_is_nearest_to_the_pictures_shape(size: tuple[int, int], wanted: tuple[int, int]) -> None:
    assert canvas(*size, 320) == wanted


@pytest.mark.parametrize(
    ("box", "shape"),
    [
        ((0, 0, 100, 100), (4, 5)),
        ((0, 0, 20, 25), (1, 1)),
        ((19, 24, 21, 26), (2, 2)),
        # Beyond the picture, and without area: the nearest cell.
        ((-50, -50, -10, -10), (1, 1)),
        ((150, 150, 180, 180), (1, 1)),
        ((50, 50, 50, 50), (1, 1)),
    ],
)
def test_a_part_is_what_a_box_touches(box: Box, shape: tuple[int, int]) -> None:
    assert part(np.zeros((3, 4, 5), np.float32), box, (100.0, 100.0)).shape == (3, *shape)
