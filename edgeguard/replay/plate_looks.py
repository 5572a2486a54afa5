"""How well plates are found and read: a CSV `image,text[,colour][,cx,cy,w,h,angle]`, a row per plate."""

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.errors import PhotoError, TruthError
from edgeguard.recognizers import read_photo
from edgeguard.recognizers.plates import Grammar, PlateChain, PlateLook
from edgeguard.replay.csvrows import Row
from edgeguard.replay.rates import Rate

NEEDED, COLOUR, BOX = ("image", "text"), ("colour",), ("cx", "cy", "w", "h", "angle")
COLUMNS = (NEEDED, NEEDED + COLOUR, NEEDED + BOX, NEEDED + COLOUR + BOX)
COLOURS = ("blue", "green", "yellow", "white", "black")
# A look is at a labelled plate where the two overlap so much: the boxes of a small plate differ by a pixel or two.
FOUND_IOU = 0.4
UNKNOWN_KIND = "other"
# Signs that people write between the characters of a plate.
SEPARATORS = "·.-_ "


@dataclass(frozen=True, slots=True, eq=False)
class TruePlate:
    """One row; `corners` (4, 2) None: somewhere in the picture. `kinds`: those that its text can be."""

    path: Path
    text: str
    colour: str | None
    corners: NDArray[np.float32] | None
    kinds: tuple[str, ...]
    row: Row


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled plate and the look at it, None where it was not found."""

    truth: TruePlate
    look: PlateLook | None

    @property
    def read(self) -> str:
        """What was read, by the grammar; "" where that was no plate, or nothing was found."""
        return self.look.plate.text if self.look is not None and self.look.plate is not None else ""

    @property
    def exact(self) -> bool:
        return self.read == self.truth.text


@dataclass(frozen=True, slots=True)
class PlateResult:
    """Of `n` labelled plates; a plate that was not found is wrong in all but `read_rate` and `colour_rate`.

    `read_rate`: exact, of those found. `by_kind`: exact, by the true kind. `extra`: looks at no labelled plate, in
    pictures whose plates all have a box.
    """

    n: int
    pictures: int
    exact_rate: Rate
    detection_rate: Rate
    read_rate: Rate
    province_rate: Rate
    green_last_rate: Rate
    colour_rate: Rate
    by_kind: dict[str, Rate]
    extra: int


def plates_of(path: Path, rows: Sequence[Row], grammar: Grammar) -> list[TruePlate]:
    """A row that says the same as one before it counts once: no second look can be at that plate.

    Raises TruthError with file, line, the value met and those accepted.
    """
    once: dict[tuple[str, ...], Row] = {}
    for row in rows:
        once.setdefault(tuple(row.cells.values()), row)
    return [_plate(path.parent, row, grammar) for row in once.values()]


def _plate(folder: Path, row: Row, grammar: Grammar) -> TruePlate:
    cells = row.cells
    text = "".join(c for c in unicodedata.normalize("NFKC", cells["text"]).upper() if c not in SEPARATORS)
    if not 5 <= len(text) <= 9:
        raise TruthError(f"{row.where}: text: met {cells['text']!r}, accepted: a plate of 5 to 9 characters")
    colour = cells.get("colour")
    if colour is not None and colour not in COLOURS:
        raise TruthError(f"{row.where}: colour: met {colour!r}, accepted: {', '.join(COLOURS)}")
    corners = _corners(row) if "cx" in cells else None
    kinds = grammar.kinds_of(text)
    return TruePlate(folder / cells["image"], text, colour, corners, kinds, row)


def _corners(row: Row) -> NDArray[np.float32]:
    """(4, 2) of a turned box; one that is higher than wide lies on its side, as OpenCV's `minAreaRect` has it."""
    cx, cy, w, h, angle = (_number(row, name) for name in BOX)
    if w <= 0 or h <= 0:
        raise TruthError(f"{row.where}: w, h: met {w:g}, {h:g}, accepted: more than 0 pixels")
    turned = ((cx, cy), (w, h), angle)
    return np.asarray(cv2.boxPoints(turned), np.float32)


def _number(row: Row, column: str) -> float:
    try:
        value = float(row.cells[column])
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise TruthError(f"{row.where}: {column}: met {row.cells[column]!r}, accepted: a number")
    return value


def judge(path: Path, truths: Sequence[TruePlate], chain: PlateChain) -> tuple[list[Judged], int]:
    """Look at one picture: its plates, and how many looks were at none of them.

    Raises TruthError with the row of a picture that cannot be read.
    """
    try:
        looks = list(chain.look(read_photo(path)))
    except PhotoError as error:
        raise TruthError(f"{truths[0].row.where}: {error}") from error
    judged = []
    # Who has a place takes the look there; the others what is left, the one that was read right first.
    for truth in sorted(truths, key=lambda truth: truth.corners is None):
        look = _look_at(truth, looks)
        judged.append(Judged(truth, look))
        looks = [other for other in looks if other is not look]
    placed = all(truth.corners is not None for truth in truths)
    return judged, len(looks) if placed else 0


def _look_at(truth: TruePlate, looks: Sequence[PlateLook]) -> PlateLook | None:
    if truth.corners is None:
        return max(looks, key=lambda look: (Judged(truth, look).exact, look.score), default=None)
    corners = truth.corners
    best = max(looks, key=lambda look: overlap(corners, look.corners), default=None)
    return best if best is not None and overlap(corners, best.corners) >= FOUND_IOU else None


def overlap(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Intersection over union of two convex shapes (n, 2)."""
    areas = (float(cv2.contourArea(cv2.convexHull(shape))) for shape in (a, b))
    shared = float(cv2.intersectConvexConvex(cv2.convexHull(a), cv2.convexHull(b))[0])
    union = sum(areas) - shared
    return shared / union if union > 0 else 0.0


def score_plates(judged: Sequence[Judged], provinces: str, extra: int) -> PlateResult:
    """`provinces`: the characters that stand for one."""
    found = [one for one in judged if one.look is not None]
    with_province = [one for one in judged if one.truth.text[0] in provinces]
    green = [one for one in judged if any(kind.startswith("green") for kind in one.truth.kinds)]
    coloured = [(one.look, one.truth.colour) for one in judged if one.look is not None and one.truth.colour]
    return PlateResult(
        len(judged),
        len({one.truth.path for one in judged}),
        _rate(one.exact for one in judged),
        Rate.of(len(found), len(judged)),
        _rate(one.exact for one in found),
        _rate(one.read[:1] == one.truth.text[0] for one in with_province),
        _rate(one.read[-1:] == one.truth.text[-1] and len(one.read) == len(one.truth.text) for one in green),
        _rate(look.reading.colour == colour for look, colour in coloured),
        dict(_by_kind(judged)),
        extra,
    )


def _by_kind(judged: Sequence[Judged]) -> Mapping[str, Rate]:
    kinds: dict[str, list[bool]] = {}
    for one in judged:
        kinds.setdefault(one.truth.kinds[0] if one.truth.kinds else UNKNOWN_KIND, []).append(one.exact)
    return {kind: _rate(exact) for kind, exact in sorted(kinds.items())}


def _rate(right: Iterable[bool]) -> Rate:
    told = list(right)
    return Rate.of(sum(told), len(told))
