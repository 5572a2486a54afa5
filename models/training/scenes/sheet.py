"""Contact sheets: the newest stills, frames of visits over time, rooms with their visitors; with boxes."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from models.training.labels import E_BIKE, LABELS, read_yolo

from . import truth
from .sensor import Picture

STILLS, VISITS, ROOMS, FRAMES = 12, 6, 2, 12
COUNTED: Final = (
    f"how many stills ({STILLS} unless told), visits ({VISITS}) or rooms ({ROOMS}); of one visit: frames ({FRAMES})"
)
CAPTION_PX: Final = 24
TILE_PX, COLUMNS = (320, 196), 6
STILL_PX, STILL_COLUMNS = (440, 330), 4
WRITTEN: Final = (".png", ".jpg")


@dataclass(frozen=True, slots=True)
class Box:
    """`label` is one of LABELS or None; `xyxy` in pixels."""

    label: int | None
    name: str
    xyxy: Sequence[float]


def write(folder: Path, out: Path | None = None, count: int | None = None) -> Path:
    """A sheet of what `folder` holds, `count` of the newest (COUNTED); gives its path.

    Raises FileNotFoundError where nothing rendered is there, or a part of it is missing, and ValueError for a file
    that cannot be read or written.
    """
    out = out or folder / "sheet.png"
    if out.suffix not in WRITTEN:
        raise ValueError(f"met {out}, accepted: a file that ends in {' or '.join(WRITTEN)}")
    if not cv2.imwrite(str(out), _sheet(folder, count)):
        raise ValueError(
            f"{out} cannot be written, accepted: --out FILE in a folder that is there and may be written to"
        )
    return out


def _sheet(folder: Path, count: int | None) -> Picture:
    if (folder / "truth.json").exists():
        return tiled([frames(folder, count or FRAMES)])
    if visits := _newest(folder, "*/truth.json", count or VISITS):
        return tiled([frames(told.parent, COLUMNS) for told in visits])
    if rooms := _newest(folder, "room.json", 1) or _newest(folder, "*/room.json", count or ROOMS):
        return tiled([room(told.parent) for told in rooms])
    if pictures := _newest(folder, "images/[!.]*.jpg", count or STILLS):
        return tiled([[still(folder, file) for file in pictures]], STILL_COLUMNS, STILL_PX)
    raise FileNotFoundError(
        f"met {folder}, accepted: a folder that `scenes stills`, `visits` or `rooms` rendered into, one visit, one room"
    )


def _newest(folder: Path, pattern: str, count: int) -> list[Path]:
    return sorted(folder.glob(pattern), key=lambda path: path.stat().st_mtime)[-count:]


def still(folder: Path, file: Path) -> Picture:
    """The picture with the boxes of its label file."""
    picture, labels = _read(file), folder / "labels" / f"{file.stem}.txt"
    if not labels.exists():
        raise FileNotFoundError(f"no labels of {file}: met no {labels}, accepted: one, empty where nothing is labelled")
    size_px = picture.shape[1], picture.shape[0]
    return boxed(picture, [Box(box.label, LABELS[box.label], box.corners(size_px)) for box in read_yolo(labels)])


def frames(visit: Path, count: int) -> list[Picture]:
    """At most so many frames of a visit, from when the doors are about to open until its end, with what is labelled."""
    told = _told(visit / "truth.json")
    rows = told["frames"]
    numbers = np.linspace(round(told["quiet_s"] * told["fps"]), len(rows) - 1, count)
    cells = []
    for n in np.unique(numbers.astype(int)):
        picture = boxed(_read(visit / f"{n:04d}.jpg"), _boxes(told["what"], rows[n]))
        cells.append(captioned(picture, f"{visit.name}  {n / told['fps']:.1f} s"))
    return cells


def _boxes(what: str, row: dict[str, Any]) -> list[Box]:
    if "objects" in row:
        return [Box(one["label"], one["kind"], one["xyxy"]) for one in row["objects"] if one["labelled"]]
    # Rendered by an older version: of what is brought only.
    return [Box(E_BIKE if what == "e-bike" else None, what, row["xyxy"])] if row["xyxy"] else []


def room(folder: Path) -> list[Picture]:
    """A room with its doors shut to open, with each who stands about in it, with each visitor at each stand."""
    told = _told(folder / "room.json")
    cells = [_stand(folder, f"empty-{k}", f"doors {share:.0%}") for k, share in enumerate(told["openings"])]
    cells += [_stand(folder, f"standing-{k}", "stands about") for k in range(len(told["standing"]))]
    for k, guest in enumerate(told["guests"]):
        for step, stand in enumerate(guest["stands"]):
            caption = f"guest {k}, {stand['y']:.2f} m: {stand['visible']:.0%} visible"
            cells.append(_stand(folder, f"guest-{k}-{step}", caption, guest["label"], guest["what"]))
    return cells


def _stand(folder: Path, name: str, caption: str, label: int | None = None, what: str = "") -> Picture:
    """The boxes are those of the index map, which tells no names but that of what is brought, the first one."""
    indices, names = truth.read_mask(folder / f"{name}.png"), {1: (label, what)}
    boxes = [
        Box(*names.get(index, (None, "")), xyxy)
        for index in range(1, int(indices.max()) + 1)
        if (xyxy := truth.extent(indices == index)) is not None
    ]
    return captioned(boxed(_read(folder / f"{name}.jpg"), boxes), f"{folder.name}  {caption}")


def _read(file: Path) -> Picture:
    if not file.exists():
        raise FileNotFoundError(f"{file} is missing")
    picture = cv2.imread(str(file))
    if picture is None:
        raise ValueError(f"{file}: met no picture, accepted: a JPEG as it was rendered")
    return np.asarray(picture, np.uint8)


def _told(file: Path) -> dict[str, Any]:
    try:
        told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{file}: met no JSON ({error}), accepted: the file as it was rendered") from error
    return told


def boxed(picture: Picture, boxes: Sequence[Box]) -> Picture:
    """The picture (h, w, 3) with boxes and their names: e-bikes red, the rest green."""
    out = picture.copy()
    for box in boxes:
        x0, y0, x1, y1 = (round(side) for side in box.xyxy)
        cv2.rectangle(out, (x0, y0), (x1, y1), (0, 0, 255) if box.label == E_BIKE else (0, 220, 0), 1)
        cv2.putText(out, box.name, (x0 + 2, y1 - 3), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (0, 255, 255), 1)
    return out


def captioned(picture: Picture, text: str) -> Picture:
    """The picture (h, w, 3) below a line of text, CAPTION_PX higher."""
    out = np.asarray(cv2.copyMakeBorder(picture, CAPTION_PX, 0, 0, 0, cv2.BORDER_CONSTANT), np.uint8)
    cv2.putText(out, text, (4, 17), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (255, 255, 255), 1, cv2.LINE_AA)
    return out


def tiled(groups: Sequence[Sequence[Picture]], columns: int = COLUMNS, tile_px: tuple[int, int] = TILE_PX) -> Picture:
    """All pictures as large as fits into tiles of `tile_px` (width, height); each group begins a row of its own."""
    columns = min(columns, max(len(group) for group in groups))
    rows = [group[k : k + columns] for group in groups for k in range(0, len(group), columns)]
    width, height = tile_px
    canvas = np.zeros((height * len(rows), width * columns, 3), np.uint8)
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            scale = min(width / picture.shape[1], height / picture.shape[0])
            small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
            canvas[y * height :, x * width :][: small.shape[0], : small.shape[1]] = small
    return canvas
