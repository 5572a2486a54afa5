# ruff: noqa: INP001  # a module of the scripts beside it, not a package
"""Where the small things of a clip are, frame by frame, without a picture: an hour in half a minute, to try rules on.

What is left out makes clips harder: weather, trees, compression, the camera's shaking. A thing is a speck where it has
moved by more than half of its length since the frame 0.08 s before, and will have until the one after.
"""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from facade_life import Draw, Places
from facade_scenes import Scene
from numpy.typing import NDArray

from edgeguard.motion.specks import MOST_HIGH, MOST_WIDE, SPAN_S

# As measured in drawn clips: pixels that a place is off, and the share of frames that miss a thing in plain sight.
NOISE_PX, MISSED = 0.4, 0.08
# What stands out by less is lost in the picture's noise.
LEAST_OUT_PX = 0.7
MOVING = {"bird", "_pigeon", "insect", "leaf", "throw", "walker"}

Place = tuple[float, float, float, float]


def ways(scene: Scene) -> Iterator[list[Any]]:
    """Seconds, x, y and size of each frame's specks, as `facade_tracks.stored` has them."""
    truth = scene.truth
    rng = np.random.default_rng([truth.seed, truth.kind == "fall", 2])
    draws = [draw for draw in scene.layers if draw.__qualname__.split(".")[0] in MOVING]
    span_s = max(1, round(SPAN_S * truth.fps)) / truth.fps
    for number in range(round(truth.seconds * truth.fps)):
        at_s = number / truth.fps
        seen = [_seen(draw, at_s, span_s, (truth.width, truth.height)) for draw in draws]
        specks = np.array([one for one in seen if one and rng.random() > MISSED]).reshape(-1, 3)
        specks[:, :2] += rng.normal(0, NOISE_PX, (len(specks), 2))
        yield [at_s, *specks.T.round(2).tolist()]


def _seen(draw: Draw, at_s: float, span_s: float, size: tuple[int, int]) -> tuple[float, float, float] | None:
    place = _place(draw, at_s)
    if place is None:
        return None
    x, y, wide, high = place
    inside = 3 < x < size[0] - 3 and 3 < y < size[1] - 3
    out_px = min(_out(place, _place(draw, at_s - span_s)), _out(place, _place(draw, at_s + span_s)))
    if not inside or out_px <= LEAST_OUT_PX or wide > MOST_WIDE * size[0] or high > MOST_HIGH * size[1]:
        return None
    return x, y, min(max(wide, high), 2 * out_px + 2)


def _out(place: Place, other: Place | None) -> float:
    """By how many pixels more than half of its own length it is elsewhere."""
    if other is None:
        return math.inf
    dx, dy = other[0] - place[0], other[1] - place[1]
    far = math.hypot(dx, dy) + 1e-6
    return far - (place[2] * abs(dx) + place[3] * abs(dy)) / far / 2


def _place(draw: Draw, at_s: float) -> Place | None:
    """The middle and the sides of what is drawn; of a walker only the ball in the air, which is drawn last."""
    places = Places()
    draw(places, at_s)
    dabs = places.dabs
    if draw.__qualname__.startswith("walker"):
        # Head, body and legs come first.
        dabs = dabs[4:]
    if not dabs:
        return None
    spots: NDArray[np.float64] = np.array(dabs)
    return float(spots[:, 0].mean()), float(spots[:, 1].mean()), float(spots[:, 2].max()), float(spots[:, 3].max())
