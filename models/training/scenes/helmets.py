"""Helmets on a head: half shells with a visor, open-faced, full-faced.

Local frame: the middle of the skull is the origin, the face looks along +x, z up; for a body 1.7 m tall.
"""

from typing import Final

import numpy as np

from . import looks
from .kit import Floats, Look, Mesh, Part, box, ellipsoid, grid_faces, skin, tube
from .looks import BLACK, GREY, LAMP, VINYL

_COLUMNS: Final = 32
_RADII: Final = np.array([0.138, 0.12, 0.14])
_UP: Final = np.array([-0.008, 0.0, 0.02])
Rng = np.random.Generator


def any_helmet(rng: Rng) -> tuple[Part, ...]:
    """As often as each kind is met on mopeds."""
    build = (half_shell, half_shell, half_shell, open_face, open_face, full_face)[int(rng.integers(6))]
    return tuple(build(rng))


def _look(rng: Rng) -> Look:
    return Look(looks.pick(rng, looks.PAINTS), float(rng.uniform(0.08, 0.4)))


def _glass(rng: Rng) -> Look:
    """Smoked, amber or clear: nothing here is seen through, so the clear one is pale and shines."""
    rgb = ((0.02, 0.02, 0.025), (0.03, 0.03, 0.04), (0.25, 0.12, 0.03), (0.5, 0.52, 0.55))[int(rng.integers(4))]
    return Look(rgb, 0.05)


def _shell(low_m: Floats, size: float = 1.0) -> Mesh:
    """From the crown down to `low_m` (n,) at each angle from the face, with an inner side."""
    a = np.linspace(0, 2 * np.pi, len(low_m), endpoint=False)
    radii = _RADII * size
    last = np.arccos(np.clip(low_m / radii[2], -0.95, 0.95))
    t = np.linspace(0.04, 1.0, 10)[:, None] * last
    outside = np.stack([np.sin(t) * np.cos(a), np.sin(t) * np.sin(a), np.cos(t)], axis=-1) * radii
    return skin(np.concatenate([outside, outside[::-1] * 0.9]) + _UP)


def _around(front: float, side: float, back: float, face_deg: float = 60.0, soft_deg: float = 14.0) -> Floats:
    """Heights of an edge (n,): `front` within `face_deg` of the face, `side` at the ears, `back` behind."""
    a = np.abs(np.degrees(np.linspace(0, 2 * np.pi, _COLUMNS, endpoint=False)) - 180.0)
    off = 180.0 - a
    return np.interp(off, [face_deg - soft_deg, face_deg + soft_deg, 100.0, 180.0], [front, side, side, back])


def _visor(low_m: float, high_m: float, size: float, tilt_m: float = 0.0, half_deg: float = 68.0) -> Mesh:
    """A bent pane before the face between two heights; `tilt_m` farther out at its lower edge."""
    a = np.radians(np.linspace(-half_deg, half_deg, 15))
    rings = []
    for k, z in enumerate(np.linspace(high_m, low_m, 5)):
        out = size * np.sqrt(max(0.2, 1 - (z * 0.6 / _RADII[2]) ** 2)) + tilt_m * k / 4
        rings.append(np.stack([out * _RADII[0] * np.cos(a), out * _RADII[1] * np.sin(a), np.full(15, z)], axis=1))
    return Mesh(np.concatenate(rings) + _UP, grid_faces(5, 15, wrap_columns=False))


def half_shell(rng: Rng) -> list[Part]:
    """A bowl down to the ears, as riders of e-bikes have it: a pane over the face or pushed up, straps."""
    look, size = _look(rng), float(rng.uniform(0.97, 1.08))
    parts = [Part(_shell(_around(0.03, -0.015, -0.04), size), look)]
    rim = _visor(0.0, 0.035, size * 1.015, 0.0, 180.0)
    parts.append(Part(rim, BLACK if rng.random() < 0.6 else _look(rng)))
    roll = rng.random()
    if roll < 0.5:
        parts.append(Part(_visor(float(rng.uniform(-0.13, -0.08)), 0.03, size * 1.04, 0.06), _glass(rng)))
    elif roll < 0.8:
        parts.append(Part(_visor(0.05, 0.12, size * 1.1, 0.1), _glass(rng)))
    else:
        parts.append(Part(ellipsoid((0.13, 0, 0.045), (0.075, 0.085, 0.012)), BLACK))
    if rng.random() < 0.3:
        parts += [Part(ellipsoid((-0.01, s * 0.1, -0.03), (0.05, 0.03, 0.06)), VINYL) for s in (-1, 1)]
    parts += [Part(tube([[0.01, s * 0.105, 0.0], [0.04, s * 0.055, -0.115]], 0.007, 5), BLACK) for s in (-1, 1)]
    return parts + _ornament(rng)


def open_face(rng: Rng) -> list[Part]:
    """Down to the jaw at sides and back, the face free or behind a pane."""
    look, size = _look(rng), float(rng.uniform(1.0, 1.1))
    low = float(rng.uniform(-0.12, -0.09))
    parts = [Part(_shell(_around(0.055, low, low, float(rng.uniform(50, 62))), size), look)]
    roll = rng.random()
    if roll < 0.45:
        parts.append(Part(_visor(-0.11, 0.06, size * 1.03, 0.03), _glass(rng)))
    elif roll < 0.7:
        parts.append(Part(_visor(0.06, 0.14, size * 1.05, 0.08), _glass(rng)))
    else:
        parts.append(Part(ellipsoid((0.13, 0, 0.07), (0.08, 0.09, 0.014)), BLACK))
    return parts + _ornament(rng)


def full_face(rng: Rng) -> list[Part]:
    """Closed around the chin, a dark pane before the eyes."""
    look, size = _look(rng), float(rng.uniform(1.04, 1.14))
    parts = [Part(_shell(_around(-0.125, -0.12, -0.11), size), look)]
    parts.append(Part(ellipsoid((0.075, 0, -0.075), (0.085, 0.075, 0.05)), look))
    parts.append(Part(_visor(-0.045, 0.06, size * 1.025, 0.02, 75.0), _glass(rng)))
    parts.append(Part(box((0.155, 0, -0.085), (0.015, 0.07, 0.02), 0.006), BLACK))
    return parts + _ornament(rng)


def _ornament(rng: Rng) -> list[Part]:
    """Now and then a stripe over the crown, a vent, or ears as children and couriers like them."""
    roll = rng.random()
    if roll < 0.2:
        stripe = ellipsoid(_UP + np.array([0, 0, 0.006]), _RADII * [1.03, 0.22, 1.03])
        return [Part(stripe, LAMP if rng.random() < 0.4 else _look(rng))]
    if roll < 0.3:
        return [Part(ellipsoid((-0.02, s * 0.07, 0.165), (0.03, 0.022, 0.05)), GREY) for s in (-1, 1)]
    return []
