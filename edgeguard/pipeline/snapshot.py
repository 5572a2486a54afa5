"""The evidence picture of an event: the frame with a box around what was seen, as one small JPEG."""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.pipeline.privacy import blur_heads
from edgeguard.types import Picture

# What a message broker must let pass with room to spare.
MAX_JPEG_BYTES = 128 * 1024
WIDTH_PX = 960
# From fine to coarse; below 40 blocks show, so a smaller picture is the better one.
QUALITIES = (88, 75, 60, 45)
SHRINK = 0.75
# BGR; amber stands out from steel, wood and clothes, and from red-green blindness.
AMBER = (0, 176, 255)
BLACK = (0, 0, 0)


def snapshot(
    picture: Picture,
    box: tuple[float, float, float, float] | None,
    people: NDArray[np.float32] | None = None,
    width_px: int = WIDTH_PX,
    path: Sequence[tuple[float, float]] = (),
) -> bytes:
    """Return a JPEG of at most MAX_JPEG_BYTES and `width_px`.

    `box`: what it is about, in 0..1 of the picture. `people`: xyxy (n, 4) in the picture's pixels, their heads are
    blurred; None leaves the picture clear. `path`: where it was seen in turn, (x, y)
    in 0..1; drawn in place of the box.
    """
    width = min(width_px, picture.width)
    height = max(round(picture.height * width / picture.width), 1)
    bgr = picture.bgr(width, height)
    if people is not None:
        bgr = blur_heads(bgr, people * np.float32(width / picture.width))
    if path:
        bgr = traced(bgr, path)
    elif box is not None:
        bgr = outlined(bgr, box)
    return encode_jpeg(bgr)


def outlined(bgr: NDArray[np.uint8], box: tuple[float, float, float, float]) -> NDArray[np.uint8]:
    """Return a copy of (h, w, 3) uint8 with a frame around `box` (0..1), edged in black so that it shows anywhere."""
    height, width = bgr.shape[:2]
    corners = (np.array(box) * (width, height, width, height)).round().astype(int)
    x0, y0, x1, y1 = (int(side) for side in corners)
    line = max(2, width // 240)
    marked = bgr.copy()
    cv2.rectangle(marked, (x0, y0), (x1, y1), BLACK, line + 2, cv2.LINE_AA)
    cv2.rectangle(marked, (x0, y0), (x1, y1), AMBER, line, cv2.LINE_AA)
    return marked


def traced(bgr: NDArray[np.uint8], path: Sequence[tuple[float, float]]) -> NDArray[np.uint8]:
    """Return a copy of (h, w, 3) uint8 with a line along the points (x, y in 0..1) where a thing was seen as it fell.

    Rings stand at those that are a ring apart: their wider and wider steps tell that it fell freely.
    """
    height, width = bgr.shape[:2]
    marked = bgr.copy()
    points = [(round(x * width), round(y * height)) for x, y in path]
    radius, line = max(4, width // 160), max(1, width // 480)
    rings = points[:1]
    for point in points:
        if math.dist(point, rings[-1]) > 2 * radius:
            rings.append(point)
    for colour, thickness in ((BLACK, line + 2), (AMBER, line)):
        cv2.polylines(
            marked, [np.array(points, np.int32)], isClosed=False, color=colour, thickness=thickness - line + 1
        )
        for point in rings:
            cv2.circle(marked, point, radius, colour, thickness, cv2.LINE_AA)
    return marked


def encode_jpeg(bgr: NDArray[np.uint8], max_bytes: int = MAX_JPEG_BYTES, qualities: Sequence[int] = QUALITIES) -> bytes:
    """Return (h, w, 3) uint8 as a JPEG of at most `max_bytes`: coarser first (`qualities`), then smaller.

    Raises ValueError when not even one pixel fits.
    """
    while True:
        for quality in qualities:
            _, jpeg = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
            if len(jpeg) <= max_bytes:
                return jpeg.tobytes()
        height, width = bgr.shape[:2]
        if max(height, width) == 1:
            raise ValueError(f"max_bytes is {max_bytes}, accepted: at least {len(jpeg)}")
        smaller = max(int(width * SHRINK), 1), max(int(height * SHRINK), 1)
        bgr = cv2.resize(bgr, smaller, interpolation=cv2.INTER_AREA).astype(np.uint8)
