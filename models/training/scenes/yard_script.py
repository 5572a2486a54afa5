"""A minute and a half in a yard as a script: who is where at what time, what of it the rules must tell, and what not.

Of every rule there is one moment, and beside it what looks alike and is none: cars that drive on, somebody who passes.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from . import bicycles, goods, people, yard, yard_night
from .kit import pose
from .motion import Track, ramp
from .scripts import Curve, walker, with_hands_on
from .yard_drama import AHEAD, Drama, Happening, Rng, moments

LENGTH_S: Final = 82.0


def happening(number: int) -> Happening:
    """What happens in yard `number`: always the same, by others, with up to a second more or less between."""
    place, rng = yard.yard(number), np.random.default_rng([number, 13])
    drama = Drama(place, rng)
    if place.night:
        return yard_night.happening(drama, rng)
    for scene in (_traffic, _lawn, _square, _child, _dog, _suitcase, _theft):
        scene(drama, rng)
    return drama.done(LENGTH_S)


def _enters(track: Track, side: float) -> float:
    """When the middle of the track comes over the entry of the square."""
    return next(t for t in moments(track) if side * track.at(t)[0] > yard.ENTRY[0][0])


def _traffic(drama: Drama, rng: Rng) -> None:
    """One drives through, one stops in the fire lane, one comes the wrong way."""
    drama.vehicle(rng, "through", (1.5, -13, 9.5, 0), (6.5, 13, 9.5, 0))
    stops = drama.vehicle(
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
    wrong = drama.vehicle(rng, "wrong way", (27, 13, 9.6, 180), (33, -13, 9.6, 180))
    drama.tell("VEHICLE.WRONGWAY", *drama.between(wrong, yard.LANE))


def _lawn(drama: Drama, rng: Rng) -> None:
    """One passes along the path, one steps onto the lawn and comes back."""
    drama.somebody(rng, "passer-by", (3, 0.15, 2.2, 90), (7, 0.15, 7.6, 90), (7.6, 0.6, 7.9, 10), (13, 9, 7.9, 0))
    steps = drama.somebody(
        rng,
        "intruder",
        (12, 0.15, 2.2, 90),
        (14.5, 0.2, 5.4, 80),
        (16, 2.3, 5.6, 10),
        (19, 2.5, 5.6, 60),
        (20.6, 0.2, 5.4, 190),
        (23, 0.15, 2.2, 270),
    )
    drama.tell("CONDUCT.INTRUSION", *drama.between(steps, yard.LAWN))


def _square(drama: Drama, rng: Rng) -> None:
    """One crosses it, one stays; two more come, then another one; all leave together."""
    drama.somebody(rng, "crosses", (22, -7.5, 5.6, 0), (27.5, 0.15, 5.6, 0), (30, 0.15, 2.2, 270))
    way = ((-1.5, 5.0), (-2.7, 6.4), (-3.6, 5.2), (-2.5, 4.8))
    stays = drama.guests(rng, way, (33.0, 43.0, 43.4, 50.0), 58.0)
    entered = sorted(_enters(track, drama.place.side) for track in stays[1:3])
    drama.tell("ACCESS.TAILGATE", entered[1], entered[1] + 1.0)
    spans = [drama.between(track, yard.SQUARE) for track in stays]
    drama.tell("CONDUCT.LOITER", spans[0][0], max(until for _, until in spans))
    drama.crowded(stays, 3)


def _child(drama: Drama, rng: Rng) -> None:
    """It stands before the parapet, then upon what is there; an adult has stood there before."""
    drama.somebody(rng, "adult", (34, 9, 6.5, 180), (36.5, 5.6, 6.5, 180), (39, 5.6, 6.5, 90), (41.5, 9, 6.5, 0))
    before = ((56, 8.5, 6.5, 180), (58.5, 5.6, 6.5, 180), (59, 5.6, 6.6, 90), (61, 5.6, 6.6, 90))
    track = drama.track(*before, (61.4, 5.6, 7.1, 90), (67, 5.6, 7.1, 90), (67.4, 5.6, 6.5, 0), (69.5, 8.5, 6.5, 0))
    who = replace(people.wardrobe(rng, child=True), height_m=float(rng.uniform(1.0, 1.2)))
    up, down = track.keys[4][0], track.keys[5][0]
    climb: Curve = ((up - 0.4, 0.0), (up, 0.6), (down, 0.6), (down + 0.4, 0.0))
    drama.on("child", track, lambda t: walker(track, t, who, AHEAD).moved(pose(0, 0, z_m=ramp(t, climb))))
    drama.tell("CONDUCT.CHILD.LEDGE", up, down)


def _dog(drama: Drama, rng: Rng) -> None:
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


def _suitcase(drama: Drama, rng: Rng) -> None:
    """Somebody puts it down on the square and goes."""
    case = goods.suitcase(rng)
    put = ((61.5, -7.5, 5.9, 0), (65.0, -3.7, 5.9, 0), (66.3, -3.7, 5.9, 0), (66.8, -3.7, 5.9, 180))
    comes = drama.track(*put, (70.5, -8, 5.9, 180))
    lies = drama.track((61.5, -7.0, 5.6, 0), (65.0, -3.2, 5.6, 0), (LENGTH_S, -3.2, 5.6, 0))
    who = people.wardrobe(rng)
    drama.on("carrier", comes, lambda now_s: walker(comes, now_s, who, AHEAD))
    drama.on("suitcase", lies, lambda now_s: case.moved(lies.matrix(now_s)))
    drama.tell("CONDUCT.LITTER", comes.keys[3][0] + 1.8, LENGTH_S)


def _theft(drama: Drama, rng: Rng) -> None:
    """A bicycle has stood at the wall of the square from the beginning; somebody comes and pushes it away."""
    bike, who = bicycles.bicycle(rng), people.wardrobe(rng)
    track = drama.track((-9, -4.3, 7.9, 180), (72.5, -4.3, 7.9, 180), (76, -9.5, 7.9, 180))
    drama.on("bicycle", track, lambda now_s: bike.moved(track.matrix(now_s)))
    grip = bike.grips[0]
    at = pose(float(grip[0]) - 0.1, 0.45, -10)
    leaves_s, last_s = track.keys[1][0], track.keys[-1][0]
    comes = drama.somebody(rng, "thief comes", (68.5, -9.5, 7.45, 0), (71.8, -4.4, 7.45, 0))
    there_s = max(leaves_s, comes.keys[-1][0])
    drama.during("thief", there_s, last_s, lambda t: with_hands_on(bike, track, t, who, at, 8.0, AHEAD))
    drama.tell("CONDUCT.OBJECT.TAKEN", leaves_s + 0.6, LENGTH_S)
