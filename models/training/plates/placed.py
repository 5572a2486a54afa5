"""Where a plate stands in a picture, where a detector finds it, and what is cut out for the reader."""

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]

READER_PX = (168, 48)
"""Width and height of what the reader gets; two rows lie there side by side."""

TOP_TO, BOTTOM_FROM = 5 / 12, 1 / 3
"""Shares of a two-row plate's height: where its upper row ends and its lower one begins, with some of both in each."""


def seen(rng: np.random.Generator, size: tuple[int, int], width_px: float) -> Floats:
    """(4, 2) corners tl, tr, br, bl of a plate of `size`, turned and tilted, about `width_px` wide, from 0 on."""
    width, height = size
    yaw, pitch, roll = rng.normal(0, 0.35), rng.normal(0, 0.22), rng.normal(0, 0.09)
    yaw, pitch = np.clip([yaw, pitch], -0.95, 0.95)
    x, y = np.array([-1, 1, 1, -1]) * width / 2, np.array([-1, -1, 1, 1]) * height / 2
    depth = 1 + (x * np.sin(yaw) + y * np.sin(pitch)) / (width * rng.uniform(2.5, 10))
    u, v = x * np.cos(yaw) / depth, y * np.cos(pitch) / depth
    u, v = u * np.cos(roll) - v * np.sin(roll), u * np.sin(roll) + v * np.cos(roll)
    corners = np.stack([u, v], 1) * (width_px / np.ptp(u))
    return (corners - corners.min(0)).astype(np.float32)


def misplaced(rng: np.random.Generator, corners: Floats) -> Floats:
    """Corners as a detector finds them; now and then the upright box around the plate, for want of corners."""
    low, high = corners.min(0), corners.max(0)
    if rng.random() < 0.15:
        corners = np.array([low, (high[0], low[1]), high, (low[0], high[1])], np.float32)
    width, height = np.linalg.norm(corners[1] - corners[0]), np.linalg.norm(corners[3] - corners[0])
    scale = rng.choice([0.012, 0.03, 0.045])
    spread = np.array([width * scale, height * scale * 1.8])
    grown = corners + np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * spread * rng.normal(0.25, 0.7)
    return (grown + rng.normal(0, 0.6, (4, 2)) * spread).astype(np.float32)


def upright(x: float, y: float, width: float, height: float) -> Floats:
    """(4, 2) corners tl, tr, br, bl of a box."""
    return np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], np.float32)


Band = tuple[int, int, float, float]
"""Left edge and width in the crop, and the part of the plate's height, from and to, that stands there."""


def bands(rows: int) -> tuple[Band, ...]:
    """How a plate's rows stand in a crop."""
    width, _ = READER_PX
    half = width // 2
    return ((0, width, 0.0, 1.0),) if rows == 1 else ((0, half, 0.0, TOP_TO), (half, half, BOTTOM_FROM, 1.0))


def onto(corners: Floats, band: Band) -> NDArray[np.float64]:
    """(3, 3): from the picture to a band of the crop, in the plate's own plane, the band's left edge at 0."""
    _, width, low, high = band
    whole = READER_PX[1] / (high - low)
    return np.asarray(cv2.getPerspectiveTransform(corners, upright(0, -low * whole, width, whole)))


def rectified(bgr: Image, corners: Floats, rows: int) -> Image:
    """(48, 168, 3): the plate within the corners tl, tr, br, bl; its two rows side by side."""
    return np.hstack([_warped(bgr, corners, band) for band in bands(rows)])


def _warped(bgr: Image, corners: Floats, band: Band) -> Image:
    size = (band[1], READER_PX[1])
    return np.asarray(cv2.warpPerspective(bgr, onto(corners, band), size, borderMode=cv2.BORDER_REPLICATE), np.uint8)
