"""Drawn shapes that move: a camera for tests and benchmarks, and one that fails on demand."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from threading import Event
from typing import Literal

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray
from pydantic import AwareDatetime, Field

from edgeguard.errors import SourceAuth, SourceError
from edgeguard.sources.base import SYSTEM_CLOCK, Clock, SourceSettings, Vitals
from edgeguard.sources.pace import Pacer
from edgeguard.sources.picture import DecodedPicture, Scaler
from edgeguard.types import Frame

BACKGROUND_LUMA = 90
NEUTRAL_CHROMA = 128
# No test waits longer; a stalled source that nobody interrupts comes back by itself.
LONGEST_STALL_S = 60.0


class SyntheticConfig(SourceSettings):
    """Settings of a drawn camera: `then` is what happens after `duration_s` (None: it never ends).

    `stall`: it is silent until it is interrupted; `hang`: it blocks in a system call that nothing ends.
    """

    kind: Literal["synthetic"] = "synthetic"
    width_px: int = Field(default=640, ge=16, le=3840, multiple_of=2)
    height_px: int = Field(default=360, ge=16, le=2160, multiple_of=2)
    fps: float = Field(default=10.0, gt=0, le=240)
    pace: Literal["real", "max"] = "real"
    duration_s: float | None = Field(default=None, ge=0)
    then: Literal["end", "error", "auth", "stall", "hang"] = "end"
    shapes: int = Field(default=2, ge=0, le=50)
    noise_luma: float = Field(default=0.0, ge=0, le=60)
    seed: int = 0
    recorded_at: AwareDatetime = datetime(1970, 1, 1, tzinfo=UTC)


class SyntheticSource:
    """Frames drawn from the seed alone: the same settings give the same pixels."""

    def __init__(self, config: SyntheticConfig, camera_id: str, clock: Clock = SYSTEM_CLOCK) -> None:
        self._config = config
        self._camera_id = camera_id
        self._clock = clock
        self._interrupted = Event()
        self._hanging_since_s: float | None = None

    def frames(self) -> Iterator[Frame]:
        """Yield drawn frames, then do as `then` says: end, raise SourceError or SourceAuth, or stay silent."""
        config = self._config
        pacer = Pacer(config.pace, config.recorded_at, self._clock)
        scaler = Scaler()
        for index in count():
            pts_s = index / config.fps
            if self._interrupted.is_set() or (config.duration_s is not None and pts_s >= config.duration_s):
                break
            moment = pacer.wait(pts_s)
            picture = DecodedPicture(VideoFrame.from_ndarray(draw(config, index), "yuv420p"), scaler)
            yield Frame(self._camera_id, index, moment.monotonic_s, moment.captured_at, picture)
        self._finish()

    def interrupt(self) -> None:
        """Come back from the stall, or end at the next frame."""
        self._interrupted.set()

    def vitals(self) -> Vitals:
        """Overdue from the moment it hangs."""
        since_s = self._hanging_since_s
        busy_s = 0.0 if since_s is None else self._clock.monotonic_s() - since_s
        return Vitals(busy_s, busy_s)

    def _finish(self) -> None:
        match self._config.then:
            case "error":
                raise SourceError(f"{self._camera_id}: drawn camera broke, as configured")
            case "auth":
                raise SourceAuth(f"{self._camera_id}: drawn camera refused the password, as configured")
            case "stall":
                self._interrupted.wait(LONGEST_STALL_S)
            case "hang":
                self._hanging_since_s = self._clock.monotonic_s()
                hang()


def hang() -> None:
    """Block for ever in a system call, as a driver does that waits for its device."""
    reading, _writing = os.pipe()
    os.read(reading, 1)


def draw(config: SyntheticConfig, index: int) -> NDArray[np.uint8]:
    """(3 * height / 2, width) uint8 in yuv420p: a grey ground, rectangles that wander, noise on the luma."""
    width, height = config.width_px, config.height_px
    planes = np.full((height * 3 // 2, width), NEUTRAL_CHROMA, np.uint8)
    luma = planes[:height]
    luma[:] = BACKGROUND_LUMA
    rng = np.random.default_rng(config.seed)
    for _ in range(config.shapes):
        start, speed = rng.random(2), rng.uniform(-0.3, 0.3, 2)  # in pictures, and pictures per second
        size = rng.uniform(0.1, 0.3, 2)
        left, top = (start + speed * index / config.fps) % 1.0 * (1.0 - size) * (width, height)
        right, bottom = np.array((left, top)) + size * (width, height)
        luma[int(top) : int(bottom), int(left) : int(right)] = rng.integers(16, 236)
    if config.noise_luma:
        noise = np.random.default_rng((config.seed, index)).normal(0.0, config.noise_luma, luma.shape)
        np.clip(luma + noise, 0, 255, out=luma, casting="unsafe")
    return planes
