"""The stands of rendered rooms as test pictures: all kinds of visitors and of cameras, never trained on."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.evaluate import Found, judge
from models.training.feed import Item
from models.training.labels import E_BIKE
from models.training.scenes import sensor
from models.training.scenes.mounts import DOWN
from models.training.strata import Counts

LEAST_VISIBLE = 0.3
"""An e-bike of which less is seen is left out."""

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Stand:
    """A picture with its e-bike's box, if one is there; the camera's mount; what has been brought."""

    item: Item
    mount: str
    what: str

    @property
    def from_above(self) -> bool:
        """Whether its camera looks straight down."""
        return self.mount == DOWN


def stands(folder: Path) -> Iterator[Stand]:
    """Of every room below `folder`, as one camera of its own would have seen each stand.

    Raises ValueError where no room is.
    """
    there = sorted(folder.glob("*/room.json"))
    if not there:
        raise ValueError(f"met {folder}, accepted: a folder of rooms (python -m models.training.scenes rooms)")
    for told in there:
        facts = json.loads(told.read_text(encoding="utf-8"))
        rng, mount = np.random.default_rng([7, facts["number"]]), facts["mount"]["kind"]
        for number, guest in enumerate(facts["guests"]):
            for step, stand in enumerate(guest["stands"]):
                picture = _seen(told.parent / f"guest-{number}-{step}.jpg", rng)
                rows = _rows(told.parent / f"guest-{number}-{step}.png", guest, stand)
                if rows is not None:
                    yield Stand(Item(picture, rows, "rooms"), mount, guest["what"])
        for number in range(len(facts["standing"])):
            picture = _seen(told.parent / f"standing-{number}.jpg", rng)
            yield Stand(Item(picture, np.zeros((0, 5), np.float32), "rooms"), mount, "somebody alone")


def _seen(file: Path, rng: Rng) -> NDArray[np.uint8]:
    how = replace(sensor.sensor(rng), blur_px=0)
    return sensor.develop(np.asarray(cv2.imread(str(file)), np.uint8), how, rng)


def _rows(indices: Path, guest: dict[str, Any], stand: dict[str, Any]) -> NDArray[np.float32] | None:
    """(0 or 1, 5): the e-bike's label and corners; None where too little of it is seen to ask for it."""
    if guest["label"] != E_BIKE:
        return np.zeros((0, 5), np.float32)
    if stand["visible"] < LEAST_VISIBLE:
        return None
    ys, xs = np.nonzero(np.asarray(cv2.imread(str(indices), cv2.IMREAD_GRAYSCALE)) == 1)
    return np.array([[E_BIKE, xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]], np.float32)


def judged_by(look: Callable[[Stand], Found], all_stands: list[Stand], threshold: float) -> tuple[Counts, Counts]:
    """By mount and by what was brought: whether each e-bike was found, and whether each other picture alarmed."""
    found: Counts = defaultdict(list)
    alarmed: Counts = defaultdict(list)
    for stand in all_stands:
        verdict = judge(stand.item, "", look(stand))
        for stratum in ("all", stand.mount, stand.what):
            if verdict.hits:
                found[stratum].append(verdict.hits[0] >= threshold)
            else:
                alarmed[stratum].append(verdict.worst_false >= threshold)
    return found, alarmed
