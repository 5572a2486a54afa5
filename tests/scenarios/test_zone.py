import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from edgeguard.polygons import WHOLE_PICTURE, Polygon
from edgeguard.scenarios.zone import Box, Zone

LEFT_HALF = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))
FLOOR = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))


@pytest.mark.parametrize(
    ("polygon", "box", "share"),
    [
        (WHOLE_PICTURE, (0, 0, 1, 1), 1),
        (WHOLE_PICTURE, (0.4, 0.4, 0.4, 0.4), 1),
        (WHOLE_PICTURE, (1, 1, 1, 1), 1),
        (LEFT_HALF, (0.6, 0.1, 0.9, 0.9), 0),
        (LEFT_HALF, (0.25, 0, 0.75, 1), 0.5),
        (FLOOR, (0.2, 0, 0.4, 1), 1),
        (FLOOR, (0.2, 0, 0.4, 0.5), 0),
    ],
)
def test_share_of_the_lower_half(polygon: tuple[tuple[float, float], ...], box: Box, share: float) -> None:
    assert Zone("cabin", polygon).share(box) == pytest.approx(share, abs=0.02)


def test_a_hole_is_not_in_the_zone() -> None:
    zone = Zone("cabin", WHOLE_PICTURE, holes=[LEFT_HALF])
    assert zone.share((0.1, 0.1, 0.4, 0.9)) == 0
    assert zone.share((0.6, 0.1, 0.9, 0.9)) == 1


def test_share_agrees_with_counting_points() -> None:
    chance = np.random.default_rng(3)
    triangle = ((0.1, 0.9), (0.5, 0.1), (0.9, 0.9))
    zone = Zone("cabin", triangle)
    for _ in range(50):
        x0, y0 = chance.uniform(0, 0.7, 2)
        x1, y1 = x0 + chance.uniform(0.1, 0.3), y0 + chance.uniform(0.1, 0.3)
        x, y = chance.uniform(x0, x1, 4000), chance.uniform((y0 + y1) / 2, y1, 4000)
        # Inside the triangle: above its base and below both flanks.
        inside = (y <= 0.9) & (y >= 0.1 + 2 * np.abs(x - 0.5))
        assert zone.share((x0, y0, x1, y1)) == pytest.approx(inside.mean(), abs=0.06)


@pytest.mark.parametrize(
    ("corners", "message"),
    [
        ([], "at least 3 corners, met 0"),
        ([(0, 0), (1, 1)], "at least 3 corners, met 2"),
        ([(0, 0), (1, 0), (1.2, 1)], r"0\.\.1 of the picture, met \(1\.2, 1"),
        ([(0, 0), (0.5, 0.5), (1, 1)], "needs an area"),
        ([(0, 0), (1, 0), (1,)], "Field required"),
    ],
)
def test_a_wrong_polygon_is_refused(corners: list[tuple[float, ...]], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        TypeAdapter(Polygon).validate_python(corners)
