"""More cut-outs: what the COCO segmentation weights outline in the training pictures."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from models.training.cutouts import STANDING_ASPECT, crop_to_mask
from models.training.labels import COCO_TO_LABEL, LABELS
from models.training.sources import TRAIN, SharedData

Image = NDArray[np.uint8]

WANTED = {
    "street_ebike": {"e-bike"},
    "etoiles": {"e-bike"},
    "lift_people": {"person"},
    "street_two_wheelers": {"bicycle"},
}
"""From which folder which labels: parked e-bikes, people standing in lifts, bicycles."""

LEAST_SCORE = 0.5
LEAST_PX = 110
LARGEST_COVERED = 0.12
"""A vehicle of which people hide more than this share of the box would be cut with holes."""


def pictures(data: SharedData) -> Iterator[tuple[Path, set[str]]]:
    """The training pictures to outline, and the labels wanted from each."""
    for path in sorted((data.root / "lift_ebike" / "street_ebike").glob("*.jpg")):
        yield path, WANTED["street_ebike"]
    for number, sample in enumerate(data.samples()):
        wanted = WANTED.get(sample.source.split("/")[-1])
        if wanted and sample.part == TRAIN and not (wanted == {"person"} and number % 3):
            yield sample.path, wanted


def outlined(result: Any, wanted: set[str]) -> Iterator[tuple[str, Image]]:  # noqa: ANN401  # ultralytics' Results
    """Label and RGBA cut-out of every wanted object in one segmentation result."""
    if result.masks is None:
        return
    people = [m for m, c in zip(result.masks.data, result.boxes.cls, strict=True) if int(c) == 0]
    crowd = np.clip(sum(m.numpy() for m in people), 0, 1) if people else None
    for mask, row in zip(result.masks.data.numpy(), result.boxes, strict=True):
        label = LABELS[COCO_TO_LABEL.get(int(row.cls), 0)] if int(row.cls) in COCO_TO_LABEL else ""
        if "e-bike" in wanted and label == "bicycle":
            label = "e-bike"  # nothing else stands in those pictures
        if label not in wanted or float(row.conf) < LEAST_SCORE:
            continue
        ys, xs = np.nonzero(mask)
        box = (slice(ys.min(), ys.max() + 1), slice(xs.min(), xs.max() + 1))
        if label != "person" and crowd is not None and crowd[box].mean() > LARGEST_COVERED:
            continue
        full = cv2.resize(mask, result.orig_shape[::-1], interpolation=cv2.INTER_LINEAR)
        rgba = crop_to_mask(result.orig_img, (full * 255).astype(np.uint8))
        if (
            rgba is not None
            and max(rgba.shape) >= LEAST_PX
            and (label != "person" or rgba.shape[0] > STANDING_ASPECT * rgba.shape[1])
        ):
            yield label, rgba


def write_segments(data: SharedData, weights: Path, folder: Path) -> int:
    """Writes LABEL_PICTURE_N.png into `folder`; how many."""
    from models.training import torchvision_stand_in  # noqa: PLC0415

    torchvision_stand_in.install()
    from ultralytics import YOLO  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    model, written = YOLO(str(weights)), 0
    for path, wanted in pictures(data):
        result = model.predict(str(path), imgsz=480, retina_masks=False, verbose=False)[0]
        result.orig_shape = result.orig_img.shape[:2]
        for label, rgba in outlined(result, wanted):
            cv2.imwrite(str(folder / f"{label}_{path.stem}_{written}.png"), rgba)
            written += 1
    return written
