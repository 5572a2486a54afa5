"""Who and what is in the cabin, and where: things are dropped on free floor until they fit."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from . import goods, people, vehicles
from .cabin import Cabin
from .kit import Floats, Part, Thing, pose

CELL_M: Final = 0.04
LOBBY_M: Final = 2.4
TRIES: Final = 60
# What is lower stands in somebody's way.
LOW_M: Final = 1.3
Rng = np.random.Generator
Mask = NDArray[np.uint8]


class Floor:
    """Free floor as a grid: the cabin, and behind an open door a lane of the lobby."""

    def __init__(self, room: Cabin, opening: float) -> None:
        self._half = room.width_m / 2
        rows, columns = int((room.depth_m + LOBBY_M) / CELL_M), int(room.width_m / CELL_M)
        self._blocked = np.ones((rows, columns), np.uint8)
        sill = int(LOBBY_M / CELL_M)
        self._blocked[sill:, :] = 0
        if opening > 0.45:
            lane = int(room.door_m * opening / CELL_M / 2)
            middle = columns // 2
            self._blocked[:sill, middle - lane : middle + lane] = 0
        self._taken = np.zeros_like(self._blocked)

    def shape_of(self, thing: Thing) -> Mask:
        """Cells under the convex outline of what is below `LOW_M`."""
        points = np.concatenate([p.mesh.vertices for p in thing.parts])
        low = points[points[:, 2] < LOW_M][:, :2]
        cells = np.round((low + np.array([self._half, LOBBY_M])) / CELL_M).astype(np.int32)
        mask = np.zeros_like(self._blocked)
        cv2.fillConvexPoly(mask, cv2.convexHull(cells), 1)
        outside = (cells < 0).any(axis=1) | (cells[:, 0] >= mask.shape[1]) | (cells[:, 1] >= mask.shape[0])
        if outside.mean() > 0.01:
            mask[:] = 1
        return mask

    def fits(self, thing: Thing, slack: float = 0.06, overlap: float = 0.12) -> bool:
        """`slack`: share of its cells that may poke into walls; `overlap`: into other things."""
        mask = self.shape_of(thing)
        cells = max(1, int(mask.sum()))
        blocked, taken = int((mask & self._blocked).sum()), int((mask & self._taken).sum())
        return blocked <= slack * cells and taken <= overlap * cells

    def take(self, thing: Thing) -> None:
        self._taken |= self.shape_of(thing)


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything movable in the picture and how far the doors are open, 0..1."""

    things: tuple[Thing, ...]
    opening: float


def beside(rng: Rng, thing: Thing, who: people.Wardrobe, side: float) -> Thing:
    """A person at the bars of a two-wheeler, in its frame; `side` +1 left, -1 right."""
    grip = thing.grips[0 if side < 0 else 1] if thing.grips[0][1] * side < 0 else thing.grips[0]
    at = pose(
        float(grip[0] - rng.uniform(0.05, 0.2)),
        side * float(rng.uniform(0.42, 0.52)),
        -side * float(rng.uniform(5, 30)),
    )
    bend = float(rng.uniform(6, 22) if rng.random() < 0.85 else rng.uniform(30, 55))
    return holding(thing, who, at, bend)


def behind(rng: Rng, thing: Thing, who: people.Wardrobe) -> Thing:
    """A person who pushes something by the handles at its rear."""
    at = pose(float(thing.grips[0][0] - rng.uniform(0.3, 0.45)), float(thing.grips[0][1] + thing.grips[1][1]) / 2)
    return holding(thing, who, at, float(rng.uniform(4, 15)))


def grasp(thing: Thing, who: people.Wardrobe, at: Floats, bend_deg: float, phase: float | None = None) -> people.Stance:
    """The stance of somebody at `at` whose hands are on the grips; walking when `phase` is given."""
    inverse, scale = np.linalg.inv(at), who.height_m / 1.7
    grips = np.array([inverse[:3, :3] @ g + inverse[:3, 3] for g in thing.grips[:2]]) / scale
    hands = grips[np.argsort(-grips[:, 1])]
    return people.reaching(hands, bend_deg) if phase is None else people.walking(phase, hands, bend_deg)


def holding(thing: Thing, who: people.Wardrobe, at: Floats, bend_deg: float) -> Thing:
    return people.person(who, grasp(thing, who, at, bend_deg)).moved(at)


def riding(thing: Thing, who: people.Wardrobe) -> Thing:
    """A person who sits on the e-bike, feet on the board."""
    scale = who.height_m / 1.7
    x = float(thing.grips[0][0]) - 0.5
    hands = (np.asarray(thing.grips[:2]) - [x, 0, 0]) / scale
    feet = np.array([[0.3, 0.13, 0.3], [0.25, -0.2, 0.05]])
    how = people.Stance(hands[np.argsort(-hands[:, 1])], feet, 10.0, 0.86 / scale)
    return people.person(who, how).moved(pose(x, 0))


def occupant(thing: Thing, who: people.Wardrobe) -> Thing:
    """A person seated in a wheelchair."""
    seat = goods.rider_seat_m(thing) or 0.5
    return people.person(who, people.seated(seat / (who.height_m / 1.7))).moved(pose(-0.08, 0))


def lone_person(rng: Rng) -> list[Thing]:
    """Someone who stands; now and then with a carton in the arms."""
    who = people.wardrobe(rng, child=bool(rng.random() < 0.12))
    if rng.random() < 0.12 and who.height_m > 1.4:
        hands = np.array([[0.36, 0.2, 1.02], [0.36, -0.2, 1.02]])
        carton = Thing("carton", goods.BAG, tuple(people.carried(rng)))
        return [people.person(who, people.reaching(hands, 0.0)), carton.scaled(who.height_m / 1.7)]
    if rng.random() < 0.06:
        hands = np.array([[0.4, 0.12, 0.3], [0.4, -0.12, 0.3]])
        return [people.person(who, people.reaching(hands, 65.0, 0.82))]
    return [people.person(who, people.standing(rng))]


def two_wheeler(rng: Rng, bike: Thing) -> list[Thing]:
    """A bike with whoever has brought it, in the bike's frame."""
    roll = rng.random()
    if roll < 0.12:
        return [bike]
    who = people.wardrobe(rng, child="bicycle" in bike.kind and bool(bike.plan()[1, 0] < 0.6))
    if roll < 0.2 and bike.label == vehicles.E_BIKE:
        return [bike, riding(bike, who)]
    return [bike, beside(rng, bike, who, float(rng.choice([-1, 1])))]


def wheeled(rng: Rng, thing: Thing) -> list[Thing]:
    """A wheelchair with its occupant and often a pusher; a pram or a cart with a pusher."""
    out = [thing]
    pushed = rng.random() < 0.5
    if goods.rider_seat_m(thing) is not None:
        if rng.random() < 0.8:
            out.append(occupant(thing, people.wardrobe(rng)))
        pushed = thing.kind == "wheelchair" and pushed
    else:
        pushed = rng.random() < 0.8 and len(thing.grips) == 2
    if pushed:
        out.append(behind(rng, thing, people.wardrobe(rng)))
    return out


_WITHOUT_E_BIKE: Final[tuple[tuple[float, Callable[[Rng], list[list[Thing]]]], ...]] = (
    (0.13, lambda rng: [wheeled(rng, goods.wheelchair(rng))]),
    (0.10, lambda rng: [wheeled(rng, goods.power_chair(rng))]),
    (0.06, lambda rng: [wheeled(rng, goods.mobility_scooter(rng))]),
    (0.14, lambda rng: [wheeled(rng, goods.pram(rng))]),
    (0.12, lambda rng: [two_wheeler(rng, vehicles.bicycle(rng))]),
    (0.05, lambda rng: [two_wheeler(rng, vehicles.child_bicycle(rng))]),
    (0.08, lambda rng: [wheeled(rng, goods.shopping_cart(rng))]),
    (0.06, lambda rng: [[goods.suitcase(rng)] for _ in range(int(rng.integers(1, 3)))]),
    (0.08, lambda rng: [wheeled(rng, goods.boxes(rng))]),
    (0.06, lambda rng: [[goods.dog(rng)]]),
    (0.10, lambda rng: [lone_person(rng)]),
    (0.02, lambda _: []),
)
"""How often what is brought in when there is no e-bike."""


def negatives(rng: Rng) -> list[list[Thing]]:
    """What is in a lift without an e-bike: up to four groups."""
    shares = [share for share, _ in _WITHOUT_E_BIKE]
    groups = _WITHOUT_E_BIKE[int(rng.choice(len(shares), p=shares))][1](rng)
    if groups:
        groups += [lone_person(rng) for _ in range(int(rng.choice([0, 0, 1, 2, 3])))]
    return groups


def positives(rng: Rng) -> list[list[Thing]]:
    """An e-bike with its owner; often somebody else, sometimes a second vehicle."""
    groups = [two_wheeler(rng, vehicles.e_bike(rng))]
    groups += [lone_person(rng) for _ in range(int(rng.choice([0, 0, 0, 1, 2])))]
    if rng.random() < 0.12:
        extra = (
            goods.dog,
            goods.suitcase,
            goods.boxes,
            goods.pulled_trolley,
            vehicles.e_bike,
            vehicles.child_bicycle,
            goods.pram,
        )
        groups.append([extra[int(rng.integers(len(extra)))](rng)])
    return groups


def _lumped(group: list[Thing]) -> Thing:
    parts: tuple[Part, ...] = tuple(p for thing in group for p in thing.parts)
    return Thing(group[0].kind, group[0].label, parts)


def arrange(rng: Rng, room: Cabin, groups: list[list[Thing]], opening: float) -> Stage:
    """Drops each group on free floor; what finds no place is left out."""
    floor, placed = Floor(room, opening), []
    for group in groups:
        rolling = group[0].label in (vehicles.E_BIKE, vehicles.BICYCLE, goods.WHEELCHAIR, goods.PRAM)
        low = -1.2 if opening > 0.45 and rolling and rng.random() < 0.5 else 0.3
        for attempt in range(TRIES):
            heading = (
                float(rng.choice([90, 270]) + rng.normal(0, 18 + attempt)) if rolling else float(rng.uniform(0, 360))
            )
            x, y = rng.uniform(-0.4, 0.4) * room.width_m, rng.uniform(low, room.depth_m - 0.3)
            place = pose(
                float(x),
                float(y),
                heading,
                float(rng.normal(0, 4)) if group[0].label in (1, 2) and len(group) == 1 else 0.0,
            )
            moved = [thing.moved(place) for thing in group]
            if floor.fits(_lumped(moved), 0.05 + 0.004 * attempt, 0.1 + 0.006 * attempt):
                floor.take(_lumped(moved))
                placed += moved
                break
    return Stage(tuple(placed), opening)


def stage(rng: Rng, room: Cabin) -> Stage:
    """A whole scene: half of them hold an e-bike."""
    opening = float(rng.choice([0.0, 1.0, rng.uniform(0.05, 0.95)], p=[0.5, 0.35, 0.15]))
    groups = positives(rng) if rng.random() < 0.5 else negatives(rng)
    return arrange(rng, room, groups, opening)
