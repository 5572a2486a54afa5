import os
from pathlib import Path

import pytest

from edgeguard.agent.sitefile import SiteFile
from edgeguard.errors import ConfigError

TEXT = "site: hz\nbox: b\ndata_dir: d\ncameras:\n  - {id: a, source: {kind: synthetic}}\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "site.yaml"
    path.write_text(TEXT)
    return path


def test_unchanged(path: Path) -> None:
    file = SiteFile(path)
    assert not file.changed()
    assert file.read().box == "b"


def test_a_new_time_alone_is_no_change(path: Path) -> None:
    file = SiteFile(path)
    os.utime(path, (1, 1))
    assert not file.changed()


def test_a_change_is_one_change(path: Path) -> None:
    file = SiteFile(path)
    path.write_text(TEXT.replace("box: b", "box: c2"))
    assert file.changed()
    assert not file.changed()
    assert file.read().box == "c2"


def test_a_file_that_is_put_in_its_place(path: Path) -> None:
    """As editors do: away for a moment, then another one of the same size."""
    file = SiteFile(path)
    path.unlink()
    assert not file.changed()
    path.write_text(TEXT.replace("box: b", "box: c"))
    assert file.changed()


def test_a_wrong_one_is_told_with_its_line(path: Path) -> None:
    file = SiteFile(path)
    path.write_text(TEXT + "voise: {}\n")
    assert file.changed()
    with pytest.raises(ConfigError, match=r"site\.yaml:6: voise: unknown, accepted: did you mean voice\?"):
        file.read()
