"""The page of an evaluation of plates: what was missed or misread, cut out of its picture."""

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.pipeline import encode_jpeg
from edgeguard.recognizers import read_photo
from edgeguard.replay.page import ReportFolder, figure, page, sheet, table, tiles
from edgeguard.replay.plate_looks import Judged, PlateResult
from edgeguard.replay.rates import Rate

WIDTH_PX = 320
# As much around the plate as its own size, so that it is seen where it hangs.
AROUND = 1.0


class PlateSheet:
    """Give it every judged picture; a plate that was read right leaves nothing."""

    def __init__(self, folder: ReportFolder) -> None:
        self._folder = folder
        self._figures: list[str] = []

    def add(self, judged: Sequence[Judged]) -> None:
        for one in judged:
            if one.exact:
                continue
            name = f"{len(self._figures):05d}.jpg"
            self._folder.add_picture(name, encode_jpeg(_cut(read_photo(one.truth.path), one)))
            self._figures.append(figure(name, f"{one.truth.path.name}: {one.truth.text}, {_told(one)}"))

    def write(self, result: PlateResult) -> Path:
        """The page's path. Raises ConfigError."""
        return self._folder.write("index.html", page(f"{result.n} plates", self._body(result)))

    def _body(self, result: PlateResult) -> Iterator[str]:
        yield f"<h1>{result.n} plates in {result.pictures} pictures</h1>"
        yield tiles([(_share(result.exact_rate), "exact"), (_share(result.detection_rate), "found")])
        rows = {"exact": result.exact_rate, "found": result.detection_rate, "exact, of those found": result.read_rate}
        rows |= {"province": result.province_rate, "colour": result.colour_rate, **result.by_kind}
        yield table(["what", "share", "n", "95 % interval"], [_row(name, rate) for name, rate in rows.items()])
        yield f"<h2>{escape(f'Missed or misread: {len(self._figures)}')}</h2>"
        yield sheet(self._figures)


def _told(one: Judged) -> str:
    if one.look is None:
        return "not found"
    return f"read {one.look.reading.text or 'nothing'}" + ("" if one.read else ", which is no plate of the region")


def _cut(bgr: NDArray[np.uint8], one: Judged) -> NDArray[np.uint8]:
    """The plate and what is around it; the whole picture where nobody knows where it is."""
    corners = one.look.corners if one.look is not None else one.truth.corners
    if corners is not None:
        size = np.ptp(corners, axis=0).max() * np.array([AROUND, AROUND]) / 2
        low = np.clip(corners.min(axis=0) - size, 0, (bgr.shape[1] - 1, bgr.shape[0] - 1)).astype(int)
        high = np.maximum((corners.max(axis=0) + size).astype(int), low + 1)
        bgr = bgr[low[1] : high[1], low[0] : high[0]]
    scale = WIDTH_PX / bgr.shape[1]
    size_px = (WIDTH_PX, max(1, min(round(bgr.shape[0] * scale), WIDTH_PX)))
    return np.asarray(cv2.resize(bgr, size_px, interpolation=cv2.INTER_AREA), np.uint8)


def _share(rate: Rate) -> str:
    return "-" if rate.value is None else f"{rate.value:.3f}"


def _row(name: str, rate: Rate) -> list[str]:
    low, high = rate.interval
    return [name, _share(rate), f"{rate.count}/{rate.n}", f"{low:.3f} to {high:.3f}"]
