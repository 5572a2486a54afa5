"""One labelled picture -> one labelled square: turned, scaled, cut, in other light, through another camera."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Rng = np.random.Generator
Rows = NDArray[np.float32]
"""Boxes as (n, 5): label, x1, y1, x2, y2 in pixels."""

PADDING = 114
LEAST_LEFT = 0.3
"""A box of which less than this stays inside the cut is dropped."""


@dataclass(frozen=True, slots=True)
class Motion:
    """How far a picture may be moved; angles in degrees."""

    quarter_turns: float
    """Probability of a turn by 90, 180 or 270 degrees."""
    tilt_deg: float = 6.0
    scale: tuple[float, float] = (0.7, 1.4)


def moved(picture: Image, rows: Rows, size: tuple[int, int], motion: Motion, rng: Rng) -> tuple[Image, Rows]:
    """The picture (h, w, 3) put into `size` (width, height) with padding, and its boxes there."""
    matrix = _matrix(picture.shape[1], picture.shape[0], size, motion, rng)
    flags = cv2.INTER_AREA if abs(np.linalg.det(matrix[:, :2])) < 0.5 else cv2.INTER_LINEAR
    canvas = cv2.warpAffine(picture, matrix, size, flags=flags, borderValue=(PADDING,) * 3)
    return canvas.astype(np.uint8), moved_rows(rows, matrix, size)


def _matrix(width: int, height: int, size: tuple[int, int], motion: Motion, rng: Rng) -> NDArray[np.float64]:
    quarters = int(rng.integers(1, 4)) if rng.random() < motion.quarter_turns else 0
    angle = np.deg2rad(90 * quarters + np.clip(rng.normal(0, motion.tilt_deg), -15, 15))
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    upright = (height, width) if quarters % 2 else (width, height)
    fit = min(size[0] / upright[0], size[1] / upright[1])
    low, high = np.log(motion.scale)
    zoom = fit * np.exp(rng.uniform(low, high))
    stretch = np.exp(rng.normal(0, 0.06))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([mirror * zoom * stretch, zoom / stretch])
    room = [abs(size[axis] - upright[axis] * zoom) / 2 for axis in (0, 1)]
    target = np.array([size[axis] / 2 + rng.uniform(-1, 1) * room[axis] for axis in (0, 1)])
    return np.hstack([linear, (target - linear @ np.array([width / 2, height / 2]))[:, None]])


def moved_rows(rows: Rows, matrix: NDArray[np.float64], size: tuple[int, int]) -> Rows:
    """Boxes under an affine map (2, 3), clipped to `size`; those mostly outside are dropped.

    A turned box is bounded by the ellipse inside it: the corners of a box are mostly background, and the hull of
    turned corners would be up to 1.4 times too large.
    """
    if len(rows) == 0:
        return rows
    centres = (rows[:, 1:3] + rows[:, 3:5]) / 2 @ matrix[:, :2].T + matrix[:, 2]
    halves = (rows[:, 3:5] - rows[:, 1:3]) / 2
    reach = np.sqrt(halves**2 @ (matrix[:, :2] ** 2).T)
    corners = np.hstack([centres - reach, centres + reach])
    cut = corners.copy()
    cut[:, 0::2] = np.clip(corners[:, 0::2], 0, size[0])
    cut[:, 1::2] = np.clip(corners[:, 1::2], 0, size[1])
    left = (cut[:, 2:] - cut[:, :2]).prod(axis=1) / np.maximum((corners[:, 2:] - corners[:, :2]).prod(axis=1), 1e-6)
    keep = (left > LEAST_LEFT) & ((cut[:, 2:] - cut[:, :2]).min(axis=1) > 3)
    return np.hstack([rows[keep, :1], cut[keep]]).astype(np.float32)


def relit(picture: Image, rng: Rng) -> Image:
    """In other light and colours, sometimes grey, noisy, blurred or badly compressed."""
    out = _colours(picture, rng)
    if rng.random() < 0.15:
        sigma = rng.uniform(0.4, 1.4)
        out = cv2.GaussianBlur(out, (0, 0), sigma).astype(np.uint8)
    if rng.random() < 0.2:
        noise = rng.normal(0, rng.uniform(2, 12), out.shape[:2])[..., None]
        out = np.clip(out + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.15:
        _, packed = cv2.imencode(".jpg", out, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(15, 60))])
        out = cv2.imdecode(packed, cv2.IMREAD_COLOR).astype(np.uint8)  # type: ignore[union-attr]
    return out


def _colours(picture: Image, rng: Rng) -> Image:
    hsv = cv2.cvtColor(picture, cv2.COLOR_BGR2HSV)
    steps = np.arange(256)
    hue = ((steps + rng.uniform(-8, 8)) % 180).astype(np.uint8)
    saturation = np.clip(steps * rng.uniform(0.4, 1.5), 0, 255).astype(np.uint8)
    gamma = np.exp(rng.normal(0, 0.25))
    value = np.clip(255 * (steps / 255) ** gamma * rng.uniform(0.7, 1.25), 0, 255).astype(np.uint8)
    hsv = np.dstack([hue[hsv[..., 0]], saturation[hsv[..., 1]], value[hsv[..., 2]]])
    out = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)
    if rng.random() < 0.12:
        out = cv2.cvtColor(cv2.cvtColor(out, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    return out.astype(np.uint8)
