"""What a site knows about the building in the picture: how large it is, and where its floors are."""

from itertools import pairwise
from typing import Self

from pydantic import Field, model_validator

from edgeguard.scenarios.ballistics import Fit
from edgeguard.types import Floors
from edgeguard.yamlfile import Strict

GRAVITY_M_S2 = 9.81
# Where a building has floors and no height is told.
FLOOR_M = 3.0
# A fall that is first seen nearer to the picture's upper edge than this may have come from above it.
EDGE = 0.03


class Facade(Strict):
    """Where the building stands in the picture, heights in 0..1 of it from the top.

    With `top_y`, `ground_y` and `floors` the floors are evenly high; `floor_lines_y` tells each slab, the ground first.
    """

    top_y: float = Field(default=0.0, ge=-5, le=1, description="Upper edge of the top floor; < 0: out of sight.")
    ground_y: float = Field(default=1.0, ge=0, le=6, description="The ground at its foot; over 1: below the picture.")
    floors: int | None = Field(default=None, ge=1, le=200, description="How many floors are between the two.")
    height_m: float | None = Field(default=None, gt=0, le=700, description="Metres between them; left out: 3 a floor.")
    floor_lines_y: tuple[float, ...] = Field(
        default=(), max_length=200, description="Height of each floor in the picture, the ground first, upwards."
    )
    first_floor: int = Field(default=1, ge=-5, le=200, description="Number of the lowest of them.")

    @model_validator(mode="after")
    def _upright(self) -> Self:
        if self.top_y >= self.ground_y:
            raise ValueError(f"top_y above ground_y, so smaller, met top_y {self.top_y:g}, ground_y {self.ground_y:g}")
        lines = self.floor_lines_y
        if lines and (len(lines) < 2 or any(lower <= upper for lower, upper in pairwise(lines))):
            raise ValueError(f"floor_lines_y of two lines and more, from the ground upwards, met {list(lines)}")
        return self

    @property
    def gravity_heights_s2(self) -> float | None:
        """What a stone gains, in heights of the picture per second squared; None where nobody told a size."""
        metres = self.height_m
        if metres is None and self.floors is not None:
            metres = self.floors * FLOOR_M
        if metres is not None:
            return GRAVITY_M_S2 * (self.ground_y - self.top_y) / metres
        lines = self.floor_lines_y
        return GRAVITY_M_S2 * (lines[0] - lines[-1]) / (FLOOR_M * (len(lines) - 1)) if lines else None

    def floors_of(self, fit: Fit, height_px: int) -> Floors | None:
        """Where it was let go; None where no floors were told.

        It fell from its first point or from higher: the likely place is the one where it stood still. What was seen
        rising was let go no higher than its first point, and below the apex.
        """
        first, apex = fit.start_px / height_px, fit.apex_px / height_px
        blur = 2 * fit.error_px / height_px
        rising = fit.first_px_s < 0
        likely = self._number(first if rising or fit.knee_s is not None else apex)
        low = self._number(first + blur, rising=rising)
        high = self._number(min(first, apex) - blur)
        if likely is None or low is None or high is None:
            return None
        if first < EDGE:
            high = self._number(-1e9) or high
        return Floors(min(low, likely), likely, max(high, likely))

    def _number(self, y: float, *, rising: bool = False) -> int | None:
        """Number of the floor whose window a height in the picture belongs to; what rises comes from a floor below."""
        lines = self._lines()
        if lines is None:
            return None
        step = (lines[0] - lines[-1]) / (len(lines) - 1)
        at = y + step * rising
        above = sum(line >= at for line in lines) - 1
        return self.first_floor + min(max(above, 0), len(lines) - 2)

    def _lines(self) -> tuple[float, ...] | None:
        if self.floor_lines_y:
            return self.floor_lines_y
        if self.floors is None:
            return None
        step = (self.ground_y - self.top_y) / self.floors
        return tuple(self.ground_y - number * step for number in range(self.floors + 1))
