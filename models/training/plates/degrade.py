"""What weather, traffic, a camera and a detector do to a plate before it is read.

Three steps, each usable alone: `weathered` on the plate's own plane, `photographed` on any picture, `crop` the whole
way from a clean plate to what the reader gets. Every effect is drawn by lot; most plates get two or three of them.
"""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.plates.draw import Plate
from models.training.plates.placed import misplaced, rectified, seen

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]
Range = tuple[float, float]
Also = Callable[[np.random.Generator, Image, Floats], Image]

WIDTHS_PX: Range = (58, 230)
"""Of a plate in its picture, least and most."""


def smooth(rng: np.random.Generator, shape: tuple[int, int], cells: int) -> Floats:
    """(h, w) 0..1: clouds of about `cells` across."""
    height, width = shape
    grain = rng.random((max(2, cells * height // width + 1), cells + 1), np.float32)
    return np.asarray(cv2.resize(grain, (width, height), interpolation=cv2.INTER_CUBIC), np.float32).clip(0, 1)


def blend(picture: Floats, colour: NDArray[np.floating], mask: Floats) -> None:
    picture += (np.asarray(colour, np.float32) - picture) * mask[..., None]


def faded(rng: np.random.Generator, picture: Floats) -> None:
    """Ink and ground come nearer to each other, as on plates of ten years."""
    picture += (picture.mean((0, 1)) - picture) * rng.uniform(0, 0.45)


def dirty(rng: np.random.Generator, picture: Floats) -> None:
    clouds = smooth(rng, picture.shape[:2], int(rng.integers(3, 24)))
    mask = ((clouds - rng.uniform(0.45, 0.75)) * 3).clip(0, rng.uniform(0.3, 0.9)).astype(np.float32)
    blend(picture, rng.uniform(60, 150) * np.array([0.8, 0.95, 1.0]), mask)


def shaded(rng: np.random.Generator, picture: Floats) -> None:
    """The hard or soft edge of a shadow across the plate."""
    height, width = picture.shape[:2]
    angle, offset = rng.uniform(0, 2 * np.pi), rng.uniform(-0.35, 0.35)
    x, y = np.meshgrid(
        np.linspace(-0.5, 0.5, width, dtype=np.float32), np.linspace(-0.5, 0.5, height, dtype=np.float32)
    )
    side = x * np.float32(np.cos(angle)) + y * np.float32(np.sin(angle)) - np.float32(offset)
    share = (side * np.float32(rng.choice([4, 20, 80])) + 0.5).clip(0, 1)
    picture *= 1 - share[..., None] * np.float32(rng.uniform(0.2, 0.65))


def glaring(rng: np.random.Generator, picture: Floats) -> None:
    """Sun or a lamp on the sheet: a soft spot that washes the characters out."""
    height, width = picture.shape[:2]
    x, y = np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32))
    centre, spread = (rng.uniform(0, width), rng.uniform(0, height)), rng.uniform(0.08, 0.5) * width
    squared = ((x - np.float32(centre[0])) ** 2 + ((y - np.float32(centre[1])) * 1.4) ** 2) / np.float32(spread**2)
    blend(picture, np.array([255.0, 255, 255]), np.exp(-squared) * np.float32(rng.uniform(0.3, 0.85)))


def framed(rng: np.random.Generator, picture: Floats) -> None:
    """A holder around the plate, sometimes of chrome, over its edge and a little of the characters' margin."""
    height, width = picture.shape[:2]
    tone, x, y = rng.choice([20.0, 45.0, 190.0]), int(rng.uniform(0, 0.014) * width), int(rng.uniform(0, 0.07) * height)
    for strip in (picture[:y], picture[height - y :], picture[:, :x], picture[:, width - x :]):
        strip[:] = tone + rng.normal(0, 8)


def covered(rng: np.random.Generator, picture: Floats) -> None:
    """A twig, a tow hook, a cable: something narrow that leaves every character to be read."""
    height, width = picture.shape[:2]
    ends = rng.uniform(0, 1, 4) * (width, height, width, height)
    tone = rng.uniform(10, 200, 3) if rng.random() < 0.3 else np.full(3, rng.uniform(10, 120))
    thickness = max(1, int(rng.uniform(0.01, 0.03) * width))
    start, end = (int(ends[0]), int(ends[1])), (int(ends[2]), int(ends[3]))
    cv2.line(picture, start, end, tuple(float(one) for one in tone), thickness, cv2.LINE_AA)


def scratched(rng: np.random.Generator, picture: Floats) -> None:
    """Dots where the paint is off, down to the sheet."""
    mask = (smooth(rng, picture.shape[:2], 90) > rng.uniform(0.88, 0.96)).astype(np.float32)
    blend(picture, rng.uniform(90, 210, 3), mask * np.float32(0.8))


PLANE = (
    (faded, 0.35),
    (dirty, 0.3),
    (scratched, 0.12),
    (covered, 0.06),
    (framed, 0.25),
    (shaded, 0.22),
    (glaring, 0.15),
)


def weathered(rng: np.random.Generator, image: Image) -> Image:
    """BGRA (h, w, 4) -> the same size: what happens on the plate's own plane."""
    picture = image[..., :3].astype(np.float32)
    for effect, chance in PLANE:
        if rng.random() < chance:
            effect(rng, picture)
    return np.dstack([picture.clip(0, 255).astype(np.uint8), image[..., 3]])


def blurred(rng: np.random.Generator, picture: Floats) -> Floats:
    """Out of focus: less of it, in pixels, where the picture is small."""
    sigma = 0.3 + abs(rng.normal(0, 0.005)) * picture.shape[1]
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), min(sigma, 2.5)), np.float32)


def moved(rng: np.random.Generator, picture: Floats) -> Floats:
    """A car that drives while the shutter is open: mostly along, sometimes down."""
    length = rng.uniform(0.008, 0.026) * picture.shape[1]
    length, kernel = min(length, 6.0), np.zeros((7, 7), np.float32)
    angle = rng.normal(0, 0.5) if rng.random() < 0.7 else rng.uniform(0, np.pi)
    for step in np.linspace(-length / 2, length / 2, 15):
        kernel[round(3 + step * np.sin(angle) / 1.2), round(3 + step * np.cos(angle) / 1.2)] += 1
    return np.asarray(cv2.filter2D(picture, -1, kernel / kernel.sum()), np.float32)


def exposed(rng: np.random.Generator, picture: Floats) -> Floats:
    """Night to noon: gain and gamma, and contrast lost to haze."""
    gamma, gain = np.exp(rng.normal(0, 0.35)), np.exp(rng.normal(0, 0.3))
    haze = rng.uniform(0, 90) if rng.random() < 0.2 else 0.0
    curve = (255 * (np.linspace(0, 1, 256) ** gamma) * gain * (1 - haze / 255) + haze).clip(0, 255)
    return curve.astype(np.float32)[picture.clip(0, 255).astype(np.uint8)]


def tinted(rng: np.random.Generator, picture: Floats) -> Floats:
    """White balance off; now and then nearly grey, as in infrared light."""
    tinted = picture * np.exp(rng.normal(0, 0.09, 3)).astype(np.float32)
    if rng.random() < 0.25:
        grey = tinted.mean(-1, keepdims=True)
        tinted = grey + (tinted - grey) * np.float32(rng.uniform(0.3, 1.0))
    elif rng.random() < 0.3:
        grey = tinted.mean(-1, keepdims=True)
        tinted = grey + (tinted - grey) * np.float32(rng.uniform(1.0, 1.8))
    return tinted


def noisy(rng: np.random.Generator, picture: Floats) -> Floats:
    height, width = picture.shape[:2]
    grain = rng.standard_normal((height, width, 3), np.float32) * np.float32(rng.gamma(1.5, 4.0))
    return picture + (grain if rng.random() < 0.5 else grain[..., :1])


def sharpened(rng: np.random.Generator, picture: Floats) -> Floats:
    """What camera firmware makes of it: haloes."""
    soft = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.8, 1.6))
    return np.asarray(picture + (picture - soft) * np.float32(rng.uniform(0.3, 1.6)), np.float32)


LENS = ((blurred, 0.6), (moved, 0.2), (exposed, 0.75), (tinted, 0.85), (noisy, 0.6), (sharpened, 0.3))


def photographed(rng: np.random.Generator, bgr: Image) -> Image:
    """(h, w, 3) -> the same size: lens, sensor and JPEG."""
    picture = bgr.astype(np.float32)
    for effect, chance in LENS:
        if rng.random() < chance:
            picture = effect(rng, picture)
    taken = picture.clip(0, 255).astype(np.uint8)
    if rng.random() < 0.7:
        quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(20, 95))]
        taken = cv2.imdecode(cv2.imencode(".jpg", taken, quality)[1], cv2.IMREAD_COLOR).astype(np.uint8)
    return taken


def surroundings(rng: np.random.Generator, shape: tuple[int, int]) -> Image:
    """Bumper, shade or street: clouds of a colour with an edge or two."""
    colour = rng.uniform(0, 255) + rng.normal(0, 20, 3)
    picture = (colour + (smooth(rng, shape, int(rng.integers(2, 9)))[..., None] - 0.5) * rng.uniform(0, 160)).clip(
        0, 255
    )
    for _ in range(rng.integers(0, 3)):
        row = int(rng.integers(0, shape[0]))
        picture[row : row + int(rng.integers(1, 12))] = rng.uniform(0, 255)
    return picture.astype(np.uint8)


def crop(
    rng: np.random.Generator, plate: Plate, widths_px: Range = WIDTHS_PX, also: Also | None = None
) -> tuple[Image, Floats]:
    """(48, 168, 3) BGR: the plate weathered, photographed from somewhere, found and rectified; and what of it is shown.

    That is told as corners (4, 2) in the pixels of `plate.image`. `also` changes the picture (h, w, 3) before it is
    taken, and knows the plate's corners in it.
    """
    height, width = plate.image.shape[:2]
    width_px = np.exp(rng.uniform(*np.log(widths_px)))
    small = (240, round(240 * height / width))
    image = weathered(rng, cv2.resize(plate.image, small, interpolation=cv2.INTER_AREA).astype(np.uint8))
    margin = 0.12 * width_px
    corners = seen(rng, small, width_px) + np.float32(margin)
    extent = np.ceil(corners.max(0) + margin).astype(int)
    matrix = cv2.getPerspectiveTransform(
        np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32) * np.float32(small), corners
    )
    if width_px < 160:  # the warp alone would skip pixels
        image = cv2.GaussianBlur(image, (0, 0), 0.35 * small[0] / width_px).astype(np.uint8)
    warped = cv2.warpPerspective(image, matrix, (int(extent[0]), int(extent[1])))
    alpha = warped[..., 3:].astype(np.float32) / 255
    around = surroundings(rng, (int(extent[1]), int(extent[0])))
    picture = (around + (warped[..., :3] - around.astype(np.float32)) * alpha).astype(np.uint8)
    picture = also(rng, picture, corners) if also else picture
    taken, found = photographed(rng, picture), misplaced(rng, corners)
    shown = cv2.perspectiveTransform(found[None], np.linalg.inv(matrix))[0] * np.float32(width / small[0])
    return rectified(taken, found, plate.rows), np.asarray(shown, np.float32)
