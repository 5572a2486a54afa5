"""Objects with a mask: what is pasted into lifts."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.labels import LABELS

Image = NDArray[np.uint8]

STANDING_ASPECT = 1.6
"""Height over width from which a person's cut-out is likely a whole standing person, not a bust at a table."""

LONGEST_PX = 360


@dataclass(frozen=True, slots=True)
class Cutout:
    """`rgba` (h, w, 4) in B, G, R, A order, cropped to its mask."""

    label: int
    rgba: Image


def crop_to_mask(bgr: Image, mask: Image) -> Image | None:
    """(h, w, 4) around the non-zero part of `mask` (H, W) 0..255, at most LONGEST_PX long; None where it is tiny."""
    ys, xs = np.nonzero(mask > 127)
    if len(xs) < 400:  # 20x20 pixels
        return None
    y1, y2, x1, x2 = ys.min(), ys.max() + 1, xs.min(), xs.max() + 1
    rgba = np.dstack([bgr[y1:y2, x1:x2], mask[y1:y2, x1:x2]])
    shrink = min(1.0, LONGEST_PX / max(rgba.shape[:2]))
    return cv2.resize(rgba, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA).astype(np.uint8)


def read_cutouts(data: Path, more: Path) -> dict[str, list[Cutout]]:
    """Everything with a mask under the shared data and in the folder `more`, by label, in the order of names."""
    found: dict[str, list[Cutout]] = {label: [] for label in LABELS}
    files = sorted((data / "cutouts").glob("*/*.png")) + sorted(more.glob("*.png"))
    for label, rgba in (*_rgba_files(files), *_wheelchairs(data / "wheelchair_masks")):
        found[label].append(Cutout(LABELS.index(label), rgba))
    return found


def _rgba_files(paths: list[Path]) -> Iterator[tuple[str, Image]]:
    names = {"motorcycle": "e-bike", "rajesh": "e-bike", "namy": "pram", "zel": "pram"}
    for path in paths:
        stem = path.stem.split("_")[0]
        label = names.get(stem, stem)
        picture = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if label not in LABELS or picture is None or picture.ndim != 3 or picture.shape[2] != 4:
            continue
        rgba = crop_to_mask(picture[..., :3].astype(np.uint8), picture[..., 3].astype(np.uint8))
        if rgba is not None and (label != "person" or rgba.shape[0] > STANDING_ASPECT * rgba.shape[1]):
            yield label, rgba


def _wheelchairs(folder: Path) -> Iterator[tuple[str, Image]]:
    for part in ("train", "valid"):  # `test` is kept out of training
        table = json.loads((folder / part / "coco.json").read_text())
        files = {image["id"]: image["file_name"] for image in table["images"]}
        for row in table["annotations"]:
            bgr = cv2.imread(str(folder / part / files[row["image_id"]]))
            if bgr is None or not isinstance(row["segmentation"], list):
                continue
            mask = np.zeros(bgr.shape[:2], np.uint8)
            outlines = [
                np.array(outline, np.float32).reshape(-1, 2).astype(np.int32) for outline in row["segmentation"]
            ]
            cv2.fillPoly(mask, outlines, 255)
            rgba = crop_to_mask(bgr.astype(np.uint8), mask)
            if rgba is not None:
                yield "wheelchair", rgba
