"""One labelled picture -> one labelled square: turned, scaled, cut, in other light, through another camera."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Rng = np.random.Generator
Rows = NDArray[np.float32]
"""Boxes as (n, 5): label, x1, y1, x2, y2 in pixels."""
Plane = NDArray[np.float32]

PADDING = 114
LEAST_LEFT = 0.3
"""A box of which less than this stays inside the cut is dropped."""


OUTLINE_POINTS = 48
"""Of the ellipse inside a box that is bent: between them the outline strays by 0.2 % of the box at most."""

WIDEST_DEG = 80.0
WIDEST_SHOWN_RAD = 1.5
"""Nothing is seen of a pinhole's picture so far from the axis."""


@dataclass(frozen=True, slots=True)
class Motion:
    """How far a picture may be moved; angles in degrees. Of its turns one happens at most."""

    quarter_turns: float
    """Probability of a turn by 90, 180 or 270 degrees."""
    tilt_deg: float = 6.0
    scale: tuple[float, float] = (0.7, 1.4)
    any_turn: float = 0.0
    """Probability of a turn by any angle."""
    fisheye: float = 0.0
    """Probability of another lens, and between which angles from the axis its picture's corners lie."""
    half_angle_deg: tuple[float, float] = (30.0, 60.0)


@dataclass(frozen=True, slots=True)
class Fisheye:
    """An equidistant lens in place of a pinhole's: r = f theta where that has r = f tan theta.

    Both from Kannala and Brandt, A generic camera model and calibration method for conventional, wide-angle, and
    fish-eye lenses, IEEE TPAMI 28(8), 2006. `middle` (x, y) and `focal_px` of the picture, which is taken for a
    pinhole's. The circle of radius `kept_px` stays: what lies inside grows, what lies outside shrinks.
    """

    middle: tuple[float, float]
    focal_px: float
    kept_px: float

    @classmethod
    def over(cls, size: tuple[int, int], half_angle_deg: float) -> "Fisheye | None":
        """Of a picture (width, height) whose corners lie so far from the axis; None for 0, which bends nothing.

        Raises ValueError for an angle that no picture of a pinhole has.
        """
        if not 0 <= half_angle_deg <= WIDEST_DEG:
            raise ValueError(f"half_angle_deg must lie in 0..{WIDEST_DEG:g}, got {half_angle_deg}")
        if half_angle_deg == 0:
            return None
        half = (size[0] / 2, size[1] / 2)
        focal = np.hypot(*half) / np.tan(np.deg2rad(half_angle_deg))
        return cls(half, float(focal), float(np.sqrt(half[0] * half[1])))

    @property
    def enlarged(self) -> float:
        """How many times as large the middle becomes."""
        return float(self.kept_px / (self.focal_px * np.arctan(self.kept_px / self.focal_px)))

    def bent(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where points (..., 2) px of the picture are seen."""
        offset = points - self.middle
        radius = np.maximum(np.hypot(offset[..., 0], offset[..., 1]), 1e-6)
        seen = self.enlarged * self.focal_px * np.arctan(radius / self.focal_px)
        moved_to: NDArray[np.float64] = self.middle + offset * (seen / radius)[..., None]
        return moved_to

    def looked_up(self, matrix: NDArray[np.float64], size: tuple[int, int]) -> tuple[Plane, Plane]:
        """Per pixel of a canvas (width, height), where in the picture it comes from: x and y (h, w).

        `matrix` (2, 3) puts the bent picture onto the canvas.
        """
        back = cv2.invertAffineTransform(matrix).astype(np.float32)
        across = np.arange(size[0], dtype=np.float32)[None]
        down = np.arange(size[1], dtype=np.float32)[:, None]
        x, y = (
            row[0] * across + row[1] * down + (row[2] - np.float32(m)) for row, m in zip(back, self.middle, strict=True)
        )
        radius = np.maximum(cv2.magnitude(x, y), np.float32(1e-3))
        theta = np.minimum(radius / np.float32(self.enlarged * self.focal_px), np.float32(WIDEST_SHOWN_RAD))
        ratio = np.tan(theta) * np.float32(self.focal_px) / radius
        return x * ratio + np.float32(self.middle[0]), y * ratio + np.float32(self.middle[1])


def moved(picture: Image, rows: Rows, size: tuple[int, int], motion: Motion, rng: Rng) -> tuple[Image, Rows]:
    """The picture (h, w, 3) put into `size` (width, height) with padding, and its boxes there."""
    own = (picture.shape[1], picture.shape[0])
    matrix = _matrix(*own, size, motion, rng)
    lens = Fisheye.over(own, rng.uniform(*motion.half_angle_deg)) if rng.random() < motion.fisheye else None
    return shown(picture, matrix, size, lens), moved_rows(rows, matrix, size, lens)


def shown(picture: Image, matrix: NDArray[np.float64], size: tuple[int, int], lens: Fisheye | None = None) -> Image:
    """The picture (h, w, 3), bent by the lens, then under an affine map (2, 3), on a canvas (width, height)."""
    padding = (PADDING,) * 3
    if lens is not None:
        x, y = lens.looked_up(matrix, size)
        return cv2.remap(picture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=padding).astype(
            np.uint8
        )
    flags = cv2.INTER_AREA if abs(np.linalg.det(matrix[:, :2])) < 0.5 else cv2.INTER_LINEAR
    return cv2.warpAffine(picture, matrix, size, flags=flags, borderValue=padding).astype(np.uint8)


def _turn_deg(motion: Motion, rng: Rng) -> float:
    chance = rng.random()
    if chance < motion.quarter_turns:
        return 90.0 * int(rng.integers(1, 4))
    return float(rng.uniform(0, 360)) if chance < motion.quarter_turns + motion.any_turn else 0.0


def _matrix(width: int, height: int, size: tuple[int, int], motion: Motion, rng: Rng) -> NDArray[np.float64]:
    turn_deg = _turn_deg(motion, rng)
    angle = np.deg2rad(turn_deg + np.clip(rng.normal(0, motion.tilt_deg), -15, 15))
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    # What the turned picture fills, by the ellipse inside it: its corners may leave the canvas.
    along, across = abs(np.cos(np.deg2rad(turn_deg))), abs(np.sin(np.deg2rad(turn_deg)))
    upright = (np.hypot(width * along, height * across), np.hypot(width * across, height * along))
    fit = min(size[0] / upright[0], size[1] / upright[1])
    low, high = np.log(motion.scale)
    zoom = fit * np.exp(rng.uniform(low, high))
    stretch = np.exp(rng.normal(0, 0.06))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = turn @ np.diag([mirror * zoom * stretch, zoom / stretch])
    room = [abs(size[axis] - upright[axis] * zoom) / 2 for axis in (0, 1)]
    target = np.array([size[axis] / 2 + rng.uniform(-1, 1) * room[axis] for axis in (0, 1)])
    return np.hstack([linear, (target - linear @ np.array([width / 2, height / 2]))[:, None]])


def moved_rows(rows: Rows, matrix: NDArray[np.float64], size: tuple[int, int], lens: Fisheye | None = None) -> Rows:
    """Boxes bent by the lens, then under an affine map (2, 3), clipped to `size`; those mostly outside are dropped.

    A turned or bent box is bounded by the ellipse inside it: the corners of a box are mostly background, and the hull
    of turned corners would be up to 1.4 times too large.
    """
    if len(rows) == 0:
        return rows
    corners = _turned(rows[:, 1:], matrix) if lens is None else _bent(rows[:, 1:], matrix, lens)
    cut = corners.copy()
    cut[:, 0::2] = np.clip(corners[:, 0::2], 0, size[0])
    cut[:, 1::2] = np.clip(corners[:, 1::2], 0, size[1])
    left = (cut[:, 2:] - cut[:, :2]).prod(axis=1) / np.maximum((corners[:, 2:] - corners[:, :2]).prod(axis=1), 1e-6)
    keep = (left > LEAST_LEFT) & ((cut[:, 2:] - cut[:, :2]).min(axis=1) > 3)
    return np.hstack([rows[keep, :1], cut[keep]]).astype(np.float32)


def _turned(boxes: Rows, matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bounds (n, 4) of the ellipses inside boxes (n, 4) under an affine map."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2 @ matrix[:, :2].T + matrix[:, 2]
    halves = (boxes[:, 2:] - boxes[:, :2]) / 2
    reach = np.sqrt(halves**2 @ (matrix[:, :2] ** 2).T)
    return np.hstack([centres - reach, centres + reach])


def _bent(boxes: Rows, matrix: NDArray[np.float64], lens: Fisheye) -> NDArray[np.float64]:
    """The same through a lens first, by points of the ellipses."""
    around = np.linspace(0, 2 * np.pi, OUTLINE_POINTS, endpoint=False)
    unit = np.stack([np.cos(around), np.sin(around)], axis=1)
    centres, halves = (boxes[:, :2] + boxes[:, 2:]) / 2, (boxes[:, 2:] - boxes[:, :2]) / 2
    outlines = lens.bent(centres[:, None].astype(np.float64) + halves[:, None] * unit)
    outlines = outlines @ matrix[:, :2].T + matrix[:, 2]
    return np.hstack([outlines.min(axis=1), outlines.max(axis=1)])


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
