"""Contact sheets of what was rendered: stills, visits, rooms; and what is told where that is damaged."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from models.training.scenes import sheet, truth
from models.training.scenes.commands import parser, run

GREY = np.full((270, 480, 3), 100, np.uint8)
E_BIKE = {"kind": "e-bike", "label": 1, "visible": 0.9, "xyxy": [100, 40, 300, 200], "labelled": True}
PERSON = {"kind": "person", "label": 0, "visible": 0.9, "xyxy": [20, 50, 90, 240], "labelled": True}
HIDDEN = {"kind": "person", "label": 0, "visible": 0.1, "xyxy": [400, 10, 440, 40], "labelled": False}


def write_still(folder: Path, labels: str = "1 0.5 0.5 0.5 0.5\n") -> None:
    for part in ("images", "labels"):
        (folder / part).mkdir(exist_ok=True)
    cv2.imwrite(str(folder / "images" / "a.jpg"), GREY)
    (folder / "labels" / "a.txt").write_text(labels, "ascii")


def write_visit(folder: Path, count: int = 10, **row: Any) -> Path:
    folder.mkdir()
    rows = [{"opening": 1.0, "visible": 0.9, "xyxy": E_BIKE["xyxy"], **row}] * count
    told = {"what": "e-bike", "fps": 8, "quiet_s": 0.25, "frames": rows}
    (folder / "truth.json").write_text(json.dumps(told), "utf-8")
    for n in range(count):
        cv2.imwrite(str(folder / f"{n:04d}.jpg"), GREY)
    return folder


def write_room(folder: Path) -> Path:
    folder.mkdir()
    stands = [{"y": y, "visible": 0.5} for y in (-0.7, 0.05, 0.8)]
    guests = [{"what": "folded e-bike", "label": 1, "stands": stands}, {"what": "pram", "label": 4, "stands": stands}]
    told = {"openings": [0.0, 0.5, 1.0], "standing": [{"from_camera_m": 2.0}], "guests": guests}
    names = [f"empty-{k}" for k in range(3)] + ["standing-0"] + [f"guest-{k}-{n}" for k in range(2) for n in range(3)]
    for name in names:
        indices = np.zeros((270, 480), np.uint8)
        if not name.startswith("empty"):
            indices[60:200, 100:200] = 1
        truth.write_mask(folder / f"{name}.png", indices)
        cv2.imwrite(str(folder / f"{name}.jpg"), GREY)
    (folder / "room.json").write_text(json.dumps(told), "utf-8")
    return folder


def read(path: Path) -> NDArray[np.int_]:
    return np.asarray(cv2.imread(str(path)), np.int_)


def cells(path: Path) -> NDArray[np.int_]:
    """(rows, columns, height, width, 3) of a sheet of visits or of rooms."""
    picture, (width, height) = read(path), sheet.TILE_PX
    rows, columns = picture.shape[0] // height, picture.shape[1] // width
    return picture.reshape(rows, height, columns, width, 3).swapaxes(1, 2)


def red(cell: NDArray[np.int_]) -> bool:
    return bool((cell[..., 2] - cell[..., 1]).max() > 80)


def green(cell: NDArray[np.int_]) -> bool:
    return bool((cell[..., 1] - cell[..., 2]).max() > 80)


def test_no_sheet_without_pictures(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="accepted: a folder that"):
        sheet.write(tmp_path)


def test_stills_show_their_boxes(tmp_path: Path) -> None:
    write_still(tmp_path)
    picture = read(sheet.write(tmp_path))
    assert picture.shape == (*sheet.STILL_PX[::-1], 3)
    assert red(picture)


def test_a_folder_of_visits_has_a_row_of_frames_for_each(tmp_path: Path) -> None:
    write_visit(tmp_path / "a", objects=[E_BIKE, PERSON, HIDDEN])
    write_visit(tmp_path / "b", objects=[HIDDEN])
    both = cells(sheet.write(tmp_path))
    assert both.shape[:2] == (2, sheet.COLUMNS)
    told = [(red(cell), green(cell)) for row in both for cell in row]
    assert sorted(told) == [(False, False)] * sheet.COLUMNS + [(True, True)] * sheet.COLUMNS
    assert cells(sheet.write(tmp_path, count=1)).shape[0] == 1


def test_one_visit_is_shown_over_its_time(tmp_path: Path) -> None:
    visit = write_visit(tmp_path / "a", objects=[E_BIKE])
    cv2.imwrite(str(visit / "0000.jpg"), GREY * 0)  # of the quiet time
    shown = cells(sheet.write(visit, count=4))
    assert shown.shape[:2] == (1, 4)
    assert shown.mean() > 70
    assert cells(sheet.write(visit, count=200)).shape[:2] == (2, sheet.COLUMNS)


def test_a_visit_without_objects_shows_what_is_brought(tmp_path: Path) -> None:
    assert red(read(sheet.write(write_visit(tmp_path / "a"))))


def test_rooms_show_all_their_stands(tmp_path: Path) -> None:
    write_room(tmp_path / "000")
    for folder in (tmp_path, tmp_path / "000"):
        shown = cells(sheet.write(folder, tmp_path / "x.png")).reshape(-1, *sheet.TILE_PX[::-1], 3)
        assert [(red(cell), green(cell)) for cell in shown[:10]] == [
            *[(False, False)] * 3,
            (False, True),
            *[(True, False)] * 3,
            *[(False, True)] * 3,
        ]


def test_the_command_takes_a_file_and_a_number(tmp_path: Path) -> None:
    write_visit(tmp_path / "a", objects=[E_BIKE])
    out = tmp_path / "here.png"
    assert run(parser().parse_args(["sheet", str(tmp_path / "a"), "--out", str(out), "--count", "3"])) == str(out)
    assert cells(out).shape[:2] == (1, 3)


@pytest.mark.parametrize(("name", "told"), [("a.txt", "accepted: a file that ends in"), ("b/a.png", "cannot be writ")])
def test_a_sheet_goes_into_a_picture(tmp_path: Path, name: str, told: str) -> None:
    write_still(tmp_path)
    with pytest.raises(ValueError, match=told):
        sheet.write(tmp_path, tmp_path / name)


def test_a_damaged_picture_is_named(tmp_path: Path) -> None:
    write_still(tmp_path)
    (tmp_path / "images" / "a.jpg").write_bytes(b"\xff\xd8 no more")
    with pytest.raises(ValueError, match=r"a\.jpg: met no picture"):
        sheet.write(tmp_path)


def test_a_missing_label_file_is_named(tmp_path: Path) -> None:
    write_still(tmp_path)
    (tmp_path / "labels" / "a.txt").unlink()
    with pytest.raises(FileNotFoundError, match=r"no labels of .*a\.jpg: met no .*a\.txt"):
        sheet.write(tmp_path)


def test_a_damaged_label_file_is_named(tmp_path: Path) -> None:
    write_still(tmp_path, "1 0.5\n")
    with pytest.raises(ValueError, match=r"a\.txt:1: expected"):
        sheet.write(tmp_path)


def test_a_missing_frame_is_named(tmp_path: Path) -> None:
    (write_visit(tmp_path / "a") / "0009.jpg").unlink()
    with pytest.raises(FileNotFoundError, match=r"0009\.jpg is missing"):
        sheet.write(tmp_path)


def test_damaged_json_is_named(tmp_path: Path) -> None:
    (write_visit(tmp_path / "a") / "truth.json").write_text('{"what": ')
    with pytest.raises(ValueError, match=r"truth\.json: met no JSON"):
        sheet.write(tmp_path)
