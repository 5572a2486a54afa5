"""From a clean render to what a cheap dome camera delivers. numpy and OpenCV only; BGR uint8 in and out."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Rng = np.random.Generator
MODES: Final = ("day", "infrared", "dark", "bright")
ORDINARY: Final = (0.76, 0.12, 0.06, 0.06)
NIGHTLY: Final = (0.54, 0.22, 0.18, 0.06)


@dataclass(frozen=True, slots=True)
class Sensor:
    """How one camera sees. `level` is the mean luma it aims at (0..255), `noise` in grey levels."""

    mode: str = "day"
    level: float = 120.0
    contrast: float = 1.0
    noise: float = 3.0
    vignette: float = 0.0
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    saturation: float = 1.0
    soften: float = 0.0
    sharpen: float = 0.0
    blur_px: int = 0
    blur_deg: float = 0.0
    jpeg: int = 90
    stamp: str = ""


def sensor(rng: Rng, shares: tuple[float, ...] = ORDINARY) -> Sensor:
    """A camera at random, its mode by `shares` of MODES: mostly by day, sometimes night, dark, over-exposed; some are
    blurred or damaged."""
    mode = str(rng.choice(MODES, p=shares))
    level = {
        "day": rng.uniform(90, 160),
        "infrared": rng.uniform(80, 140),
        "dark": rng.uniform(38, 70),
        "bright": rng.uniform(160, 190),
    }[mode]
    when = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=int(rng.integers(0, 63_000_000)))
    moving = rng.random() < 0.12
    return Sensor(
        mode=mode,
        level=float(level),
        contrast=float(rng.uniform(0.85, 1.25)),
        noise=float(rng.uniform(0.5, 4) if mode == "day" else rng.uniform(1.5, 7)),
        vignette=float(rng.uniform(0.1, 0.6) if rng.random() < 0.5 else 0.0),
        cast=tuple(float(v) for v in rng.normal(1, 0.05, 3)),  # type: ignore[arg-type]
        saturation=float(rng.uniform(0.35, 1.15)),
        soften=float(rng.choice([0.0, 0.0, rng.uniform(0.4, 1.4)])),
        sharpen=float(rng.choice([0.0, rng.uniform(0.3, 1.2)])),
        blur_px=int(rng.integers(3, 8)) if moving else 0,
        blur_deg=float(rng.uniform(0, 180)),
        jpeg=int(rng.integers(25, 95)),
        stamp=when.strftime("%Y-%m-%d %H:%M:%S") if rng.random() < 0.6 else "",
    )


def gain_for(image: Picture, level: float) -> float:
    """Gain in linear light that brings the mean luma near `level` (0..255), highlights clipping."""
    linear, gain = (image.astype(np.float32) / 255) ** 2.2, 1.0
    target = (level / 255) ** 2.2
    for _ in range(4):
        gain *= target / max(float(np.minimum(linear * gain, 1).mean()), 1e-4)
    return gain


def expose(image: Picture, gain: float, level: float, contrast: float = 1.0) -> Picture:
    """Gain in linear light, then contrast about `level`."""
    shown = 255 * np.clip((np.arange(256, dtype=np.float32) / 255) ** 2.2 * gain, 0, 1) ** (1 / 2.2)
    return np.asarray(cv2.LUT(image, np.clip((shown - level) * contrast + level, 0, 255).astype(np.uint8)))


def grey(image: Picture) -> Picture:
    """Infrared cut filter out: one grey for all channels, reds brighter than blues."""
    luma = image.astype(np.float32) @ np.array([0.2, 0.4, 0.4], np.float32)
    return np.repeat(np.clip(luma, 0, 255).astype(np.uint8)[..., None], 3, axis=2)


def vignetted(image: Picture, depth: float) -> Picture:
    """Darker towards the corners: 1 at the centre, 1 - depth in them."""
    h, w = image.shape[:2]
    y, x = np.mgrid[-1 : 1 : h * 1j, -1 : 1 : w * 1j]
    fall = 1 - depth * np.clip((x**2 + y**2) / 2, 0, 1) ** 1.3
    return np.asarray(np.clip(image * fall[..., None], 0, 255), np.uint8)


def noisy(image: Picture, amount: float, rng: Rng) -> Picture:
    """Sensor noise: fine in brightness, coarse in colour; `amount` is the deviation in grey levels."""
    if amount <= 0:
        return image
    h, w = image.shape[:2]
    fine = rng.normal(0, amount, (h, w, 1)).astype(np.float32)
    coarse = rng.normal(0, amount * 0.6, (max(1, h // 3), max(1, w // 3), 3)).astype(np.float32)
    return np.asarray(np.clip(image + fine + cv2.resize(coarse, (w, h)), 0, 255), np.uint8)


def motion_blurred(image: Picture, length_px: int, angle_deg: float) -> Picture:
    if length_px < 2:
        return image
    kernel = np.zeros((length_px, length_px), np.float32)
    kernel[length_px // 2] = 1
    centre = ((length_px - 1) / 2, (length_px - 1) / 2)
    rotation = cv2.getRotationMatrix2D(centre, angle_deg, 1)
    turned = np.asarray(cv2.warpAffine(kernel, rotation, (length_px, length_px)), np.float32)
    return np.asarray(cv2.filter2D(image, -1, turned / np.float32(max(turned.sum(), 1e-6))), np.uint8)


def saturated(image: Picture, amount: float) -> Picture:
    """0 is grey, 1 leaves the colours, more is loud."""
    luma = image.astype(np.float32) @ np.array([0.114, 0.587, 0.299], np.float32)
    return np.clip(luma[..., None] + (image - luma[..., None]) * amount, 0, 255).astype(np.uint8)


def stamped(image: Picture, text: str) -> Picture:
    """Date and time burnt in at the top left, white with a dark rim."""
    out, at, size = image.copy(), (8, 16), image.shape[1] / 1000
    for colour, thick in (((0, 0, 0), 2), ((255, 255, 255), 1)):
        cv2.putText(out, text, at, cv2.FONT_HERSHEY_SIMPLEX, size, colour, thick, cv2.LINE_AA)
    return out


def recompressed(image: Picture, quality: int) -> Picture:
    """Through JPEG and back."""
    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def develop(image: Picture, how: Sensor, rng: Rng, gain: float | None = None) -> Picture:
    """The whole chain; the geometry stays, so labels stay true. `gain` fixes the exposure of a recording."""
    out = expose(image, gain or gain_for(image, how.level), how.level, how.contrast)
    out = np.clip(out * np.asarray(how.cast, np.float32), 0, 255).astype(np.uint8)
    out = grey(out) if how.mode == "infrared" else saturated(out, how.saturation)
    out = motion_blurred(out, how.blur_px, how.blur_deg)
    if how.soften > 0:
        out = np.asarray(cv2.GaussianBlur(out, (0, 0), how.soften), np.uint8)
    if how.vignette > 0:
        out = vignetted(out, how.vignette)
    out = noisy(out, how.noise, rng)
    if how.mode == "infrared":
        out = grey(out)
    if how.sharpen > 0:
        soft = cv2.GaussianBlur(out, (0, 0), 1.2).astype(np.float32)
        out = np.clip(out + how.sharpen * (out - soft), 0, 255).astype(np.uint8)
    if how.stamp:
        out = stamped(out, how.stamp)
    return recompressed(out, how.jpeg)
