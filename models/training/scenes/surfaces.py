"""Coverings drawn by the generator: walls, floors, posters, wear."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from . import looks
from .kit import Look, Rgb

Rng = np.random.Generator
Image = NDArray[np.uint8]
STYLES: Final = ("steel", "steel", "dark", "wood", "painted", "clad")


def image_noise(rng: Rng, base: Rgb, size: tuple[int, int], stretch: tuple[int, int], depth: float) -> Image:
    """Blotches over a linear colour, as an sRGB picture (h, w, 3); `stretch` (x, y) sets the grain."""
    h, w = size
    field = np.zeros((h, w), np.float32)
    for octave in (1, 2, 4):
        small = (max(2, w * octave // (stretch[0] * 4)), max(2, h * octave // (stretch[1] * 4)))
        coarse = rng.normal(size=small[::-1]).astype(np.float32)
        field += np.asarray(cv2.resize(coarse, (w, h), interpolation=cv2.INTER_CUBIC), np.float32) / octave
    shade = np.clip(1 + depth * field, 0.2, 1.8)[..., None] * np.asarray(base, np.float32)
    return np.asarray(255 * np.clip(shade, 0, 1) ** (1 / 2.2), np.uint8)


def poster(rng: Rng, *, bright: bool = False) -> Image:
    """An advertisement of blocks, discs and bars: nobody's brand, but as loud as a real one."""
    h, w = 256, 180
    grounds = (
        (245, 245, 240),
        (200, 30, 40),
        (30, 90, 190),
        (250, 200, 60),
        (240, 240, 245),
        (20, 30, 60),
        (60, 150, 80),
        (225, 225, 230),
    )
    ground = list(grounds[int(rng.integers(len(grounds)))])
    out = np.full((h, w, 3), ground, np.uint8)
    for _ in range(int(rng.integers(3, 9))):
        colour = rng.integers(0, 256, 3).tolist()
        x, y = int(rng.integers(0, w)), int(rng.integers(0, h))
        if rng.random() < 0.5:
            cv2.circle(out, (x, y), int(rng.integers(10, 70)), colour, -1, cv2.LINE_AA)
        else:
            cv2.rectangle(
                out, (x - int(rng.integers(10, 80)), y - int(rng.integers(8, 50))), (x + 40, y + 20), colour, -1
            )
    ink = (255, 255, 255) if sum(ground) < 380 else (20, 20, 20)
    for row in range(int(rng.integers(2, 9))):
        y = int(rng.integers(10, h - 10))
        cv2.line(
            out, (int(rng.integers(5, 40)), y), (int(rng.integers(80, w - 5)), y), ink, int(rng.integers(1, 3 + row))
        )
    return np.asarray(np.clip(out.astype(int) + (40 if bright else 0), 0, 255), np.uint8)


def _speckled(out: Image, rng: Rng) -> Image:
    dots = rng.random(out.shape[:2]) < 0.06
    out[dots] = rng.integers(20, 230)
    return out


def _chequered(out: Image, _: Rng) -> Image:
    for y in range(0, len(out), 16):
        for x in range(0, len(out), 16):
            angle = 45 if (x + y) // 16 % 2 else 135
            ink = [int(min(255, v * 1.35 + 12)) for v in out[y, x]]
            cv2.ellipse(out, (x + 8, y + 8), (7, 2), angle, 0, 360, ink, -1)
    return out


def _tiled(out: Image, rng: Rng) -> Image:
    n = len(out)
    for k in range(0, n, int(rng.choice([48, 64, 96, 128]))):
        cv2.line(out, (k, 0), (k, n), (60, 58, 55), 2)
        cv2.line(out, (0, k), (n, k), (60, 58, 55), 2)
    if rng.random() < 0.5:
        cv2.rectangle(out, (30, 30), (n - 30, n - 30), rng.integers(30, 200, 3).tolist(), 14)
    return out


def _carpeted(out: Image, rng: Rng) -> Image:
    n = len(out)
    cv2.rectangle(out, (24, 24), (n - 24, n - 24), rng.integers(20, 160, 3).tolist(), -1)
    return np.clip(out + rng.normal(0, 10, (n, n, 1)), 0, 255).astype(np.uint8)


_FLOORS: Final[dict[str, Callable[[Image, Rng], Image]]] = {
    "speckle": _speckled,
    "chequer": _chequered,
    "tiles": _tiled,
    "stone": lambda out, _: out,
    "carpet": _carpeted,
}
_FLOOR_TONES: Final[tuple[Rgb, ...]] = (
    (0.3, 0.29, 0.26),
    (0.12, 0.12, 0.13),
    (0.45, 0.42, 0.36),
    (0.2, 0.22, 0.24),
    (0.28, 0.2, 0.14),
    (0.5, 0.5, 0.5),
)


def floor_image(rng: Rng) -> Image:
    """Floor covering: speckled rubber, chequer plate, tiles with a border, stone, carpet; stained."""
    kind = str(rng.choice(list(_FLOORS)))
    base = looks.pick(rng, _FLOOR_TONES)
    n = 384
    out = _FLOORS[kind](image_noise(rng, base, (n, n), (1, 1), 0.12 if kind != "stone" else 0.3), rng)
    for _ in range(int(rng.integers(0, 12))):
        x, y = (int(v) for v in rng.integers(0, n, 2))
        size = (int(rng.integers(4, 40)), int(rng.integers(2, 14)))
        dirt = [int(v) for v in out[y, x] * 0.8]
        cv2.ellipse(out, (x, y), size, float(rng.uniform(0, 180)), 0, 360, dirt, -1)
    return np.asarray(cv2.GaussianBlur(out, (3, 3), 0), np.uint8)


def wall_look(rng: Rng, style: str) -> Look:
    """One wall covering; steel is brushed and slightly stained."""
    if style == "wood":
        base = looks.pick(rng, ((0.25, 0.13, 0.06), (0.4, 0.25, 0.12), (0.12, 0.06, 0.03)))
        return Look(base, 0.4, image=image_noise(rng, base, (256, 256), (1, 40), 0.14))
    if style == "painted":
        base = looks.pick(rng, ((0.6, 0.6, 0.56), (0.45, 0.5, 0.5), (0.7, 0.68, 0.6), (0.25, 0.3, 0.35)))
        return Look(base, 0.5, image=image_noise(rng, base, (256, 256), (30, 30), 0.03))
    if style == "clad":
        base = looks.pick(rng, ((0.45, 0.3, 0.16), (0.5, 0.46, 0.38), (0.3, 0.27, 0.22)))
        return Look(base, 0.8, image=image_noise(rng, base, (256, 256), (4, 4), 0.16))
    tone = float(rng.uniform(0.05, 0.16) if style == "dark" else rng.uniform(0.32, 0.6))
    tint = (tone, tone * rng.uniform(0.96, 1.0), tone * rng.uniform(0.88, 1.04))
    image = image_noise(rng, tint, (256, 256), (1, 60), 0.035)
    return Look(tint, float(rng.uniform(0.25, 0.45)), float(rng.uniform(0.75, 1.0)), image=image)


def peeled(rng: Rng, look: Look) -> Look:
    """The same wall with patches where the film has come off or dirt has settled."""
    if look.image is None:
        return look
    h, w = look.image.shape[:2]
    coarse = cv2.resize(rng.normal(size=(7, 7)), (w, h), interpolation=cv2.INTER_CUBIC)
    fine = cv2.resize(rng.normal(size=(24, 24)), (w, h), interpolation=cv2.INTER_CUBIC)
    bare = (np.asarray(coarse) + 0.4 * np.asarray(fine) > rng.uniform(0.8, 1.7))[..., None]
    tone = rng.uniform(0.4, 0.8) if rng.random() < 0.7 else rng.uniform(1.1, 1.4)
    image = np.where(bare, np.clip(look.image * tone, 0, 255), look.image)
    return replace(look, image=np.asarray(image, np.uint8))
