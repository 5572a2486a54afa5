from pathlib import Path

import numpy as np
import pytest

from edgeguard.recognizers import FaceReader, Flaw, Look, TemplateMaker, TemplateSpec, Unseen, YunetFinder, YunetSpec
from edgeguard.recognizers.reader import meant
from edgeguard.types import Faces
from tests.support import face_models


def faces(*sides: float) -> Faces:
    boxes = np.array([(0, 0, side, side) for side in sides], np.float32).reshape(-1, 4)
    return Faces(boxes, np.zeros((len(sides), 5, 2), np.float32), np.ones(len(sides), np.float32))


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ((), Unseen.NO_FACE),
        ((50,), 0),
        ((20, 50, 30), 1),
        ((50, 40), Unseen.SEVERAL_FACES),
        ((30,) * 10, Unseen.SEVERAL_FACES),
        ((30, 43), 1),  # 2.05 times the area
    ],
)
def test_the_largest_is_meant_where_it_clearly_is(sides: tuple[float, ...], expected: int | Unseen) -> None:
    assert meant(faces(*sides)) == expected


@pytest.fixture
def reader(tmp_path: Path) -> FaceReader:
    finder, face = face_models.finder(), face_models.template()
    return FaceReader(
        YunetFinder(YunetSpec(folder=finder.put(tmp_path), **finder.entry)),
        TemplateMaker(TemplateSpec(folder=face.put(tmp_path), **face.entry)),
    )


@pytest.mark.parametrize(("bgr", "expected"), [((0, 0, 0), Unseen.NO_FACE), ((255, 255, 255), Unseen.SEVERAL_FACES)])
def test_why_there_is_no_template(reader: FaceReader, bgr: tuple[int, int, int], expected: Unseen) -> None:
    assert reader.read(np.full((128, 128, 3), bgr, np.uint8)) is expected


def test_a_look_has_template_quality_and_place(reader: FaceReader) -> None:
    look = reader.read(np.full((256, 256, 3), (0, 60, 80), np.uint8))
    assert isinstance(look, Look)
    np.testing.assert_allclose(look.template.vector, [0.8, 0.6, 0], atol=1e-3)
    assert look.box == pytest.approx((16, 80, 112, 176), abs=0.5)
    assert look.faces == 1
    assert look.quality.flaws == (Flaw.BLURRED,)
