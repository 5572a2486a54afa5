from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeguard.errors import ModelError
from edgeguard.recognizers import YunetFinder, YunetSpec
from edgeguard.recognizers.align import REFERENCE
from tests.support import face_models

GREEN, WHITE, BLACK = (0, 200, 0), (255, 255, 255), (0, 0, 0)


def flat(bgr: tuple[int, int, int], side: int = 128) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return np.full((side, side, 3), bgr, np.uint8)


@pytest.fixture
def finder(tmp_path: Path) -> YunetFinder:
    tiny = face_models.finder()
    return YunetFinder(YunetSpec(folder=tiny.put(tmp_path), **tiny.entry))


@pytest.mark.parametrize(("colour", "count"), [(BLACK, 0), (GREEN, 1), (WHITE, 2)])
def test_faces_are_counted(finder: YunetFinder, colour: tuple[int, int, int], count: int) -> None:
    assert len(finder.find(flat(colour))) == count


@pytest.mark.parametrize("side", [64, 128, 640])
def test_boxes_and_landmarks_are_in_the_pictures_own_pixels(finder: YunetFinder, side: int) -> None:
    found = finder.find(flat(GREEN, side))
    scale = side / face_models.SIDE
    half = face_models.FACE_PX / 2
    x, y = face_models.FACE
    np.testing.assert_allclose(found.xyxy[0], np.array([x - half, y - half, x + half, y + half]) * scale, rtol=1e-4)
    corner = np.array([x - half, y - half])
    expected = (corner + face_models.LANDMARKS * face_models.FACE_PX) * scale
    np.testing.assert_allclose(found.landmarks[0], expected, rtol=1e-4)
    assert found.score[0] == pytest.approx(np.sqrt(0.9), abs=1e-3)


def test_loading_says_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    tiny = face_models.finder()
    before = cv2.utils.logging.getLogLevel()
    YunetFinder(YunetSpec(folder=tiny.put(tmp_path), **tiny.entry)).find(flat(GREEN))
    told = capfd.readouterr()
    assert told.out + told.err == ""
    assert cv2.utils.logging.getLogLevel() == before


def test_another_network_is_refused_by_name(tmp_path: Path) -> None:
    other = face_models.template()
    folder = other.put(tmp_path)
    described = {**face_models.finder().entry, "file": other.entry["file"], "sha256": other.entry["sha256"]}
    with pytest.raises(ModelError, match=r"tiny-face.onnx: the network failed, accepted: a YuNet file"):
        YunetFinder(YunetSpec(folder=folder, **described))


def test_a_changed_file_is_refused_by_its_sum(tmp_path: Path) -> None:
    tiny = face_models.finder()
    folder = tiny.put(tmp_path)
    (folder / tiny.entry["file"]).write_bytes(tiny.data[:-1])
    with pytest.raises(ModelError, match=r"sha256 is .*, accepted: "):
        YunetFinder(YunetSpec(folder=folder, **tiny.entry))


@pytest.mark.shared
def test_a_file_with_a_fixed_input_reads_any_size_too(shared: Path) -> None:
    """As the catalogue's is: its file says one size, OpenCV takes the picture's."""
    described = {
        **face_models.STAND_INS["yunet"],
        "file": "yunet_n_320.onnx",
        "sha256": "81dbde155e982455488235acb8ec2dec5d647edf7cf7080d33e4abb69b93a0d2",
    }
    finder = YunetFinder(YunetSpec(folder=shared / "models", name="fixed", **described))
    bgr = np.asarray(cv2.imread(str(shared / "data" / "faces_pairs" / "img12.jpg")), np.uint8)
    for width in (160, 320, 640):
        seen = cv2.resize(bgr, (width, width * bgr.shape[0] // bgr.shape[1]))
        assert len(finder.find(np.asarray(seen, np.uint8))) == 1


@pytest.mark.shared
def test_every_aligned_face_of_lfw_is_found_where_it_was_put(shared: Path) -> None:
    spec = YunetSpec(folder=shared / "models", name="yunet", **face_models.STAND_INS["yunet"])
    finder = YunetFinder(spec)
    pictures = sorted((shared / "data" / "faces_lfw" / "img").iterdir())[::90]
    found = [finder.find(np.asarray(cv2.imread(str(path)), np.uint8)) for path in pictures]
    assert len(found) >= 30
    assert all(len(faces) for faces in found)
    # Cut as for 96 x 112: ArcFace's points, 8 pixels further left. Single faces look aside, so the middle one counts.
    off_px = [np.hypot(*(faces.landmarks[0] - REFERENCE + (8, 0)).T).mean() for faces in found]
    assert np.median(off_px) < 5
