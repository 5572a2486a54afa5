"""Recordings rendered by this project, each with its truth file: see models/training/scenes/README.md."""

from pathlib import Path

FOLDER = Path(__file__).parent


def recording(name: str) -> Path:
    """Return the path of `lift_ebike` (an e-bike pushed in and out) or `lift_people` (must raise nothing)."""
    return FOLDER / f"{name}.mp4"


def truth(name: str) -> Path:
    """Return the path of the recording's truth file."""
    return FOLDER / f"{name}.truth.yaml"
