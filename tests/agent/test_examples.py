"""The examples in cameras/ are site files that a box would take, but for what only a site has."""

import re
from pathlib import Path

import pytest

from edgeguard.agent.check import examine

EXAMPLES = sorted((Path(__file__).parents[2] / "cameras").glob("*.yaml"))


def test_there_are_examples() -> None:
    assert EXAMPLES


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_a_good_site_file(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in re.findall(r"(?:password|token)_env: (\w+)", example.read_text("utf-8")):
        monkeypatch.setenv(variable, "x" * 16)
    told = [error.text for error in examine(example).errors]
    # Certificates lie on the box, and so do face models.
    there = re.compile(r"uplink\.tls: /etc/edgeguard/|.*: no model that finds faces, accepted: edgeguard models pull")
    assert [text for text in told if not there.match(text)] == []
