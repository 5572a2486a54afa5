"""The pictures kept out of training as a manifest for `edgeguard eval detect`."""

import json
from collections.abc import Iterable
from pathlib import Path

import cv2

from models.training.labels import LABELS
from models.training.sources import HELD_OUT, Sample


def line_of(sample: Sample) -> str:
    """{"image": path, "objects": [{"label": .., "xyxy": [..]}]}, boxes in pixels of the picture as it lies there.

    Raises ValueError where the picture cannot be read.
    """
    picture = cv2.imread(str(sample.path))
    if picture is None:
        raise ValueError(f"expected a picture, got {sample.path}")
    size = (picture.shape[1], picture.shape[0])
    objects = [
        {"label": LABELS[box.label], "xyxy": [round(side, 1) for side in box.corners(size)]} for box in sample.boxes
    ]
    return json.dumps({"image": str(sample.path.resolve()), "objects": objects})


def write_listing(samples: Iterable[Sample], beginning: str, path: Path) -> int:
    """How many pictures of the sources whose names start with `beginning` were listed."""
    chosen = [s for s in samples if s.part == HELD_OUT and s.source.startswith(beginning)]
    path.write_text("".join(line_of(sample) + "\n" for sample in chosen))
    return len(chosen)
