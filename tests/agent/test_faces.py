"""Enrolment over the whole chain, with face models whose template is the colour of a picture."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from edgeguard.access import Directory
from edgeguard.agent.faces import Enroller, door_gallery, likeness
from edgeguard.catalogue import finder_of, template_of
from edgeguard.errors import EnrolmentRefused, GalleryError, PhotoError
from edgeguard.recognizers import FaceReader, Look, QualityGate, TemplateMaker, TemplateSpec, YunetFinder
from tests.support import face_models
from tests.support.directories import act, at, config, consent, directory, files, gate, person
from tests.support.face_models import picture

RED, GREEN, BLUE, BLACK, WHITE = (40, 40, 200), (40, 200, 40), (200, 40, 40), (0, 0, 0), (255, 255, 255)
# One colour has no edges, and its face is small.
ANY = QualityGate(min_eyes_px=4, min_sharpness=0)


@pytest.fixture
def spec(tmp_path: Path) -> TemplateSpec:
    folder = tmp_path / "models"
    face_models.finder().put(folder)
    # Colours are all more or less alike: one person from 0.95 on.
    face_models.template(verify=0.95).put(folder)
    return template_of(folder)


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Directory]:
    with directory(tmp_path / "data", config(gate(), gate("south"))) as opened:
        for ref in ("p-1", "p-2"):
            opened.people.put(person(ref), act())
            opened.consents.add(consent(ref), act())
        yield opened


def reader(spec: TemplateSpec, quality: QualityGate = ANY) -> FaceReader:
    return FaceReader(YunetFinder(finder_of(spec.folder)), TemplateMaker(spec), quality)


def frame(bgr: tuple[int, int, int]) -> NDArray[np.uint8]:
    return np.full((128, 128, 3), bgr, np.uint8)


def test_a_photo_becomes_a_template_and_is_not_kept(box: Directory, spec: TemplateSpec, tmp_path: Path) -> None:
    photo = picture(tmp_path / "photo.png", RED)
    found = Enroller(reader(spec), spec, box).of_photo(photo, "p-1", act())
    assert found.eyes_px > 4
    assert photo.is_file()
    kept = files(tmp_path / "data")
    assert photo.read_bytes() not in kept
    assert b"\x89PNG" not in kept
    look = reader(spec).read(frame(RED))
    assert isinstance(look, Look)
    match = door_gallery(box, "north", spec, at()).search(look.template)
    assert match is not None
    assert match.ref == "p-1"
    assert likeness(box, "p-1", look.template, at()) == pytest.approx(1.0, abs=1e-3)
    assert likeness(box, "p-2", look.template, at()) is None


@pytest.mark.parametrize(
    ("colour", "message"), [(BLACK, "no face is found"), (WHITE, "several faces of about one size: one person alone")]
)
def test_a_photo_without_one_face_is_told(
    box: Directory, spec: TemplateSpec, tmp_path: Path, colour: tuple[int, int, int], message: str
) -> None:
    with pytest.raises(EnrolmentRefused, match=message):
        Enroller(reader(spec), spec, box).of_photo(picture(tmp_path / "photo.png", colour), "p-1", act())
    assert box.faces.all(at()) == []


def test_a_poor_photo_is_told_with_what_mends_it(box: Directory, spec: TemplateSpec) -> None:
    with pytest.raises(EnrolmentRefused, match="the face is blurred: hold still, more light"):
        Enroller(reader(spec, QualityGate(min_eyes_px=4)), spec, box).of_picture(frame(RED), "p-1", act())


def test_what_is_no_photo_is_told(box: Directory, spec: TemplateSpec, tmp_path: Path) -> None:
    (tmp_path / "letter.jpg").write_text("Dear sir")
    with pytest.raises(PhotoError, match="8 bytes that are no picture"):
        Enroller(reader(spec), spec, box).of_photo(tmp_path / "letter.jpg", "p-1", act())


def test_40_megapixels_are_enrolled(box: Directory, spec: TemplateSpec, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "large.jpg"), np.full((5000, 8000, 3), RED, np.uint8))
    Enroller(reader(spec), spec, box).of_photo(tmp_path / "large.jpg", "p-1", act())
    assert len(box.faces.of("p-1", at())) == 1


def test_the_same_face_under_another_ref_is_told(box: Directory, spec: TemplateSpec) -> None:
    enroller = Enroller(reader(spec), spec, box)
    enroller.of_picture(frame(RED), "p-1", act())
    with pytest.raises(
        EnrolmentRefused, match=r"this face is enrolled as p-1 already \(similarity 1\.00, one person from 0\.95\)"
    ):
        enroller.of_picture(frame(RED), "p-2", act())
    enroller.of_picture(frame(BLUE), "p-2", act())


def test_a_camera_gives_its_first_good_look(box: Directory, spec: TemplateSpec) -> None:
    enroller = Enroller(reader(spec), spec, box)
    enroller.of_frames((frame(colour) for colour in (BLACK, WHITE, GREEN, RED)), "p-1", act())
    look = reader(spec).read(frame(GREEN))
    assert isinstance(look, Look)
    assert likeness(box, "p-1", look.template, at()) == pytest.approx(1.0, abs=1e-3)
    with pytest.raises(EnrolmentRefused, match="no good look at a face; several faces"):
        enroller.of_frames(iter([frame(BLACK), frame(WHITE)]), "p-2", act())
    with pytest.raises(EnrolmentRefused, match="no good look at a face; the camera gives no picture"):
        enroller.of_frames(iter([]), "p-2", act())


def test_a_gate_bears_what_its_model_was_measured_for(box: Directory, tmp_path: Path) -> None:
    folder = tmp_path / "few"
    face_models.finder().put(folder)
    face_models.template(verify=0.95, max_gallery=1).put(folder)
    spec = template_of(folder)
    enroller = Enroller(reader(spec), spec, box)
    enroller.of_picture(frame(RED), "p-1", act())
    with pytest.raises(EnrolmentRefused, match=r"gate north has 1 templates, accepted: at most 1 \(1:N\)"):
        enroller.of_picture(frame(BLUE), "p-2", act())
    strict = spec.model_copy(update={"threshold": spec.threshold.model_copy(update={"impostors": ()})})
    with pytest.raises(GalleryError, match="1:1 only, because no impostors were measured"):
        door_gallery(box, "north", strict, at())
