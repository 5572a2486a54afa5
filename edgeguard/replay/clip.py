"""Opening a recording for a replay."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import av
from pydantic import ValidationError

from edgeguard.errors import SourceError
from edgeguard.sources import FileConfig, FileSource
from edgeguard.types import Frame

# The moment of the first frame, unless told: fixed, so that two runs are the same.
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def open_clip(
    path: Path, camera_id: str, fps: float | None = None, recorded_at: datetime | None = None
) -> Iterator[Frame]:
    """Frames of a video file, or of a folder of numbered pictures at `fps`; `monotonic_s` counts from 0.

    Raises SourceError at once where there is nothing to read, and with the first frame where it cannot be read.
    """
    if not path.exists():
        raise SourceError(f"{path}: No such file or directory")
    try:
        config = FileConfig(path=path, pace="max", fps=fps, recorded_at=recorded_at or EPOCH)
    except ValidationError as error:
        raise SourceError(f"fps: met {fps}, accepted: more than 0, at most 240") from error
    return FileSource(config, camera_id).frames()


def length_s(path: Path, fps: float | None = None) -> float | None:
    """How long a recording says it is, for a progress bar; None where it does not say."""
    if path.is_dir():
        return sum(1 for _ in path.iterdir()) / fps if fps else None
    try:
        with av.open(str(path)) as container:
            return None if container.duration is None else container.duration / av.time_base
    except (av.FFmpegError, OSError):
        return None
