from itertools import islice
from pathlib import Path

import av
import pytest

from edgeguard.bench.stream import FPS, Rate, encode, quiet_pictures, write_streams


@pytest.mark.parametrize("rate", ["variable", "constant"])
def test_streams_are_what_a_camera_sends(tmp_path: Path, rate: Rate) -> None:
    streams = write_streams(tmp_path, 1, rate)
    for path in (streams.quiet, streams.busy):
        with av.open(str(path)) as container:
            video = container.streams.video[0]
            assert (video.width, video.height) == (640, 360)
            assert video.average_rate == FPS
            assert sum(1 for _ in container.decode(video)) == FPS
    assert 0 < streams.quiet_kbit_s <= streams.busy_kbit_s * 1.1


def test_every_packet_holds_one_frame() -> None:
    assert len(encode(islice(quiet_pictures(), 5))) == 5
    assert len(encode([])) == 0
