"""The eight classes, the boxes and the YOLO text format that every step of the recipe shares."""

from dataclasses import dataclass
from pathlib import Path

LABELS = ("person", "e-bike", "bicycle", "wheelchair", "pram", "dog", "car", "bag")
"""One list for lifts, gates and public rooms. What merely looks like an e-bike (bicycle, wheelchair, pram) has a class
of its own, so that it competes for the box instead of being background."""

E_BIKE = LABELS.index("e-bike")

COCO_ROWS: dict[str, tuple[int, ...]] = {
    "person": (0,),
    "e-bike": (3,),  # motorcycle
    "bicycle": (1,),
    "wheelchair": (1, 56),  # bicycle and chair: wheels and a seat
    "pram": (56, 28),  # chair and suitcase: nothing in COCO is nearer
    "dog": (16,),
    "car": (2,),
    "bag": (28, 24, 26),  # suitcase, backpack, handbag
}
"""Per label, the COCO classes whose output rows are averaged to start the new head."""

COCO_WEIGHTS = {"n": "yolov8n.pt", "s": "yolov8s.pt"}
"""By size, the file of the weights that training starts from, below SHARED/models."""

COCO_TO_LABEL = {0: 0, 3: 1, 1: 2, 16: 5, 2: 6, 5: 6, 7: 6, 24: 7, 26: 7, 28: 7}
"""COCO annotations that are also ours; buses and trucks count as car."""


@dataclass(frozen=True, slots=True)
class Box:
    """One labelled object: class index, centre and size as fractions of the picture."""

    label: int
    cx: float
    cy: float
    width: float
    height: float

    @classmethod
    def from_corners(cls, label: int, corners_px: tuple[float, float, float, float], size_px: tuple[int, int]) -> "Box":
        """Of x1, y1, x2, y2 in pixels, clipped to a picture of `size_px` (width, height)."""
        width, height = size_px
        x1, x2 = (min(max(x, 0), width) / width for x in corners_px[0::2])
        y1, y2 = (min(max(y, 0), height) / height for y in corners_px[1::2])
        return cls(label, (x1 + x2) / 2, (y1 + y2) / 2, x2 - x1, y2 - y1)

    def corners(self, size_px: tuple[int, int]) -> tuple[float, float, float, float]:
        """x1, y1, x2, y2 in pixels of a picture of `size_px` (width, height)."""
        width, height = size_px
        half_w, half_h = self.width / 2, self.height / 2
        return (
            (self.cx - half_w) * width,
            (self.cy - half_h) * height,
            (self.cx + half_w) * width,
            (self.cy + half_h) * height,
        )


def read_yolo(path: Path, to_label: dict[int, int] | None = None) -> list[Box]:
    """Boxes of a YOLO text file; a missing file is a picture without objects.

    `to_label` maps the file's classes to ours; classes it lacks are left out. Raises ValueError on a line that is no
    box or names a class that is none of ours.
    """
    if not path.exists():
        return []
    boxes = []
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if not line.strip():
            continue
        try:
            raw, cx, cy, width, height = (float(field) for field in line.split()[:5])
        except ValueError as error:
            raise ValueError(f"{path}:{number}: expected 'class cx cy w h', got {line!r}") from error
        label = int(raw) if to_label is None else to_label.get(int(raw), -1)
        if to_label is None and not 0 <= label < len(LABELS):
            raise ValueError(f"{path}:{number}: class must lie in 0..{len(LABELS) - 1}, got {label}")
        if label >= 0:
            boxes.append(Box(label, cx, cy, width, height))
    return boxes


def write_yolo(path: Path, boxes: list[Box]) -> None:
    path.write_text("".join(f"{b.label} {b.cx:.5f} {b.cy:.5f} {b.width:.5f} {b.height:.5f}\n" for b in boxes))
