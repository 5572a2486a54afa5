"""Lifts and visitors that were rendered apart (`python -m models.training.scenes rooms`), as layers for pictures."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.labels import LABELS
from models.training.scenes import rooms as scenes
from models.training.scenes.free_floor import FreeFloor

SIZE_PX: Final = (480, 270)
PERSON: Final = LABELS.index("person")

# So far inside the picture its edge may cut somebody: no more than a blurred outline.
MOST_CUT_PX: Final = 3.0
CUT_STEPS: Final = 12

Bgr = NDArray[np.uint8]
Plane = NDArray[np.float32]


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

    def cut_px(self, matrix: NDArray[np.float64]) -> float:
        """How far inside the picture its edge would cut somebody once all is moved by `matrix` (2, 3)."""
        height, width = self.indices.shape
        left, top = matrix[:, 2]
        right, bottom = matrix[:, :2] @ (width, height) + matrix[:, 2]
        edges = (self.indices[:, 0], left), (self.indices[0], top)
        edges += (self.indices[:, -1], width - right), (self.indices[-1], height - bottom)
        return max((float(inside) for edge, inside in edges if edge.any()), default=0.0)

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


EMPTY_VIEWS = ("peeling-left", "peeling-right", "white-right")


def is_e_bike(what: str) -> bool:
    """Whether this was brought: told as `e-bike`, or nearer (`folded e-bike`)."""
    return "e-bike" in what


def rooms(folder: Path) -> list["Room"]:
    """All that have been rendered into the folder."""
    return [Room(path.parent) for path in sorted(folder.glob("*/room.json"))]


def real_lifts(folder: Path) -> list[Bgr]:
    """Medians of real lifts' pictures in which, looked at by eye, neither an e-bike nor anybody is left."""
    found = (cv2.imread(str(folder / "images" / f"plate-{view}.jpg")) for view in EMPTY_VIEWS)
    return [np.asarray(picture, np.uint8) for picture in found if picture is not None]


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

    @cached_property
    def floor(self) -> FreeFloor:
        """The number of a room tells where everybody stands. Raises ValueError where that has changed since."""
        told = self.told
        how = told.get("invited", "any"), told.get("told_mount")
        made = scenes.room(told["number"], len(told["standing"]), *how)
        there = [scenes.from_camera(made.view, group) for group in made.standing]
        rendered = [one["from_camera_m"] for one in told["standing"]]
        if not np.allclose(there, rendered, atol=0.01):
            raise ValueError(f"{self._folder}: rendered by another version; accepted: rendered anew by `scenes rooms`")
        return FreeFloor(made)

    def guests(self, *, e_bike: bool) -> list[int]:
        return [k for k, guest in enumerate(self.told["guests"]) if is_e_bike(guest["what"]) == e_bike]

    def walkers(self) -> list[int]:
        """Visitors who bring nothing on wheels: people, alone, with a child or with something in their arms."""
        return [k for k, guest in enumerate(self.told["guests"]) if guest["label"] == PERSON]

    def guest(self, k: int) -> "Guest":
        told = self.told["guests"][k]
        stands = [Stand.read(self._folder / f"guest-{k}-{step}") for step in range(len(told["stands"]))]
        return Guest(told, stands, [stand.shade(self.empty[-1]) for stand in stands], self.told["mount"]["place_m"])

    def standing(self, k: int) -> Layer:
        stand = Stand.read(self._folder / f"standing-{k}")
        return _layer(stand, stand.shade(self.empty[-1]), None, self.told["standing"][k]["from_camera_m"])


@dataclass(frozen=True, slots=True)
class Passenger:
    """Somebody who was rendered inside alone: there as soon as anybody comes, in place of a visitor."""

    layer: Layer
    what: str = "people"
    label: int = PERSON
    inside_m: float = 0.8

    def at(self, _y_m: float) -> tuple[Layer, float]:
        """The same everywhere; nothing that was brought is seen."""
        return self.layer, 0.0


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
    def label(self) -> int | None:
        """None where what it brings has no class of its own."""
        label = self.told["label"]
        return None if label is None else int(label)

    @property
    def inside_m(self) -> float:
        return float(self.told["stands"][-1]["y"])

    def at(self, y_m: float) -> tuple[Layer, float]:
        """The visitor so far from the sill, and the share of it that the picture, walls and its own people leave to be
        seen."""
        k, y_m = self._comes(y_m)
        way = self._moved(k, y_m)
        distance = float(np.linalg.norm(np.array([0.0, y_m, 0.5]) - self.camera_m))
        layer = _layer(self.stands[k], self.shades[k], way, distance)
        whole = float(self.stands[k].thing.sum()) * way[0, 0] ** 2
        return layer, float(self.told["stands"][k]["visible"]) * min(float(layer.thing.sum()) / max(whole, 1.0), 1.0)

    def _comes(self, y_m: float) -> tuple[int, float]:
        """The stand whose picture comes nearest to there, and how near. Who is hidden in the nearest one is hidden."""
        at_m = [float(stand["y"]) for stand in self.told["stands"]]
        near = sorted(range(len(at_m)), key=lambda k: abs(at_m[k] - y_m))
        if not self.stands[near[0]].indices.any():
            return near[0], at_m[near[0]]
        places = {k: self._reaches(k, y_m) for k in near if self.stands[k].indices.any()}
        k = min(places, key=lambda k: abs(places[k] - y_m))
        return k, places[k]

    def _reaches(self, k: int, y_m: float) -> float:
        """How far the picture of stand `k` may be moved: what the picture's edge has cut is not moved away from it."""
        ways = (float(place) for place in np.linspace(y_m, self.told["stands"][k]["y"], CUT_STEPS))
        return next(place for place in ways if self.stands[k].cut_px(self._moved(k, place)) <= MOST_CUT_PX)

    def _moved(self, k: int, to_m: float) -> NDArray[np.float64]:
        """(2, 3): how the picture of stand `k` goes to another place."""
        there, here = self._place(float(self.told["stands"][k]["y"])), self._place(to_m)
        zoom = here[2] / there[2]
        return np.array([[zoom, 0, here[0] - zoom * there[0]], [0, zoom, here[1] - zoom * there[1]]])

    def _place(self, y_m: float) -> tuple[float, float, float]:
        rows = np.array(self.told["way"] or [[0.0, *SIZE_PX, 1.0]])
        x, y, scale = (float(np.interp(y_m, rows[:, 0], rows[:, k])) for k in (1, 2, 3))
        return x, y, scale


Comer = Guest | Passenger


def _layer(stand: Stand, shade: Plane, matrix: NDArray[np.float64] | None, from_camera_m: float) -> Layer:
    rgba, thing = stand.cutout, stand.thing
    if matrix is not None:
        rgba = np.asarray(cv2.warpAffine(rgba, matrix, SIZE_PX, flags=cv2.INTER_LINEAR), np.uint8)
        thing = cv2.warpAffine(thing, matrix, SIZE_PX).astype(np.float32)
        shade = cv2.warpAffine(shade, matrix, SIZE_PX, borderValue=1).astype(np.float32)
    cover = cv2.GaussianBlur(rgba[..., 3], (0, 0), 0.7).astype(np.float32) / 255
    return Layer(rgba[..., :3].astype(np.float32), cover, thing, shade, from_camera_m)
