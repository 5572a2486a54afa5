from collections.abc import Iterator
from pathlib import Path

import pytest

from edgeguard.access import Directory
from tests.support import directories


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Directory]:
    with directories.directory(tmp_path) as opened:
        yield opened
