"""Where the voice comes out: the seam, and its fake."""

import threading
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

import numpy as np

from edgeguard.actuators.audio import Pcm
from edgeguard.errors import AudioError


@dataclass(frozen=True, slots=True)
class Cue:
    """What a chunk belongs to: every playing of a phrase in one language has its own."""

    phrase: str
    language: str
    event_id: str | None = None


class AudioOutput(Protocol):
    """A loudspeaker. Entering opens it, leaving closes it; it can be entered again after a failure."""

    @property
    def name(self) -> str:
        """Short, for records: the kind, and the device where there are several."""

    @property
    def rate_hz(self) -> int:
        """Samples per second that `play` expects."""

    def play(self, pcm: Pcm, cue: Cue) -> None:
        """Take a chunk: return once it is accepted, no sooner than a loudspeaker needs it. Raises AudioError."""

    def __enter__(self) -> Self:
        """Open. Raises AudioError with the reason."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close; what was accepted is heard to its end unless an error is the reason."""


class MemoryOutput:
    """Keeps what was played. Takes chunks at once, or with `permits` one for each permit released.

    After `hang_after_s` of sound it blocks for ever, as a driver does whose card has gone.
    """

    name = "memory"

    def __init__(
        self, rate_hz: int = 24_000, permits: threading.Semaphore | None = None, hang_after_s: float | None = None
    ) -> None:
        self.rate_hz = rate_hz
        self._samples_left = None if hang_after_s is None else round(hang_after_s * rate_hz)
        self.played: list[tuple[Cue, Pcm]] = []
        self.opened = 0
        self._permits = permits
        self._broken: str | None = None

    def unplug(self, reason: str) -> None:
        """Fail from now on, as a device that was pulled out."""
        self._broken = reason

    def plug(self) -> None:
        """Work again, once it is opened again."""
        self._broken = None

    def heard(self, cue: Cue | None = None) -> Pcm:
        """(n,) everything played, or all of one cue."""
        chunks = [pcm for of, pcm in self.played if cue is None or of == cue]
        return np.concatenate([np.zeros(0, np.int16), *chunks])

    def play(self, pcm: Pcm, cue: Cue) -> None:
        if self._permits is not None:
            self._permits.acquire()
        self._check()
        if self._samples_left is not None:
            self._samples_left -= len(pcm)
            if self._samples_left < 0:
                threading.Event().wait()
        self.played.append((cue, pcm))

    def __enter__(self) -> Self:
        self._check()
        self.opened += 1
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def _check(self) -> None:
        if self._broken is not None:
            raise AudioError(self._broken)
