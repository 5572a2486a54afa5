"""Door cycles composed of lifts and visitors that were rendered apart (`python -m models.training.scenes rooms`).

A visitor is moved along the floor's way through the picture: cut out of the nearest of its rendered stands, as large as
the lens makes it there, with the shade it threw. Some come into real lifts whose e-bike was taken out, through cameras
that hang alike; there they are relit. People who stand about come in front or behind by their distance from the camera,
where they are in nobody's way.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from models.training.compose import lit
from models.training.scenes import sensor
from models.training.scenes.free_floor import Outline

from .room import SIZE_PX, Bgr, Comer, Layer, Passenger, Plane, Room

Rng = np.random.Generator

FPS: Final = 8
QUIET_S, OPENING_S, STANDING_S, LEAVING_S = 1.0, 1.0, 1.5, 0.75
REAL_SHARE, OPEN_FROM_THE_START, LIGHT_STEP = 0.3, 0.5, 0.4
REAL: Final = "real"
"""The name of every real lift."""

# How many stand about: nobody, one, two.
STANDING_SHARES: Final = (0.5, 0.35, 0.15)
CROWDED_SHARES: Final = (0.15, 0.35, 0.3, 0.2)
"""The same where bystanders are what is to be learnt."""


@dataclass(frozen=True, slots=True)
class Cycle:
    """What came, its pictures, and how much of it could be seen in each, 0..1."""

    number: int
    kind: str
    lift: str
    pictures: tuple[Bgr, ...]
    visible: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture (h, w, 3) before a camera has seen it; `seen`: how much of each of its pixels shows what was brought
    (h, w), None where nobody is coming; `visible`: the share of the whole thing that is seen; `bystanders`: the same
    as `seen` of each who stands about."""

    picture: Plane
    seen: Plane | None
    visible: float
    bystanders: tuple[Plane, ...] = ()


Course = list[tuple[float, float | None]]
"""How far the doors are open and where the visitor is, in metres from the sill, for each picture; None: nowhere."""


class Composer:
    """Door cycles by number: even ones bring an e-bike, odd ones something else, and nearly always something on wheels.

    `ordinary`: odd ones bring people, as nearly all cycles of a lift do. `crowded`: more people stand about.
    """

    def __init__(
        self, rooms: Sequence[Room], lifts: Sequence[Bgr], seed: int, *, ordinary: bool = False, crowded: bool = False
    ) -> None:
        """`lifts` are real ones with nobody in them. Raises ValueError where there is no room."""
        if not rooms:
            raise ValueError("no rooms; accepted: what `python -m models.training.scenes rooms` has rendered")
        self._rooms, self._lifts, self._seed = rooms, lifts, seed
        self._standing = CROWDED_SHARES if crowded else STANDING_SHARES
        self._ordinary = ordinary
        self._corners = [room for room in rooms if room.kind.startswith("corner")]

    def cycle(self, number: int) -> Cycle:
        rng, comer, lift, shots = self._played(number, lambda _, course: course)
        pictures = tuple(seen(rng, [shot.picture for shot in shots]))
        return Cycle(number, comer.what, lift, pictures, tuple(shot.visible for shot in shots))

    def moments(self, number: int, count: int) -> tuple[Comer, str, list[Shot], Rng]:
        """Who comes, the lift's name, `count` moments at which they are coming or there, in no order; and chance to go
        on with."""

        def some(rng: Rng, course: Course) -> Course:
            there = [moment for moment in course if moment[1] is not None]
            return [there[k] for k in rng.permutation(len(there))[:count]]

        rng, comer, lift, shots = self._played(number, some)
        return comer, lift, shots, rng

    def _played(self, number: int, chosen: Callable[[Rng, Course], Course]) -> tuple[Rng, Comer, str, list[Shot]]:
        rng = np.random.default_rng([self._seed, number])
        real = bool(self._lifts and self._corners and rng.random() < REAL_SHARE)
        rooms = self._corners if real else self._rooms
        room = rooms[int(rng.integers(len(rooms)))]
        e_bike = number % 2 == 0
        guests = room.walkers() if self._ordinary and not e_bike else room.guests(e_bike=e_bike)
        guest = int(rng.choice(guests)) if guests else None
        scene = _Real(self._lifts[int(rng.integers(len(self._lifts)))], rng) if real else _Rendered(room, rng)
        count = int(rng.choice(len(self._standing), p=self._standing))
        standing = [int(k) for k in rng.permutation(len(room.told["standing"]))]
        comer, taken = _comer(room, guest, standing[-1])
        people = [room.standing(k) for k in room.floor.free(taken, standing, count)]
        course = chosen(rng, _course(rng, comer.inside_m, real))
        return rng, comer, scene.name, [_shot(scene, people, comer, opening, y) for opening, y in course]


def _comer(room: Room, guest: int | None, instead: int) -> tuple[Comer, Sequence[Outline]]:
    """Visitor `guest`, or one of those who stand about, and the floor that is theirs."""
    if guest is None:
        return Passenger(room.standing(instead)), [room.floor.place(instead)]
    return room.guest(guest), room.floor.way(guest)


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
        self.name = REAL
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


def _course(rng: Rng, inside_m: float, real: bool) -> Course:
    first_m = 0.0 if real else -0.75
    coming = np.linspace(first_m, inside_m, round(float(rng.uniform(1.0, 1.7)) * FPS))
    leaving = np.linspace(inside_m, first_m, round(LEAVING_S * FPS))
    standing = np.clip(inside_m + rng.normal(0, 0.01, round(STANDING_S * FPS)), None, inside_m)
    inside = [(1.0, float(y)) for y in (*coming, *standing, *leaving)]
    quiet, steps = round(QUIET_S * FPS), round(OPENING_S * FPS)
    if rng.random() < OPEN_FROM_THE_START:
        return [(1.0, None)] * (quiet + steps // 2) + inside
    opening: Course = [(0.5, None)] * (steps // 2) + [(1.0, None)] * (steps - steps // 2)
    return [(0.0, None)] * quiet + opening + inside


def _shot(scene: _Rendered | _Real, people: Sequence[Layer], comer: Comer, opening: float, y_m: float | None) -> Shot:
    canvas, visible, thing = scene.lift(opening), 0.0, None
    layers = list(people)
    if y_m is not None:
        thing, visible = comer.at(y_m)
        layers.append(thing)
    layers.sort(key=lambda one: -one.from_camera_m)
    for layer in layers:
        lit_there = scene.relit(layer)
        canvas = canvas * lit_there.shade[..., None]
        canvas = canvas * (1 - layer.cover[..., None]) + lit_there.colour * layer.cover[..., None]
    left = {id(layer): _left(layers[k:]) for k, layer in enumerate(layers)}
    bystanders = tuple(left[id(layer)] for layer in people)
    if thing is None:
        return Shot(canvas, None, 0.0, bystanders)
    seen = left[id(thing)]
    return Shot(canvas, seen, visible * float(seen.sum()) / max(float(thing.thing.sum()), 1.0), bystanders)


def _left(layers: Sequence[Layer]) -> Plane:
    """What the others, which are before it, leave to be seen of the thing of the first."""
    left = layers[0].thing
    for layer in layers[1:]:
        left = left * (1 - layer.cover)
    return left


def seen(rng: Rng, shots: Sequence[Plane | Bgr], exposed: int | None = None) -> Iterator[Bgr]:
    """By one camera, with fresh noise in every picture; `exposed`: the shot its exposure fits, else the middle one."""
    how = replace(sensor.sensor(rng), blur_px=0, stamp="")
    clean = [np.clip(shot, 0, 255).astype(np.uint8) for shot in shots]
    gain = sensor.gain_for(clean[len(clean) // 2 if exposed is None else exposed], how.level)
    yield from (sensor.develop(picture, how, rng, gain) for picture in clean)
