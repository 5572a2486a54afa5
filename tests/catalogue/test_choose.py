from pathlib import Path

import pytest

from edgeguard.catalogue import finder_of, liveness_of, template_of
from edgeguard.errors import ConfigError
from tests.support import face_models


def test_the_only_one_of_its_kind_is_taken(tmp_path: Path) -> None:
    for tiny in (face_models.finder(), face_models.template(), face_models.liveness()):
        tiny.put(tmp_path)
    assert finder_of(tmp_path).name == "tiny-finder"
    assert template_of(tmp_path).name == "tiny-face"
    assert [spec.name for spec in liveness_of(tmp_path)] == ["tiny-live"]


def test_of_several_one_is_named_and_liveness_takes_all(tmp_path: Path) -> None:
    for tiny in (
        face_models.finder("a"),
        face_models.finder("b"),
        face_models.liveness("c"),
        face_models.liveness("d"),
    ):
        tiny.put(tmp_path)
    with pytest.raises(ConfigError, match="2 models of which each finds faces, accepted: the name of one: a, b"):
        finder_of(tmp_path)
    assert finder_of(tmp_path, "b").name == "b"
    assert [spec.name for spec in liveness_of(tmp_path)] == ["c", "d"]
    assert [spec.name for spec in liveness_of(tmp_path, ("d",))] == ["d"]


@pytest.mark.parametrize(
    ("folder", "message"),
    [
        ("", "no model that finds faces, accepted: edgeguard models pull yunet --to "),
        ("nowhere", "nowhere: no model that finds faces, accepted: edgeguard models pull yunet --to .*nowhere"),
    ],
)
def test_where_there_is_none_the_command_is_told(tmp_path: Path, folder: str, message: str) -> None:
    face_models.template().put(tmp_path)
    with pytest.raises(ConfigError, match=message):
        finder_of(tmp_path / folder)
