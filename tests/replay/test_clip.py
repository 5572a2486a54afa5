from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from edgeguard.errors import SourceError
from edgeguard.replay.clip import EPOCH, length_s, open_clip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in (1, 2, 10):
        cv2.imwrite(str(tmp_path / f"frame_{number}.png"), np.full((48, 64, 3), number, np.uint8))
    return tmp_path


def test_a_folder_of_numbered_pictures(folder: Path) -> None:
    frames = list(open_clip(folder, "lift-1", fps=2))
    assert [frame.monotonic_s for frame in frames] == [0, 0.5, 1]
    assert frames[0].captured_at == EPOCH
    assert length_s(folder, 2) == 1.5


def test_the_moment_of_the_first_frame_can_be_told(folder: Path) -> None:
    at = datetime(2026, 1, 31, 8, tzinfo=UTC)
    assert next(open_clip(folder, "lift-1", fps=2, recorded_at=at)).captured_at == at


@pytest.mark.parametrize("fps", [0, -1, 1000])
def test_a_wrong_rate_is_refused(folder: Path, fps: float) -> None:
    with pytest.raises(SourceError, match=rf"fps: met {fps}, accepted: more than 0"):
        open_clip(folder, "lift-1", fps=fps)


def test_a_missing_recording_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        open_clip(tmp_path / "none.mp4", "lift-1")


def test_what_does_not_tell_its_length_has_none(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"no video")
    assert length_s(path) is None
    assert length_s(tmp_path) is None
