"""One place for one frame: the newest wins, nobody ever works on an old picture."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Condition

from edgeguard.types import Frame


@dataclass(frozen=True, slots=True)
class Taken:
    """The newest unseen frame, None where there is none yet, and how many were dropped since the last one taken."""

    frame: Frame | None
    dropped: int = 0


class FrameSlot:
    """Holds the newest frame until it is taken; counts what it had to drop, by reason."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._frame: Frame | None = None
        self._dropped_since_taken = 0
        self._dropped: Counter[str] = Counter()

    def put(self, frame: Frame) -> None:
        """Replace whatever waits."""
        with self._changed:
            if self._frame is not None:
                self._count("superseded", 1)
            self._frame = frame
            self._changed.notify_all()

    def drop(self, reason: str, frames: int) -> None:
        """Count frames that never came as far as the slot."""
        with self._changed:
            self._count(reason, frames)

    def take(self, timeout_s: float = 0.0) -> Taken:
        """Take the newest unseen frame, waiting up to `timeout_s` for one."""
        with self._changed:
            self._changed.wait_for(lambda: self._frame is not None, timeout_s)
            if self._frame is None:
                return Taken(None)
            taken = Taken(self._frame, self._dropped_since_taken)
            self._frame, self._dropped_since_taken = None, 0
            return taken

    @property
    def dropped(self) -> Mapping[str, int]:
        """Dropped frames by reason since the start."""
        with self._changed:
            return dict(self._dropped)

    def _count(self, reason: str, frames: int) -> None:
        self._dropped[reason] += frames
        self._dropped_since_taken += frames
