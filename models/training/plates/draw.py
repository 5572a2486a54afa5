"""A clean plate of any kind, a pixel a millimetre. The shapes of the characters are read at run time.

Sizes, gaps and places are those of GA 36-2018. The glyphs are of the folder `plate_templates` of the shared material
(MIT licence), 应 and 急, which it lacks, of a system font.
"""

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.plates.kinds import KINDS, PROVINCES, Kind, any_kind, pick

Image = NDArray[np.uint8]
Colour = tuple[float, float, float]
Place = tuple[float, float, float, float]  # left, top, width, height in mm

SYSTEM_FONT = "Noto Sans CJK SC:bold"
CORNER_MM = 10
DOT = "·"
MARGIN_PX = 4

# BGR at noon, by colour of the plate: ground and characters.
GROUNDS: dict[str, Colour] = {
    "blue": (150, 62, 12),
    "yellow": (25, 175, 240),
    "white": (238, 238, 238),
    "black": (24, 22, 22),
    "green": (120, 190, 110),
}
DARK, LIGHT, RED = (22.0, 22.0, 22.0), (245.0, 245.0, 245.0), (40.0, 30.0, 200.0)


@dataclass(frozen=True, slots=True)
class Plate:
    """`image` BGRA (h, w, 4): alpha 0 beyond the rounded corners; `colour` one of COLOURS; `kind` one of KINDS."""

    kind: str
    text: str
    colour: str
    rows: int
    image: Image


class Artist:
    """Draws plates with the glyphs of `templates`. Raises FileNotFoundError, which names what is missing."""

    def __init__(self, templates: Path) -> None:
        self._glyphs = templates / "font_model"
        if not self._glyphs.is_dir():
            raise FileNotFoundError(f"{self._glyphs}: no such folder, accepted: plate_templates of the shared material")

    def draw(
        self, rng: np.random.Generator, kind: str | None = None, province: str | None = None, text: str | None = None
    ) -> Plate:
        """Whatever is not told is drawn by lot. Raises KeyError for a kind there is not, ValueError for a bare text."""
        if text is not None and kind is None:
            raise ValueError(f"text {text!r} without a kind, accepted: one of {', '.join(KINDS)}")
        kind = kind or any_kind(rng)
        rules = KINDS[kind]
        text = text or rules.text(rng, province or pick(rng, PROVINCES))
        ground, ink = _colours(rng, rules.colour)
        canvas, relief = _ground(rules, kind, ground, ink), np.float32(rng.uniform(0, 40))
        for character, place, font in layout(kind, text):
            colour = RED if _is_red(kind, character) else ink
            shape, light = _stamped(self._glyphs, font, character, (round(place[2]), round(place[3])))
            _print(canvas, (shape, light * relief), place, colour)
        _screws(rng, canvas, rules)
        alpha = _rounded(rules.size, 0) * 255
        image = cv2.merge([*cv2.split(cv2.convertScaleAbs(np.maximum(canvas, 0))), alpha.astype(np.uint8)])
        return Plate(kind, text, rules.colour, rules.rows, np.asarray(image, np.uint8))


@cache
def _glyph(folder: Path, font: str, character: str) -> NDArray[np.float32]:
    """(h, w) 0..1, 1 is ink."""
    if character == DOT:
        return _round_dot()
    path = folder / f"{font}_{character}.jpg"
    if not path.exists() and (folder / f"140_{character}.jpg").exists():
        path = folder / f"140_{character}.jpg"
    if not path.exists():
        return _of_system_font(character)
    ink = 1 - cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_GRAYSCALE).astype(np.float32) / 255
    spare = ink.shape[1] - ink.shape[0] // 2
    if character == "1" and spare > 0:  # the file's margins are wider than the other digits'
        ink = ink[:, spare // 2 : ink.shape[1] - spare // 2]
    return ink


def _of_system_font(character: str) -> NDArray[np.float32]:
    from PIL import Image as Picture  # noqa: PLC0415  # who only needs the templates' characters needs no Pillow
    from PIL import ImageDraw, ImageFont  # noqa: PLC0415

    command = ["fc-match", "-f", "%{file}", SYSTEM_FONT]
    found = subprocess.run(command, capture_output=True, text=True, check=True).stdout  # noqa: S603  # no input in it
    if "CJK" not in found:
        raise FileNotFoundError(f"{found}: stands in for {SYSTEM_FONT}, accepted: a font that has {character}")
    font = ImageFont.truetype(found, 160)
    left, top, right, bottom = font.getbbox(character)
    picture = Picture.new("L", (int(right - left), int(bottom - top)), 0)
    ImageDraw.Draw(picture).text((-left, -top), character, fill=255, font=font)
    return np.asarray(picture, np.float32) / 255


def _colours(rng: np.random.Generator, colour: str) -> tuple[Colour, Colour]:
    """Ground and ink: paint fades and batches differ."""
    hue = rng.normal(0, 6, 3)
    ground = tuple(float(np.clip(value + shift, 0, 255)) for value, shift in zip(GROUNDS[colour], hue, strict=True))
    ink = DARK if colour in {"yellow", "white", "green"} else LIGHT
    return ground, ink  # type: ignore[return-value]  # three of them


@cache
def _rounded(size: tuple[int, int], inset: float) -> NDArray[np.float32]:
    """(h, w) 0..1: 1 inside the rounded rectangle that lies `inset` mm within the plate."""
    width, height = size
    mask = np.zeros((height * 2, width * 2), np.uint8)
    low, radius = int(inset * 2), int(max(CORNER_MM - inset, 3) * 2)
    right, bottom = width * 2 - low - 1, height * 2 - low - 1
    cv2.rectangle(mask, (low + radius, low), (right - radius, bottom), 255, -1)
    cv2.rectangle(mask, (low, low + radius), (right, bottom - radius), 255, -1)
    for x in (low + radius, right - radius):
        for y in (low + radius, bottom - radius):
            cv2.circle(mask, (x, y), radius, 255, -1)
    return cv2.resize(mask, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255


def _ground(rules: Kind, kind: str, ground: Colour, ink: Colour) -> NDArray[np.float32]:
    """(h, w, 3): the painted sheet with its line around, and the gradient or the two fields of green ones."""
    width, height = rules.size
    sheet = np.empty((height, width, 3), np.float32)
    sheet[:] = ground
    if kind == "green_small":
        share = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
        sheet[:] = 248 + (np.asarray(ground, np.float32) - 248) * np.clip(share * 1.05, 0, 1)
    elif kind == "green_large":
        sheet[:, : int(width * 0.28)] = (50, 185, 240)
    if rules.colour == "green":
        _emblem(sheet)
    inner, outer = (2.5, 0.0) if rules.colour != "green" else (4.5, 2.0)
    line = _rounded(rules.size, outer) - _rounded(rules.size, inner)
    if rules.colour in {"blue", "black"}:  # the sheet's own colour is outside the white line
        line = _rounded(rules.size, 2.5) - _rounded(rules.size, 5.0)
    return sheet + (np.asarray(ink, np.float32) - sheet) * line[..., None]


def _is_red(kind: str, character: str) -> bool:
    return character in "警领使应急" or (kind == "armed_police" and (character in "WJ" or character in PROVINCES))


def layout(kind: str, text: str) -> list[tuple[str, Place, str]]:
    """Each character with its place and the set of glyphs it is of; the dot (DOT) counts as one."""
    if KINDS[kind].rows == 2:
        top = [(text[0], (110.0, 15.0, 80.0, 60.0), "220"), (text[1], (250.0, 15.0, 80.0, 60.0), "220_up")]
        bottom = [(one, (27.5 + 80 * row, 90.0, 65.0, 110.0), _lower(one)) for row, one in enumerate(text[2:])]
        return [*top, (DOT, (215.0, 40.0, 10.0, 10.0), ""), *bottom]
    if KINDS[kind].colour == "green":
        lefts, widths = [15.5, 69.5, *(161.5 + 52 * row for row in range(6))], [45.0] + [43.0] * 7
        places = [(left, 25.0, width, 90.0) for left, width in zip(lefts, widths, strict=True)]
        return [(one, place, "green") for one, place in zip(text, places, strict=True)]
    if kind == "armed_police":
        return _armed_police(text)
    if kind == "emergency":
        lefts = [15.5, 66.5, *(128.5 + 49 * row for row in range(6))]
        return [(one, (left, 25.0, 43.0, 90.0), "140") for one, left in zip(text, lefts, strict=True)]
    before_dot = {"consulate": 4, "embassy": 3}.get(kind, 2)
    lefts = [15.5 + 57 * row + (22 if row >= before_dot else 0) for row in range(7)]
    characters = [(one, (left, 25.0, 45.0, 90.0), "140") for one, left in zip(text, lefts, strict=True)]
    return [*characters, (DOT, (lefts[before_dot] - 22.0, 65.0, 10.0, 10.0), "")]


def _lower(character: str) -> str:
    return "220_down" if character.isascii() and character.isalpha() else "220"


def _armed_police(text: str) -> list[tuple[str, Place, str]]:
    """WJ with the province small beside it, then five."""
    head = [("W", (18.0, 25.0, 40.0, 90.0), "140"), ("J", (62.0, 25.0, 36.0, 90.0), "140")]
    province = (text[2], (104.0, 58.0, 36.0, 48.0), "140")
    tail = [(one, (161.5 + 53.5 * row, 25.0, 43.0, 90.0), "140") for row, one in enumerate(text[3:])]
    return [*head, province, (DOT, (145.0, 65.0, 10.0, 10.0), ""), *tail]


@cache
def _stamped(glyphs: Path, font: str, character: str, size: tuple[int, int]) -> tuple[NDArray[np.float32], ...]:
    """(h + 8, w + 8, 1) each, with 4 pixels around: ink 0..1, and the light on the edges of the stamping, -1..1."""
    ink = np.pad(cv2.resize(_glyph(glyphs, font, character), size, interpolation=cv2.INTER_AREA), MARGIN_PX)
    slope = cv2.GaussianBlur(ink, (0, 0), 1.2)
    light = np.roll(slope, -2, axis=(0, 1)) - np.roll(slope, 2, axis=(0, 1))
    return ink[..., None].astype(np.float32), light[..., None].astype(np.float32)


def _print(canvas: NDArray[np.float32], stamped: tuple[NDArray[np.float32], ...], place: Place, colour: Colour) -> None:
    """Ink and the light on it, in its place."""
    ink, light = stamped
    x, y = round(place[0]) - MARGIN_PX, round(place[1]) - MARGIN_PX
    field = canvas[y : y + len(ink), x : x + ink.shape[1]]
    field += (np.asarray(colour, np.float32) - field) * ink + light


@cache
def _round_dot() -> NDArray[np.float32]:
    spot = np.zeros((80, 80), np.uint8)
    cv2.circle(spot, (40, 40), 40, 255, -1)
    return spot.astype(np.float32) / 255


def _emblem(sheet: NDArray[np.float32]) -> None:
    """Between the second and the third character of green plates: a plug in a disc of several colours."""
    for start, colour in ((90, (190, 160, 40)), (-90, (110, 90, 80)), (30, (60, 160, 230))):
        cv2.ellipse(sheet, (137, 70), (13, 13), 0, start, start + 180 if start != 30 else 90, colour, -1)
    cv2.rectangle(sheet, (131, 62), (143, 78), (250, 250, 250), 2)
    cv2.line(sheet, (126, 70), (140, 70), (250, 250, 250), 2)


def _screws(rng: np.random.Generator, canvas: NDArray[np.float32], rules: Kind) -> None:
    """Bolts with caps in some of the four holes, holes in the others."""
    width, height = rules.size
    tone = tuple(float(value) for value in rng.uniform(60, 235) + rng.normal(0, 10, 3))
    for x in (width * 0.25, width * 0.75):
        for y in (9, height - 9):
            centre = (int(x + rng.normal(0, 4)), int(y + rng.normal(0, 2)))
            if (lot := rng.random()) < 0.45:
                cv2.circle(canvas, centre, int(rng.integers(5, 10)), tone, -1, cv2.LINE_AA)
                cv2.circle(canvas, (centre[0] - 1, centre[1] - 1), 3, tuple(value * 1.2 for value in tone), -1)
            elif lot < 0.7:
                cv2.ellipse(canvas, centre, (8, 4), 0, 0, 360, (90.0, 90.0, 90.0), -1, cv2.LINE_AA)
