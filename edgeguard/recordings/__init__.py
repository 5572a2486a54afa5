"""Recordings of this project's own, each with its truth file: see models/training/scenes/README.md.

`facade_fall` is drawn: `python benchmarks/facade_scenes.py OUT --seed 6012 --kind fall --seconds 5.5`.
"""

from pathlib import Path

FOLDER = Path(__file__).parent


def recording(name: str) -> Path:
    """Return the path of `lift_ebike` (an e-bike in and out), `lift_people`, `lift_fall`, `lift_doorway`,
    `yard`, `yard_night` or `facade_fall`.

    The yards have one moment for each rule over zones. These, `lift_fall` and `lift_doorway` have a site file.
    """
    return FOLDER / f"{name}.mp4"


def truth(name: str) -> Path:
    """Return the path of the recording's truth file: what the rules of its site file are to tell.

    Without a site file it is of `lift_ebike`, of `facade_fall` of `conduct_thrown`, with their defaults.
    """
    return FOLDER / f"{name}.truth.yaml"


def site(name: str) -> Path:
    """Return the path of the site file of `yard`, `yard_night`, `lift_fall` or `lift_doorway`."""
    return FOLDER / f"{name}.site.yaml"
