"""A minute and a half in a yard as a script: who is where at what time, what of it the rules must tell, and what not.

Of every rule there is one moment, and beside it what looks alike and is none: cars that drive on, somebody who passes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np

from . import bicycles, cars, goods, people, yard
from .kit import Thing, pose
from .motion import Track, ramp
from .scripts import Curve, walker, with_hands_on

Rng = np.random.Generator
Key = tuple[float, float, float, float]
Actor = Callable[[float], Thing | None]

LENGTH_S: Final = 82.0
TOLERANCE_S: Final = 1.0
DWELL_S: Final = {
    "CONDUCT.INTRUSION": 1.0,
    "VEHICLE.PARK.FIRELANE": 6.0,
    "CONDUCT.LOITER": 9.0,
    "CONDUCT.CROWD.L1": 2.0,
    "CONDUCT.CROWD.L2": 2.0,
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
    actors: Mapping[str, Actor]
    truth: tuple[dict[str, object], ...]

    def cast(self, time_s: float) -> dict[str, Thing]:
        """Who is there."""
        return {name: thing for name, act in self.actors.items() if (thing := act(time_s)) is not None}

    def boxes(self, cast: Mapping[str, Thing]) -> list[yard.Box]:
        """What a picture of them shows."""
        return [box for thing in cast.values() if (box := self.place.box(thing)) is not None]


def happening(number: int) -> Happening:
    """What happens in yard `number`: always the same, by others, with up to a second more or less between."""
    place, rng = yard.yard(number), np.random.default_rng([number, 13])
    drama = _Drama(place, rng)
    for scene in (_traffic, _lawn, _square, _child, _dog, _suitcase, _theft):
        scene(drama, rng)
    return Happening(place, drama.actors, tuple(sorted(drama.truth, key=lambda row: float(str(row["start_s"])))))


class _Drama:
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
        first_s, last_s = track.keys[0][0], track.keys[-1][0]
        self.actors[name] = lambda now_s: act(now_s) if first_s <= now_s <= last_s else None

    def tell(self, code: str, since_s: float, until_s: float) -> None:
        """It is so from then to then: told when it has lasted."""
        start = round(since_s + DWELL_S.get(code, 0.0), 2)
        self.truth.append({"code": code, "start_s": start, "end_s": round(until_s, 2), "tolerance_s": TOLERANCE_S})


def between(track: Track, ground: yard.Ground, side: float) -> tuple[float, float]:
    """The first and the last moment at which the middle of the track is on the polygon."""
    outline = np.array([(side * x, y) for x, y in ground], np.float32)
    times = np.arange(track.keys[0][0], track.keys[-1][0], 0.05)
    inside = [t for t in times if cv2.pointPolygonTest(outline, track.at(float(t))[:2], False) >= 0]
    return float(inside[0]), float(inside[-1])


def _enters(track: Track, side: float) -> float:
    """When the middle of the track comes over the entry of the square."""
    times = np.arange(track.keys[0][0], track.keys[-1][0], 0.05)
    return float(next(t for t in times if side * track.at(float(t))[0] > yard.ENTRY[0][0]))


def _somebody(drama: _Drama, rng: Rng, name: str, *keys: Key, child: bool = False) -> Track:
    who, track = people.wardrobe(rng, child=child), drama.track(*keys)
    drama.on(name, track, lambda now_s: walker(track, now_s, who, AHEAD))
    return track


def _vehicle(drama: _Drama, rng: Rng, name: str, *keys: Key) -> Track:
    thing, track = cars.car(rng), drama.track(*keys)
    drama.on(name, track, lambda now_s: thing.moved(track.matrix(now_s)))
    return track


def _traffic(drama: _Drama, rng: Rng) -> None:
    """One drives through, one stops in the fire lane, one comes the wrong way."""
    _vehicle(drama, rng, "through", (1.5, -13, 9.5, 0), (6.5, 13, 9.5, 0))
    stops = _vehicle(
        drama,
        rng,
        "stops",
        (8, -13, 9.5, 0),
        (10, -3.5, 9.5, 0),
        (11.5, 0.4, 9.5, 0),
        (22, 0.4, 9.5, 0),
        (25.5, 13, 9.5, 0),
    )
    late = stops.keys[2][0]
    drama.tell("VEHICLE.PARK.FIRELANE", late, stops.keys[3][0])
    wrong = _vehicle(drama, rng, "wrong way", (27, 13, 9.6, 180), (33, -13, 9.6, 180))
    drama.tell("VEHICLE.WRONGWAY", *between(wrong, yard.LANE, drama.place.side))


def _lawn(drama: _Drama, rng: Rng) -> None:
    """One passes along the path, one steps onto the lawn and comes back."""
    _somebody(drama, rng, "passer-by", (3, 0.15, 2.2, 90), (7, 0.15, 7.6, 90), (7.6, 0.6, 7.9, 10), (13, 9, 7.9, 0))
    steps = _somebody(
        drama,
        rng,
        "intruder",
        (12, 0.15, 2.2, 90),
        (14.5, 0.2, 5.4, 80),
        (16, 2.3, 5.6, 10),
        (19, 2.5, 5.6, 60),
        (20.6, 0.2, 5.4, 190),
        (23, 0.15, 2.2, 270),
    )
    drama.tell("CONDUCT.INTRUSION", *between(steps, yard.LAWN, drama.place.side))


def _square(drama: _Drama, rng: Rng) -> None:
    """One crosses it, one stays; two more come, then another one; all leave together."""
    _somebody(drama, rng, "crosses", (22, -7.5, 5.6, 0), (27.5, 0.15, 5.6, 0), (30, 0.15, 2.2, 270))
    way = ((-1.5, 5.0), (-2.7, 6.4), (-3.6, 5.2), (-2.5, 4.8))
    comes = (33.0, 43.0, 43.4, 50.0)
    stays = []
    for number, ((x, y), at) in enumerate(zip(way, comes, strict=True)):
        turn = float(rng.uniform(200, 340))
        stays.append(
            _somebody(
                drama,
                rng,
                f"guest {number}",
                (at, -7.5, y, 0),
                (at + 0.75 * (x + 7.5), x, y, 0),
                (at + 0.75 * (x + 7.5) + 0.5, x, y, turn),
                (58, x, y, turn),
                (58.5, x, y, 180),
                (58.5 + 0.7 * (x + 7.5), -7.5, y, 180),
            )
        )
    spans = [between(track, yard.SQUARE, drama.place.side) for track in stays]
    gone = sorted(until for _, until in spans)
    entered = sorted(_enters(track, drama.place.side) for track in stays[1:3])
    drama.tell("ACCESS.TAILGATE", entered[1], entered[1] + 1.0)
    drama.tell("CONDUCT.LOITER", spans[0][0], max(gone))
    drama.tell("CONDUCT.CROWD.L1", max(spans[1][0], spans[2][0]), gone[1])
    drama.tell("CONDUCT.CROWD.L2", spans[3][0], gone[0])


def _child(drama: _Drama, rng: Rng) -> None:
    """It stands before the parapet, then upon what is there; an adult has stood there before."""
    _somebody(drama, rng, "adult", (34, 9, 6.5, 180), (36.5, 5.6, 6.5, 180), (39, 5.6, 6.5, 90), (41.5, 9, 6.5, 0))
    before = ((56, 8.5, 6.5, 180), (58.5, 5.6, 6.5, 180), (59, 5.6, 6.6, 90), (61, 5.6, 6.6, 90))
    track = drama.track(*before, (61.4, 5.6, 7.1, 90), (67, 5.6, 7.1, 90), (67.4, 5.6, 6.5, 0), (69.5, 8.5, 6.5, 0))
    who = replace(people.wardrobe(rng, child=True), height_m=float(rng.uniform(1.0, 1.2)))
    up, down = track.keys[4][0], track.keys[5][0]
    climb: Curve = ((up - 0.4, 0.0), (up, 0.6), (down, 0.6), (down + 0.4, 0.0))
    drama.on("child", track, lambda t: walker(track, t, who, AHEAD).moved(pose(0, 0, z_m=ramp(t, climb))))
    drama.tell("CONDUCT.CHILD.LEDGE", up, down)


def _dog(drama: _Drama, rng: Rng) -> None:
    """Its owner brings it, goes away and comes to fetch it."""
    dog = goods.dog(rng)
    lies = ((63, 0.75, 5.4, 10), (75, 0.75, 5.4, 10))
    beside = drama.track(
        (60, 0.75, 2.0, 90), (62.5, 0.75, 5.2, 90), *lies, (75.6, 0.75, 5.4, 270), (77.5, 0.75, 2.0, 270)
    )
    drama.on("dog", beside, lambda now_s: dog.moved(beside.matrix(now_s)))
    owner = people.wardrobe(rng)
    first = drama.track((60, 0.1, 2.0, 90), (62.5, 0.1, 5.2, 90), (63.5, 0.1, 5.2, 270), (66, 0.1, 1.6, 270))
    again = drama.track((72.5, 0.1, 1.8, 90), (75, 0.1, 5.2, 90), (77.5, 0.1, 1.8, 270))
    drama.on("owner", first, lambda now_s: walker(first, now_s, owner, AHEAD))
    drama.on("owner again", again, lambda now_s: walker(again, now_s, owner, AHEAD))
    drama.tell("CONDUCT.DOG.ALONE", first.keys[2][0] + 1.5, again.keys[1][0])


def _suitcase(drama: _Drama, rng: Rng) -> None:
    """Somebody puts it down on the square and goes."""
    case = goods.suitcase(rng)
    put = ((61.5, -7.5, 5.9, 0), (65.0, -3.7, 5.9, 0), (66.3, -3.7, 5.9, 0), (66.8, -3.7, 5.9, 180))
    comes = drama.track(*put, (70.5, -8, 5.9, 180))
    lies = drama.track((61.5, -7.0, 5.6, 0), (65.0, -3.2, 5.6, 0), (LENGTH_S, -3.2, 5.6, 0))
    who = people.wardrobe(rng)
    drama.on("carrier", comes, lambda now_s: walker(comes, now_s, who, AHEAD))
    drama.on("suitcase", lies, lambda now_s: case.moved(lies.matrix(now_s)))
    drama.tell("CONDUCT.LITTER", comes.keys[3][0] + 1.8, LENGTH_S)


def _theft(drama: _Drama, rng: Rng) -> None:
    """A bicycle has stood at the wall of the square from the beginning; somebody comes and pushes it away."""
    bike, who = bicycles.bicycle(rng), people.wardrobe(rng)
    track = drama.track((-9, -4.3, 7.9, 180), (72.5, -4.3, 7.9, 180), (76, -9.5, 7.9, 180))
    drama.on("bicycle", track, lambda now_s: bike.moved(track.matrix(now_s)))
    grip = bike.grips[0]
    at = pose(float(grip[0]) - 0.1, 0.45, -10)
    leaves_s, last_s = track.keys[1][0], track.keys[-1][0]
    comes = _somebody(drama, rng, "thief comes", (68.5, -9.5, 7.45, 0), (71.8, -4.4, 7.45, 0))
    drama.actors["thief"] = lambda t: (
        with_hands_on(bike, track, t, who, at, 8.0, AHEAD) if max(leaves_s, comes.keys[-1][0]) <= t <= last_s else None
    )
    drama.tell("CONDUCT.OBJECT.TAKEN", leaves_s + 0.6, LENGTH_S)
