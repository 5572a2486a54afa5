"""What falls through a picture of a wall: steady the frame, find its specks, follow them.

For every frame at the camera's own rate, at a reduced scale and on luma alone: no detector knows a bottle of three
pixels, but nothing else moves like one.
"""

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.motion.flights import Flights
from edgeguard.motion.specks import SpeckFinder, Specks
from edgeguard.motion.steady import Steadier
from edgeguard.motion.trails import Trail
from edgeguard.types import Flight, Picture

# The picture is averaged down to about so many cells, by a whole number of pixels: 1920x1080 to 960x540.
CELLS = 960 * 540


class FallSieve:
    """One camera's `LumaSieve`. It judges nothing: a gliding bird comes down too."""

    def __init__(self) -> None:
        self._shape: tuple[int, ...] = ()
        self._last_s = float("-inf")
        self._forget((1, 1))

    def update(self, picture: Picture, monotonic_s: float) -> tuple[Flight, ...]:
        """Return the flights that ended with this frame."""
        return self.follow(self.search(picture, monotonic_s))

    def search(self, picture: Picture, monotonic_s: float) -> Specks | None:
        """Return the specks of a frame a moment ago; None while there are too few frames."""
        luma = picture.luma
        cells = _reduced(luma)
        if luma.shape != self._shape or monotonic_s <= self._last_s:
            self._shape = luma.shape
            self._forget(cells.shape)
        self._last_s = monotonic_s
        steadied = self._steadier.update(cells)
        if steadied.anew:
            self._specks.forget()
        return self._specks.update(steadied.cells, monotonic_s)

    def follow(self, specks: Specks | None) -> tuple[Flight, ...]:
        """Return the flights that ended with these specks."""
        return () if specks is None else self._told(self._flights.update(specks))

    def finish(self) -> tuple[Flight, ...]:
        """Return the flights that are still under way."""
        return self._told(self._flights.finish())

    def _forget(self, shape: tuple[int, ...]) -> None:
        self._steadier = Steadier()
        self._specks = SpeckFinder()
        self._flights = Flights(shape[1], shape[0])

    def _told(self, trails: list[Trail]) -> tuple[Flight, ...]:
        height, width = self._shape or (1, 1)
        return flights_of(trails, width, height)


def flights_of(trails: list[Trail], width_px: int, height_px: int) -> tuple[Flight, ...]:
    """Trails in cells, as flights in pixels of the whole picture."""
    step = pixels_per_cell(width_px, height_px)
    return tuple(_flight(trail, step, width_px, height_px) for trail in trails)


def pixels_per_cell(width: int, height: int) -> int:
    """How many pixels wide a cell is in a picture of that size."""
    return max(1, round(math.sqrt(width * height / CELLS)))


def _reduced(luma: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(h, w) uint8 means of squares of pixels; the picture itself where it is small."""
    step = pixels_per_cell(luma.shape[1], luma.shape[0])
    if step == 1:
        return np.ascontiguousarray(luma)
    height, width = luma.shape[0] // step, luma.shape[1] // step
    whole = luma[: height * step, : width * step]
    return cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)


def _flight(trail: Trail, step: int, width: int, height: int) -> Flight:
    # The middle of a cell of `step` pixels.
    xy = (np.array(trail.xy, np.float32) + np.float32(0.5)) * np.float32(step)
    return Flight(
        at_s=np.array(trail.at_s, np.float64),
        xy=xy,
        size_px=np.array(trail.size, np.float32) * np.float32(step),
        frames=trail.last_frame - trail.began_frame + 1,
        chance=round(trail.chance, 3),
        width_px=width,
        height_px=height,
    )
