"""People cut out of the pictures that the posture network learns from, each with what is known of them."""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import yaml
from numpy.typing import NDArray

from edgeguard.boxes import pairwise_iou
from edgeguard.crops import Square
from edgeguard.detectors import OnnxDetector, find_model, models_dir
from edgeguard.sources.picture import picture_from_array
from models.training import fallen

LYING, SITTING, STANDING = 0, 1, 2
# Of whom only that is known; what the detector takes for a person; a part of one, which teaches nothing.
UPRIGHT, NOBODY, UNCLEAR = -1, -2, -3
CROP = 1.5
# Cut with so much around it that it can be turned and moved without an edge.
MARGIN = 1.3
SIDE_PX = 192
LONGEST_PX = 640
FOLDS = 4
UPRIGHT_NAME = "upright "
MENDED = Path(__file__).with_name("posture.yaml")


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """`pixels` (s, s, 3) uint8 BGR of MARGIN times the crop; `group`: pictures of one scene are on one side.

    `score` of the detector; None: a labelled box.
    """

    image: str
    group: str
    label: int
    pixels: NDArray[np.uint8]
    score: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A picture (h, w, 3) uint8 BGR with its labelled boxes: labels (n,), xyxy (n, 4) in its pixels."""

    image: str
    group: str
    bgr: NDArray[np.uint8]
    labels: NDArray[np.int64]
    boxes: NDArray[np.float32]

    def people(self, detector: OnnxDetector) -> Iterator[tuple[int, NDArray[np.float32], float | None]]:
        """Label, box and score of everybody: labelled, without a score, then detected."""
        for label, box in zip(self.labels.tolist(), self.boxes, strict=True):
            yield label, box, None
        found = detector.detect(picture_from_array(self.bgr, "bgr24"))
        person = found.label == detector.labels.index("person")
        for box, score in zip(found.xyxy[person], found.score[person].tolist(), strict=True):
            yield _meant(box, self.boxes, self.labels), box, score


def stills(folder: Path) -> Iterator[Person]:
    """Every box of `folder`, labelled and detected, cut out of each of its `views`."""
    detector = detector_of_people()
    for view in views(folder):
        for label, box, score in view.people(detector):
            yield Person(view.image, view.group, label, _cut(view.bgr, box), score)


def detector_of_people() -> OnnxDetector:
    """The bundled one, down to the lowest score that a curve is drawn from."""
    return OnnxDetector(find_model("lift-n", models_dir()), score_floor=0.1)


def views(folder: Path) -> Iterator[View]:
    """The pictures of `folder` with their labels (YOLO: 0 fallen, 1 sitting, 2 standing), mended.

    Those that somebody has turned by a quarter come twice: as they are and, named `UPRIGHT_NAME`, turned back.
    """
    mended = yaml.safe_load(MENDED.read_text("utf-8"))
    for path in sorted((folder / "images").iterdir()):
        if path.name in mended["left_out"]:
            continue
        bgr, group = _read(path), group_of(path.name)
        labels, boxes = labelled(folder / "labels" / f"{path.stem}.txt", bgr.shape)
        if path.name in mended["standing"]:
            labels = np.where(labels == LYING, STANDING, labels)
        yield View(path.name, group, bgr, labels, boxes)
        for floor, names in mended["turned"].items():
            if path.name in names:
                upright_bgr, upright_boxes = turned_back(bgr, boxes, floor)
                yield View(UPRIGHT_NAME + path.name, group, upright_bgr, labels, upright_boxes)


def folds(groups: Iterable[str]) -> dict[str, int]:
    """Fold of each group."""
    mixed = np.random.default_rng(0).permutation(sorted(set(groups)))
    return {str(group): index % FOLDS for index, group in enumerate(mixed)}


def turned_back(
    bgr: NDArray[np.uint8], boxes: NDArray[np.float32], floor: str
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """A picture whose floor is at its `left` or `right`, and its boxes xyxy (n, 4), with the floor at the bottom."""
    height, width = bgr.shape[:2]
    x1, y1, x2, y2 = boxes.T
    if floor == "left":
        return np.rot90(bgr).copy(), np.stack([y1, width - x2, y2, width - x1], axis=1)
    return np.rot90(bgr, -1).copy(), np.stack([height - y2, x1, height - y1, x2], axis=1)


def lying(scenes: Path) -> Iterator[Person]:
    """Whoever lies in the rendered lifts of `models.training.fallen`; `scenes` is CACHE/scenes."""
    for path in sorted((scenes / "meta").glob(f"s{fallen.SEED}_*.json")):
        objects = json.loads(path.read_text("utf-8"))["objects"]
        bgr = _read(scenes / "images" / f"{path.stem}.jpg")
        _, boxes = labelled(scenes / "labels" / f"{path.stem}.txt", bgr.shape)
        kinds = [one["kind"] for one in objects if one["labelled"]]
        for kind, box in zip(kinds, boxes, strict=True):
            if kind == fallen.KIND:
                yield Person(path.stem, path.stem, LYING, _cut(bgr, box))


def upright(folder: Path, begins: str = "", *, every: int = 1, but: str = "/") -> Iterator[Person]:
    """People (class 0) of every so-many-th picture of a folder with images and labels, who do not lie.

    Pictures are those whose names begin so, `but` not so.
    """
    for path in sorted((folder / "images").glob(f"{begins}*"))[::every]:
        if path.name.startswith(but):
            continue
        bgr = _read(path)
        labels, boxes = labelled(folder / "labels" / f"{path.stem}.txt", bgr.shape)
        for box in boxes[labels == 0]:
            tall = box[3] - box[1] > 1.3 * (box[2] - box[0])
            yield Person(path.name, path.name, STANDING if tall else UPRIGHT, _cut(bgr, box))


def labelled(path: Path, shape: tuple[int, ...]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Labels (n,) and xyxy (n, 4) in pixels of a YOLO label file; no file, nobody."""
    text = path.read_text("utf-8") if path.is_file() else ""
    rows = np.array([line.split() for line in text.splitlines() if line.strip()], np.float64).reshape(-1, 5)
    centre, half = rows[:, 1:3], rows[:, 3:5] / 2
    size = np.tile(shape[1::-1], 2)
    return rows[:, 0].astype(np.int64), (np.hstack([centre - half, centre + half]) * size).astype(np.float32)


def group_of(name: str) -> str:
    """Frames of one film are much alike: a hundred of them are one scene, of the office twenty."""
    met = re.match(r"(frame_|rgb_|fall)(\d+)", name)
    if met is None:
        return name
    film, number = met[1], int(met[2])
    if film == "fall":
        return f"office {number // 20}" if 125 <= number <= 205 else name
    return f"{film}{number // 100}"


def _meant(box: NDArray[np.float32], boxes: NDArray[np.float32], labels: NDArray[np.int64]) -> int:
    overlap = pairwise_iou(box[None], boxes)[0]
    if not len(overlap) or overlap.max() < 0.1:
        return NOBODY
    return int(labels[overlap.argmax()]) if overlap.max() > 0.4 else UNCLEAR


def _read(path: Path) -> NDArray[np.uint8]:
    bgr = cv2.imread(str(path))
    if bgr is None:
        raise ValueError(f"{path}: expected a picture")
    scale = min(1.0, LONGEST_PX / max(bgr.shape[:2]))
    if scale < 1:
        size = round(bgr.shape[1] * scale), round(bgr.shape[0] * scale)
        bgr = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)
    return np.asarray(bgr, np.uint8)


def _cut(bgr: NDArray[np.uint8], box: NDArray[np.float32]) -> NDArray[np.uint8]:
    return Square.around((box.tolist(),), CROP * MARGIN).cut(bgr, round(SIDE_PX * MARGIN))
