from collections.abc import Iterator

import pytest

from tests.support.rtsp import RtspServer


@pytest.fixture
def rtsp_server() -> Iterator[RtspServer]:
    server = RtspServer()
    yield server
    server.kill()
