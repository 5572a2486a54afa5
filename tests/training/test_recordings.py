"""The bundled recordings are what the demo and the replay expect of them."""

from itertools import pairwise

import av
import numpy as np
import pytest
import yaml

from edgeguard import recordings


@pytest.mark.parametrize(("name", "frames"), [("lift_ebike", 200), ("lift_people", 150), ("lift_fall", 180)])
def test_picture_and_time(name: str, frames: int) -> None:
    path = recordings.recording(name)
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        assert (stream.width, stream.height, stream.pix_fmt) == (640, 360, "yuv420p")
        decoded = list(container.decode(stream))
    times = [frame.time for frame in decoded]
    np.testing.assert_allclose(np.array(times, float), np.arange(frames) / 10, atol=1e-3)
    assert all(frame.key_frame for frame in decoded[::10])
    assert path.stat().st_size < 3_000_000


@pytest.mark.parametrize(("name", "episodes"), [("lift_ebike", 1), ("lift_people", 0)])
def test_truth(name: str, episodes: int) -> None:
    entries = yaml.safe_load(recordings.truth(name).read_text("utf-8"))
    assert len(entries) == episodes
    for entry in entries:
        assert entry["code"] == "LIFT.EBIKE.ENTER"
        assert 0 < entry["start_s"] < entry["end_s"] <= 12
        assert entry["tolerance_s"] == 1.0


def test_the_empty_cabin_is_no_frozen_stream() -> None:
    with av.open(str(recordings.recording("lift_ebike"))) as container:
        frames = [f.to_ndarray(format="gray") for f in container.decode(video=0)]
    changes = [np.abs(a.astype(int) - b).mean() for a, b in pairwise(frames[120:])]
    assert min(changes) > 0.05
