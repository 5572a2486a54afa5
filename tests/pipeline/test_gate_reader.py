"""Plates followed from look to look, codes at a glance, and what of a gate no picture may show."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeguard.access import qr
from edgeguard.agent.gate_eyes import Nobody
from edgeguard.catalogue import finder_of, liveness_of, template_of
from edgeguard.pipeline.gate_reader import FaceEyes, GateReader, PlateEyes, Seeing
from edgeguard.pipeline.privacy import cover_up, covered
from edgeguard.recognizers import FaceReader, Liveness, TemplateMaker, YunetFinder
from edgeguard.recognizers.plates import PlateChain, PlateReading, Plates, ScriptedFinder, ScriptedReader, grammar_of
from edgeguard.recognizers.plates.scripted import reading
from edgeguard.types import FaceSeen, PlateSeen, Shown
from tests.support import face_models
from tests.support.gates import ALIVE, NOBODY, PLATE, PRINTED, SIDE_PX, Image, face_picture, frame_of

EMPTY = np.full((SIDE_PX, SIDE_PX, 3), 90, np.uint8)


def found(*lefts: float) -> Plates:
    """Plates of 60 x 20 pixels."""
    corners = [[(x, 100), (x + 60, 100), (x + 60, 120), (x, 120)] for x in lefts]
    n = len(lefts)
    return Plates(np.array(corners, np.float32).reshape(-1, 4, 2), np.full(n, 0.9, np.float32), np.ones(n, np.int8))


def seen(finds: list[Plates], reads: list[PlateReading], agreeing: int = 2) -> list[tuple[PlateSeen, ...]]:
    """What each of some looks, a tenth of a second apart, makes of it."""
    eyes = PlateEyes(PlateChain(ScriptedFinder(finds), ScriptedReader(reads), grammar_of()), agreeing)
    reader = GateReader(eyes)
    return [reader.read(frame_of(EMPTY, number / 10)).plates for number in range(len(finds))]


def test_looks_at_one_car_are_voted_on() -> None:
    reads = [reading(PLATE), reading("粤A1234S"), reading(PLATE), reading(PLATE)]
    looks = seen([found(50), found(70), found(95), found(115)], reads)
    (last,) = looks[-1]
    assert {one.track_id for (one,) in looks} == {last.track_id}
    assert (last.text, last.votes, last.reads, last.agreed) == (PLATE, 3, 4, True)
    assert len(last.char_conf) == len(PLATE)
    assert max(last.char_conf) <= 1
    assert looks[0][0].agreed is False
    assert last.others == ("粤A1234S",)


def test_two_cars_are_two() -> None:
    looks = seen([found(20, 220)] * 2, [reading(PLATE), reading("粤A99999")] * 2)
    assert [(one.text, one.agreed) for one in looks[-1]] == [(PLATE, True), ("粤A99999", True)]


def test_what_cannot_be_read_is_a_plate_without_text() -> None:
    (plate,) = seen([found(50)], [reading("")])[0]
    assert (plate.text, plate.agreed, plate.width_px) == ("", False, 60)


def test_a_code_is_looked_for_twice_a_second() -> None:
    reader = GateReader(codes=qr.QrReader())
    code = cv2.cvtColor(cv2.resize(qr.draw("EG1TEST", 4), (SIDE_PX, SIDE_PX)), cv2.COLOR_GRAY2BGR)
    codes = [reader.read(frame_of(np.asarray(code, np.uint8), number / 10)).code for number in range(10)]
    assert codes.count("EG1TEST") == 2
    assert "EG1TEST" not in repr(reader.read(frame_of(np.asarray(code, np.uint8), 2.0)))


@pytest.fixture
def faces(tmp_path: Path) -> GateReader:
    for one in (face_models.finder(), face_models.template(), face_models.liveness()):
        one.put(tmp_path)
    finder = Seeing(YunetFinder(finder_of(tmp_path)))
    reader = FaceReader(finder, TemplateMaker(template_of(tmp_path)))
    return GateReader(faces=FaceEyes(finder, reader, Nobody(), Liveness(liveness_of(tmp_path))))


@pytest.mark.parametrize(
    ("picture", "crowd", "heads", "alive"),
    [
        (face_picture(NOBODY), 0, 0, None),
        (face_picture(ALIVE), 0, 1, True),
        (face_picture(PRINTED), 0, 1, False),
        (np.full((SIDE_PX, SIDE_PX, 3), 255, np.uint8), 2, 2, None),
    ],
)
def test_the_face_that_is_meant_is_looked_at(
    faces: GateReader, picture: Image, crowd: int, heads: int, alive: bool | None
) -> None:
    shown = faces.read(frame_of(picture, 0.0))
    assert (shown.crowd, len(shown.heads)) == (crowd, heads)
    face = shown.face
    assert (face is None) is (alive is None)
    if face is not None and face.alive is not None:
        assert (face.ref, face.flaw, face.alive >= face.alive_from) == (None, None, alive)


def test_a_look_that_is_not_good_enough_is_compared_with_nobody(faces: GateReader) -> None:
    face = faces.read(frame_of(np.full((SIDE_PX, SIDE_PX, 3), ALIVE, np.uint8), 0.0)).face
    assert isinstance(face, FaceSeen)
    assert (face.flaw, face.similarity, face.alive) == ("blurred", None, None)


@pytest.mark.parametrize(("hide_faces", "hide_plates"), [(True, True), (True, False), (False, True), (False, False)])
def test_what_no_picture_may_show(hide_faces: bool, hide_plates: bool) -> None:
    stripes = np.where(np.arange(200) // 4 % 2, 255, 0).astype(np.uint8)
    picture = np.broadcast_to(stripes[None, :, None], (200, 200, 3)).copy()
    plate = PlateSeen(1, (20.0, 150.0, 80.0, 170.0), 60.0, 0.9)
    shown = Shown((plate,), heads=np.array([[120, 20, 170, 80]], np.float32))
    told = cover_up(picture, covered(shown, faces=hide_faces, plates=hide_plates))
    assert bool(told[20:80, 120:170].std() < 20) is hide_faces
    assert bool(told[150:170, 20:80].std() < 20) is hide_plates
    assert np.array_equal(told[110:125], picture[110:125])


def test_a_camera_of_no_gate_has_nothing_to_cover() -> None:
    assert covered(None, faces=True, plates=True).shape == (0, 4)
