"""Surfaces that many things share, and colours as they are met in residential lifts."""

from typing import Final

import numpy as np

from .kit import Look, Rgb

RUBBER: Final = Look((0.012, 0.012, 0.013), 0.8)
BLACK: Final = Look((0.02, 0.02, 0.022), 0.45)
VINYL: Final = Look((0.015, 0.015, 0.017), 0.55)
CHROME: Final = Look((0.7, 0.7, 0.72), 0.18, 1.0)
STEEL: Final = Look((0.5, 0.5, 0.52), 0.35, 1.0)
GREY: Final = Look((0.22, 0.22, 0.23), 0.5)
LAMP: Final = Look((0.85, 0.87, 0.9), 0.1)
TAIL: Final = Look((0.5, 0.01, 0.01), 0.2)
AMBER: Final = Look((0.8, 0.25, 0.02), 0.3)
MIRROR: Final = Look((0.75, 0.77, 0.8), 0.05, 1.0)
CARTON: Final = Look((0.42, 0.27, 0.14), 0.85)

PAINTS: Final[tuple[Rgb, ...]] = (
    (0.5, 0.02, 0.03),
    (0.02, 0.02, 0.025),
    (0.75, 0.75, 0.74),
    (0.03, 0.1, 0.4),
    (0.25, 0.03, 0.1),
    (0.6, 0.3, 0.32),
    (0.12, 0.4, 0.35),
    (0.75, 0.45, 0.04),
    (0.2, 0.2, 0.22),
    (0.3, 0.5, 0.65),
    (0.6, 0.55, 0.42),
    (0.1, 0.25, 0.1),
    (0.65, 0.15, 0.03),
    (0.02, 0.02, 0.025),
    (0.07, 0.07, 0.08),
)
CLOTHES: Final[tuple[Rgb, ...]] = (
    (0.02, 0.02, 0.025),
    (0.03, 0.05, 0.12),
    (0.6, 0.6, 0.58),
    (0.35, 0.03, 0.04),
    (0.1, 0.12, 0.14),
    (0.05, 0.15, 0.35),
    (0.05, 0.3, 0.3),
    (0.1, 0.2, 0.1),
    (0.65, 0.1, 0.25),
    (0.7, 0.55, 0.1),
    (0.25, 0.25, 0.26),
    (0.02, 0.02, 0.02),
    (0.3, 0.2, 0.4),
    (0.15, 0.08, 0.05),
    (0.75, 0.73, 0.7),
)
SKINS: Final[tuple[Rgb, ...]] = ((0.62, 0.38, 0.26), (0.55, 0.33, 0.22), (0.68, 0.45, 0.33), (0.42, 0.24, 0.15))
HAIRS: Final[tuple[Rgb, ...]] = ((0.01, 0.009, 0.008), (0.015, 0.012, 0.01), (0.05, 0.03, 0.02), (0.35, 0.34, 0.33))


def pick(rng: np.random.Generator, options: tuple[Rgb, ...]) -> Rgb:
    """One of the colours, a little off."""
    r, g, b = np.clip(np.asarray(options[int(rng.integers(len(options)))]) * rng.uniform(0.75, 1.25, 3), 0.004, 0.9)
    return (float(r), float(g), float(b))


def paint(rng: np.random.Generator) -> Look:
    return Look(pick(rng, PAINTS), float(rng.uniform(0.15, 0.45)))


def cloth(rng: np.random.Generator) -> Look:
    """Woven stuff: mostly plain, sometimes striped, checked or flowered."""
    pattern = str(rng.choice(["", "", "", "noise", "checker", "stripes"]))
    scale = float(rng.uniform(6, 30))
    return Look(pick(rng, CLOTHES), 0.9, pattern=pattern, rgb2=pick(rng, CLOTHES), scale=scale)
