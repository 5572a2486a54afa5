"""Renders the steps of a fall in a lift: nobody there, somebody standing, crouching, lying (for benchmarks/falls.py).

python -m models.training.falls CACHE/falls --count 48

A fall depends on its number alone, and what is there is not rendered again. Runs where bpy is.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from models.training.fallen import anybody, fallen
from models.training.scenes import cabin, layout, mounts, people, truth
from models.training.scenes.kit import Thing, pose

SIZE_PX: Final = (640, 360)


@dataclass(frozen=True, slots=True)
class Fall:
    """A lift, its camera, and the same person at each step."""

    room: cabin.Cabin
    view: mounts.Mount
    steps: Mapping[str, Thing]


def fall(number: int) -> Fall:
    """Somebody who fits on the floor of the lift; tries others until one does."""
    rng = np.random.default_rng([number, 8])
    room = cabin.cabin(rng)
    view = replace(mounts.mount(rng, room), width_px=SIZE_PX[0], height_px=SIZE_PX[1])
    while True:
        who = anybody(rng)
        placed = layout.arrange(rng, room, [[fallen(rng, who)]], 0.0).things
        if placed:
            break
    x, y = np.mean(placed[0].plan(), axis=0)
    place = pose(float(x), float(y), float(rng.uniform(0, 360)))
    hands = np.array([[0.3, 0.12, 0.25], [0.3, -0.12, 0.25]])
    upright = {
        "standing": people.person(who, people.standing(rng)).moved(place),
        "crouching": people.person(who, people.reaching(hands, 60.0, 0.5)).moved(place),
    }
    return Fall(room, view, {**upright, "lying": placed[0]})


def render(number: int, out: Path) -> str:
    """Into `out`/NNN: empty.jpg, a picture of each step, and last fall.json with how much of each is seen."""
    folder = out / f"{number:03d}"
    if (folder / "fall.json").exists():
        return f"{folder}: there already"
    from models.training.scenes.blender import Studio  # noqa: PLC0415 - Blender takes a second to load

    folder.mkdir(parents=True, exist_ok=True)
    made, studio = fall(number), Studio(1, persistent=True)
    studio.furnish(made.room)
    studio.put(cabin.doors(made.room, 0.0), 0)
    visible = {}
    cv2.imwrite(str(folder / "empty.jpg"), studio.shoot(made.view, number)[0], [cv2.IMWRITE_JPEG_QUALITY, 96])
    for step, thing in made.steps.items():
        handles = studio.put(thing, 1)
        picture, indices = studio.shoot(made.view, number)
        studio.take_away(handles)
        cv2.imwrite(str(folder / f"{step}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 96])
        visible[step] = truth.sight(thing, 1, indices, made.view).visible
    facts = {"number": number, "mount": made.view.kind, "visible": visible}
    (folder / "fall.json").write_text(json.dumps(facts), encoding="ascii")
    return f"{folder}: {made.view.kind}, lying seen {visible['lying']:.2f}"


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m models.training.falls", description=__doc__)
    parser.add_argument("out", type=Path, help="folder, CACHE/falls")
    parser.add_argument("--count", type=int, default=48)
    options = parser.parse_args(words)
    for number in range(options.count):
        print(render(number, options.out), flush=True)


if __name__ == "__main__":
    main()
