"""What a segmentation network outlines becomes a cut-out, or does not; the network itself is stood in for."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from models.training import segments
from models.training.segments import outlined
from models.training.sources import SharedData

PERSON, BICYCLE, MOTORCYCLE, CHAIR = 0, 1, 3, 56
"""Classes of COCO."""

SIDE = 200
WHOLE, STANDING, BUST = (20, 20, 180, 180), (60, 10, 130, 190), (20, 20, 180, 180)


class Masks:
    """As much of a tensor as is asked for: numbers that can be gone through and read as an array."""

    def __init__(self, masks: list[np.ndarray]) -> None:
        self._masks = masks

    def __iter__(self) -> Any:
        return iter([SimpleNamespace(numpy=lambda mask=mask: mask) for mask in self._masks])

    def numpy(self) -> np.ndarray:
        return np.array(self._masks)


class Boxes(list[SimpleNamespace]):
    @property
    def cls(self) -> list[int]:
        return [row.cls for row in self]


def result(*objects: tuple[int, float, tuple[int, int, int, int]]) -> Any:
    """A result with objects of a class, a score and a mask of these corners, at half the picture's size."""
    masks = []
    for _, _, (x1, y1, x2, y2) in objects:
        mask = np.zeros((SIDE // 2, SIDE // 2), np.float32)
        mask[y1 // 2 : y2 // 2, x1 // 2 : x2 // 2] = 1
        masks.append(mask)
    boxes = Boxes(SimpleNamespace(cls=kind, conf=score) for kind, score, _ in objects)
    picture = np.full((SIDE, SIDE, 3), 90, np.uint8)
    known = SimpleNamespace(data=Masks(masks)) if objects else None
    return SimpleNamespace(masks=known, boxes=boxes, orig_img=picture, orig_shape=(SIDE, SIDE))


@pytest.mark.parametrize(
    ("objects", "wanted", "labels"),
    [
        ([], {"person"}, []),
        ([(MOTORCYCLE, 0.9, WHOLE)], {"e-bike"}, ["e-bike"]),
        ([(BICYCLE, 0.9, WHOLE)], {"e-bike"}, ["e-bike"]),
        ([(BICYCLE, 0.9, WHOLE)], {"bicycle"}, ["bicycle"]),
        ([(MOTORCYCLE, 0.4, WHOLE)], {"e-bike"}, []),
        ([(CHAIR, 0.9, WHOLE)], {"e-bike"}, []),
        ([(PERSON, 0.9, STANDING)], {"person"}, ["person"]),
        ([(PERSON, 0.9, BUST)], {"person"}, []),
        ([(BICYCLE, 0.9, (20, 20, 100, 100))], {"bicycle"}, []),
        ([(PERSON, 0.9, STANDING), (BICYCLE, 0.9, WHOLE)], {"bicycle"}, []),
        ([(PERSON, 0.9, (0, 0, 40, 40)), (BICYCLE, 0.9, WHOLE)], {"bicycle"}, ["bicycle"]),
    ],
    ids=[
        "nothing",
        "a parked e-bike",
        "one read as a bicycle",
        "a bicycle",
        "unsure",
        "another class",
        "somebody standing",
        "a bust",
        "too small",
        "behind somebody",
        "beside somebody",
    ],
)
def test_what_is_outlined_is_cut_out(objects: list[Any], wanted: set[str], labels: list[str]) -> None:
    assert [label for label, _ in outlined(result(*objects), wanted)] == labels


def test_a_cut_out_is_as_large_as_its_outline() -> None:
    ((_, rgba),) = outlined(result((MOTORCYCLE, 0.9, WHOLE)), {"e-bike"})
    assert rgba.shape[:2] == pytest.approx((160, 160), abs=2)
    assert (rgba[10:-10, 10:-10] == (90, 90, 90, 255)).all()


def test_only_training_pictures_are_outlined(tmp_path: Path) -> None:
    for name in ("lift_ebike/street_ebike/1.jpg", *(f"lift_people/images/p_{n:02d}.jpg" for n in range(12))):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(tmp_path / name), np.zeros((9, 9, 3), np.uint8))
    chosen = list(segments.pictures(SharedData(tmp_path)))
    assert chosen[0] == (tmp_path / "lift_ebike/street_ebike/1.jpg", {"e-bike"})
    held_out = {f"p_{n:02d}.jpg" for n in range(0, 12, 4)}
    people = {path.name for path, _ in chosen[1:]}
    assert people
    assert not people & held_out
