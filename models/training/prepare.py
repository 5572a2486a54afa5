"""Everything the training sees in one folder: real pictures, lifts without their e-bike, composites, renders."""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training import yards
from models.training.compose import composite
from models.training.cutouts import Cutout, read_cutouts
from models.training.cycles.composer import REAL, Composer
from models.training.cycles.room import Room, real_lifts, rooms
from models.training.cycles.stills import stills
from models.training.feed import listed, matching
from models.training.labels import E_BIKE, Box, read_yolo, write_yolo
from models.training.lifts import inner_boxes, plates, read_tile, view_of, without_ebike
from models.training.onlookers import Onlookers
from models.training.segments import write_segments
from models.training.sources import HELD_OUT, TRAIN, Sample, SharedData

Image = NDArray[np.uint8]

LONGEST_PX = 512
"""More is never seen at the training sizes, and smaller files load faster."""

CLIP_SIXTHS = {TRAIN: (2, 4, 1, 5), HELD_OUT: (2, 4)}
"""At which sixths of a recording its pictures are taken."""

EVERY_NTH_SCENE = 12
"""Of the rendered stills, one in this many is kept out of training."""


def cache_root() -> Path:
    """$EDGEGUARD_CACHE, or ~/.cache/edgeguard."""
    return Path(os.environ.get("EDGEGUARD_CACHE", Path.home() / ".cache" / "edgeguard"))


@dataclass(frozen=True, slots=True)
class Made:
    """One picture on its way into the folder."""

    name: str
    picture: Image
    boxes: list[Box]
    source: str
    part: str


class Folder:
    """`images/`, `labels/` and `index.jsonl` with {image, source, part} for each picture."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, made: Iterator[Made], index_name: str) -> int:
        """How many pictures were written; the index replaces the one of that name once all are there."""
        for sub in ("images", "labels"):
            (self.root / sub).mkdir(parents=True, exist_ok=True)
        lines = []
        for item in made:
            cv2.imwrite(str(self.root / "images" / f"{item.name}.jpg"), item.picture, [cv2.IMWRITE_JPEG_QUALITY, 92])
            write_yolo(self.root / "labels" / f"{item.name}.txt", item.boxes)
            lines.append(json.dumps({"image": f"images/{item.name}.jpg", "source": item.source, "part": item.part}))
        fresh = (self.root / index_name).with_suffix(".new")
        fresh.write_text("\n".join(lines) + "\n")
        fresh.replace(self.root / index_name)  # a training beside never reads half of it
        return len(lines)


def shrunk(picture: Image) -> Image:
    factor = min(1.0, LONGEST_PX / max(picture.shape[:2]))
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA).astype(np.uint8)


def real(data: SharedData) -> Iterator[Made]:
    """The real pictures as they are."""
    for sample in data.samples():
        picture, boxes = read_sample(sample)
        yield Made(name_of(sample), shrunk(picture), boxes, sample.source, sample.part)


def read_sample(sample: Sample) -> tuple[Image, list[Box]]:
    """The picture and its boxes; tiles come without their frame. Raises ValueError where it cannot be read."""
    if sample.source == "lift_ebike/tiles":
        return read_tile(sample.path), inner_boxes(sample.path, sample.boxes)
    picture = cv2.imread(str(sample.path))
    if picture is None:
        raise ValueError(f"expected a picture, got {sample.path}")
    return picture.astype(np.uint8), sample.boxes


def name_of(sample: Sample) -> str:
    return f"{sample.source.replace('/', '-')}-{sample.path.stem}"


def clips(data: SharedData, people: Callable[[Image], list[Box]]) -> Iterator[Made]:
    """Frames of each recording of people, nothing in them an e-bike; `people` labels those that are trained on."""
    for path, part in data.clips():
        clip = cv2.VideoCapture(str(path))
        frames = int(clip.get(cv2.CAP_PROP_FRAME_COUNT))
        for number, sixth in enumerate(CLIP_SIXTHS[part], start=1):
            clip.set(cv2.CAP_PROP_POS_FRAMES, frames * sixth // 6)
            read, frame = clip.read()
            if read:
                picture = shrunk(frame.astype(np.uint8))
                yield Made(
                    f"clip-{path.stem}-{number}", picture, people(picture) if part == TRAIN else [], "clips", part
                )


def emptied(data: SharedData) -> Iterator[Made]:
    """Lift pictures with the e-bike taken out: the same walls, light and people, and nothing to find.

    Persons are not labelled in the tiles: the source's name keeps the loss from punishing their detection.
    """
    views = data.split["views"]
    samples = [s for s in data.samples() if s.source in {"lift_ebike/tiles", "lift_ebike/etoiles", "lift_ebike/corner"}]
    empty = plates([s for s in samples if s.source == "lift_ebike/tiles" and s.part == TRAIN], views)
    for sample in samples:
        picture, boxes = read_sample(sample)
        view = view_of(sample, views)
        cleared = without_ebike(shrunk(picture), boxes, empty.get(view or ""))
        if cleared is not None:
            rest = [box for box in boxes if box.label != E_BIKE]
            yield Made(f"emptied-{name_of(sample)}", cleared, rest, f"emptied/{sample.source}", sample.part)
    for view, plate in empty.items():
        yield Made(f"plate-{view}", plate, [], "emptied/plates", TRAIN)


def composites(
    stock: dict[str, list[Cutout]], backgrounds: list[tuple[Image, list[Box]]], count: int, seed: int
) -> Iterator[Made]:
    """`count` pictures with objects pasted into the backgrounds; every 15th is kept out of training."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        background, boxes = backgrounds[int(rng.integers(len(backgrounds)))]
        picture, seen = composite(background, boxes, stock, rng)
        yield Made(f"composite-{seed}-{number:05d}", picture, seen, "composite", TRAIN if number % 15 else HELD_OUT)


BACKGROUNDS = {"emptied": 6, "hard_negatives/lift_renders": 2, "lift_people": 1, "scenes": 1}
"""Sources that objects are pasted into, and how often each picture of theirs counts."""


def backgrounds_of(folder: Folder) -> list[tuple[Image, list[Box]]]:
    """Pictures of BACKGROUNDS without an e-bike, of the training part, with their boxes."""
    found = []
    for row in listed(folder.root, TRAIN):
        source = matching(BACKGROUNDS, row["source"])
        boxes = read_yolo(folder.root / "labels" / f"{Path(row['image']).stem}.txt")
        if source is not None and not any(box.label == E_BIKE for box in boxes):
            picture = cv2.imread(str(folder.root / row["image"]))
            found += [(picture.astype(np.uint8), boxes)] * BACKGROUNDS[source]  # type: ignore[union-attr]
    return found


def scene_number(stem: str) -> int:
    """37 of 's0001_000037'."""
    return int(stem.rpartition("_")[2])


def rendered(scenes: Path) -> Iterator[Made]:
    """The stills of the scene generator: `images/`, `labels/` in the same class map."""
    for path in sorted((scenes / "images").glob("*.jpg")):
        picture, labels = cv2.imread(str(path)), scenes / "labels" / f"{path.stem}.txt"
        if picture is None or not labels.exists():
            continue  # still being written
        boxes = read_yolo(labels)
        part = HELD_OUT if scene_number(path.stem) % EVERY_NTH_SCENE == 0 else TRAIN
        yield Made(f"scene-{path.stem}", shrunk(picture.astype(np.uint8)), boxes, "scenes", part)


def cycle_stills(cache: Path, amounts: "Amounts") -> Iterator[Made]:
    """Moments of door cycles composed of rooms that nothing is measured in, those from number `first_room` on.

    Their names tell who was invited to the room: the recipe draws some of them more often.
    """
    from_there = [room for room in rooms(cache / "rooms-train") if int(room.name) >= amounts.first_room]
    if not from_there:
        rendered = f"what `python -m models.training.scenes rooms --out {cache / 'rooms-train'}` has rendered"
        raise ValueError(f"met no rooms from number {amounts.first_room} on, accepted: {rendered}")
    lifts, kind = real_lifts(cache / "train"), {"ordinary": amounts.ordinary, "crowded": amounts.crowded}
    for invited, alike in by_invited(from_there).items():
        composer = Composer(alike, lifts, amounts.seed, **kind)
        for number, still in enumerate(stills(composer, amounts.cycles * len(alike) // len(from_there))):
            source = "cycles/real" if still.lift == REAL else "cycles"
            yield Made(f"cycle-{invited}-{amounts.seed}-{number:05d}", still.picture, still.boxes, source, TRAIN)


def by_invited(there: Sequence[Room]) -> dict[str, list[Room]]:
    """By who was invited (`scenes rooms --invited`)."""
    alike: dict[str, list[Room]] = {}
    for room in there:
        alike.setdefault(room.told.get("invited", "any"), []).append(room)
    return alike


def yard_pictures(yards_folder: Path) -> Iterator[Made]:
    """What is seen in yards that nothing is measured in."""
    for name, picture, boxes in yards.pictures(yards_folder):
        yield Made(f"yard-{name}", shrunk(picture), boxes, "yards", TRAIN)


STEPS = ("real", "clips", "emptied", "scenes", "segments", "composites", "cycles", "yards")

OUTLINED = "outlined.json"
"""In the folder of cut-outs, once all are there: how many."""

RENDERED = {"scenes": "scenes/images", "cycles": "rooms-train", "yards": "yards"}
"""Folders below the cache that a step shows pictures of."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """How many pictures are made up, out of which rooms, and the seed of all of them."""

    composites: int = 1500
    cycles: int = 5400
    first_room: int = 0
    seed: int = 7
    ordinary: bool = False
    crowded: bool = False


def missing(cache: Path) -> tuple[list[str], dict[str, Path]]:
    """Steps to do below `cache`, and those that cannot be done, with the folder they would need.

    To do is what has written nothing yet, what is older than the rendered pictures it shows, and composites where what
    they are pasted into is to be done.
    """
    undone = {step for step in STEPS if not _is_there(cache, step)}
    cannot = {step: folder for step, folder in unrendered(cache).items() if step in undone}
    todo = undone - set(cannot)
    if todo & {"emptied", "scenes"}:
        todo.add("composites")
    return [step for step in STEPS if step in todo], cannot


def unrendered(cache: Path) -> dict[str, Path]:
    """Steps that have nothing to show, with the folder that nothing is rendered in."""
    return {step: cache / folder for step, folder in RENDERED.items() if _is_empty(cache / folder)}


def _is_there(cache: Path, step: str) -> bool:
    if step == "segments":
        return (cache / "cutouts" / OUTLINED).exists()
    indexes = [index for index in (cache / "train").glob(f"{step}*.jsonl") if index.read_text().strip()]
    rendered = cache / RENDERED[step] if step in RENDERED else None
    newest = max((index.stat().st_mtime for index in indexes), default=0.0)
    return newest > 0 and (rendered is None or not rendered.exists() or rendered.stat().st_mtime <= newest)


def _is_empty(folder: Path) -> bool:
    return not folder.is_dir() or not any(folder.iterdir())


def prepare(shared: Path, cache: Path, steps: Sequence[str], amounts: Amounts = Amounts()) -> dict[str, int]:
    """How many pictures each step wrote below `cache`."""
    data, folder = SharedData(shared / "data"), Folder(cache / "train")
    more, people = cache / "cutouts", Onlookers(shared / "models" / "yolov8s.pt")

    def pasted() -> Iterator[Made]:
        return composites(read_cutouts(data.root, more), backgrounds_of(folder), amounts.composites, amounts.seed)

    def moments() -> Iterator[Made]:
        return cycle_stills(cache, amounts)

    def outlines() -> int:
        count = write_segments(data, shared / "models" / "yolov8n-seg.pt", more)
        (more / OUTLINED).write_text(json.dumps(count))
        return count

    todo: dict[str, Callable[[], int]] = {
        "real": lambda: folder.write(real(data), "real.jsonl"),
        "clips": lambda: folder.write(clips(data, people), "clips.jsonl"),
        "emptied": lambda: folder.write(emptied(data), "emptied.jsonl"),
        "scenes": lambda: folder.write(rendered(cache / "scenes"), "scenes.jsonl"),
        "segments": outlines,
        "composites": lambda: folder.write(pasted(), f"composites-{amounts.seed}.jsonl"),
        "cycles": lambda: folder.write(moments(), f"cycles-{amounts.seed}.jsonl"),
        "yards": lambda: folder.write(yard_pictures(cache / "yards"), "yards.jsonl"),
    }
    return {step: todo[step]() for step in steps}
