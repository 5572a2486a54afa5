"""The real pictures: where they lie, how each folder's labels are read, and what is kept out of training."""

import csv
import os
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from models.training.labels import COCO_TO_LABEL, LABELS, Box, read_yolo

HERE = Path(__file__).resolve().parent
TRAIN, HELD_OUT = "train", "held-out"
# What the names of lifts in split.yaml begin with that a photographer saw, and no camera on the ceiling.
EYE_LEVEL = "eye-level"
CEILING, AT_EYE_LEVEL = "from the ceiling", "at eye level"


def shared_root() -> Path:
    """$EDGEGUARD_SHARED, or the folder `shared` beside the repository: data/ and models/, the start weights."""
    return Path(os.environ.get("EDGEGUARD_SHARED", HERE.parents[2] / "shared"))


@dataclass(frozen=True, slots=True)
class Sample:
    """One labelled picture: `source` names its origin, `part` is TRAIN or HELD_OUT."""

    path: Path
    boxes: list[Box]
    source: str
    part: str = TRAIN


def read_split() -> dict[str, Any]:
    """split.yaml: {lifts: {name: [file]}, every: {folder: n}, clips: {held_out, left_out}, views: {name: [tile]}}."""
    split: dict[str, Any] = yaml.safe_load((HERE / "split.yaml").read_text())
    return split


def read_corrections() -> dict[str, list[Box]]:
    """corrections.yaml without its list of left out files."""
    table = yaml.safe_load((HERE / "corrections.yaml").read_text())
    return {
        name: [Box(LABELS.index(row[0]), *row[1:]) for row in rows]
        for name, rows in table.items()
        if name != "left_out"
    }


def left_out() -> set[str]:
    return set(yaml.safe_load((HERE / "corrections.yaml").read_text())["left_out"])


def held_out_lifts(split: dict[str, Any]) -> set[str]:
    return {name for names in split["lifts"].values() for name in names}


def where_cameras_hang(split: dict[str, Any]) -> dict[str, str]:
    """CEILING or AT_EYE_LEVEL for each prepared picture, by its name without ending, of the lifts kept out."""
    return {
        Path(name.replace("/images/", "/").replace("/", "-")).stem: hangs
        for lift, names in split["lifts"].items()
        for hangs in [AT_EYE_LEVEL if lift.startswith(EYE_LEVEL) else CEILING]
        for name in names
    }


def read_voc(path: Path) -> list[Box]:
    """Boxes of a Pascal VOC file with the names `person` and `ebike`."""
    root = ET.parse(path).getroot()  # noqa: S314  # local material
    size = (int(root.findtext("size/width", "0")), int(root.findtext("size/height", "0")))
    boxes = []
    for found in root.iter("object"):
        label = LABELS.index({"person": "person", "ebike": "e-bike"}[found.findtext("name", "")])
        x1, y1, x2, y2 = (float(found.findtext(f"bndbox/{side}", "0")) for side in ("xmin", "ymin", "xmax", "ymax"))
        boxes.append(Box.from_corners(label, (x1, y1, x2, y2), size))
    return boxes


class SharedData:
    """The folder of shared pictures, read source by source."""

    def __init__(self, root: Path) -> None:
        """Raises FileNotFoundError where `root` has no lift pictures."""
        if not (root / "lift_ebike").is_dir():
            raise FileNotFoundError(f"expected the shared data with lift_ebike/ in it, got {root}")
        self.root = root
        self.split = read_split()
        self._kept_out = held_out_lifts(self.split)
        self._corrections = read_corrections()
        self._left_out = left_out()

    def samples(self) -> Iterator[Sample]:
        """Every labelled real picture, in the order of names."""
        yield from self._folder("lift_ebike/tiles", "lift_ebike/tiles", {0: 1})
        yield from self._etoiles()
        for name in ("lift_ebike/corner", "lift_ebike/doorway", "lift_people", "street_two_wheelers"):
            yield from self._folder(f"{name}/images", f"{name}/labels")
        yield from self._folder("wheelchair_scenes/images", "wheelchair_scenes/labels", {0: 0, 1: 3})
        for name in ("objects", "luggage", "lift_renders", "fisheye"):
            yield from self._folder(f"hard_negatives/{name}/images", f"hard_negatives/{name}/labels")
        yield from self._folder("lift_ebike/floor_crops", "lift_ebike/floor_crops")
        yield from self._folder("fall_stills/images", "fall_stills/labels", {0: 0, 1: 0, 2: 0})
        yield from self._folder("coco128/images", "coco128/labels", COCO_TO_LABEL)

    def clips(self) -> Iterator[tuple[Path, str]]:
        """Recordings of people without any two-wheeler, and their part."""
        with (self.root / "fight_clips" / "sources.csv").open() as table:
            rows = list(csv.DictReader(table))
        chosen = self.split["clips"]
        for row in sorted(rows, key=lambda row: row["clip"]):
            if int(row["source"]) not in chosen["left_out"]:
                part = HELD_OUT if int(row["source"]) in chosen["held_out"] else TRAIN
                yield self.root / "fight_clips" / row["clip"], part

    def part_of(self, name: str, order: int = 0) -> str:
        """The part of the file `name` (relative to the root), the `order`th of its folder."""
        every = self.split["every"].get(str(Path(name).parent))
        return HELD_OUT if name in self._kept_out or (every and order % every == 0) else TRAIN

    def _folder(self, images: str, labels: str, to_label: dict[int, int] | None = None) -> Iterator[Sample]:
        paths = sorted(p for p in (self.root / images).rglob("*") if p.suffix.lower() in {".jpg", ".jpeg", ".png"})
        for order, path in enumerate(paths):
            name = path.relative_to(self.root).as_posix()
            if name in self._left_out:
                continue
            label_file = self.root / labels / path.relative_to(self.root / images).with_suffix(".txt")
            boxes = self._corrections[name] if name in self._corrections else read_yolo(label_file, to_label)
            yield Sample(path, boxes, images.removesuffix("/images"), self.part_of(name, order))

    def _etoiles(self) -> Iterator[Sample]:
        folder = self.root / "lift_ebike/etoiles"
        for path in sorted((folder / "images").glob("*.jpg")):
            name = path.relative_to(self.root).as_posix()
            boxes = self._corrections.get(name) or read_voc(folder / "voc" / f"{path.stem}.xml")
            yield Sample(path, boxes, "lift_ebike/etoiles", self.part_of(name))
