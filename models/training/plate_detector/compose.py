"""One picture to learn from: a background, plates put on it in perspective, signs that are none, a camera's faults."""

from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.plate_detector.sources import CROPS, PLATES, RESTRICTED, Image, Source, read_index
from models.training.plates.draw import Artist

Rng = np.random.Generator
Corners = NDArray[np.float32]
GREY = 114
POOL = 700
"""Plates and signs drawn at the start of a run; every one is put on again with another light and another view."""

LEAST_PX = 15.0
"""Narrower plates are neither learnt nor held against the network."""

WEIGHTS = {PLATES: 3.0, "street": 0.35, "coco128": 0.7, "renders": 0.35, "things": 1.0, "negatives": 6.0, "film": 1.0}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A thing that is pasted: BGRA (h, w, 4); `rows` 0: no plate. `tight`: cut from a photograph, corners doubtful."""

    image: Image
    rows: int
    tight: bool = False


@dataclass(slots=True)
class Sample:
    """`plates`: corners (4, 2) in the picture's pixels, rows, and whether its corners are sure; `unclear`: xyxy."""

    picture: Image
    plates: list[tuple[Corners, int, bool]] = field(default_factory=list)
    unclear: list[NDArray[np.float32]] = field(default_factory=list)


class Composer:
    """Draws samples of `side_px` squares; `free`: without what `sources.RESTRICTED` names."""

    def __init__(self, data: Path, shared: Path, seed: int, side_px: int = 320, *, free: bool = False) -> None:
        self._rng = np.random.default_rng(seed)
        self._data, self._side_px = data, side_px
        left_out = RESTRICTED if free else frozenset()
        self._index = [row for row in read_index(data) if row.source not in left_out]
        weights = np.array([WEIGHTS[row.source] for row in self._index])
        self._shares = weights / weights.sum()
        self._kept: dict[str, Image] = {}
        artist = Artist(shared / "plate_templates")
        plates = [artist.draw(self._rng) for _ in range(POOL)]
        self._plates = [Sheet(_half(plate.image), plate.rows) for plate in plates]
        crops = shared / "plate_crops" / CROPS
        self._crops = [] if CROPS in left_out else _crops(crops, data / "crops.txt", tight=True)
        self._signs = [Sheet(sign(self._rng), 0) for _ in range(POOL)]
        self._signs += _crops(shared / "plate_crops" / "no_plate", None, tight=True)

    def sample(self) -> Sample:
        rng = self._rng
        row = self._index[rng.choice(len(self._index), p=self._shares)]
        picture = self._picture(row)
        sample = Sample(picture.copy())
        sample.unclear = [np.array(box, np.float32) for box in row.unclear]
        for plate in row.plates:
            corners = np.array(plate.corners, np.float32)
            rows = plate.rows
            if rng.random() < 0.5:
                rows = self._cover(sample.picture, corners, rows)
            sample.plates.append((corners, rows, True))
        sample = self._cut(sample)
        for _ in range(int(rng.choice(3, p=[0.6, 0.3, 0.1]))):
            self._paste(sample, self._signs[rng.integers(len(self._signs))])
        for _ in range(int(rng.choice(4, p=[0.25, 0.45, 0.2, 0.1]))):
            pool = self._crops if self._crops and rng.random() < 0.2 else self._plates
            self._paste(sample, pool[rng.integers(len(pool))])
        sample.picture = photographed(rng, sample.picture)
        return sample

    def _picture(self, row: Source) -> Image:
        if row.file not in self._kept:
            self._kept[row.file] = np.asarray(cv2.imread(str(self._data / row.file)), np.uint8)
        return self._kept[row.file]

    def _cover(self, picture: Image, corners: Corners, rows: int) -> int:
        """A drawn plate over a real one, on the same car: the row count of what is there then."""
        fitting = [plate for plate in self._plates if plate.rows == rows]
        sheet = fitting[self._rng.integers(len(fitting))]
        middle = corners.mean(0)
        put_on(picture, lit(self._rng, sheet.image, picture, corners), middle + (corners - middle) * 1.04)
        return rows

    def _cut(self, sample: Sample) -> Sample:
        """A part of the picture, turned, stretched and scaled to the square, with grey around where it ends."""
        rng, side = self._rng, self._side_px
        height, width = sample.picture.shape[:2]
        zoom = side / max(height, width) * np.exp(rng.uniform(np.log(0.75), np.log(2.6)))
        centre = np.array([rng.uniform(0, width), rng.uniform(0, height)])
        if sample.plates and rng.random() < 0.8:
            corners = sample.plates[rng.integers(len(sample.plates))][0]
            centre = corners.mean(0) + rng.uniform(-0.4, 0.4, 2) * side / zoom
            wanted = np.exp(rng.uniform(np.log(18), np.log(190)))
            zoom = wanted / max(float(np.linalg.norm(corners[1] - corners[0])), 1)
            zoom = float(np.clip(zoom, side / max(height, width) * 0.5, 4))
        turn, stretch = rng.normal(0, 0.08), np.exp(rng.normal(0, 0.1))
        linear = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) * zoom
        linear = linear @ np.diag([stretch, 1 / stretch]) @ np.array([[1, rng.normal(0, 0.05)], [0, 1]])
        inside = np.clip(centre, (0, 0), (width, height))
        matrix = np.hstack([linear, (side / 2 - linear @ inside)[:, None]])
        flags = cv2.INTER_AREA if zoom < 0.5 else cv2.INTER_LINEAR
        if zoom < 0.6:  # warpAffine looks at four pixels only
            sample.picture = np.asarray(cv2.GaussianBlur(sample.picture, (0, 0), 0.35 / zoom), np.uint8)
        cut = cv2.warpAffine(sample.picture, matrix, (side, side), flags=flags, borderValue=(GREY,) * 3)
        moved = Sample(np.asarray(cut, np.uint8))
        moved.plates = [(_moved(corners, matrix), rows, sure) for corners, rows, sure in sample.plates]
        for box in sample.unclear:
            quad = _moved(np.array([box[:2], box[[2, 1]], box[2:], box[[0, 3]]], np.float32), matrix)
            moved.unclear.append(np.concatenate([quad.min(0), quad.max(0)]))
        return moved

    def _paste(self, sample: Sample, sheet: Sheet) -> None:
        """Somewhere in the picture, where it hides no other plate; half of them on something like a bumper."""
        rng, side = self._rng, self._side_px
        width = float(np.exp(rng.uniform(np.log(16), np.log(200))))
        corners = seen_from(rng, width, width * sheet.image.shape[0] / sheet.image.shape[1])
        size = corners.max(0) - corners.min(0)
        corners += rng.uniform(0, np.maximum(side - size, 1)) - corners.min(0)
        if any(_meet(corners, other) for other, _, _ in sample.plates):
            return
        if rng.random() < 0.5:
            _bumper(rng, sample.picture, corners)
        put_on(sample.picture, lit(rng, sheet.image, sample.picture, corners), corners)
        if sheet.rows:
            sample.plates.append((corners.astype(np.float32), sheet.rows, not sheet.tight))


def _half(image: Image) -> Image:
    return np.asarray(cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)


def _crops(folder: Path, names: Path | None, *, tight: bool) -> list[Sheet]:
    files = [folder / name for name in names.read_text().split()] if names else sorted(folder.glob("*.jpg"))
    pictures = [cv2.imread(str(file)) for file in files]
    opaque = [cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA) for picture in pictures if picture is not None]
    return [Sheet(np.asarray(picture, np.uint8), int(names is not None), tight) for picture in opaque]


def _moved(corners: Corners, matrix: NDArray[np.float64]) -> Corners:
    return np.asarray(corners @ matrix[:, :2].T + matrix[:, 2], np.float32)


def _meet(a: Corners, b: Corners) -> bool:
    low, high = np.maximum(a.min(0), b.min(0)), np.minimum(a.max(0), b.max(0))
    return bool((high > low).all())


def seen_from(rng: Rng, width: float, height: float) -> Corners:
    """Corners (4, 2) of a sheet seen by a camera that hangs at a gate: turned, tilted, near."""
    yaw, pitch, roll = rng.normal(0, 0.38), rng.normal(0.15, 0.25), rng.normal(0, 0.09)
    yaw, pitch = np.clip(yaw, -1.0, 1.0), np.clip(pitch, -0.6, 0.9)
    corners = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (width / 2, height / 2)
    x, y = corners[:, 0] * np.cos(yaw), corners[:, 1] * np.cos(pitch)
    depth = (corners[:, 0] * np.sin(yaw) + corners[:, 1] * np.sin(pitch)) / width
    shear = np.sin(yaw) * np.sin(pitch) * corners[:, 0]
    near = 1 / (1 + depth * rng.uniform(0.05, 0.35))
    flat = np.stack([x * near, (y + shear) * near], axis=1)
    turn = np.array([[np.cos(roll), -np.sin(roll)], [np.sin(roll), np.cos(roll)]])
    return np.asarray(flat @ turn.T, np.float32)


def lit(rng: Rng, sheet: Image, picture: Image, corners: Corners) -> Image:
    """The sheet in the light of its place, dirty, and at times half in shadow."""
    x0, y0 = np.clip(corners.min(0) - 4, 0, None).astype(int)
    x1, y1 = (corners.max(0) + 4).astype(int)
    place = picture[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
    around = float(place.mean()) if place.size else 100.0
    gain = np.clip((around + 60) / 190, 0.25, 1.15) * np.exp(rng.normal(0, 0.3))
    tone = gain * np.exp(rng.normal(0, 0.06, 3))
    pixels = sheet[:, :, :3].astype(np.float32) * tone + rng.uniform(0, 40)
    if rng.random() < 0.5:
        dirt = cv2.resize(rng.random((4, 12)).astype(np.float32), (sheet.shape[1], sheet.shape[0]))[..., None]
        pixels += (rng.uniform(30, 150) - pixels) * dirt * rng.uniform(0.1, 0.7)
    if rng.random() < 0.15:
        edge = int(rng.uniform(0.2, 0.8) * sheet.shape[1])
        pixels[:, :edge] *= rng.uniform(0.35, 0.8)
    return np.dstack([np.clip(pixels, 0, 255).astype(np.uint8), sheet[:, :, 3]])


def put_on(picture: Image, sheet: Image, corners: Corners) -> None:
    """Draw BGRA onto the picture in place, between the corners."""
    scale = float(np.linalg.norm(corners[1] - corners[0])) * 1.3 / sheet.shape[1]
    if scale < 1:  # warpPerspective looks at four pixels only
        sheet = np.asarray(cv2.resize(sheet, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    height, width = sheet.shape[:2]
    low = np.floor(corners.min(0)).astype(int) - 1
    high = np.ceil(corners.max(0)).astype(int) + 2
    low, high = np.maximum(low, 0), np.minimum(high, (picture.shape[1], picture.shape[0]))
    if (high <= low).any():
        return
    ends = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32) - 0.5
    matrix = cv2.getPerspectiveTransform(ends, (corners - low - 0.5).astype(np.float32))
    drawn = cv2.warpPerspective(sheet, matrix, (int(high[0] - low[0]), int(high[1] - low[1])))
    place = picture[low[1] : high[1], low[0] : high[0]]
    alpha = drawn[:, :, 3:].astype(np.float32) / 255
    place[:] = (place + (drawn[:, :, :3] - place.astype(np.float32)) * alpha).astype(np.uint8)


def _bumper(rng: Rng, picture: Image, corners: Corners) -> None:
    """Something smooth around the plate, with edges along it: bumper, boot lid, plate frame, grille."""
    middle, size = corners.mean(0), corners.max(0) - corners.min(0)
    paint = rng.uniform(10, 235) + rng.normal(0, 18, 3)
    grow = rng.uniform((1.3, 1.3), (3.5, 5.0))
    quad = (middle + (corners - middle) * grow + rng.normal(0, 0.1, 2) * size).astype(np.int32)
    layer = picture.copy()
    cv2.fillConvexPoly(layer, quad, tuple(np.clip(paint, 0, 255).tolist()), cv2.LINE_AA)
    if rng.random() < 0.5:
        for share in np.linspace(0, 1, int(rng.integers(3, 9))):
            left, right = quad[0] + (quad[3] - quad[0]) * share, quad[1] + (quad[2] - quad[1]) * share
            tone = tuple(np.clip(paint + rng.normal(0, 60), 0, 255).tolist())
            ends = tuple(int(v) for v in left), tuple(int(v) for v in right)
            cv2.line(layer, *ends, tone, int(rng.integers(1, 4)), cv2.LINE_AA)
    if rng.random() < 0.6:
        frame = (middle + (corners - middle) * rng.uniform(1.03, 1.25)).astype(np.int32)
        cv2.fillConvexPoly(layer, frame, tuple(rng.uniform(0, 255, 3).tolist()), cv2.LINE_AA)
    share = rng.uniform(0.7, 1.0)
    picture[:] = cv2.addWeighted(layer, share, picture, 1 - share, 0)


WORDS = (
    "24H",
    "STOP",
    "CAM01",
    "P",
    "2026-11-28",
    "13:05:22",
    "TAXI",
    "400-820",
    "4WD",
    "AB",
    "119",
    "MAX2.8m",
    "SALE",
)


def sign(rng: Rng) -> Image:
    """BGRA: lettering on a coloured board, a telephone number, a grille: what is read for a plate and is none."""
    width, height = int(rng.integers(120, 240)), int(rng.integers(40, 200))
    board = np.empty((height, width, 4), np.uint8)
    board[:, :, :3] = np.clip(rng.uniform(0, 255, 3) if rng.random() < 0.7 else rng.uniform(0, 255), 0, 255)
    board[:, :, 3] = 255 if rng.random() < 0.8 else 0
    ink = (*(int(value) for value in 255 - board[0, 0, :3].astype(int)), 255)
    kind = rng.random()
    if kind < 0.25:
        for x in range(0, width, int(rng.integers(6, 20))):
            cv2.line(board, (x, 0), (x, height), ink, int(rng.integers(1, 5)))
        return board
    lines = int(rng.integers(1, 4))
    for line in range(lines):
        words = " ".join(str(rng.choice(WORDS)) for _ in range(int(rng.integers(1, 3))))
        at = (int(rng.integers(0, 20)), int((line + 0.7) * height / lines))
        cv2.putText(board, words, at, int(rng.integers(0, 4)), height / lines / 45, ink, int(rng.integers(1, 5)))
    return board


def photographed(rng: Rng, picture: Image) -> Image:
    """Blur, light, colour, infrared, noise, a line of text in the corner, JPEG."""
    if rng.random() < 0.35:
        picture = _blurred(rng, picture)
    gain, lift = np.exp(np.clip(rng.normal(0, 0.3), -0.9, 0.4)), rng.normal(0, 12)
    tone = gain * np.exp(rng.normal(0, 0.06, 3))
    gamma = np.exp(rng.normal(0, 0.25))
    levels = np.arange(256, dtype=np.float32)[:, None] / 255
    table = np.clip(levels**gamma * tone * 255 + lift, 0, 255).astype(np.uint8)
    picture = np.asarray(cv2.LUT(picture, table[None]), np.uint8)
    if rng.random() < 0.12:
        picture = np.asarray(cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR), np.uint8)
    for _ in range(int(rng.choice(3, p=[0.6, 0.25, 0.15]))):
        _stamp(rng, picture)
    if rng.random() < 0.4:
        grain = rng.normal(0, rng.uniform(2, 14), picture.shape[:2]).astype(np.float32)[..., None]
        picture = np.clip(picture + grain, 0, 255).astype(np.uint8)
    if rng.random() < 0.4:
        packed = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(25, 90))])[1]
        picture = np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
    return picture


def _stamp(rng: Rng, picture: Image) -> None:
    """A date, a counter, a name: what recorders and websites write into a picture."""
    numbers = rng.integers(0, 60, 3)
    when = (
        f"20{numbers[0]:02d}/{numbers[1]:02d}/{numbers[2]:02d}",
        f"{numbers[0]:02d}:{numbers[1]:02d}:{numbers[2]:02d}",
    )
    words = str(rng.choice([*WORDS, *when, f"{numbers[0] * 997:06d}/00001", "www.cars.com"]))
    at = (int(rng.integers(0, 160)), int(rng.integers(12, picture.shape[0])))
    size, tone = rng.uniform(0.3, 1.3), float(rng.choice([255, 230, 20]))
    if rng.random() < 0.4:  # outlined, to be seen on anything
        cv2.putText(picture, words, at, 0, size, (255 - tone,) * 3, 4, cv2.LINE_AA)
    cv2.putText(picture, words, at, 0, size, (tone,) * 3, int(rng.integers(1, 3)), cv2.LINE_AA)


def _blurred(rng: Rng, picture: Image) -> Image:
    if rng.random() < 0.6:
        return np.asarray(cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.4, 1.6)), np.uint8)
    length = int(rng.integers(2, 7))
    kernel = np.zeros((length, length), np.float32)
    kernel[length // 2] = 1 / length
    turn = cv2.getRotationMatrix2D(((length - 1) / 2, (length - 1) / 2), rng.uniform(-40, 40), 1)
    kernel = cv2.warpAffine(kernel, turn, (length, length))
    return np.asarray(cv2.filter2D(picture, -1, kernel / max(float(kernel.sum()), 1e-3)), np.uint8)
