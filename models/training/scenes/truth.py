"""What can be seen of each thing: exact boxes from the index map, visible share against its own outline."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from .kit import Thing
from .mounts import Mount

LABELS: Final = ("person", "e-bike", "bicycle", "wheelchair", "pram", "dog", "car", "bag")
LEAST_VISIBLE: Final = 0.15
LEAST_SIDE_PX: Final = 4
VISIBLE_ENOUGH: Final = 0.3  # an episode begins with the first frame that shows this share
TOLERANCE_S: Final = 1.0
_FINE: Final = 3  # outlines are drawn finer than the picture: thin tubes would swell otherwise
_MARGIN: Final = 0.6  # of the picture, on each side: what lies farther out counts as this far


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing in one picture: `xyxy` in pixels, right and bottom exclusive; `visible` 0..1."""

    kind: str
    label: int | None
    visible: float
    xyxy: tuple[int, int, int, int] | None

    @property
    def labelled(self) -> bool:
        """Whether it belongs in the label file."""
        if self.label is None or self.xyxy is None or self.visible < LEAST_VISIBLE:
            return False
        x0, y0, x1, y1 = self.xyxy
        return min(x1 - x0, y1 - y0) >= LEAST_SIDE_PX


def outline_px(thing: Thing, view: Mount) -> float:
    """Area in pixels that the thing would cover alone, also beyond the picture's edge."""
    offset = np.array([view.width_px, view.height_px]) * _MARGIN
    canvas = np.zeros([int(s * (1 + 2 * _MARGIN) * _FINE) for s in (view.height_px, view.width_px)], np.uint8)
    for part in thing.parts:
        pixels, _ = view.project(part.mesh.vertices)
        usable = np.asarray(np.isfinite(pixels).all(axis=1))
        corners = np.clip(np.where(np.isfinite(pixels), (pixels + offset) * _FINE, 0), -20000, 20000).astype(np.int32)
        for face in part.mesh.faces[usable[part.mesh.faces].all(axis=1)]:
            cv2.fillConvexPoly(canvas, corners[face], 1)
    return float(np.count_nonzero(canvas)) / _FINE**2


def extent(seen: NDArray[np.bool_]) -> tuple[int, int, int, int] | None:
    """x0, y0, x1, y1 in pixels of what is true in (h, w), right and bottom exclusive; None where nothing is."""
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def sight(thing: Thing, index: int, indices: NDArray[np.uint8], view: Mount) -> Sighting:
    """The thing under that object index in the index map (h, w)."""
    seen = indices == index
    if (box := extent(seen)) is None:
        return Sighting(thing.kind, thing.label, 0.0, None)
    count = int(np.count_nonzero(seen))
    return Sighting(thing.kind, thing.label, round(min(1.0, count / max(outline_px(thing, view), 1.0)), 3), box)


def sightings(things: Sequence[Thing], indices: NDArray[np.uint8], view: Mount) -> list[Sighting]:
    """All of them, the first one under object index 1 in the index map (h, w)."""
    return [sight(thing, number, indices, view) for number, thing in enumerate(things, start=1)]


def yolo_line(sighting: Sighting, width_px: int, height_px: int) -> str:
    """`class cx cy w h`, relative to the picture.

    Raises ValueError for a sighting without a label or a box.
    """
    if sighting.label is None or sighting.xyxy is None:
        raise ValueError(f"{sighting.kind} has label {sighting.label} and box {sighting.xyxy}: both are needed")
    x0, y0, x1, y1 = sighting.xyxy
    values = ((x0 + x1) / 2 / width_px, (y0 + y1) / 2 / height_px, (x1 - x0) / width_px, (y1 - y0) / height_px)
    return " ".join([str(sighting.label), *(f"{v:.6f}" for v in values)])


def label_text(seen: Sequence[Sighting], width_px: int, height_px: int) -> str:
    """The whole label file; empty when nothing is to be labelled."""
    return "".join(yolo_line(s, width_px, height_px) + "\n" for s in seen if s.labelled)


def objects(seen: Sequence[Sighting]) -> list[dict[str, object]]:
    """What a picture's JSON tells of each: kind, label, visible share, box, and whether it is labelled."""
    return [{**asdict(s), "labelled": s.labelled} for s in seen]


def write_meta(path: Path, seen: Sequence[Sighting], view: Mount, facts: dict[str, object]) -> None:
    """The picture's JSON: facts, the mount, every object with its visible share."""
    told = {**facts, "mount": view.record(), "objects": objects(seen)}
    path.write_text(json.dumps(told, indent=1), encoding="utf-8")


def write_mask(path: Path, indices: NDArray[np.uint8]) -> None:
    """The index map (h, w) as an 8-bit PNG: 0 nothing, k the k-th object of the picture's JSON."""
    cv2.imwrite(str(path), indices, [cv2.IMWRITE_PNG_COMPRESSION, 9])


def read_mask(path: Path) -> NDArray[np.uint8]:
    """The index map that `write_mask` wrote. FileNotFoundError where none is, as of stills of before there were any."""
    indices = cv2.imread(str(path), cv2.IMREAD_UNCHANGED) if path.exists() else None
    if indices is None:
        raise FileNotFoundError(f"no mask in {path}")
    return np.asarray(indices, np.uint8)


def episodes(seen: Sequence[tuple[float, float]], frame_s: float) -> list[dict[str, object]]:
    """A recording's truth file out of (time s, visible share of the e-bike) per frame: one episode or none."""
    enough = [t for t, visible in seen if visible >= VISIBLE_ENOUGH]
    if not enough:
        return []
    gone = max(t for t, visible in seen if visible > 0) + frame_s
    times = {"start_s": round(enough[0], 2), "end_s": round(gone, 2), "tolerance_s": TOLERANCE_S}
    return [{"code": "LIFT.EBIKE.ENTER", **times}]
