import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeguard.errors import TruthError
from edgeguard.replay.labelled import read_manifest

LABELS = ("person", "e-bike")
GOOD = {"image": "a.png", "objects": [{"label": "e-bike", "xyxy": [1, 2, 3.5, 4]}]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    cv2.imwrite(str(tmp_path / "a.png"), np.full((20, 30, 3), 77, np.uint8))
    return tmp_path


def write(folder: Path, *lines: object) -> Path:
    path = folder / "set.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), "utf-8")
    return path


def with_object(**changes: object) -> dict[str, object]:
    return {"image": "a.png", "objects": [{"label": "e-bike", "xyxy": [1, 2, 3, 4], **changes}]}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "line: met '{': Invalid JSON"),
        ("[]", r"line: met \[\]"),
        ({"objects": []}, "image: met .*Field required"),
        ({"image": "a.png"}, "objects: met .*Field required"),
        ({**GOOD, "objekts": []}, "objekts: met .*not permitted"),
        (with_object(label="moped"), "label 'moped', accepted: person, e-bike"),
        (with_object(xyxy=[1, 2, 3]), "objects.0.xyxy.3: "),
        (with_object(xyxy=[1, 2, 3, "x"]), "objects.0.xyxy.3: met 'x'"),
        (with_object(xyxy=[3, 2, 1, 4]), "accepted: x0 < x1 and y0 < y1"),
        (with_object(xyxy=[1, 2, 1, 4]), "accepted: x0 < x1 and y0 < y1"),
        (with_object(xyxy=[0.2, 0.1, 0.7, 0.9]), "accepted: pixels, not shares of the picture"),
        ({"image": "b.png", "objects": []}, "image 'b.png' is not there, accepted: a file, relative to"),
    ],
)
def test_a_bad_line_is_refused_with_file_and_line(folder: Path, line: object, message: str) -> None:
    path = write(folder, GOOD, "", line)
    with pytest.raises(TruthError, match=message) as refused:
        read_manifest(path, LABELS)
    assert str(refused.value).startswith(f"{path}:3: ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_a_manifest_without_a_line_is_refused(folder: Path, text: str) -> None:
    with pytest.raises(TruthError, match="no line, accepted: at least one"):
        read_manifest(write(folder, text), LABELS)


def test_a_missing_manifest_is_refused(folder: Path) -> None:
    with pytest.raises(TruthError, match=r"none.jsonl: cannot be read"):
        read_manifest(folder / "none.jsonl", LABELS)


@pytest.mark.parametrize("content", [b"", b"not a picture"])
def test_a_damaged_picture_is_refused_with_its_line(folder: Path, content: bytes) -> None:
    path = write(folder, {"image": "a.png", "objects": []})
    (folder / "a.png").write_bytes(content)
    (image,) = read_manifest(path, LABELS)
    with pytest.raises(TruthError, match=rf"set.jsonl:1: image .*a.png \({len(content)} bytes\), accepted: a JPEG"):
        image.read()


def test_pictures_and_labels(folder: Path) -> None:
    path = write(folder, GOOD, "", {"image": str(folder / "a.png"), "objects": []})
    first, second = read_manifest(path, LABELS)
    np.testing.assert_allclose(first.xyxy, [[1, 2, 3.5, 4]])
    assert first.label.tolist() == [1]
    assert second.xyxy.shape == (0, 4)
    assert second.where == f"{path}:3"
    picture = second.read()
    assert (picture.width, picture.height) == (30, 20)
    assert (picture.bgr(30, 20) == 77).all()


@pytest.mark.parametrize("xyxy", [[30, 2, 40, 4], [1, 20, 3, 40], [-9, 2, 0, 4], [1, -9, 3, -1]])
def test_a_box_beside_the_picture_is_refused_with_its_size(folder: Path, xyxy: list[float]) -> None:
    (image,) = read_manifest(write(folder, with_object(xyxy=xyxy)), LABELS)
    with pytest.raises(TruthError, match=r":1: xyxy is \[.*\], accepted: pixels of the picture, 30x20"):
        image.read()


def test_a_mark_at_the_beginning_of_the_file_is_no_text(folder: Path) -> None:
    path = write(folder, GOOD)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert len(read_manifest(path, LABELS)) == 1
