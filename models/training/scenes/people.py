# ruff: noqa: RUF005 - what looks like joining lists adds vectors
"""People put together from limbs: the hands and feet are given, elbows and knees follow.

Local frame: forward +x, left +y, origin between the feet.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from . import looks
from .kit import Floats, Look, Mesh, Part, Thing, box, curve, ellipsoid, skin, tube, turn

PERSON: Final = 0
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Wardrobe:
    """What stays the same about one person while the pose changes. `height_m` with shoes."""

    height_m: float
    girth: float
    top: Look
    bottom: Look
    skin: Look
    hair: Look
    shoes: Look
    hat: Look | None
    long_hair: bool
    coat: bool
    skirt: bool
    backpack: Look | None
    mask: bool
    # In the head's frame (`helmets.py`), instead of hat and hair.
    helmet: tuple[Part, ...] = ()


@dataclass(frozen=True, slots=True)
class Stance:
    """A pose. Hands and feet (2, 3), left first, metres in the person's frame for a body 1.7 m tall.

    `bend_deg` tips the trunk forward, `hips_m` is the hip height (about 0.9 standing, 0.5 seated).
    """

    hands: Floats
    feet: Floats
    bend_deg: float = 3.0
    hips_m: float = 0.92
    look_deg: float = 0.0
    look_down_deg: float = 10.0
    hips_x_m: float = 0.0


def wardrobe(rng: Rng, *, child: bool = False) -> Wardrobe:
    """A person at random."""
    height = float(rng.uniform(0.95, 1.4) if child else np.clip(rng.normal(1.66, 0.08), 1.48, 1.86))
    return Wardrobe(
        height_m=height,
        girth=float(rng.uniform(0.9, 1.25)),
        top=looks.cloth(rng),
        bottom=Look(looks.pick(rng, looks.CLOTHES[:6] + looks.CLOTHES[-3:-1]), 0.9),
        skin=Look(looks.pick(rng, looks.SKINS), 0.55),
        hair=Look(looks.pick(rng, looks.HAIRS), 0.5),
        shoes=Look(looks.pick(rng, looks.CLOTHES), 0.6),
        hat=looks.paint(rng) if rng.random() < 0.3 else None,
        long_hair=bool(rng.random() < 0.4),
        coat=bool(rng.random() < 0.3),
        skirt=bool(rng.random() < 0.15),
        backpack=looks.cloth(rng) if rng.random() < 0.15 else None,
        mask=bool(rng.random() < 0.25),
    )


def joint(root: Floats, tip: Floats, first: float, second: float, toward: Floats) -> tuple[Floats, Floats]:
    """Elbow or knee of a two-bone limb and the tip it can reach: (joint, tip)."""
    span = tip - root
    reach = float(np.clip(np.linalg.norm(span), 0.05, 0.999 * (first + second)))
    axis = span / max(float(np.linalg.norm(span)), 1e-9)
    along = (first**2 - second**2 + reach**2) / (2 * reach)
    out = np.sqrt(max(first**2 - along**2, 0.0))
    side = toward - axis * float(toward @ axis)
    side /= max(float(np.linalg.norm(side)), 1e-9)
    return root + axis * along + side * out, root + axis * reach


def _trunk(points: Floats, widths: Floats, depths: Floats) -> Mesh:
    """Elliptic sections (seen from above) along the spine, turned with it."""
    tangent = np.gradient(points, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    forward = np.cross(np.array([0.0, 1.0, 0.0]), tangent)
    a = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    c = np.sign(np.cos(a)) * np.abs(np.cos(a)) ** 0.8
    s = np.sign(np.sin(a)) * np.abs(np.sin(a)) ** 0.8
    rings = points[:, None] + (c[None, :] * depths[:, None])[..., None] * forward[:, None]
    rings[:, :, 1] += s[None, :] * widths[:, None]
    return skin(rings)


def person(who: Wardrobe, how: Stance, *, label: int | None = PERSON) -> Thing:
    """The person in that stance, scaled to their height."""
    g = who.girth
    bend, hips = np.radians(how.bend_deg), np.array([how.hips_x_m, 0.0, how.hips_m])
    up = np.array([np.sin(bend), 0, np.cos(bend)])
    fore = np.array([np.cos(bend), 0, -np.sin(bend)])
    neck = hips + up * 0.53
    parts: list[Part] = []
    spine = np.stack([hips + up * t for t in (-0.1, 0.0, 0.12, 0.26, 0.4, 0.48, 0.54)])
    wide = np.array([0.15, 0.165, 0.15 + 0.02 * g, 0.165, 0.185, 0.15, 0.06]) * (0.5 + 0.5 * g)
    deep = np.array([0.1, 0.115, 0.11 * g, 0.115, 0.11, 0.08, 0.05]) * (0.4 + 0.6 * g) * (1.15 if who.coat else 1)
    parts.append(Part(_trunk(spine, wide, deep), who.top))
    parts += _legs(who, how, hips)
    parts += _arms(who, how, neck, up)
    parts += _head(who, how, neck, up)
    if who.backpack is not None:
        parts.append(Part(ellipsoid(hips + up * 0.3 - fore * 0.2, (0.12, 0.16, 0.22)), who.backpack))
    thing = Thing("person", label, tuple(parts))
    return thing.scaled(who.height_m / 1.7)


def _legs(who: Wardrobe, how: Stance, hips: Floats) -> list[Part]:
    parts: list[Part] = []
    g = 0.6 + 0.4 * who.girth
    for k, s in enumerate((1.0, -1.0)):
        root, foot = hips + [0, s * 0.09, -0.04], how.feet[k] + [0, 0, 0.08]
        knee, ankle = joint(root, foot, 0.44, 0.42, np.array([1.0, 0, 0.15]))
        path = curve([root, (root + knee) / 2, knee, (knee + ankle) / 2, ankle], 3)
        radius = np.interp(np.arange(len(path)), [0, 3, 6, 9, 12], [0.095, 0.085, 0.062, 0.058, 0.048]) * g
        parts.append(Part(tube(path, radius, 10), who.skin if who.skirt else who.bottom))
        parts.append(Part(ellipsoid(ankle + [0.06, 0, -0.045], (0.135, 0.048, 0.042)), who.shoes))
    if who.skirt or who.coat:
        knees = hips + [0.02, 0, -0.38 if who.skirt else -0.25]
        spine = np.stack([hips + [0, 0, 0.06], hips + [0, 0, -0.1], (hips + knees) / 2 + [0, 0, -0.05], knees])
        parts.append(
            Part(
                _trunk(spine, np.array([0.16, 0.19, 0.21, 0.23]), np.array([0.12, 0.15, 0.17, 0.19])),
                who.bottom if who.skirt else who.top,
            )
        )
    return parts


def _arms(who: Wardrobe, how: Stance, neck: Floats, up: Floats) -> list[Part]:
    parts: list[Part] = []
    thick = 1.25 if who.coat else 1.0
    for k, s in enumerate((1.0, -1.0)):
        shoulder = neck - up * 0.08 + np.array([0, s * 0.175, 0])
        elbow, wrist = joint(shoulder, np.asarray(how.hands[k], float), 0.3, 0.27, np.array([-0.4, s * 0.5, -0.6]))
        path = curve(
            [shoulder - np.array([0, s * 0.03, 0]), (shoulder + elbow) / 2, elbow, (elbow + wrist) / 2, wrist], 3
        )
        radius = np.interp(np.arange(len(path)), [0, 3, 6, 9, 12], [0.06, 0.055, 0.046, 0.042, 0.034]) * thick
        parts.append(Part(tube(path, radius, 9), who.top))
        parts.append(Part(ellipsoid(wrist + (wrist - elbow) * 0.16, (0.05, 0.038, 0.04)), who.skin))
    return parts


def _head(who: Wardrobe, how: Stance, neck: Floats, up: Floats) -> list[Part]:
    down = np.radians(how.look_down_deg)
    yaw = np.radians(how.look_deg)
    face = np.array([np.cos(yaw) * np.cos(down), np.sin(yaw) * np.cos(down), -np.sin(down)])
    centre = neck + up * 0.07 + np.array([0.02, 0, 0.1])
    shift = 1.0 if who.height_m > 1.42 else 1.2
    skull = ellipsoid(centre, np.array((0.093, 0.078, 0.115)) * shift)
    parts = [Part(tube([neck - up * 0.06, centre], 0.052), who.skin), Part(skull, who.skin)]
    parts += _helmet(who, centre, (down, yaw), shift) if who.helmet else _cap(who, centre, face, shift)
    if who.long_hair:
        parts.append(Part(ellipsoid(centre - face * 0.06 + [0, 0, -0.07], (0.07, 0.09, 0.17)), who.hair))
    nose = ellipsoid(centre + face * 0.09 * shift + [0, 0, -0.02], (0.02, 0.02, 0.03))
    parts.append(Part(nose, who.skin))
    if who.mask:
        parts.append(
            Part(
                ellipsoid(centre + face * 0.05 * shift + [0, 0, -0.05], (0.06, 0.062, 0.055)),
                Look((0.5, 0.62, 0.7), 0.8),
            )
        )
    return parts


def _cap(who: Wardrobe, centre: Floats, face: Floats, shift: float) -> list[Part]:
    cap = who.hat if who.hat is not None else who.hair
    size = np.array((0.118, 0.108, 0.105)) if who.hat is not None else np.array((0.103, 0.09, 0.105))
    parts = [Part(ellipsoid(centre - face * 0.034 + [0, 0, 0.034], size * shift), cap)]
    if who.hat is not None:
        parts.append(Part(ellipsoid(centre + face * 0.1 + [0, 0, 0.03], (0.07, 0.07, 0.015)), cap))
    return parts


def _helmet(who: Wardrobe, centre: Floats, look_rad: tuple[float, float], shift: float) -> list[Part]:
    down, yaw = np.degrees(look_rad)
    place = turn((0, 0, 1), float(yaw)) @ turn((0, 1, 0), float(down)) @ np.diag([shift, shift, shift, 1.0])
    place[:3, 3] = centre
    return [Part(part.mesh.moved(place), part.look) for part in who.helmet]


def standing(rng: Rng) -> Stance:
    """At rest: arms down, folded over a phone, or at the back."""
    j = rng.uniform(-0.04, 0.04, (2, 3))
    phone = np.array([[0.28, 0.08, 1.12], [0.27, -0.06, 1.1]])
    down = np.array([[0.05, 0.27, 0.8], [0.05, -0.27, 0.8]])
    one = np.array([[0.05, 0.27, 0.8], [0.3, -0.08, 1.2]])
    hands = [phone, down, one][int(rng.integers(3))] + j
    feet = np.array([[0.02, 0.1, 0], [-0.02, -0.1, 0]]) + np.c_[rng.uniform(-0.06, 0.06, (2, 2)), np.zeros(2)]
    return Stance(hands, feet, float(rng.uniform(0, 7)), 0.92, float(rng.uniform(-50, 50)), float(rng.uniform(0, 35)))


def walking(phase: float, hands: Floats | None = None, bend_deg: float = 4.0) -> Stance:
    """One step cycle over `phase` 0..1; `hands` (2, 3) overrides the swing of the arms."""
    w = 2 * np.pi * phase
    stride = 0.28 * np.sin(w)
    lift = 0.07 * max(0.0, np.cos(w)), 0.07 * max(0.0, -np.cos(w))
    feet = np.array([[stride, 0.09, lift[0]], [-stride, -0.09, lift[1]]])
    swing = np.array([[-stride * 0.7 + 0.05, 0.27, 0.82], [stride * 0.7 + 0.05, -0.27, 0.82]])
    return Stance(swing if hands is None else hands, feet, bend_deg, 0.9 + 0.015 * abs(float(np.cos(w))))


def reaching(hands: Floats, bend_deg: float, hips_m: float = 0.9) -> Stance:
    """Both feet on the floor, hands on something (a bar, a handle)."""
    feet = np.array([[0.1, 0.12, 0.0], [-0.14, -0.12, 0.0]])
    return Stance(np.asarray(hands, float), feet, bend_deg, hips_m, look_down_deg=20.0)


def seated(seat_m: float, *, hands: Floats | None = None) -> Stance:
    """Seated at `seat_m` (for a body 1.7 m tall) with the feet on a rest."""
    rest = np.array([[0.2, 0.16, seat_m + 0.15], [0.2, -0.16, seat_m + 0.15]])
    feet = np.array([[0.47, 0.09, 0.1], [0.47, -0.09, 0.1]])
    return Stance(rest if hands is None else hands, feet, -4.0, seat_m + 0.1)


def carried(rng: Rng) -> list[Part]:
    """A carton held in both arms (hands at about 1.05 m, 0.35 m ahead)."""
    size = rng.uniform([0.25, 0.3, 0.2], [0.4, 0.45, 0.4])
    return [Part(box([0.38, 0, 1.0 + size[2] / 2], size), looks.CARTON)]


def armful(rng: Rng) -> list[Part]:
    """What else is held so: cartons and boxes of any colour, one on another, or a full bag."""
    if rng.random() < 0.3:
        half = rng.uniform([0.12, 0.16, 0.14], [0.2, 0.26, 0.24])
        return [Part(ellipsoid([0.38, 0, 1.0 + half[2]], half), looks.cloth(rng))]
    parts, low_m = [], 1.0
    for _ in range(int(rng.choice([1, 2, 3], p=[0.6, 0.3, 0.1]))):
        size = rng.uniform([0.2, 0.25, 0.12], [0.42, 0.55, 0.36])
        look = looks.CARTON if rng.random() < 0.4 else (looks.cloth(rng) if rng.random() < 0.5 else looks.paint(rng))
        middle = [0.38 + rng.uniform(-0.03, 0.03), rng.uniform(-0.04, 0.04), low_m + size[2] / 2]
        parts.append(Part(box(middle, size), look))
        low_m += float(size[2])
    return parts
