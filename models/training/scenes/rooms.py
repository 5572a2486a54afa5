"""Lifts and visitors rendered apart, for composing thousands of door cycles out of them.

Each room is a cabin seen by one camera with its doors shut, half open and open. Visitors stand in its doorway and
inside it as they come in, and people stand about in it; of each stand there are the picture, the index map (0: the
room, 1: what has been brought, 2 and more: who is with it), and where in the picture the floor's way leads. Runs where
bpy is; a room depends on its number alone, on how many are to stand about in it, on who is invited and on where the
camera is told to hang.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from . import cabin, guests, layout, mounts, truth, visitors
from .kit import Thing, pose
from .motion import Track

if TYPE_CHECKING:
    from .blender import Studio

SIZE_PX: Final = (480, 270)
OPENINGS: Final = (0.0, 0.5, 1.0)
STANDING: Final = 3
# Metres from the sill into the cabin; the last one is a share of its depth.
OUTSIDE_M, DOORWAY_M, INSIDE = -0.7, 0.05, 0.42
WAY_STEPS: Final = 15
Rng = np.random.Generator
Way = list[tuple[float, float, float, float]]


@dataclass(frozen=True, slots=True)
class Room:
    """`casts` are (what, x m, visitor); `standing` are people who are there already, each a group."""

    number: int
    cabin: cabin.Cabin
    view: mounts.Mount
    casts: tuple[tuple[str, float, visitors.Visitor], ...]
    standing: tuple[tuple[Thing, ...], ...]


def room(number: int, standing: int = STANDING, invited: str = "any", mount: str | None = None) -> Room:
    """Cabin, camera, visitors with an e-bike and with something else, and `standing` people who stand about.

    More of those change nothing else. `invited`: which of `guests.GUESTS` come, all or what is to be learnt. `mount`:
    where the camera hangs, one of `mounts.KINDS`; None draws it.
    """
    rng = np.random.default_rng([number, 6])
    size = float(rng.uniform(1.5, 1.9)), float(rng.uniform(1.6, 2.2)), float(rng.uniform(2.35, 2.65))
    made = cabin.cabin(rng, size_m=size, door_m=float(rng.uniform(0.95, 1.15)))
    view = replace(mounts.mount(rng, made, mount), width_px=SIZE_PX[0], height_px=SIZE_PX[1])
    coming = guests.GUESTS[invited].invited(rng, number)
    casts = tuple((guest.what, float(rng.uniform(-0.1, 0.15)) * guest.side, guest) for guest in coming)
    return Room(number, made, view, casts, tuple(_standing(rng, made) for _ in range(standing)))


def _standing(rng: Rng, made: cabin.Cabin) -> tuple[Thing, ...]:
    x = float(rng.uniform(-0.42, 0.42)) * made.width_m
    place = pose(x, float(rng.uniform(0.25, 0.85)) * made.depth_m, float(rng.uniform(0, 360)))
    return tuple(thing.moved(place) for thing in layout.lone_person(rng))


def stands(made: cabin.Cabin) -> tuple[float, float, float]:
    """Where visitors are rendered, in metres from the sill."""
    return OUTSIDE_M, DOORWAY_M, INSIDE * made.depth_m


def cast_at(guest: visitors.Visitor, x_m: float, y_m: float) -> list[Thing]:
    """The visitor standing there, on the way in."""
    return guest.cast(Track(((0.0, x_m, y_m, 90.0), (1.0, x_m, y_m, 90.0))), 0.5)


def way(view: mounts.Mount, x_m: float, last_m: float) -> Way:
    """Rows (y m, pixel x, pixel y, pixels a metre) of a point at half height that goes in along x; where it is seen."""
    rows: Way = []
    for y in np.linspace(OUTSIDE_M - 0.5, last_m, WAY_STEPS):
        middle = np.array([x_m, y, 0.5])
        ends = np.stack([middle, *(middle + 0.25 * side for side in (*np.eye(3), *-np.eye(3)))])
        pixels, _ = view.project(ends)
        if np.isfinite(pixels).all():
            # The mean of how long the three axes look: what a thing's picture grows with.
            spans = np.linalg.norm(pixels[1:4] - pixels[4:7], axis=1) / 0.5
            rows.append((float(y), float(pixels[0, 0]), float(pixels[0, 1]), float(np.sqrt((spans**2).mean()))))
    return rows


def render(
    number: int, out: Path, samples: int, standing: int = STANDING, invited: str = "any", mount: str | None = None
) -> str:
    """Renders room `number` into `out`/NNN; room.json comes last, and what has it is left alone.

    Raises ValueError where that room is there with other visitors or a camera told to hang elsewhere.
    """
    folder = out / f"{number:03d}"
    if (folder / "room.json").exists():
        _expect(folder, invited, mount)
        return f"{folder}: there already"
    folder.mkdir(parents=True, exist_ok=True)
    from .blender import Studio  # noqa: PLC0415 - Blender takes a second to load and is not there in the tests

    made = room(number, standing, invited, mount)
    studio = Studio(samples, persistent=True)
    studio.furnish(made.cabin)
    for step, opening in enumerate(OPENINGS):
        _shoot(studio, made, [], opening, folder / f"empty-{step}")
    told = [_guest(studio, made, k, folder) for k in range(len(made.casts))]
    people = list(_people(studio, made, folder))
    facts = {
        "number": number,
        "invited": invited,
        "told_mount": mount,
        "mount": made.view.record(),
        "openings": OPENINGS,
    }
    facts |= {"guests": told, "standing": people}
    (folder / "room.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")
    return f"{folder}: {made.view.kind}, {len(told)} visitors"


def _expect(folder: Path, invited: str, mount: str | None) -> None:
    there = json.loads((folder / "room.json").read_text(encoding="utf-8"))
    met = there.get("invited", "any")
    if met != invited:
        raise ValueError(f"{folder}: met a room with --invited {met}, accepted: {invited}, or other numbers")
    if (told := there.get("told_mount")) != mount:
        raise ValueError(f"{folder}: met a room with --mount {told}, accepted: {mount}, or other numbers")


def _guest(studio: "Studio", made: Room, k: int, folder: Path) -> dict[str, Any]:
    what, x, guest = made.casts[k]
    shots = []
    for step, y in enumerate(stands(made.cabin)):
        things = cast_at(guest, x, y)
        indices = _shoot(studio, made, things, 1.0, folder / f"guest-{k}-{step}")
        shots.append({"y": y, "visible": truth.sight(things[0], 1, indices, made.view).visible})
    return {"what": what, "label": things[0].label, "stands": shots, "way": way(made.view, x, stands(made.cabin)[-1])}


def _people(studio: "Studio", made: Room, folder: Path) -> Iterator[dict[str, float]]:
    """How far from the camera each of them stands: who is nearer stands in front."""
    for k, things in enumerate(made.standing):
        _shoot(studio, made, list(things), 1.0, folder / f"standing-{k}")
        yield {"from_camera_m": from_camera(made.view, things)}


def from_camera(view: mounts.Mount, group: Sequence[Thing]) -> float:
    """Metres from the camera to where a group stands, half a metre above the floor."""
    x_m, y_m = group[0].plan().mean(axis=0)
    return float(np.linalg.norm(np.array([x_m, y_m, 0.5]) - np.asarray(view.place_m)))


def _shoot(studio: "Studio", made: Room, things: Sequence[Thing], opening: float, file: Path) -> NDArray[np.uint8]:
    handles = studio.put(cabin.doors(made.cabin, opening), 0)
    for number, thing in enumerate(things, start=1):
        handles += studio.put(thing, number)
    picture, indices = studio.shoot(made.view, made.number)
    studio.take_away(handles)
    cv2.imwrite(str(file.with_suffix(".jpg")), picture, [cv2.IMWRITE_JPEG_QUALITY, 96])
    cv2.imwrite(str(file.with_suffix(".png")), indices)
    return indices
