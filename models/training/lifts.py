"""Real lifts without the e-bike: the median of one camera's pictures, and tiles with the e-bike taken out."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.labels import E_BIKE, Box
from models.training.sources import Sample

Image = NDArray[np.uint8]

TILE_SIZE = (480, 270)
FRAME_PX = 8
"""The tiles come with a grey frame of about this width."""

LARGEST_REMOVED = 0.35
"""Where the e-bike fills more of the picture than this, too little is left to know what stood behind it."""


def read_tile(path: Path) -> Image:
    """A tile without its frame, as TILE_SIZE. Raises ValueError where it cannot be read."""
    picture = cv2.imread(str(path))
    if picture is None:
        raise ValueError(f"expected a picture, got {path}")
    inner = picture[FRAME_PX:-FRAME_PX, FRAME_PX:-FRAME_PX]
    return cv2.resize(inner, TILE_SIZE, interpolation=cv2.INTER_AREA).astype(np.uint8)


def inner_boxes(path: Path, boxes: list[Box]) -> list[Box]:
    """The boxes of a tile after its frame has been cut off."""
    picture = cv2.imread(str(path))
    height, width = picture.shape[:2]  # type: ignore[union-attr]
    inner = (width - 2 * FRAME_PX, height - 2 * FRAME_PX)
    shifted = (tuple(side - FRAME_PX for side in box.corners((width, height))) for box in boxes)
    return [Box.from_corners(box.label, (c[0], c[1], c[2], c[3]), inner) for box, c in zip(boxes, shifted, strict=True)]


def plates(samples: list[Sample], views: dict[str, list[str]]) -> dict[str, Image]:
    """Per view the lift without anybody: the median of its tiles outside their e-bikes, the rest painted in."""
    by_view: dict[str, list[NDArray[np.float32]]] = {}
    for sample in samples:
        if (view := view_of(sample, views)) is not None:
            tile = read_tile(sample.path).astype(np.float32)
            tile[ebike_mask(inner_boxes(sample.path, sample.boxes), TILE_SIZE) > 0] = np.nan
            by_view.setdefault(view, []).append(tile)
    return {view: _plate(np.stack(tiles)) for view, tiles in by_view.items()}


def _plate(stack: NDArray[np.float32]) -> Image:
    """Of tiles (n, h, w, 3) with NaN where an e-bike is."""
    nowhere_free = np.isnan(stack).all(axis=(0, 3))
    stack[:, nowhere_free] = 0
    ordered = np.sort(stack, axis=0)  # NaN last
    # Floors and walls are lighter than what stands before them: a little above the median.
    middle = ((~np.isnan(stack)).sum(axis=0) * 0.6).astype(np.intp)[None]
    plate = np.take_along_axis(ordered, middle, axis=0)[0].astype(np.uint8)
    hole = cv2.dilate(np.where(nowhere_free, 255, 0).astype(np.uint8), np.ones((3, 3), np.uint8))
    return cv2.inpaint(plate, hole, 5, cv2.INPAINT_TELEA).astype(np.uint8)


def ebike_mask(boxes: list[Box], size: tuple[int, int]) -> Image:
    """(h, w), 255 on the e-bikes and a few pixels around them."""
    mask = np.zeros((size[1], size[0]), np.uint8)
    for box in boxes:
        if box.label == E_BIKE:
            x1, y1, x2, y2 = (round(side) for side in box.corners(size))
            cv2.rectangle(mask, (x1 - 6, y1 - 6), (x2 + 6, y2 + 6), 255, -1)
    return mask


def without_ebike(picture: Image, boxes: list[Box], plate: Image | None) -> Image | None:
    """The picture with every e-bike replaced by the empty lift, or by what surrounds it; None where it is too large."""
    mask = ebike_mask(boxes, (picture.shape[1], picture.shape[0]))
    if not mask.any() or (plate is None and mask.mean() / 255 > LARGEST_REMOVED):
        return None
    if plate is None:
        return cv2.inpaint(picture, mask, 9, cv2.INPAINT_TELEA).astype(np.uint8)
    soft = cv2.GaussianBlur(mask, (0, 0), 6)[..., None].astype(np.float32) / 255
    return (picture * (1 - soft) + matched(plate, picture, mask) * soft).astype(np.uint8)


def matched(plate: Image, picture: Image, mask: Image) -> NDArray[np.float32]:
    """The plate with the brightness that the picture has outside the mask."""
    outside = mask == 0
    gain = (picture[outside].mean(axis=0) + 1) / (plate[outside].mean(axis=0) + 1)
    lit: NDArray[np.float32] = np.clip(plate * gain, 0, 255).astype(np.float32)
    return lit


def view_of(sample: Sample, views: dict[str, list[str]]) -> str | None:
    name = sample.path.stem.removeprefix("lily_")
    return next((view for view, names in views.items() if name in names), None)
