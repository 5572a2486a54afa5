"""Objects pasted into lifts: with a scale, a lean, a shadow, the light of the place and people in front."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.cutouts import Cutout
from models.training.labels import E_BIKE, LABELS, Box

Image = NDArray[np.uint8]
Rng = np.random.Generator
Plane = NDArray[np.float32]

SHARE_OF_HEIGHT = {"person": (0.6, 1.0), "e-bike": (0.4, 0.85), "bicycle": (0.4, 0.8), "wheelchair": (0.4, 0.8)}
SHARE_OF_HEIGHT |= {"pram": (0.4, 0.75), "dog": (0.15, 0.4), "bag": (0.2, 0.45)}
"""How tall an object stands in a picture of a whole lift."""

LEAST_VISIBLE = 0.25
"""Of an object less than this visible is not labelled."""

MIXES: tuple[tuple[float, tuple[str, ...]], ...] = (
    (0.16, ("wheelchair", "person")),
    (0.08, ("wheelchair",)),
    (0.16, ("pram", "person")),
    (0.08, ("bag", "person")),
    (0.06, ("dog", "person")),
    (0.06, ("bicycle", "person")),
    (0.12, ("person", "person")),
    (0.18, ("e-bike", "person")),
    (0.10, ("e-bike",)),
)
"""How often which objects are pasted together; the last one stands in front."""


@dataclass(slots=True)
class Layer:
    label: int
    mask: Plane
    """Coverage (H, W) 0..1 before anything stood in front."""
    visible: Plane


def composite(background: Image, boxes: list[Box], stock: dict[str, list[Cutout]], rng: Rng) -> tuple[Image, list[Box]]:
    """A copy of the background (h, w, 3) with one of MIXES pasted in, and the boxes of all that is seen."""
    canvas = background.astype(np.float32)
    size = (background.shape[1], background.shape[0])
    layers = [_layer_of_box(box, size) for box in boxes]
    mix = MIXES[rng.choice(len(MIXES), p=np.array([share for share, _ in MIXES]))][1]
    around = rng.uniform(0.25, 0.75)
    for label in mix:
        options = stock[label]
        cutout = options[int(rng.integers(len(options)))]
        canvas = _paste(canvas, cutout, around, layers, rng)
    picture = np.clip(canvas, 0, 255).astype(np.uint8)
    return picture, [box for layer in layers if (box := _box_of(layer, size)) is not None]


def _layer_of_box(box: Box, size: tuple[int, int]) -> Layer:
    mask = np.zeros((size[1], size[0]), np.float32)
    x1, y1, x2, y2 = (round(side) for side in box.corners(size))
    mask[max(y1, 0) : y2, max(x1, 0) : x2] = 1
    return Layer(box.label, mask, mask.copy())


def _paste(canvas: Plane, cutout: Cutout, around: float, layers: list[Layer], rng: Rng) -> Plane:
    height, width = canvas.shape[:2]
    matrix = _placement(cutout, around, (width, height), rng)
    rgba = lit(cutout.rgba, canvas, rng)
    placed = cv2.warpAffine(rgba, matrix, (width, height), flags=cv2.INTER_AREA, borderValue=(0, 0, 0, 0))
    alpha: Plane = (cv2.GaussianBlur(placed[..., 3], (0, 0), 0.8) / 255).astype(np.float32)
    colour = cv2.GaussianBlur(placed[..., :3], (0, 0), rng.uniform(0.3, 0.9)).astype(np.float32)
    shaded: Plane = canvas * (1 - shadow(alpha, rng)[..., None])
    for layer in layers:
        layer.visible *= 1 - alpha
    layers.append(Layer(cutout.label, alpha, alpha.copy()))
    pasted: Plane = shaded * (1 - alpha[..., None]) + colour * alpha[..., None]
    return pasted


def _placement(cutout: Cutout, around: float, size: tuple[int, int], rng: Rng) -> NDArray[np.float64]:
    """The affine matrix (2, 3): scaled, leaning, foreshortened as from above, its foot near the floor."""
    width, height = size
    tall, wide = cutout.rgba.shape[:2]
    label = LABELS[cutout.label]
    share = rng.uniform(*SHARE_OF_HEIGHT[label])
    scale = share * height / max(tall, wide * 0.8)
    squash = rng.uniform(0.65, 1.0)
    lean = np.deg2rad(rng.normal(0, 14) if rng.random() < 0.75 else rng.uniform(-180, 180))
    mirror = -1 if rng.random() < 0.5 else 1
    turn = np.array([[np.cos(lean), -np.sin(lean)], [np.sin(lean), np.cos(lean)]])
    linear = turn @ np.array([[mirror, rng.normal(0, 0.12)], [0, squash]]) * scale
    centre_x = width * np.clip(around + rng.normal(0, 0.13), 0.05, 0.95)
    foot_y = height * rng.uniform(0.62, 1.12)
    centre = np.array([centre_x, foot_y - squash * scale * tall / 2])
    shift = centre - linear @ np.array([wide / 2, tall / 2])
    return np.hstack([linear, shift[:, None]])


def lit(rgba: Image, canvas: Plane, rng: Rng) -> Image:
    """The cut-out half way to the mean light of the place, and sometimes without colour as the place is."""
    colour = rgba[..., :3].astype(np.float32)
    seen = rgba[..., 3] > 127
    light, own = canvas.mean(), colour[seen].mean() + 1
    colour *= (light / own) ** rng.uniform(0.2, 0.7) * rng.uniform(0.75, 1.15)
    saturation = np.abs(canvas[..., 0] - canvas[..., 2]).mean()
    if saturation < 4:  # an infrared picture
        colour[:] = colour.mean(axis=2, keepdims=True)
    return np.dstack([np.clip(colour, 0, 255).astype(np.uint8), rgba[..., 3]])


def shadow(alpha: Plane, rng: Rng) -> Plane:
    """Darkness (H, W) around the object's foot."""
    rows = np.nonzero(alpha.max(axis=1) > 0.5)[0]
    if len(rows) == 0:
        return np.zeros_like(alpha)
    foot = np.zeros_like(alpha)
    low = rows[0] + int(0.7 * (rows[-1] - rows[0]))
    foot[low:] = alpha[low:]
    return cv2.GaussianBlur(foot, (0, 0), alpha.shape[0] * 0.03).astype(np.float32) * rng.uniform(0.2, 0.6)


def _box_of(layer: Layer, size: tuple[int, int]) -> Box | None:
    """Around what is visible of the layer; None where too little is."""
    whole = float(layer.mask.sum())
    if whole < 60 or float(layer.visible.sum()) < LEAST_VISIBLE * whole:
        return None
    ys, xs = np.nonzero(layer.visible > 0.5)
    if len(xs) == 0:
        return None
    corners = (float(xs.min()), float(ys.min()), float(xs.max() + 1), float(ys.max() + 1))
    box = Box.from_corners(layer.label, corners, size)
    too_small = layer.label == E_BIKE and box.width * box.height < 0.008
    return None if too_small else box
