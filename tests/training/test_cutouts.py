"""Objects with a mask: cut to what the mask shows, named by their files."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.training.cutouts import LONGEST_PX, crop_to_mask, read_cutouts
from models.training.labels import LABELS

GREEN = (20, 200, 30)


def masked(size: tuple[int, int], corners: tuple[int, int, int, int]) -> tuple[np.ndarray, np.ndarray]:
    """A picture (width, height), green where its mask is set."""
    picture, mask = np.zeros((size[1], size[0], 3), np.uint8), np.zeros((size[1], size[0]), np.uint8)
    x1, y1, x2, y2 = corners
    picture[y1:y2, x1:x2], mask[y1:y2, x1:x2] = GREEN, 255
    return picture, mask


@pytest.mark.parametrize(
    ("corners", "size"),
    [
        ((30, 40, 80, 140), (50, 100)),
        ((0, 0, 200, 200), (200, 200)),
        ((10, 10, 29, 29), None),
        ((0, 0, 0, 0), None),
    ],
    ids=["a part", "all of it", "tiny", "nothing"],
)
def test_a_cut_out_is_as_large_as_its_mask(corners: tuple[int, int, int, int], size: tuple[int, int] | None) -> None:
    rgba = crop_to_mask(*masked((200, 200), corners))
    if size is None:
        assert rgba is None
        return
    assert rgba is not None
    assert rgba.shape == (size[1], size[0], 4)
    assert (rgba == (*GREEN, 255)).all()


def test_a_large_one_is_made_smaller_and_keeps_its_shape() -> None:
    rgba = crop_to_mask(*masked((900, 500), (0, 0, 800, 400)))
    assert rgba is not None
    assert rgba.shape == (LONGEST_PX // 2, LONGEST_PX, 4)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Shared data with some cut-outs, and wheelchairs with an outline, a mask and a picture that is gone."""
    _write(tmp_path / "cutouts" / "a" / "rajesh_01.png", (60, 90))
    _write(tmp_path / "cutouts" / "a" / "zel_1.png", (60, 90))
    _write(tmp_path / "cutouts" / "a" / "person_standing.png", (40, 90))
    _write(tmp_path / "cutouts" / "a" / "person_bust.png", (90, 90))
    _write(tmp_path / "cutouts" / "a" / "unknown_1.png", (60, 90))
    (tmp_path / "cutouts" / "a" / "bag_flat.png").write_bytes(cv2.imencode(".png", np.zeros((50, 50, 3)))[1].tobytes())
    for part, names in (("train", ["a.png", "gone.png"]), ("valid", ["b.png"]), ("test", ["c.png"])):
        folder = tmp_path / "wheelchair_masks" / part
        folder.mkdir(parents=True)
        for name in names:
            if name != "gone.png":
                cv2.imwrite(str(folder / name), masked((100, 100), (20, 30, 70, 90))[0])
        outline = [[20, 30, 69, 30, 69, 89, 20, 89]]
        rows = [{"image_id": n, "segmentation": outline} for n in range(len(names))]
        rows += [{"image_id": 0, "segmentation": {"counts": "x", "size": [1, 1]}}]
        images = [{"id": n, "file_name": name} for n, name in enumerate(names)]
        (folder / "coco.json").write_text(json.dumps({"images": images, "annotations": rows}))
    return tmp_path


def _write(path: Path, size: tuple[int, int]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture, mask = masked((100, 100), (0, 0, *size))
    cv2.imwrite(str(path), np.dstack([picture, mask]))


def test_files_are_named_for_what_they_show(data: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    _write(more / "bicycle_x_1.png", (60, 60))
    found = {label: cutouts for label, cutouts in read_cutouts(data, more).items() if cutouts}
    assert {label: len(cutouts) for label, cutouts in found.items()} == {
        "e-bike": 1,
        "pram": 1,
        "person": 1,  # a bust stands on no floor
        "bicycle": 1,
        "wheelchair": 2,  # `test` is kept out; an outline is asked for, and its picture
    }
    assert all(cutout.label == LABELS.index(label) for label, cutouts in found.items() for cutout in cutouts)


def test_an_outline_becomes_a_mask(data: Path, tmp_path: Path) -> None:
    chair = read_cutouts(data, tmp_path / "none")["wheelchair"][0].rgba
    assert chair.shape == (60, 50, 4)
    assert (chair[5:-5, 5:-5] == (*GREEN, 255)).all()
