"""The bundled recordings as scripts: who is where at what time."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from . import cabin, goods, layout, people, vehicles
from .kit import Floats, Look, Rgb, Thing, pose, turn
from .motion import Track, ramp
from .mounts import Mount

FPS: Final = 10
SIZE_PX: Final = (640, 360)
Curve = tuple[tuple[float, float], ...]
# In `lift_fall`: when the knees give way, and when the floor is reached; half the breadth of a body on its side.
SINKS_S, FALLEN_S, SIDE_M = 6.5, 7.3, 0.2
# In `lift_doorway`: from when to when somebody stands there.
STANDS_S: Final = (2.9, 12.4)


@dataclass(frozen=True, slots=True)
class Script:
    """A recording: cabin, camera, door opening over time, cast over time. Object indices follow the cast's order."""

    seed: int
    length_s: float
    room: cabin.Cabin
    view: Mount
    doors: Curve
    cast: Callable[[float], list[Thing]]


def fingerprint(script: Script, cast: list[Thing], opening: float) -> str:
    """The same for frames that show the same: view, surfaces, geometry to a tenth of a millimetre."""
    digest = hashlib.sha256(f"{script.view} {opening:.4f}".encode())
    for part in (part for thing in (script.room.shell, *cast) for part in thing.parts):
        digest.update(np.round(part.mesh.vertices, 4).astype(np.float32).tobytes())
        digest.update(repr((part.look.rgb, part.look.rgb2, part.look.roughness)).encode())
        digest.update(b"" if part.look.image is None else part.look.image.tobytes())
    return digest.hexdigest()[:20]


def walker(track: Track, time_s: float, who: people.Wardrobe, look: Curve) -> Thing:
    """Someone on foot, hands free."""
    how = (
        people.walking(track.phase(time_s))
        if track.moving(time_s)
        else people.Stance(
            np.array([[0.28, 0.08, 1.12], [0.05, -0.27, 0.8]]), np.array([[0.03, 0.1, 0], [-0.03, -0.1, 0]])
        )
    )
    return people.person(who, replace(how, look_deg=ramp(time_s, look))).moved(track.matrix(time_s))


def with_hands_on(
    thing: Thing, track: Track, time_s: float, who: people.Wardrobe, at: Floats, bend_deg: float, look: Curve
) -> Thing:
    """Someone who pushes `thing` (in its own frame) along the track."""
    phase = track.phase(time_s) if track.moving(time_s) else None
    how = layout.grasp(thing, who, at, bend_deg, phase)
    turned = replace(how, look_deg=ramp(time_s, look), look_down_deg=15.0)
    return people.person(who, turned).moved(track.matrix(time_s) @ at)


def _trousered(rng: np.random.Generator, top: Rgb, bottom: Rgb) -> people.Wardrobe:
    """Somebody in these colours, of cloth."""
    return replace(people.wardrobe(rng), top=Look(top, 0.9), bottom=Look(bottom, 0.9), skirt=False)


def lift_ebike(seed: int = 10) -> Script:
    """An e-bike is pushed in, stays while the voice speaks, is pushed out backwards; then the empty cabin."""
    rng = np.random.default_rng(seed)
    room = cabin.cabin(rng, style="steel", size_m=(1.7, 1.95, 2.5), door_m=1.12, worn=False)
    bike = vehicles.scooter(rng, colour=Look((0.5, 0.02, 0.025), 0.25))
    owner = _trousered(rng, (0.03, 0.06, 0.16), (0.09, 0.09, 0.1))
    track = Track(
        (
            (1.2, 1.75, -1.7, 178),
            (1.9, 0.75, -1.55, 152),
            (2.5, 0.2, -0.95, 112),
            (3.1, 0.15, -0.25, 92),
            (4.0, 0.12, 0.82, 90),
            (7.0, 0.12, 0.82, 90),
            (8.0, 0.15, -0.5, 90),
            (8.5, 0.25, -1.15, 112),
            (9.0, 0.75, -1.55, 150),
            (9.7, 1.75, -1.7, 175),
        )
    )
    look: Curve = ((4.4, 0), (5.0, 45), (5.9, 45), (6.5, -20), (7.0, 0))
    grip = bike.grips[0]
    at = pose(float(grip[0]) - 0.1, 0.5, -14)

    def cast(time_s: float) -> list[Thing]:
        person = with_hands_on(bike, track, time_s, owner, at, 10.0, look)
        return [bike.moved(track.matrix(time_s)), person]

    view = Mount("corner rear right", (0.77, 1.86, 2.42), (-0.16, 0.6, 0.45), 0.0, 98.0, False, *SIZE_PX)
    return Script(seed, 20.0, room, view, ((0.5, 0), (1.5, 1), (9.6, 1), (11.0, 0)), cast)


def lift_people(seed: int = 21) -> Script:
    """One walks out, a wheelchair is pushed in, then a pram; the doors close and open, the pram leaves."""
    rng = np.random.default_rng(seed)
    room = cabin.cabin(rng, style="wood", size_m=(1.75, 2.0, 2.5), door_m=1.1, worn=False)
    chair, carriage = goods.wheelchair(rng), goods.pram(rng)
    tops = ((0.03, 0.1, 0.3), (0.35, 0.35, 0.33), (0.25, 0.02, 0.04), (0.05, 0.25, 0.12))
    cast_of_four = [replace(people.wardrobe(rng), top=Look(rgb, 0.9), skirt=False) for rgb in tops]
    first, pusher, rider, mother = cast_of_four
    walk = Track(
        (
            (1.4, 0.3, 0.9, -90),
            (2.2, 0.15, -0.2, -90),
            (2.8, 0.4, -0.95, -60),
            (3.4, 1.1, -1.5, -20),
            (4.1, 2.4, -1.6, 0),
        )
    )
    roll = Track(
        (
            (2.4, -2.2, -1.5, 5),
            (3.2, -1.0, -1.4, 12),
            (3.9, -0.36, -0.8, 75),
            (4.6, -0.36, 0.1, 90),
            (5.5, -0.38, 1.25, 90),
        )
    )
    push = Track(
        (
            (4.6, -2.3, -1.5, 0),
            (5.4, -1.0, -1.4, 12),
            (6.1, 0.2, -0.9, 70),
            (6.8, 0.4, 0.1, 90),
            (7.6, 0.42, 1.2, 90),
            (11.6, 0.42, 1.2, 90),
            (12.3, 0.36, 0.2, 90),
            (12.9, 0.3, -0.6, 88),
            (13.5, -0.2, -1.3, 50),
            (14.2, -1.2, -1.5, 15),
            (14.7, -2.2, -1.5, 5),
        )
    )
    look: Curve = ((7.8, 0), (8.4, 35), (9.8, 35), (10.6, -15), (11.2, 0))
    sitter = layout.occupant(chair, rider)
    at_chair, at_pram = pose(float(chair.grips[0][0]) - 0.36, 0.0), pose(float(carriage.grips[0][0]) - 0.36, 0.0)

    def cast(time_s: float) -> list[Thing]:
        place = roll.matrix(time_s)
        return [
            chair.moved(place),
            sitter.moved(place),
            with_hands_on(chair, roll, time_s, pusher, at_chair, 8.0, ((0.0, 0.0), (1.0, 0.0))),
            carriage.moved(push.matrix(time_s)),
            with_hands_on(carriage, push, time_s, mother, at_pram, 6.0, look),
            walker(walk, time_s, first, ((0.2, 25), (1.0, 0))),
        ]

    view = Mount("corner rear left", (-0.79, 1.91, 2.42), (0.2, 0.45, 0.5), 0.0, 98.0, False, *SIZE_PX)
    doors: Curve = ((0.4, 0), (1.4, 1), (8.0, 1), (9.3, 0), (10.4, 0), (11.5, 1), (20.0, 1))
    return Script(seed, 15.0, room, view, doors, cast)


def lift_fall(seed: int = 33) -> Script:
    """One walks in, the doors close; he sinks to his knees, falls on his side and lies there."""
    rng = np.random.default_rng(seed)
    room = cabin.cabin(rng, style="steel", size_m=(1.75, 2.0, 2.5), door_m=1.1, worn=False)
    who = _trousered(rng, (0.3, 0.05, 0.04), (0.05, 0.07, 0.12))
    walk = Track(
        (
            (1.0, 1.75, -1.6, 178),
            (1.8, 0.4, -1.3, 140),
            (2.6, 0.1, -0.4, 95),
            (3.8, -0.1, 1.35, 90),
            (4.6, -0.1, 1.45, 180),
        )
    )
    knees, over = ((SINKS_S, 0.0), (SINKS_S + 0.5, 1.0)), ((SINKS_S + 0.3, 0.0), (FALLEN_S, -92.0))

    def cast(time_s: float) -> list[Thing]:
        if time_s < SINKS_S:
            return [walker(walk, time_s, who, ((0.0, 0.0), (1.0, 0.0)))]
        person = people.person(who, _sinking(ramp(time_s, knees)))
        aside = turn((1, 0, 0), ramp(time_s, over), about=(0, SIDE_M, 0))
        return [person.moved(walk.matrix(time_s) @ aside)]

    view = Mount("corner rear right", (0.79, 1.91, 2.42), (-0.2, 0.55, 0.4), 0.0, 98.0, False, *SIZE_PX)
    return Script(seed, 18.0, room, view, ((0.4, 0), (1.4, 1), (4.2, 1), (5.5, 0), (18.0, 0)), cast)


def lift_doorway(seed: int = 47) -> Script:
    """One stands in the doorway, looking back, so that the lift cannot go; at last he comes in."""
    rng = np.random.default_rng(seed)
    room = cabin.cabin(rng, style="wood", size_m=(1.75, 2.0, 2.5), door_m=1.1, worn=False)
    who = _trousered(rng, (0.05, 0.2, 0.3), (0.12, 0.1, 0.08))
    walk = Track(
        (
            (1.0, 1.75, -1.6, 178),
            (1.8, 0.4, -1.3, 140),
            (STANDS_S[0], 0.05, -0.05, 95),
            (STANDS_S[1], 0.05, -0.05, 95),
            (13.4, -0.1, 1.2, 90),
            (14.2, -0.1, 1.3, 180),
        )
    )
    look: Curve = ((4.0, 0), (4.6, 75), (7.0, 75), (7.5, 20), (9.0, 20), (9.5, 80), (11.4, 80), (11.9, 0))

    def cast(time_s: float) -> list[Thing]:
        return [walker(walk, time_s, who, look)]

    view = Mount("corner rear right", (0.79, 1.91, 2.42), (-0.2, 0.4, 0.5), 0.0, 98.0, False, *SIZE_PX)
    return Script(seed, 16.0, room, view, ((0.4, 0), (1.4, 1), (13.6, 1), (14.9, 0), (16.0, 0)), cast)


def _sinking(share: float) -> people.Stance:
    """From standing (0) to crouching with the hands before the chest (1)."""
    hands = np.array([[0.05, 0.27, 0.8], [0.05, -0.27, 0.8]]) * (1 - share)
    hands = hands + np.array([[0.3, 0.1, 0.62], [0.34, -0.08, 0.7]]) * share
    feet = np.array([[0.03 - 0.2 * share, 0.1, 0.0], [-0.03 - 0.12 * share, -0.1, 0.0]])
    return people.Stance(hands, feet, 3 + 17 * share, 0.92 - 0.32 * share, look_down_deg=10 + 15 * share)


SCRIPTS: Final[dict[str, Callable[[], Script]]] = {
    "lift_ebike": lift_ebike,
    "lift_people": lift_people,
    "lift_fall": lift_fall,
    "lift_doorway": lift_doorway,
}
