"""One thread per camera that keeps its source open for ever and holds the newest frame."""

import logging
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from threading import Event, Thread
from typing import Self

from pydantic import Field

from edgeguard.errors import SourceAuth, SourceError
from edgeguard.sources.base import SYSTEM_CLOCK, Clock, Interruptible, Vitals, Watched
from edgeguard.sources.health import AT_REST, ReaderHealth, ReaderState, ReaderStatus
from edgeguard.sources.pulse import Pulse
from edgeguard.sources.slot import FrameSlot, Taken
from edgeguard.types import Frame, Source
from edgeguard.yamlfile import Strict

log = logging.getLogger(__name__)

STOP_TIMEOUT_S = 0.9


class ReaderConfig(Strict):
    """When a camera counts as stalled, and how patiently it is opened again.

    `auth_retry_s`: cameras lock an account after a handful of wrong passwords, so those are tried seldom.
    `steady_s`: a stream that broke before it ran so long does not reset the back-off. `least_fps`: with fewer a camera
    counts as degraded, so it does below `slow_ratio` of what was usual for it.
    """

    stall_after_s: float = Field(default=2.5, gt=0, le=30)
    retry_first_s: float = Field(default=0.5, gt=0, le=60)
    retry_longest_s: float = Field(default=5.0, gt=0, le=600)
    auth_retry_s: float = Field(default=60.0, gt=0, le=3600)
    steady_s: float = Field(default=10.0, ge=0)
    least_fps: float = Field(default=2.0, ge=0, le=60)
    slow_ratio: float = Field(default=0.5, ge=0, lt=1)


class CameraReader:
    """Reads a camera until it is stopped: opens, notices end and stall, waits, opens again.

    `make_source` is called for every connection. A source that ends without an error (a recording) is not opened
    again. `sift` is shown every frame in the reader's thread, where its pixels are still warm; what it does not want
    waits for nobody.
    """

    def __init__(
        self,
        camera_id: str,
        make_source: Callable[[], Source],
        config: ReaderConfig | None = None,
        *,
        clock: Clock = SYSTEM_CLOCK,
        sift: Callable[[Frame], bool] = lambda _: True,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.camera_id = camera_id
        self.first_captured_at: datetime | None = None
        self._make_source = make_source
        self._config = config or ReaderConfig()
        self._clock = clock
        self._sift = sift
        self._jitter = jitter
        self._slot = FrameSlot()
        self._health = ReaderHealth(
            clock, self._config.stall_after_s, Pulse(self._config.slow_ratio, self._config.least_fps)
        )
        self._stopping = Event()
        self._thread: Thread | None = None
        self._source: Source | None = None
        self._next_index = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start reading; a reader is started once."""
        if self._thread is not None:
            raise RuntimeError(f"{self.camera_id}: reader was started already")
        self._thread = Thread(target=self._run, name=f"camera-{self.camera_id}", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        """Stop within `timeout_s`. False: the thread still waits in a native call and ends when that times out."""
        self._stopping.set()
        source = self._source
        if source is not None and isinstance(source, Interruptible):
            source.interrupt()
        if self._thread is not None:
            self._thread.join(timeout_s)
        self._health.finish(ReaderState.STOPPED, "stopped")
        ended = self._thread is None or not self._thread.is_alive()
        if not ended and timeout_s > 0:
            log.warning(
                "camera %s: its thread waits in a native call since %.1f s", self.camera_id, self._vitals().busy_s
            )
        return ended

    @property
    def thread(self) -> Thread | None:
        """Its thread, once it was started."""
        return self._thread

    def overdue_s(self) -> float:
        """For how long its source hangs in a native call that should have given up by itself; 0 where it does not."""
        return self._vitals().overdue_s

    def take(self) -> Taken:
        """The newest unseen frame, or none; never waits."""
        return self._slot.take()

    def latest(self, timeout_s: float) -> Taken:
        """The newest unseen frame, waiting up to `timeout_s` for one."""
        return self._slot.take(timeout_s)

    def status(self) -> ReaderStatus:
        """State, counters and blindness now. Ask at 2 Hz or more: a stall is noticed here even if the thread hangs."""
        if self._thread is not None and not self._thread.is_alive():
            self._health.died()
        return self._health.snapshot(self._slot.dropped, self._vitals())

    def _vitals(self) -> Vitals:
        source = self._source
        return source.vitals() if isinstance(source, Watched) else AT_REST

    def _run(self) -> None:
        attempt = 0
        while not self._stopping.is_set():
            opened_s = self._clock.monotonic_s()
            self._health.connecting()
            try:
                self._read_once()
            except SourceError as error:
                failure = error
            else:
                if not self._stopping.is_set():
                    self._health.finish(ReaderState.ENDED, "the recording ended")
                return
            if self._stopping.is_set():
                return
            self._health.broke(failure)
            steady = self._clock.monotonic_s() - opened_s >= self._config.steady_s
            attempt = 0 if steady else attempt + 1
            self._stopping.wait(self._pause_s(failure, attempt))

    def _read_once(self) -> None:
        self._source = self._make_source()
        first_index = self._next_index
        frames = self._source.frames()
        for frame in frames:
            if self._stopping.is_set():
                break
            self._accept(replace(frame, index=first_index + frame.index))

    def _accept(self, frame: Frame) -> None:
        if lost := frame.index - self._next_index:
            self._slot.drop("decode", lost)
        vitals = self._vitals()
        self._health.frame(vitals.lag_s, lost)
        self._next_index = frame.index + 1
        self.first_captured_at = self.first_captured_at or frame.captured_at
        if self._sift(frame):
            self._slot.put(frame)

    def _pause_s(self, failure: SourceError, attempt: int) -> float:
        """Doubles from the first to the longest, then a quarter to all of it, so that cameras of one switch spread.

        A refused password waits that long or longer, never shorter.
        """
        config = self._config
        if isinstance(failure, SourceAuth):
            return config.auth_retry_s * (1.0 + 0.25 * self._jitter())
        doubled = config.retry_first_s * 2.0 ** min(max(attempt - 1, 0), 16)
        return min(doubled, config.retry_longest_s) * (0.25 + 0.75 * self._jitter())
