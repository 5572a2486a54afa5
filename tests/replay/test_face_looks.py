from pathlib import Path

import pytest

from edgeguard.errors import TruthError
from edgeguard.recognizers import FaceReader, TemplateMaker, TemplateSpec, YunetFinder, YunetSpec
from edgeguard.replay.csvrows import Row
from edgeguard.replay.face_looks import look_at, seen
from tests.support import face_models


@pytest.fixture
def reader(tmp_path: Path) -> FaceReader:
    finder, face = face_models.finder(), face_models.template()
    return FaceReader(
        YunetFinder(YunetSpec(folder=finder.put(tmp_path), **finder.entry)),
        TemplateMaker(TemplateSpec(folder=face.put(tmp_path), **face.entry)),
    )


def test_every_picture_is_counted_and_the_unseen_are_named_by_their_rows(tmp_path: Path, reader: FaceReader) -> None:
    colours = [(0, 200, 0), (0, 0, 0), (255, 255, 255), (200, 0, 0)]
    files = {
        face_models.picture(tmp_path / f"{line}.png", colour, 256): Row(f"set.csv:{line}", line, {})
        for line, colour in enumerate(colours, start=2)
    }
    told = seen(files, look_at(files.items(), reader))
    assert (told.pictures, told.no_face, told.several_faces) == (4, 1, 1)
    assert told.unseen_lines == (3, 4)
    assert (told.poor, told.flaws) == (2, {"blurred": 2})


def test_a_picture_that_is_none_is_told_with_its_row(tmp_path: Path, reader: FaceReader) -> None:
    (tmp_path / "a.jpg").write_text("Dear sir")
    with pytest.raises(TruthError, match=r"set.csv:7: .*a.jpg: 8 bytes that are no picture, accepted: a JPEG or PNG"):
        look_at([(tmp_path / "a.jpg", Row("set.csv:7", 7, {}))], reader)
