from pathlib import Path

import pytest

from edgeguard.catalogue import default_folder, read_installed, state_of
from edgeguard.catalogue.folder import sum_of
from edgeguard.errors import ConfigError, FetchError
from tests.support import face_models


def test_the_default_is_the_boxs_or_the_users() -> None:
    assert default_folder() in {
        Path("/var/lib/edgeguard/models"),
        Path.home() / ".local" / "share" / "edgeguard" / "models",
    }


def test_a_folder_that_is_not_there_has_no_models(tmp_path: Path) -> None:
    assert read_installed(tmp_path / "none") == ()
    assert state_of("yunet", tmp_path / "none") == "missing"


def test_a_description_without_its_file_is_damaged(tmp_path: Path) -> None:
    tiny = face_models.template()
    tiny.put(tmp_path)
    assert state_of("tiny-face", tmp_path) == "installed"
    (tmp_path / tiny.entry["file"]).unlink()
    assert state_of("tiny-face", tmp_path) == "damaged"


def test_a_wrong_description_is_told_with_its_line(tmp_path: Path) -> None:
    face_models.template().changed(dimensions="many").put(tmp_path)
    with pytest.raises(ConfigError, match=r"tiny-face.yaml:\d+: model.face_template.dimensions: met 'many'"):
        read_installed(tmp_path)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(FetchError, match=r"cannot be read \(Is a directory\), accepted: a model file"):
        sum_of(tmp_path)
