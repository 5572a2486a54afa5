"""Things that fall, as the sieve tells them and as a camera sees them."""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.types import Flight

WIDTH, HEIGHT, FPS = 960, 540, 25.0


def flight(
    *,
    gain: float = 0.5,
    first: float = 0.05,
    from_y: float = 0.15,
    to_y: float = 0.9,
    x: float = 0.5,
    drift: float = 0.02,
    veer: float = 0.0,
    sway: float = 0.0,
    beat: float = 0.0,
    noise: float = 0.4,
    steady_from_s: float = 1e9,
    begin_s: float = 10.0,
    fps: float = FPS,
    shown: float = 1.0,
    chance: float = -40.0,
) -> Flight:
    """One that begins at `from_y` with `first` heights a second and gains `gain` of them a second.

    From `steady_from_s` on it gains no more; `veer` is what it gains sideways, as a share of `gain`; `beat` how far
    wings lift it, in pixels; `shown` is the share of its frames that show it; `noise` in pixels.
    """
    t = np.arange(0, 12, 1 / fps)
    early = np.minimum(t, steady_from_s)
    y = from_y + first * t + gain * (early * early / 2 + early * (t - early))
    t, y = t[y <= to_y], y[y <= to_y]
    rng = np.random.default_rng(3)
    kept = rng.permutation(len(t)) < max(round(shown * len(t)), 1)
    across = x + drift * t + sway * np.sin(6 * t) + veer * gain * t * t / 2 * HEIGHT / WIDTH
    xy = np.stack([across * WIDTH, y * HEIGHT + beat * np.sin(9 * t)], 1) + rng.normal(0, noise, (len(t), 2))
    n = int(kept.sum())
    return Flight(
        at_s=begin_s + t[kept],
        xy=xy[kept].astype(np.float32),
        size_px=np.full(n, 4, np.float32),
        frames=len(t),
        chance=chance,
        width_px=WIDTH,
        height_px=HEIGHT,
    )


def wall(width: int, height: int) -> NDArray[np.uint8]:
    """(height, width) uint8: a wall with windows."""
    luma = np.full((height, width), 150, np.uint8)
    for top in range(height // 12, height, height // 6):
        for left in range(width // 20, width, width // 8):
            luma[top : top + height // 12, left : left + width // 16] = 60
    return cv2.GaussianBlur(luma, (0, 0), 1.0).astype(np.uint8)


def drop(
    seconds: float,
    *,
    width: int = 640,
    height: int = 360,
    fps: float = FPS,
    at_s: float = 2.0,
    gain: float = 0.6,
    side: int = 4,
    shade: int = 235,
) -> Iterator[tuple[float, NDArray[np.uint8]]]:
    """Seconds and luma of a wall before which a thing of `side` pixels falls from `at_s` on; `gain` 0: nothing does."""
    still, rng = wall(width, height), np.random.default_rng(5)
    grain = rng.normal(0, 1.5, (8, height, width)).round().astype(np.int16)
    for number in range(round(seconds * fps)):
        now_s = number / fps
        luma = still.copy()
        top = round(height * (0.15 + gain / 2 * (now_s - at_s) ** 2))
        if gain and now_s >= at_s and top + side < height * 0.95:
            left = round(width * 0.53)
            luma[top : top + side, left : left + side] = shade
        yield now_s, np.clip(luma + grain[number % 8], 16, 235).astype(np.uint8)
