"""Polygons and lines of a site file: points in 0..1 of the picture."""

from typing import Annotated

from pydantic import AfterValidator

Point = tuple[float, float]


def _checked(corners: tuple[Point, ...]) -> tuple[Point, ...]:
    if len(corners) < 3:
        raise ValueError(f"a polygon needs at least 3 corners, met {len(corners)}")
    _inside(corners)
    if _area(corners) == 0:
        raise ValueError("a polygon needs an area, met corners on one line")
    return corners


def _line(ends: tuple[Point, Point]) -> tuple[Point, Point]:
    _inside(ends)
    if ends[0] == ends[1]:
        raise ValueError(f"a line needs two ends, met {ends[0]} twice")
    return ends


def _inside(corners: tuple[Point, ...]) -> None:
    for x, y in corners:
        if not (0 <= x <= 1 and 0 <= y <= 1):
            raise ValueError(f"corners are in 0..1 of the picture, met ({x}, {y})")


def _area(corners: tuple[Point, ...]) -> float:
    """Shoelace formula."""
    turned = (*corners[1:], corners[0])
    return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(corners, turned, strict=True))) / 2


Polygon = Annotated[tuple[Point, ...], AfterValidator(_checked)]
Line = Annotated[tuple[Point, Point], AfterValidator(_line)]
WHOLE_PICTURE: tuple[Point, ...] = ((0, 0), (1, 0), (1, 1), (0, 1))
