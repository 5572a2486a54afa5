"""Visits that go another way than straight in: backwards, through doors that stall, left alone, in and out again.

Each has a cabin, camera, sensor, e-bike and owner of its own, by its story and number alone. They are told as visits
are (`visits.py`), with marks: when it stands inside, when it is alone, when it is out again, when the doors are shut.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from . import cabin, layout, mounts, people, scripts, sensor, vehicles
from .kit import Floats, Thing, pose
from .motion import Track
from .visits import SIZE_PX, Visit, way_in

Rng = np.random.Generator
Cast = Callable[[float], list[Thing]]
Keys = tuple[tuple[float, float, float, float], ...]
Marks = tuple[tuple[str, float], ...]

STREAM: Final = 20  # of random numbers: visits, rooms and yards have those below
OPENS_S: Final = (0.4, 1.5)
SHUTTING_S: Final = 1.2
# The longest e-bike that stands free of the doors in the shallowest of these cabins.
LONGEST_M, DEPTH_M = 1.88, (2.05, 2.2)
# The bike keeps to one side of the doorway and its owner walks on the other.
ASIDE_M, BESIDE_M = 0.14, 0.48
PARKED_M, LANE_M = 0.3, 0.26
BEND_DEG: Final = 10.0
LETS_GO_S, ALONE_S, RIDE_S = 0.4, 3.5, 1.5
HALF: Final = 0.5
_AHEAD: Final = ((0.0, 0.0), (99.0, 0.0))


@dataclass(frozen=True, slots=True)
class Party:
    """A lift, an e-bike and its owner, who comes from `side` (+1 right) or `waits` behind the doors; `pace` about 1."""

    room: cabin.Cabin
    bike: Thing
    who: people.Wardrobe
    side: float
    pace: float
    waits: bool

    @property
    def beside(self) -> Floats:
        """Where the owner walks, in the bike's frame."""
        return pose(float(self.bike.grips[0][0]) - 0.1, BESIDE_M * self.side, -14 * self.side)

    def inside_m(self, heading_deg: float = 90.0) -> float:
        """How far behind the sill the bike's origin is when it stands in the middle of the cabin."""
        low, high = self.bike.plan()[:, 0]
        return self.room.depth_m / 2 - float(low + high) / 2 * (1 if heading_deg > 0 else -1)

    def way(self, x_m: float, last_x_m: float | None = None) -> Keys:
        """Straight in past `x_m` in the doorway, at last at `last_x_m`."""
        plan, begins_s = ("opening", 1.0) if self.waits else ("still", 1.7)
        keys = way_in(plan, begins_s, self.pace, x_m, self.side, self.inside_m())
        time_s, x, *rest = keys[-1]
        return (*keys[:-1], (time_s, x if last_x_m is None else last_x_m, rest[0], rest[1]))

    def pushed(self, track: Track) -> Cast:
        """The bike on the track, its owner beside it with both hands on it."""

        def cast(time_s: float) -> list[Thing]:
            person = scripts.with_hands_on(self.bike, track, time_s, self.who, self.beside, BEND_DEG, _AHEAD)
            return [self.bike.moved(track.matrix(time_s)), person]

        return cast


@dataclass(frozen=True, slots=True)
class Story:
    """How far the doors are open and who is where over time; `marks` are (what, time s)."""

    doors: scripts.Curve
    cast: Cast
    marks: Marks


def story(name: str, number: int) -> Visit:
    """Visit `number` of that story: even ones wait behind the doors. KeyError for a name that is none of STORIES."""
    tell = STORIES[name]
    rng = np.random.default_rng([number, STREAM + list(STORIES).index(name)])
    size = float(rng.uniform(1.65, 1.9)), float(rng.uniform(*DEPTH_M)), float(rng.uniform(2.35, 2.65))
    room = cabin.cabin(rng, size_m=size, door_m=float(rng.uniform(1.1, 1.2)))
    view = replace(mounts.mount(rng, room), width_px=SIZE_PX[0], height_px=SIZE_PX[1])
    how = replace(sensor.sensor(rng), blur_px=0, stamp="")
    side, pace = float(rng.choice([-1, 1])), float(rng.uniform(0.9, 1.2))
    told = tell(Party(room, _e_bike(rng), people.wardrobe(rng), side, pace, number % 2 == 0))
    length_s = max(time_s for time_s, _ in told.doors) + (ALONE_S if name == "left-alone" else 0.5)
    script = scripts.Script(number, length_s, room, view, told.doors, told.cast)
    return Visit(f"{name}-{number:03d}", "e-bike", name, script, how, told.marks)


def _e_bike(rng: Rng) -> Thing:
    """One that fits between the doors and the rear wall."""
    while True:
        build = vehicles.scooter if rng.random() < 0.6 else vehicles.commuter
        bike = build(rng)
        if float(np.ptp(bike.plan()[:, 0])) <= LONGEST_M:
            return bike


def _shutting(from_s: float) -> scripts.Curve:
    return ((from_s, 1.0), (from_s + SHUTTING_S, 0.0))


def backwards(party: Party) -> Story:
    """Pulled in by its owner, tail first; who comes from the side goes past the doors and backs in as cars do."""
    x, inside, side = -ASIDE_M * party.side, party.inside_m(-90.0), party.side
    behind_m, slow = -0.3 + float(party.bike.plan()[0, 0]), 0.85 * party.pace
    begins_s = 1.0 if party.waits else 1.7
    if party.waits:
        keys: Keys = (
            (begins_s, x, behind_m, -90),
            (begins_s + 0.9 / slow, x, -0.35, -90),
            (begins_s + 2.2 / slow, x, inside, -90),
        )
    else:
        steps = ((0.0, 1.75, -1.7, 0), (0.9, -0.5, -1.75, 0), (1.4, -0.3, -1.6, 25), (2.1, -0.14, -1.0, 80))
        turning = tuple((begins_s + t / slow, px * side, y, 90 + side * (90 + deg)) for t, px, y, deg in steps)
        last_deg = 90 + 180 * side
        keys = (
            *turning,
            (begins_s + 2.9 / slow, x, -0.2, last_deg),
            (begins_s + 4.0 / slow, x, inside, last_deg),
        )
    inside_s = keys[-1][0]
    doors = ((OPENS_S[0], 0.0), (OPENS_S[1], 1.0), *_shutting(inside_s + 0.4))
    return Story(doors, party.pushed(Track(keys)), (("inside", inside_s), ("shut", doors[-1][0])))


def half_open(party: Party) -> Story:
    """Even ones ride in through doors that stall half open; before odd ones the doors close half and open again."""
    return _stalled(party) if party.waits else _reopened(party)


def gap_m(room: cabin.Cabin, opening: float) -> float:
    """The middle of the gap between doors that are open so far, m from the middle of the doorway."""
    return 0.0 if room.centre_opening else room.door_m / 2 * (1 - opening)


def _stalled(party: Party) -> Story:
    low, high = party.bike.plan()
    part = float(np.clip((high[1] - low[1] + 0.06) / party.room.door_m, HALF, 0.8))
    x = gap_m(party.room, part) - float(low[1] + high[1]) / 2
    track = Track(way_in("opening", 1.2, party.pace, x, party.side, party.inside_m()))
    rider = layout.riding(party.bike, party.who)
    inside_s = track.keys[-1][0]
    doors = ((OPENS_S[0], 0.0), (1.2, part), (inside_s + 0.4, part), (inside_s + 1.3, 0.0))
    return Story(
        doors,
        lambda time_s: [one.moved(track.matrix(time_s)) for one in (party.bike, rider)],
        (("inside", inside_s), ("shut", doors[-1][0])),
    )


def _reopened(party: Party) -> Story:
    """The front wheel is between the leaves as they close on it."""
    x, stop_m = gap_m(party.room, HALF), -0.02 - float(party.bike.plan()[1, 0])
    comes_s = 1.0 + 0.6 / party.pace
    goes_s = comes_s + 2.4
    inside_s = goes_s + 1.7 / party.pace
    keys: Keys = (
        (1.0, x, -1.15, 90),
        (comes_s, x, stop_m, 90),
        (goes_s, x, stop_m, 90),
        (goes_s + 0.7 / party.pace, ASIDE_M * party.side, stop_m + 0.5, 90),
        (inside_s, ASIDE_M * party.side, party.inside_m(), 90),
    )
    opened: scripts.Curve = ((OPENS_S[0], 0.0), (OPENS_S[1], 1.0))
    stumbles = ((comes_s + 0.2, 1.0), (comes_s + 1.0, HALF), (comes_s + 1.3, HALF), (comes_s + 2.2, 1.0))
    doors = (*opened, *stumbles, *_shutting(inside_s + 0.4))
    marks = (("half", comes_s + 1.0), ("inside", inside_s), ("shut", doors[-1][0]))
    return Story(doors, party.pushed(Track(keys)), marks)


def left_alone(party: Party) -> Story:
    """Pushed in and parked at one side; the owner lets go, turns, walks out and away, the doors close on it alone."""
    track = Track(party.way(ASIDE_M * party.side, PARKED_M * party.side))
    inside_s = track.keys[-1][0]
    free_s = inside_s + 0.3
    away = _walks_out(party, track.matrix(free_s) @ party.beside, free_s + LETS_GO_S)
    alone_s = next(time_s for time_s, _, y, _ in away.keys if y < -0.4)

    def cast(time_s: float) -> list[Thing]:
        if time_s < free_s:
            return party.pushed(track)(time_s)
        return [party.bike.moved(track.matrix(time_s)), _free(party, away, time_s, (time_s - free_s) / LETS_GO_S)]

    doors = ((OPENS_S[0], 0.0), (OPENS_S[1], 1.0), *_shutting(alone_s + 0.4))
    return Story(doors, cast, (("inside", inside_s), ("alone", alone_s), ("shut", doors[-1][0])))


def _walks_out(party: Party, stands: Floats, from_s: float) -> Track:
    """Turns away from the bike, out beside it, and off to the owner's own side."""
    x, y, side = float(stands[0, 3]), float(stands[1, 3]), party.side
    out_s = from_s + 1.2 + (y + 0.2) / 1.2
    return Track(
        (
            (from_s, x, y, 90 - 14 * side),
            (from_s + 0.8, -LANE_M * side, y - 0.05, 90 + 120 * side),
            (from_s + 1.2, -LANE_M * side, y - 0.3, 90 + 180 * side),
            (out_s, -LANE_M * side, -0.5, 90 + 180 * side),
            (out_s + 0.5, -0.5 * side, -1.0, 90 + 150 * side),
            (out_s + 1.4, -1.75 * side, -1.6, 90 + 90 * side),
        )
    )


def _free(party: Party, away: Track, time_s: float, share: float) -> Thing:
    """The owner as the hands come off the bars (share 0 to 1), and afterwards on foot."""
    if share >= 1:
        return scripts.walker(away, time_s, party.who, _AHEAD)
    held, loose = layout.grasp(party.bike, party.who, party.beside, BEND_DEG), people.walking(0.0)
    mixed = people.Stance(
        held.hands + (loose.hands - held.hands) * share,
        held.feet + (loose.feet - held.feet) * share,
        held.bend_deg + (loose.bend_deg - held.bend_deg) * share,
    )
    return people.person(party.who, mixed).moved(away.matrix(away.keys[0][0] - 1))


def in_and_out(party: Party) -> Story:
    """Brought in, a ride behind shut doors, pushed out backwards again; the doors close on an empty cabin."""
    keys, x, side, pace = party.way(ASIDE_M * party.side), ASIDE_M * party.side, party.side, party.pace
    inside_s = keys[-1][0]
    shut_s = inside_s + 0.4 + SHUTTING_S
    opens_s = shut_s + RIDE_S
    leaves_s = opens_s + 1.0
    steps = ((1.4, x, -0.5, 0), (1.9, 0.3 * side, -1.15, 22), (2.4, 0.8 * side, -1.55, 60), (3.1, 2.0 * side, -1.7, 85))
    back: Keys = tuple((leaves_s + t / pace, px, y, 90 + deg * side) for t, px, y, deg in steps)
    out_s = back[1][0]
    doors = (
        (OPENS_S[0], 0.0),
        (OPENS_S[1], 1.0),
        *_shutting(inside_s + 0.4),
        (opens_s, 0.0),
        (opens_s + 1.1, 1.0),
        *_shutting(back[-1][0]),
    )
    track = Track((*keys, (leaves_s, x, party.inside_m(), 90), *back))
    return Story(doors, party.pushed(track), (("inside", inside_s), ("shut", shut_s), ("out", out_s)))


STORIES: Final[dict[str, Callable[[Party], Story]]] = {
    "backwards": backwards,
    "half-open": half_open,
    "left-alone": left_alone,
    "in-and-out": in_and_out,
}
