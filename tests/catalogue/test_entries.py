from pathlib import Path
from typing import Any

import pytest

from edgeguard.catalogue import find_entry, read_catalogue
from edgeguard.errors import ConfigError
from tests.support import catalogues, face_models

TINY = face_models.finder()


def test_the_bundled_catalogue_names_a_finder_and_a_face_model_under_clean_licences() -> None:
    entries = read_catalogue()
    assert {entry.model.kind for entry in entries} >= {"yunet", "face_template"}
    assert {entry.model.licence for entry in entries} <= {"MIT", "Apache-2.0", "BSD-3-Clause"}
    for entry in entries:
        assert entry.url.startswith("https://")
        assert entry.url.endswith(f"/{entry.model.file}")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"url": "file:///etc/passwd"}, "models.0.url: met 'file:///etc/passwd'"),
        ({"url": "https://me:secret@host/x"}, r"models.0.url: met 'https://\*\*\*@host/x'"),
        ({"size_bytes": 0}, "models.0.size_bytes: met 0, accepted: greater than 0"),
        ({"model": {**TINY.entry, "sha256": "abc"}}, "models.0.model.yunet.sha256: met 'abc'"),
        ({"licence": "MIT"}, "models.0.licence: unknown"),
    ],
)
def test_a_wrong_entry_is_refused(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    path = catalogues.write(tmp_path / "c.yaml", catalogues.entry(TINY, "http://host", **change))
    with pytest.raises(ConfigError, match=message):
        read_catalogue(path)


def test_names_are_given_once(tmp_path: Path) -> None:
    entry = catalogues.entry(TINY, "http://host")
    with pytest.raises(ConfigError, match=r"names are \['tiny-finder', 'tiny-finder'\], accepted: each name once"):
        read_catalogue(catalogues.write(tmp_path / "c.yaml", entry, entry))


def test_an_unknown_name_is_told_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match="no model 'resnet' in the catalogue, accepted: yunet, sface"):
        find_entry("resnet", read_catalogue())
