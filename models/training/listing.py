"""The pictures kept out of training as a manifest for `edgeguard eval detect`, in groups."""

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2

from models.training.augment import Rows
from models.training.evaluate import held_out
from models.training.feed import PREPARE_FIRST, load
from models.training.labels import LABELS
from models.training.sources import read_split, where_cameras_hang
from models.training.stands import stands


def line_of(image: Path, rows: Rows, groups: Sequence[str]) -> str:
    """{"image": path, "objects": [{"label": .., "xyxy": [..]}], "groups": [..]}, boxes in pixels of the picture."""
    objects = [
        {"label": LABELS[int(label)], "xyxy": [round(float(side), 1) for side in corners]} for label, *corners in rows
    ]
    return json.dumps({"image": str(image.resolve()), "objects": objects, "groups": list(groups)})


def kept_out(root: Path, beginning: str) -> Iterator[str]:
    """A line for each prepared picture below `root` whose source's name begins so; lifts by their camera too."""
    hangs = where_cameras_hang(read_split())
    for row in held_out(root):
        if row["source"].startswith(beginning):
            groups = [row["source"], *filter(None, [hangs.get(Path(row["image"]).stem)])]
            yield line_of(root / row["image"], load(root, row).rows, groups)


def in_rooms(rooms: Path, pictures: Path) -> Iterator[str]:
    """A line for each stand of the rendered rooms, by mount and by what is brought; they are written to `pictures`."""
    pictures.mkdir(parents=True, exist_ok=True)
    for number, stand in enumerate(stands(rooms)):
        path = pictures / f"{rooms.name}-{number:05d}.png"
        cv2.imwrite(str(path), stand.item.picture)
        yield line_of(path, stand.item.rows, ["rooms", f"mount: {stand.mount}", f"brought: {stand.what}"])


def write_listing(lines: Iterable[str], path: Path) -> int:
    """How many lines were written. Raises ValueError, and writes nothing, where there are none."""
    written = list(lines)
    if not written:
        raise ValueError(f"met no picture to list, accepted: prepared ones or rooms ({PREPARE_FIRST})")
    path.write_text("".join(f"{line}\n" for line in written))
    return len(written)
