"""Umbrellas in a hand: open ones, which hide whoever stands below from a camera above, and furled ones.

They have no label and are a thing of their own beside the person, so that a box ends where the person does and what an
umbrella hides counts as hidden. Local frame: the hand is the origin, the shaft goes along +z.
"""

from typing import Final

import numpy as np

from . import looks
from .kit import Floats, Look, Mesh, Part, Thing, curve, join, lathe, skin, tube
from .looks import BLACK, CHROME, STEEL

OPEN: Final = "open umbrella"
FURLED: Final = "furled umbrella"
_ROWS: Final = 9
_EACH: Final = 6
Rng = np.random.Generator


def open_umbrella(rng: Rng, radius_m: float = 0.0) -> Thing:
    """Canopy of six to sixteen panels, plain, printed or in two colours by turns; `radius_m` 0: 0.42 to 0.58 m."""
    radius = radius_m or float(rng.uniform(0.42, 0.58))
    panels, top = int(rng.choice([6, 8, 8, 8, 10, 16])), float(rng.uniform(0.78, 0.88))
    sag = radius * float(rng.uniform(0.3, 0.48))
    canopy = _canopy(panels, radius, top, sag, float(rng.uniform(0.03, 0.09)))
    parts = _cloth(rng, canopy, panels)
    shaft = STEEL if rng.random() < 0.5 else BLACK
    ribs = [tube(path, 0.003, 4) for path in _ribs(panels, radius, top, sag)]
    parts += [Part(join([tube([[0, 0, -0.06], [0, 0, top + 0.05]], 0.007, 6), *ribs]), shaft), *_handle(rng)]
    return Thing(OPEN, None, tuple(parts))


def _canopy(panels: int, radius: float, top: float, sag: float, scallop: float) -> Mesh:
    """A shell, above and below: at the rim the cloth is drawn in between the ribs."""
    columns = panels * _EACH
    a = np.linspace(0, 2 * np.pi, columns, endpoint=False)
    between = np.abs(np.sin(a * panels / 2))
    share = np.linspace(0.02, 1, _ROWS)[:, None]
    reach = radius * share * (1 - scallop * between * share**2)
    height = top - sag * share**2.2 - 0.02 * radius * between * share
    above = np.stack([reach * np.cos(a), reach * np.sin(a), height], axis=-1)
    return skin(np.concatenate([above, above[::-1] - [0, 0, 0.004]]))


def _cloth(rng: Rng, canopy: Mesh, panels: int) -> list[Part]:
    """One stuff, or two by turns around the shaft."""
    first = (
        looks.cloth(rng) if rng.random() < 0.35 else Look(looks.pick(rng, looks.PAINTS), float(rng.uniform(0.4, 0.8)))
    )
    if rng.random() < 0.7:
        return [Part(canopy, first)]
    second = Look(looks.pick(rng, looks.PAINTS + looks.CLOTHES), first.roughness)
    odd = canopy.faces[:, 0] % (panels * _EACH) // _EACH % 2 == 1
    return [Part(Mesh(canopy.vertices, canopy.faces[mine]), look) for mine, look in ((~odd, first), (odd, second))]


def _ribs(panels: int, radius: float, top: float, sag: float) -> list[Floats]:
    share = np.linspace(0.03, 1, 6)
    paths = []
    for a in np.linspace(0, 2 * np.pi, panels, endpoint=False):
        reach = radius * share
        paths.append(np.stack([reach * np.cos(a), reach * np.sin(a), top - 0.008 - sag * share**2.2], axis=1))
        stay = np.array([[0.0, 0.0, top - 0.3], paths[-1][3] - [0, 0, 0.004]])
        paths.append(stay)
    return paths


def _handle(rng: Rng) -> list[Part]:
    """A crook or a straight grip, around and below the hand."""
    look = BLACK if rng.random() < 0.6 else Look(looks.pick(rng, ((0.25, 0.1, 0.04), (0.5, 0.3, 0.12))), 0.35)
    if rng.random() < 0.55:
        crook = curve([[0, 0, 0.08], [0, 0, -0.08], [0.015, 0, -0.12], [0.05, 0, -0.13], [0.08, 0, -0.09]], 4)
        return [Part(tube(crook, 0.012), look)]
    return [Part(tube([[0, 0, 0.06], [0, 0, -0.09]], 0.017), look)]


def furled_umbrella(rng: Rng) -> Thing:
    """Rolled up, its tip down: a long one with a crook, or a folding one of a third of the length."""
    look = looks.cloth(rng) if rng.random() < 0.3 else Look(looks.pick(rng, looks.PAINTS), 0.7)
    long = bool(rng.random() < 0.65)
    length, thick = (float(rng.uniform(0.5, 0.6)), 0.034) if long else (float(rng.uniform(0.2, 0.26)), 0.042)
    thick *= float(rng.uniform(0.8, 1.5))
    profile = [(0.001, -0.08), (thick * 0.8, -0.1), (thick, -0.16), (thick * 0.7, -0.08 - length * 0.6)]
    roll = lathe([*profile, (0.012, -0.08 - length), (0.001, -0.085 - length)], (0, 0, 0), "z", 12)
    parts = [Part(roll, look), Part(tube([[0, 0, 0.0], [0, 0, -0.14 - length]], 0.006, 6), CHROME)]
    if not long:
        return Thing(FURLED, None, (*parts, Part(tube([[0, 0, 0.03], [0, 0, -0.08]], 0.018), BLACK)))
    crook = curve([[0, 0, -0.12], [0, 0, 0.02], [0.015, 0, 0.06], [0.05, 0, 0.07], [0.08, 0, 0.03]], 4)
    wood = BLACK if rng.random() < 0.6 else Look((0.25, 0.1, 0.04), 0.35)
    return Thing(FURLED, None, (*parts, Part(tube(crook, 0.012), wood)))
