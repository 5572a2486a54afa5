"""What is no pose network is refused with what would do; the export itself needs torch, which no box has."""

from pathlib import Path

import pytest

from edgeguard.catalogue.convert import convert
from edgeguard.errors import ConfigError


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.pt is not there, accepted: a pose network of Ultralytics"):
        convert(tmp_path / "none.pt", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_without_torch_the_one_command_is_told_and_with_it_what_the_file_is(tmp_path: Path) -> None:
    (tmp_path / "pose.pt").write_text("no network")
    with pytest.raises(
        ConfigError, match=r"accepted: (pip install 'edgeguard\[train\]'|a pose network of Ultralytics)"
    ):
        convert(tmp_path / "pose.pt", tmp_path / "out")
    assert not (tmp_path / "out").exists()
