# ruff: noqa: INP001  # a script's other half, not a package
"""Door cycles composed of lifts and visitors that were rendered apart (`python -m models.training.scenes rooms`).

A visitor is moved along the floor's way through the picture: cut out of the nearest of its rendered stands, as large as
the lens makes it there, with the shade it threw. Some come into real lifts whose e-bike was taken out, through cameras
that hang alike; there they are relit. People who stand about come in front or behind by their distance from the camera.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from visits import Bgr

from models.training.compose import lit
from models.training.scenes import sensor

Rng = np.random.Generator
Plane = NDArray[np.float32]

FPS: Final = 8
SIZE_PX: Final = (480, 270)
E_BIKE: Final = "e-bike"
QUIET_S, OPENING_S, STANDING_S, LEAVING_S = 1.0, 1.0, 1.5, 0.75
REAL_SHARE, OPEN_FROM_THE_START, LIGHT_STEP = 0.3, 0.5, 0.4
# How many stand about: nobody, one, two.
STANDING_SHARES: Final = (0.5, 0.35, 0.15)


@dataclass(frozen=True, slots=True)
class Cycle:
    """What came, its pictures, and how much of it could be seen in each, 0..1."""

    number: int
    kind: str
    lift: str
    pictures: tuple[Bgr, ...]
    visible: tuple[float, ...]


@dataclass(frozen=True)
class Stand:
    """A rendered picture (h, w, 3) of somebody in a lift, and which thing each pixel shows (h, w)."""

    picture: Bgr
    indices: NDArray[np.uint8]

    @classmethod
    def read(cls, file: Path) -> "Stand":
        """FILE.jpg and FILE.png. Raises FileNotFoundError where they are not there."""
        picture, indices = cv2.imread(f"{file}.jpg"), cv2.imread(f"{file}.png", cv2.IMREAD_UNCHANGED)
        if picture is None or indices is None:
            raise FileNotFoundError(f"{file}.jpg and .png: render them with `scenes rooms`")
        return cls(np.asarray(picture, np.uint8), np.asarray(indices, np.uint8))

    @cached_property
    def cutout(self) -> Bgr:
        """(h, w, 4): everybody in it."""
        return np.dstack([self.picture, (self.indices > 0).astype(np.uint8) * 255])

    @cached_property
    def thing(self) -> Plane:
        """(h, w): 1 where what has been brought is seen."""
        return (self.indices == 1).astype(np.float32)

    def shade(self, empty: Bgr) -> Plane:
        """(h, w): how much darker or lighter they make the lift around them, about 1."""
        clear = (self.indices == 0).astype(np.float32)
        ratio = (self.picture.mean(axis=2) + 4) / (empty.mean(axis=2) + 4) * clear
        spread = cv2.GaussianBlur(ratio.astype(np.float32), (0, 0), 3)
        return np.clip(spread / np.maximum(cv2.GaussianBlur(clear, (0, 0), 3), 0.05), 0.4, 1.3).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Layer:
    """Somebody on the way into a picture: colours, coverage and the thing's own coverage (h, w), shade, distance."""

    colour: Plane
    cover: Plane
    thing: Plane
    shade: Plane
    from_camera_m: float


class Room:
    """One rendered lift with its visitors."""

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self._folder = folder
        self.told: dict[str, Any] = json.loads((folder / "room.json").read_text(encoding="utf-8"))
        self.kind: str = self.told["mount"]["kind"]

    @cached_property
    def empty(self) -> list[Bgr]:
        """Doors shut, half open, open."""
        return [Stand.read(self._folder / f"empty-{step}").picture for step in range(len(self.told["openings"]))]

    def guests(self, *, e_bike: bool) -> list[int]:
        return [k for k, guest in enumerate(self.told["guests"]) if (guest["what"] == E_BIKE) == e_bike]

    def guest(self, k: int) -> "Guest":
        told = self.told["guests"][k]
        stands = [Stand.read(self._folder / f"guest-{k}-{step}") for step in range(len(told["stands"]))]
        return Guest(told, stands, [stand.shade(self.empty[-1]) for stand in stands], self.told["mount"]["place_m"])

    def standing(self, k: int) -> Layer:
        stand = Stand.read(self._folder / f"standing-{k}")
        return _layer(stand, stand.shade(self.empty[-1]), None, self.told["standing"][k]["from_camera_m"])


@dataclass(frozen=True, slots=True)
class Guest:
    """A visitor at its rendered stands, and its way through the picture."""

    told: dict[str, Any]
    stands: Sequence[Stand]
    shades: Sequence[Plane]
    camera_m: tuple[float, float, float]

    @property
    def what(self) -> str:
        return str(self.told["what"])

    @property
    def inside_m(self) -> float:
        return float(self.told["stands"][-1]["y"])

    def at(self, y_m: float) -> tuple[Layer, float]:
        """The visitor so far from the sill, and the share of it that walls and its own people leave to be seen."""
        nearest = int(np.argmin([abs(stand["y"] - y_m) for stand in self.told["stands"]]))
        stand = self.told["stands"][nearest]
        there, here = self._place(stand["y"]), self._place(y_m)
        zoom = here[2] / there[2]
        matrix = np.array([[zoom, 0, here[0] - zoom * there[0]], [0, zoom, here[1] - zoom * there[1]]])
        distance = float(np.linalg.norm(np.array([0.0, y_m, 0.5]) - self.camera_m))
        return _layer(self.stands[nearest], self.shades[nearest], matrix, distance), float(stand["visible"])

    def _place(self, y_m: float) -> tuple[float, float, float]:
        rows = np.array(self.told["way"] or [[0.0, *SIZE_PX, 1.0]])
        x, y, scale = (float(np.interp(y_m, rows[:, 0], rows[:, k])) for k in (1, 2, 3))
        return x, y, scale


def _layer(stand: Stand, shade: Plane, matrix: NDArray[np.float64] | None, from_camera_m: float) -> Layer:
    rgba, thing = stand.cutout, stand.thing
    if matrix is not None:
        rgba = np.asarray(cv2.warpAffine(rgba, matrix, SIZE_PX, flags=cv2.INTER_LINEAR), np.uint8)
        thing = cv2.warpAffine(thing, matrix, SIZE_PX).astype(np.float32)
        shade = cv2.warpAffine(shade, matrix, SIZE_PX, borderValue=1).astype(np.float32)
    cover = cv2.GaussianBlur(rgba[..., 3], (0, 0), 0.7).astype(np.float32) / 255
    return Layer(rgba[..., :3].astype(np.float32), cover, thing, shade, from_camera_m)


class Composer:
    """Door cycles by number: even ones bring an e-bike, odd ones something else."""

    def __init__(self, rooms: Sequence[Room], lifts: Sequence[Bgr], seed: int) -> None:
        """`lifts` are real ones with nobody in them. Raises ValueError where there is no room."""
        if not rooms:
            raise ValueError("no rooms; accepted: what `python -m models.training.scenes rooms` has rendered")
        self._rooms, self._lifts, self._seed = rooms, lifts, seed
        self._corners = [room for room in rooms if room.kind.startswith("corner")]

    def cycle(self, number: int) -> Cycle:
        rng = np.random.default_rng([self._seed, number])
        real = bool(self._lifts and self._corners and rng.random() < REAL_SHARE)
        rooms = self._corners if real else self._rooms
        room = rooms[int(rng.integers(len(rooms)))]
        guest = room.guest(int(rng.choice(room.guests(e_bike=number % 2 == 0))))
        scene = _Real(self._lifts[int(rng.integers(len(self._lifts)))], rng) if real else _Rendered(room, rng)
        count = int(rng.choice(len(STANDING_SHARES), p=STANDING_SHARES))
        people = [room.standing(int(k)) for k in rng.permutation(len(room.told["standing"]))[:count]]
        shots = [_shot(scene, people, guest, opening, y) for opening, y in _course(rng, guest.inside_m, real)]
        pictures = _seen(rng, [picture for picture, _ in shots])
        return Cycle(number, guest.what, scene.name, pictures, tuple(visible for _, visible in shots))


class _Rendered:
    """A rendered room: its people are lit as it is."""

    def __init__(self, room: Room, rng: Rng) -> None:
        self.name = room.name
        self._room = room
        self._dimmed = float(rng.uniform(0.55, 0.9)) if rng.random() < LIGHT_STEP else 1.0

    def lift(self, opening: float) -> Plane:
        """The lobby's light may come in with the opening door."""
        empty = self._room.empty[round(opening * (len(self._room.empty) - 1))]
        return empty.astype(np.float32) * (1.0 if opening > 0 else self._dimmed)

    def relit(self, layer: Layer) -> Layer:
        return layer


class _Real:
    """A real lift: whoever comes in takes half of its light."""

    def __init__(self, picture: Bgr, rng: Rng) -> None:
        self.name = "real"
        self._picture = cv2.resize(picture, SIZE_PX, interpolation=cv2.INTER_AREA).astype(np.float32)
        self._seed = int(rng.integers(2**31))

    def lift(self, _opening: float) -> Plane:
        return self._picture

    def relit(self, layer: Layer) -> Layer:
        rgba = np.dstack([layer.colour, layer.cover * 255]).astype(np.uint8)
        if not (rgba[..., 3] > 127).any():
            return layer
        # The same at every picture of a cycle; what mirrors and walls threw back belongs to the other lift.
        colour = lit(rgba, self._picture, np.random.default_rng(self._seed))[..., :3].astype(np.float32)
        near = np.clip(2 * cv2.GaussianBlur(layer.cover, (0, 0), 9), 0, 1)
        return replace(layer, colour=colour, shade=(1 + (layer.shade - 1) * near).astype(np.float32))


def _course(rng: Rng, inside_m: float, real: bool) -> list[tuple[float, float | None]]:
    """How far the doors are open and where the visitor is, in metres from the sill, for each picture; None: nowhere."""
    first_m = 0.0 if real else -0.75
    coming = np.linspace(first_m, inside_m, round(float(rng.uniform(1.0, 1.7)) * FPS))
    leaving = np.linspace(inside_m, first_m, round(LEAVING_S * FPS))
    standing = np.clip(inside_m + rng.normal(0, 0.01, round(STANDING_S * FPS)), None, inside_m)
    inside = [(1.0, float(y)) for y in (*coming, *standing, *leaving)]
    quiet, steps = round(QUIET_S * FPS), round(OPENING_S * FPS)
    if rng.random() < OPEN_FROM_THE_START:
        return [(1.0, None)] * (quiet + steps // 2) + inside
    opening: list[tuple[float, float | None]] = [(0.5, None)] * (steps // 2) + [(1.0, None)] * (steps - steps // 2)
    return [(0.0, None)] * quiet + opening + inside


def _shot(
    scene: _Rendered | _Real, people: Sequence[Layer], guest: Guest, opening: float, y_m: float | None
) -> tuple[Plane, float]:
    """The picture (h, w, 3) before a camera has seen it, and the visible share of the thing."""
    canvas, visible, thing = scene.lift(opening), 0.0, None
    layers = list(people)
    if y_m is not None:
        coming, visible = guest.at(y_m)
        layers.append(coming)
        thing = coming
    seen: Plane | None = None
    for layer in sorted(layers, key=lambda one: -one.from_camera_m):
        lit_there = scene.relit(layer)
        canvas = canvas * lit_there.shade[..., None]
        canvas = canvas * (1 - layer.cover[..., None]) + lit_there.colour * layer.cover[..., None]
        seen = layer.thing.copy() if layer is thing else None if seen is None else seen * (1 - layer.cover)
    if seen is None or thing is None:
        return canvas, 0.0
    return canvas, visible * float(seen.sum()) / max(float(thing.thing.sum()), 1.0)


def _seen(rng: Rng, shots: Sequence[Plane]) -> tuple[Bgr, ...]:
    """By one camera at a fixed exposure, with fresh noise in every picture."""
    how = replace(sensor.sensor(rng), blur_px=0, stamp="")
    clean = [np.clip(shot, 0, 255).astype(np.uint8) for shot in shots]
    gain = sensor.gain_for(clean[len(clean) // 2], how.level)
    return tuple(sensor.develop(picture, how, rng, gain) for picture in clean)
