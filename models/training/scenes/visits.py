"""Short visits to a lift, each with a cabin, camera and sensor of its own, and what is true in every frame.

For measuring how soon an e-bike is confirmed and how well a door is told: doors open, an e-bike comes in, they close.
Others of the same kind bring in what is no e-bike: for measuring what a rule of confirmation lets through.
"""

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from . import cabin, mounts, scripts, sensor, truth, visitors
from .kit import Thing
from .motion import Track, ramp

if TYPE_CHECKING:
    from .blender import Studio

FPS: Final = 8
SIZE_PX: Final = (480, 270)
# Before anything happens, of the first picture with fresh noise: a camera has been looking for a while.
QUIET_S: Final = 4.0
PLANS: Final = ("opening", "still")


@dataclass(frozen=True, slots=True)
class Visit:
    """A script, how its camera sees, and plan: "opening" waits behind the doors, "still" comes through open ones.

    `what` is brought in: "e-bike" or another thing; it comes first in the script's cast. `marks` are (what, script's
    time s) of a story, whose name is its plan (`stories.py`).
    """

    name: str
    what: str
    plan: str
    script: scripts.Script
    sensor: sensor.Sensor
    marks: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True)
class _Shot:
    """A picture, its index map (h, w), and what `truth.objects` tells of the things under 1, 2 and so on in it."""

    picture: sensor.Picture
    indices: NDArray[np.uint8]
    objects: list[dict[str, Any]]

    @classmethod
    def kept(cls, file: Path) -> "_Shot | None":
        """What `keep` has put there. Of an older version only the picture is there: that is none."""
        if not (note := file.with_suffix(".objects.json")).exists():
            return None
        picture = np.asarray(cv2.imread(str(file)), np.uint8)
        return cls(picture, truth.read_mask(file.with_suffix(".mask.png")), json.loads(note.read_text("utf-8")))

    def keep(self, file: Path) -> None:
        """As FILE.png and beside it; the objects come last."""
        cv2.imwrite(str(file), self.picture)
        truth.write_mask(file.with_suffix(".mask.png"), self.indices)
        file.with_suffix(".objects.json").write_text(json.dumps(self.objects), encoding="utf-8")

    def facts(self, opening: float) -> dict[str, Any]:
        """Its row in truth.json: how far the doors are open, what is brought, and everything with it."""
        brought = self.objects[0]
        return {"opening": opening, "visible": brought["visible"], "xyxy": brought["xyxy"], "objects": self.objects}


def visit(seed: int, *, other: bool = False) -> Visit:
    """Visit `seed`: half wait behind the doors, half come when they stand open. One door cycle each.

    `other` brings something that is no e-bike.
    """
    rng = np.random.default_rng([seed, 5 if other else 4])
    size = float(rng.uniform(1.5, 1.9)), float(rng.uniform(1.6, 2.2)), float(rng.uniform(2.35, 2.65))
    room = cabin.cabin(rng, size_m=size, door_m=float(rng.uniform(0.95, 1.15)))
    view = mounts.mount(rng, room)
    view = replace(view, width_px=SIZE_PX[0], height_px=SIZE_PX[1])
    who = visitors.other(rng, seed) if other else visitors.e_bike(rng)
    pace, x = float(rng.uniform(0.9, 1.25)), float(rng.uniform(-0.1, 0.15)) * who.side
    # Each kind of visitor comes in turn: a round further, it comes the other way.
    plan = PLANS[(seed + (seed // len(visitors.OTHERS) if other else 0)) % 2]
    begins = 1.0 if plan == "opening" else 1.7
    track = Track(way_in(plan, begins, pace, x, who.side, 0.42 * room.depth_m))
    shuts = track.keys[-1][0] + float(rng.uniform(0.2, 0.5))
    doors = ((0.4, 0.0), (1.5, 1.0), (shuts, 1.0), (shuts + 1.2, 0.0))
    how = replace(sensor.sensor(rng), blur_px=0, stamp="")
    script = scripts.Script(seed, shuts + 1.7, room, view, doors, lambda time_s: who.cast(track, time_s))
    return Visit(f"{'other' if other else 'visit'}-{seed:03d}", who.what, plan, script, how)


def way_in(
    plan: str, begins_s: float, pace: float, x: float, side: float, inside_m: float
) -> tuple[tuple[float, float, float, float], ...]:
    """Keys of a track through the doors to `inside_m` behind the sill, by one of PLANS."""
    if plan == "opening":
        return (
            (begins_s, x, -1.15, 90),
            (begins_s + 0.8 / pace, x, -0.3, 90),
            (begins_s + 1.9 / pace, x, inside_m, 90),
        )
    return (
        (begins_s, 1.75 * side, -1.7, 90 + 88 * side),
        (begins_s + 0.7 / pace, 0.75 * side, -1.55, 90 + 62 * side),
        (begins_s + 1.3 / pace, 0.2 * side, -0.95, 90 + 22 * side),
        (begins_s + 1.9 / pace, x, -0.25, 90),
        (begins_s + 2.8 / pace, x, inside_m, 90),
    )


def render(told: Visit, out: Path, samples: int) -> str:
    """Renders a visit into `out`/NAME: numbered pictures, their masks, truth.json; a run that was stopped goes on."""
    folder, work = out / told.name, out / "raw" / told.name
    if (folder / "truth.json").exists():
        return f"{folder}: there already"
    work.mkdir(parents=True, exist_ok=True)
    times = [n / FPS for n in range(round(told.script.length_s * FPS))]
    lazy = _Lazy()
    shots = [_shot(told, time_s, work, samples, lazy) for time_s in times]
    _write(told, times, shots, folder)
    return f"{folder}: {told.what}, {len(shots)} frames, {told.plan}, {told.script.view.kind}"


class _Lazy:
    """A furnished studio, made when the first frame that is missing asks for it."""

    def __init__(self) -> None:
        self._studio: Studio | None = None

    def of(self, script: scripts.Script, samples: int) -> "Studio":
        if self._studio is None:
            from .blender import Studio  # noqa: PLC0415 - Blender takes a second to load and is not there in the tests

            self._studio = Studio(samples, persistent=True)
            self._studio.furnish(script.room)
        return self._studio


def _shot(told: Visit, time_s: float, work: Path, samples: int, studio: _Lazy) -> _Shot:
    script = told.script
    cast, opening = script.cast(time_s), ramp(time_s, script.doors)
    file = work / f"{scripts.fingerprint(script, cast, opening)}.png"
    if (shot := _Shot.kept(file)) is None:
        shot = _shoot(studio.of(script, samples), script, cast, opening)
        shot.keep(file)
        print(f"{told.name} {time_s:.2f} s, visible {shot.objects[0]['visible']}", flush=True)
    return shot


def _shoot(studio: "Studio", script: scripts.Script, cast: list[Thing], opening: float) -> _Shot:
    handles = studio.put(cabin.doors(script.room, opening), 0)
    for number, thing in enumerate(cast, start=1):
        handles += studio.put(thing, number)
    picture, indices = studio.shoot(script.view, script.seed)
    studio.take_away(handles)
    return _Shot(picture, indices, truth.objects(truth.sightings(cast, indices, script.view)))


def _write(told: Visit, times: list[float], shots: list[_Shot], folder: Path) -> None:
    """Fixed exposure, noise drawn anew for each frame; the quiet time comes first."""
    (folder / "masks").mkdir(parents=True, exist_ok=True)
    rng, quiet = np.random.default_rng(told.script.seed), round(QUIET_S * FPS)
    gain = sensor.gain_for(shots[len(shots) // 3].picture, told.sensor.level)
    for n, shot in enumerate([shots[0]] * quiet + shots):
        picture = sensor.develop(shot.picture, replace(told.sensor, jpeg=95), rng, gain)
        cv2.imwrite(str(folder / f"{n:04d}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 95])
        truth.write_mask(folder / "masks" / f"{n:04d}.png", shot.indices)
    rows = [(0.0, shots[0])] * quiet + list(zip(times, shots, strict=True))
    facts: dict[str, object] = {
        "what": told.what,
        "plan": told.plan,
        "fps": FPS,
        "quiet_s": QUIET_S,
        "mount": told.script.view.record(),
        "sensor": asdict(told.sensor),
        "door_region": door_region(told.script.room, told.script.view),
        "frames": [shot.facts(ramp(time_s, told.script.doors)) for time_s, shot in rows],
    }
    if told.marks:
        facts["marks"] = {what: round(QUIET_S + time_s, 3) for what, time_s in told.marks}
    (folder / "truth.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")


def door_region(room: cabin.Cabin, view: mounts.Mount) -> list[tuple[float, float]] | None:
    """The doorway's outline in 0..1 of the picture, cut at its edge; None where less than a quarter of it is in it."""
    half, high, share = room.door_m / 2, room.door_height_m, np.linspace(0, 1, 8, endpoint=False)[:, None]
    corners = np.array([[-half, 0, 0], [half, 0, 0], [half, 0, high], [-half, 0, high]])
    corners[:, 1] = -cabin.DOOR_GAP_M
    outline = np.concatenate([a + (b - a) * share for a, b in zip(corners, np.roll(corners, -1, 0), strict=True)])
    pixels, _ = view.project(outline)
    pixels = pixels / [view.width_px, view.height_px]
    usable = pixels[np.isfinite(pixels).all(axis=1)]
    inside = ((usable >= 0) & (usable <= 1)).all(axis=1)
    if len(usable) < 3 or inside.sum() < len(outline) / 4:
        return None
    return [(round(float(x), 4), round(float(y), 4)) for x, y in usable.clip(0, 1)]
