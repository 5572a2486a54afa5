"""Pictures to train on, as one folder with an index: what is a plate there, and what nobody can say."""

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray

Image = NDArray[np.uint8]
LONGEST_PX = 900
PLATES, CROPS = "plate_scenes", "pseudo"
RESTRICTED = frozenset({CROPS, PLATES})
"""Crops told plates by a GPL network; photographs for non-commercial use."""

SURE, DOUBTFUL = 0.5, 0.15
"""Scores of the teacher: from here on it is a plate; from there on nobody can say."""

SIDE_PX = 320


@dataclass(frozen=True, slots=True)
class Known:
    """A plate in a picture: corners (4, 2) as lists, clockwise from the plate's top left."""

    corners: list[list[float]]
    rows: int


@dataclass(frozen=True, slots=True)
class Source:
    """One picture; `unclear`: boxes xyxy that are neither trained on as plates nor as anything else."""

    file: str
    source: str
    plates: list[Known]
    unclear: list[list[float]]


class Teacher:
    """The public detector that finds what the labels left out; Apache-2.0, szad670401/HyperLPR."""

    def __init__(self, onnx: Path) -> None:
        self._session = ort.InferenceSession(onnx)
        self._input = self._session.get_inputs()[0].name

    def find(self, picture: Image) -> list[tuple[float, Known]]:
        """(score, plate), best first, of the whole picture and of its overlapping quarters."""
        height, width = picture.shape[:2]
        found = []
        for across, down, part in ((0.0, 0.0, 1.0), *((x, y, 0.6) for x in (0.0, 0.4) for y in (0.0, 0.4))):
            x, y = int(across * width), int(down * height)
            crop = picture[y : y + int(part * height), x : x + int(part * width)]
            found += [(s, Known(np.add(k.corners, (x, y)).tolist(), k.rows)) for s, k in self._look(crop)]
        found.sort(key=lambda one: -one[0])
        kept: list[tuple[float, Known]] = []
        for score, plate in found:
            if all(_overlap(plate, other) < 0.2 for _, other in kept):
                kept.append((score, plate))
        return kept

    def _look(self, picture: Image) -> Iterator[tuple[float, Known]]:
        scale = SIDE_PX / max(picture.shape[:2])
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        canvas = np.full((SIDE_PX, SIDE_PX, 3), 114, np.uint8)
        canvas[: small.shape[0], : small.shape[1]] = small
        tensor = canvas[:, :, ::-1].transpose(2, 0, 1)[None].astype(np.float32) / 255
        rows = self._session.run(None, {self._input: tensor})[0][0]
        for row in rows[rows[:, 4] > DOUBTFUL]:
            score = float(row[4] * row[13:15].max())
            if score > DOUBTFUL:
                yield score, Known((row[5:13].reshape(4, 2) / scale).tolist(), 1 + int(row[14] > row[13]))


def box_of(plate: Known) -> NDArray[np.float64]:
    corners = np.array(plate.corners)
    return np.concatenate([corners.min(0), corners.max(0)])


def _overlap(a: Known, b: Known) -> float:
    one, other = box_of(a), box_of(b)
    size = np.clip(np.minimum(one[2:], other[2:]) - np.maximum(one[:2], other[:2]), 0, None)
    return float(size.prod() / min((one[2:] - one[:2]).prod(), (other[2:] - other[:2]).prod()))


def is_held_out(scene: str) -> bool:
    """Of plate_scenes, as split.yaml says."""
    return int(scene[:3]) // 10 % 2 == 1


def labelled(scenes: Path) -> dict[str, list[Known]]:
    """The plates of plate_scenes by picture, from their turned boxes."""
    plates: dict[str, list[Known]] = {}
    with (scenes / "labels.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            cx, cy, w, h, angle = (float(row[name]) for name in ("cx", "cy", "w", "h", "angle"))
            plates.setdefault(row["image"], []).append(Known(turned_box(cx, cy, w, h, angle), 1))
    return plates


def turned_box(cx: float, cy: float, w: float, h: float, angle: float) -> list[list[float]]:
    """Corners clockwise from the plate's top left; a box higher than wide lies on its side (OpenCV's convention)."""
    if h > w:
        w, h, angle = h, w, angle + 90
    turn = np.deg2rad(angle)
    along, down = np.array([np.cos(turn), np.sin(turn)]) * w / 2, np.array([-np.sin(turn), np.cos(turn)]) * h / 2
    middle = np.array([cx, cy])
    return [(middle + i * along + j * down).tolist() for i, j in ((-1, -1), (1, -1), (1, 1), (-1, 1))]


def prepare(shared: Path, scenes: Path, target: Path, renders: int) -> int:
    """Write every picture that is not kept out into `target`; returns how many."""
    teacher = Teacher(shared / "models" / "plate_detect_y5fu_320.onnx")
    known = labelled(shared / "data" / PLATES)
    (target / "pictures").mkdir(parents=True, exist_ok=True)
    rows = []
    for number, (source, name, picture) in enumerate(pictures(shared / "data", scenes, renders)):
        scale = min(1.0, LONGEST_PX / max(picture.shape[:2]))
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        file = f"pictures/{number:05d}.jpg"
        cv2.imwrite(str(target / file), small, [cv2.IMWRITE_JPEG_QUALITY, 93])
        seen = [] if source in {"renders", "negatives"} else teacher.find(np.asarray(small, np.uint8))
        given = [Known((np.array(p.corners) * scale).tolist(), p.rows) for p in known.get(name, [])]
        rows.append(_merged(file, source, seen, given if source == PLATES else []))
    (target / "crops.txt").write_text("\n".join(crops(shared / "data")))
    (target / "index.jsonl").write_text("".join(json.dumps(asdict(row)) + "\n" for row in rows))
    return len(rows)


def crops(data: Path) -> list[str]:
    """Photographed one-row plates that both readers of the list agree on, and that split.yaml does not keep out."""
    with (data / PLATES / "labels.csv").open(encoding="utf-8") as lines:
        out = {row["text"] for row in csv.DictReader(lines) if is_held_out(row["image"])}
    with (data / "plate_crops" / "pseudo.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    out |= {row["text"] for number, row in enumerate(rows) if number % 10 == 9}
    agreed = [row for row in rows if row["two_readers_agree"] == "1" and row["colour"] in {"blue", "green"}]
    return [row["image"] for row in agreed if row["text"] not in out and len(row["text"]) in {7, 8}]


def _merged(file: str, source: str, seen: list[tuple[float, Known]], given: list[Known]) -> Source:
    """Where label and teacher agree, the teacher's corners count: labels are boxes without perspective."""
    plates, unclear = [], []
    for label in given:
        twin = next((plate for score, plate in seen if score > SURE and _overlap(plate, label) > 0.6), None)
        plates.append(twin or label)
    for score, plate in seen:
        if any(_overlap(plate, own) > 0.2 for own in plates):
            continue
        if given and score > SURE:
            plates.append(plate)
        else:  # plates of other countries, and what only looks like one
            unclear.append(box_of(plate).tolist())
    return Source(file, source, plates, unclear)


def pictures(data: Path, scenes: Path, renders: int) -> Iterator[tuple[str, str, Image]]:
    """(source, name, picture)"""
    for path in sorted((data / PLATES / "images").glob("*.jpg")):
        if not is_held_out(path.name):
            yield from _read(PLATES, path)
    for path in sorted((data / PLATES / "ccpd_samples").glob("np_*.jpg")):
        yield from _read("negatives", path)
    for path in sorted((data / "street_two_wheelers" / "images").glob("*.jpg")):
        yield from _read("street", path)
    for path in sorted((data / "coco128" / "images").rglob("*.jpg")):
        yield from _read("coco128", path)
    for path in sorted((data / "hard_negatives").rglob("*.jpg")):
        yield from _read("things", path)
    for path in sorted(scenes.glob("*.jpg"))[:: max(1, len(list(scenes.glob("*.jpg"))) // renders)]:
        yield from _read("renders", path)
    film = cv2.VideoCapture(str(data / "videos" / "car-detection.mp4"))
    number = 0
    while (frame := film.read())[0]:
        if number % 12 == 0:
            yield "film", f"{number}", np.asarray(frame[1], np.uint8)
        number += 1


def _read(source: str, path: Path) -> Iterator[tuple[str, str, Image]]:
    picture = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    if picture is not None:
        yield source, path.name, np.asarray(picture, np.uint8)


def read_index(folder: Path) -> list[Source]:
    rows = [json.loads(line) for line in (folder / "index.jsonl").read_text().splitlines()]
    return [Source(r["file"], r["source"], [Known(**p) for p in r["plates"]], r["unclear"]) for r in rows]
