"""A yard's script: actors by name, each with a track, and what of it the rules must tell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np

from . import cars, people, yard
from .kit import Thing
from .motion import Track
from .scripts import Curve, walker

Rng = np.random.Generator
Key = tuple[float, float, float, float]
Actor = Callable[[float], Thing | None]

TOLERANCE_S: Final = 1.0
STEP_S: Final = 0.05
DWELL_S: Final = {
    "CONDUCT.INTRUSION": 1.0,
    "VEHICLE.PARK.FIRELANE": 6.0,
    "VEHICLE.EBIKE.PARKED": 6.0,
    "CONDUCT.LOITER": 9.0,
    "CONDUCT.CROWD.L1": 2.0,
    "CONDUCT.CROWD.L2": 2.0,
    "CONDUCT.CROWD.L3": 2.0,
    "CONDUCT.CHILD.LEDGE": 1.0,
    "CONDUCT.DOG.ALONE": 5.0,
    "CONDUCT.LITTER": 6.0,
    "CONDUCT.OBJECT.TAKEN": 4.0,
}
AHEAD: Final[Curve] = ((0.0, 0.0), (1.0, 0.0))


@dataclass(frozen=True, slots=True)
class Happening:
    """A yard, its actors by name, and rows of a truth file."""

    place: yard.Yard
    length_s: float
    actors: Mapping[str, Actor]
    truth: tuple[dict[str, object], ...]

    def cast(self, time_s: float) -> dict[str, Thing]:
        """Who is there."""
        return {name: thing for name, act in self.actors.items() if (thing := act(time_s)) is not None}

    def boxes(self, cast: Mapping[str, Thing]) -> list[yard.Box]:
        """What a picture of them shows."""
        return [box for thing in cast.values() if (box := self.place.box(thing)) is not None]


class Drama:
    """A script in the making."""

    def __init__(self, place: yard.Yard, rng: Rng) -> None:
        self.place = place
        self.actors: dict[str, Actor] = {}
        self.truth: list[dict[str, object]] = []
        self._late_s = float(rng.uniform(0, 0.8))

    def track(self, *keys: Key) -> Track:
        """On the yard's own side, a little late."""
        side = self.place.side
        return Track(tuple((at + self._late_s, side * x, y, h if side > 0 else 180 - h) for at, x, y, h in keys))

    def on(self, name: str, track: Track, act: Callable[[float], Thing]) -> None:
        """From the first to the last key of its track."""
        self.during(name, track.keys[0][0], track.keys[-1][0], act)

    def during(self, name: str, first_s: float, last_s: float, act: Callable[[float], Thing]) -> None:
        """From one moment to another."""
        self.actors[name] = lambda now_s: act(now_s) if first_s <= now_s <= last_s else None

    def somebody(self, rng: Rng, name: str, *keys: Key, child: bool = False) -> Track:
        """On foot."""
        who, track = people.wardrobe(rng, child=child), self.track(*keys)
        self.on(name, track, lambda now_s: walker(track, now_s, who, AHEAD))
        return track

    def vehicle(self, rng: Rng, name: str, *keys: Key) -> Track:
        """A car."""
        thing, track = cars.car(rng), self.track(*keys)
        self.on(name, track, lambda now_s: thing.moved(track.matrix(now_s)))
        return track

    def tell(self, code: str, since_s: float, until_s: float) -> None:
        """It is so from then to then: told when it has lasted."""
        start = round(since_s + DWELL_S.get(code, 0.0), 2)
        self.truth.append({"code": code, "start_s": start, "end_s": round(until_s, 2), "tolerance_s": TOLERANCE_S})

    def between(self, track: Track, ground: yard.Ground) -> tuple[float, float]:
        """The first and the last moment at which the middle of the track is on the polygon."""
        outline = np.array([(self.place.side * x, y) for x, y in ground], np.float32)
        inside = [t for t in moments(track) if cv2.pointPolygonTest(outline, track.at(t)[:2], False) >= 0]
        return inside[0], inside[-1]

    def guests(self, rng: Rng, way: Sequence[tuple[float, float]], comes: Sequence[float], go_s: float) -> list[Track]:
        """They come onto the square from its side, stand where `way` says, and all leave together."""
        stays = []
        for number, ((x, y), at) in enumerate(zip(way, comes, strict=True)):
            turn, there_s = float(rng.uniform(200, 340)), at + 0.75 * (x + 7.5)
            stays.append(
                self.somebody(
                    rng,
                    f"guest {number}",
                    (at, -7.5, y, 0),
                    (there_s, x, y, 0),
                    (there_s + 0.5, x, y, turn),
                    (go_s, x, y, turn),
                    (go_s + 0.5, x, y, 180),
                    (go_s + 0.5 + 0.7 * (x + 7.5), -7.5, y, 180),
                )
            )
        return stays

    def crowded(self, stays: Sequence[Track], first: int) -> None:
        """On the square: level 1 with the `first`-th guest, another one with each that comes after."""
        spans = [self.between(track, yard.SQUARE) for track in stays]
        gone = sorted(until for _, until in spans)
        for level, many in enumerate(range(first, len(stays) + 1), 1):
            self.tell(f"CONDUCT.CROWD.L{level}", max(since for since, _ in spans[:many]), gone[-many])

    def done(self, length_s: float) -> Happening:
        """As it is played."""
        return Happening(self.place, length_s, self.actors, tuple(sorted(self.truth, key=_starts)))


def moments(track: Track) -> list[float]:
    """The times of a track, closely."""
    return [float(t) for t in np.arange(track.keys[0][0], track.keys[-1][0], STEP_S)]


def _starts(row: dict[str, object]) -> float:
    return float(str(row["start_s"]))
