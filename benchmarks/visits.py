# ruff: noqa: INP001  # scripts, not a package
"""Rendered visits (`python -m models.training.scenes visits`) as benchmarks read them, with what is true in each."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Frame

RENDER = "python -m models.training.scenes visits --count 24"
# The share of an e-bike that counts as visible in every measurement.
VISIBLE_ENOUGH = 0.3
EPOCH = datetime(2026, 1, 5, tzinfo=UTC)
Bgr = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Visit:
    """`opening` 0..1 and `visible` 0..1 of each picture; `quiet` pictures come before anything happens."""

    name: str
    plan: str
    mount: str
    mode: str
    fps: int
    quiet: int
    region: tuple[tuple[float, float], ...] | None
    pictures: tuple[Bgr, ...]
    opening: tuple[float, ...]
    visible: tuple[float, ...]

    @property
    def first(self) -> int | None:
        """The first picture with 30 % of the e-bike."""
        return next((n for n, share in enumerate(self.visible) if share >= VISIBLE_ENOUGH), None)


def default_folder() -> Path:
    cache = os.environ.get("EDGEGUARD_CACHE", str(Path.home() / ".cache" / "edgeguard"))
    return Path(cache) / "visits"


def load(folder: Path) -> list[Visit]:
    """Raises SystemExit with the command that renders them where there are none."""
    visits = [_visit(path.parent) for path in sorted(folder.glob("*/truth.json"))]
    if not visits:
        raise SystemExit(f"no visits in {folder}; accepted: what `{RENDER}` has rendered")
    return visits


def _visit(folder: Path) -> Visit:
    told = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    rows = told["frames"]
    region = told["door_region"]
    return Visit(
        name=folder.name,
        plan=told["plan"],
        mount=told["mount"]["kind"],
        mode=told["sensor"]["mode"],
        fps=told["fps"],
        quiet=round(told["quiet_s"] * told["fps"]),
        region=None if region is None else tuple((x, y) for x, y in region),
        pictures=tuple(np.asarray(cv2.imread(str(folder / f"{n:04d}.jpg")), np.uint8) for n in range(len(rows))),
        opening=tuple(row["opening"] for row in rows),
        visible=tuple(row["visible"] for row in rows),
    )


def frames(pictures: Sequence[Bgr], times_s: Sequence[float]) -> Iterator[Frame]:
    for index, (picture, time_s) in enumerate(zip(pictures, times_s, strict=True)):
        at = EPOCH + timedelta(seconds=time_s)
        yield Frame("bench", index, time_s, at, picture_from_array(picture, "bgr24"))


def lit(picture: Bgr, gain: float) -> Bgr:
    """The same scene in other light: `gain` of linear light."""
    table = 255 * np.clip((np.arange(256) / 255) ** 2.2 * gain, 0, 1) ** (1 / 2.2)
    return np.asarray(cv2.LUT(picture, np.rint(table).astype(np.uint8)), np.uint8)
