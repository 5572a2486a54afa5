"""Labelled pictures for evaluation: a manifest of JSON lines, checked as a whole before the first picture is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Self

import cv2
import numpy as np
from numpy.typing import NDArray
from pydantic import Field, FiniteFloat, ValidationError, model_validator

from edgeguard.errors import TruthError
from edgeguard.sources.picture import picture_from_array
from edgeguard.types import Picture
from edgeguard.yamlfile import Strict


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImage:
    """One line: the picture's file, its objects as xyxy (n, 4) float32 in pixels and label (n,) int16, its groups."""

    path: Path
    xyxy: NDArray[np.float32]
    label: NDArray[np.int16]
    where: str  # "file:line", for messages
    groups: tuple[str, ...] = ()

    def read(self) -> Picture:
        """Decode the file. Raises TruthError."""
        try:
            data = np.fromfile(self.path, np.uint8)
        except OSError as error:
            raise TruthError(f"{self.where}: image {self.path}: cannot be read ({error.strerror})") from error
        pixels = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
        if pixels is None:
            raise TruthError(f"{self.where}: image {self.path} ({len(data)} bytes), accepted: a JPEG or PNG picture")
        self._check_inside(*pixels.shape[:2])
        return picture_from_array(pixels.astype(np.uint8, copy=False), "bgr24")

    def _check_inside(self, height: int, width: int) -> None:
        outside = (self.xyxy[:, 2:] <= 0).any(1) | (self.xyxy[:, 0] >= width) | (self.xyxy[:, 1] >= height)
        if outside.any():
            met = self.xyxy[outside][0].tolist()
            raise TruthError(f"{self.where}: xyxy is {met}, accepted: pixels of the picture, {width}x{height}")


class _Object(Strict):
    label: str
    xyxy: tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat]

    @model_validator(mode="after")
    def _has_area(self) -> Self:
        x0, y0, x1, y1 = self.xyxy
        if x0 >= x1 or y0 >= y1:
            raise ValueError(f"xyxy is {list(self.xyxy)}, accepted: x0 < x1 and y0 < y1")
        if x1 <= 1 and y1 <= 1:
            raise ValueError(f"xyxy is {list(self.xyxy)}, accepted: pixels, not shares of the picture")
        return self


class _Line(Strict):
    image: Annotated[str, Field(min_length=1)]
    objects: list[_Object]
    groups: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] = ()


def read_manifest(path: Path, labels: Sequence[str]) -> list[LabelledImage]:
    """The labelled pictures of a manifest; relative paths start at its folder, empty lines are passed over.

    Raises TruthError with file, line, the value met and the values accepted.
    """
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TruthError(f"{path}: cannot be read ({error}), accepted: a file of JSON lines") from error
    images = [
        _labelled(line, f"{path}:{number}", path.parent, labels)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]
    if not images:
        raise TruthError(f"{path}: no line, accepted: at least one labelled picture")
    return images


def _labelled(text: str, where: str, folder: Path, labels: Sequence[str]) -> LabelledImage:
    try:
        line = _Line.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"]) or "line"
        met = "nothing" if first["type"] == "missing" else f"{first['input']!r:.120}"
        raise TruthError(f"{where}: {place}: met {met}: {first['msg']}") from error
    for item in line.objects:
        if item.label not in labels:
            raise TruthError(f"{where}: label {item.label!r}, accepted: {', '.join(labels)}")
    image = folder / line.image
    if not image.is_file():
        raise TruthError(f"{where}: image {line.image!r} is not there, accepted: a file, relative to {folder}")
    return LabelledImage(
        image,
        np.array([item.xyxy for item in line.objects], np.float32).reshape(-1, 4),
        np.array([labels.index(item.label) for item in line.objects], np.int16),
        where,
        tuple(dict.fromkeys(line.groups)),
    )
