"""A minute in a yard at night: somebody comes over the wall, five meet, an e-bike is left before the door.

What looks alike and is none: somebody who walks behind the wall, somebody who comes up to it and goes again.
"""

from typing import Final

import numpy as np

from . import people, vehicles, yard
from .kit import Floats, pose
from .motion import Track, ramp
from .scripts import Curve, walker, with_hands_on
from .yard_drama import AHEAD, Drama, Happening, Rng, moments

LENGTH_S: Final = 66.0


def happening(drama: Drama, rng: Rng) -> Happening:
    """What happens at night."""
    for scene in (_wall, _gathering, _ebike):
        scene(drama, rng)
    return drama.done(LENGTH_S)


def _wall(drama: Drama, rng: Rng) -> None:
    """One walks along behind it, one up to its end and back, one climbs over it onto the lawn."""
    drama.somebody(rng, "behind", (2, 8.0, 9.0, 180), (8, -1.5, 9.0, 180), (10, -5, 9.0, 180))
    drama.somebody(
        rng, "passer-by", (3, 0.15, 2.2, 90), (7, 0.15, 7.2, 90), (7.6, 0.3, 7.2, 270), (11.5, 0.4, 2.0, 270)
    )
    over = drama.track(
        (12, 7.5, 9.0, 180),
        (15, 2.6, 8.8, 180),
        (15.5, 2.6, 8.4, 270),
        (17.5, 2.6, 7.95, 270),
        (18.3, 2.6, 7.85, 270),
        (18.8, 2.6, 7.3, 270),
        (21.2, 2.5, 4.7, 270),
        (22.5, 0.3, 4.0, 180),
        (24.5, 0.2, 2.0, 270),
    )
    up, top, leaps, down = (over.keys[row][0] for row in (2, 3, 4, 5))
    height: Curve = ((up, 0.0), (top, yard.WALL_M), (leaps, yard.WALL_M), (down, 0.0))
    who = people.wardrobe(rng)
    drama.on("climber", over, lambda t: walker(over, t, who, AHEAD).moved(pose(0, 0, z_m=ramp(t, height))))
    above = _rises(drama, over, "climber")
    drama.tell("CONDUCT.CLIMB", above, above + 3.0)
    drama.tell("CONDUCT.INTRUSION", *drama.between(over, yard.LAWN))


def _rises(drama: Drama, track: Track, name: str) -> float:
    """When the middle of somebody is first seen above the upper edge of the wall."""
    edge = np.array(sorted(drama.place.seen(yard.WALL_TOP))) * [drama.place.view.width_px, drama.place.view.height_px]
    for at in moments(track):
        thing = drama.actors[name](at)
        box = drama.place.box(thing) if thing is not None else None
        if box is not None:
            middle = (box[1] + box[3]) / 2, (box[2] + box[4]) / 2
            if edge[0, 0] < middle[0] < edge[1, 0] and middle[1] < np.interp(middle[0], *edge.T):
                return at
    raise ValueError(f"{name} comes over the wall, met nobody above it")


def _gathering(drama: Drama, rng: Rng) -> None:
    """Five come one by one, and leave together."""
    way = ((-0.9, 5.0), (-2.0, 6.6), (-2.15, 5.0), (-3.6, 6.4), (-3.5, 4.9))
    drama.crowded(drama.guests(rng, way, (26.0, 28.0, 30.0, 36.0, 42.0), 50.0), 3)


def _ebike(drama: Drama, rng: Rng) -> None:
    """It is pushed up to the door and left there."""
    bike, who = vehicles.e_bike(rng), people.wardrobe(rng)
    stands = drama.track((46, 0.15, 2.2, 90), (50, 0.15, 6.2, 90), (LENGTH_S, 0.15, 6.2, 90))
    drama.on("e-bike", stands, lambda now_s: bike.moved(stands.matrix(now_s)))
    at = pose(float(bike.grips[0][0]) - 0.1, 0.45, -10)
    arrives = stands.keys[1][0]
    x, y, heading = _place(stands, arrives, at)
    side = drama.place.side
    goes = Track(((arrives + 1.0, x, y, heading), (arrives + 1.6, x, y, -90), (arrives + 4.5, side * 0.6, 2.0, -90)))
    drama.on("owner goes", goes, lambda now_s: walker(goes, now_s, who, AHEAD))
    comes_s, leaves_s = stands.keys[0][0], goes.keys[0][0]
    drama.during("owner", comes_s, leaves_s, lambda t: with_hands_on(bike, stands, t, who, at, 8.0, AHEAD))
    drama.tell("VEHICLE.EBIKE.PARKED", arrives, LENGTH_S)


def _place(track: Track, now_s: float, at: Floats) -> tuple[float, float, float]:
    """Where somebody stands who has their hands on what is on a track: x, y, heading in degrees."""
    whole = track.matrix(now_s) @ at
    return float(whole[0, 3]), float(whole[1, 3]), float(np.degrees(np.arctan2(whole[1, 0], whole[0, 0])))
