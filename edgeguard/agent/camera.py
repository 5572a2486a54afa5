"""One camera of the box: its newest frame through its chain, a tick where no frame comes."""

import logging
from collections.abc import Callable
from threading import Event, Thread

from edgeguard.agent.evidence import EvidenceRoom
from edgeguard.agent.reporter import Reporter
from edgeguard.pipeline.camera import CameraPipeline
from edgeguard.sources import CameraReader, ReaderState
from edgeguard.sources.base import SYSTEM_CLOCK, Clock
from edgeguard.types import Frame, Phase, Report, Signal

log = logging.getLogger(__name__)

# Scenarios are ticked at 2 Hz or faster, also when no frame comes.
TICK_S = 0.25
STOP_TIMEOUT_S = 2.0


class CameraWorker:
    """Joins a reader, a chain and the reporter in one thread. `ended` is set when a recording has come to its end."""

    def __init__(
        self,
        reader: CameraReader,
        pipeline: CameraPipeline,
        labels: tuple[str, ...],
        reporter: Reporter,
        evidence: EvidenceRoom,
        *,
        clock: Clock = SYSTEM_CLOCK,
        on_status: Callable[["CameraWorker"], None] = lambda _: None,
        on_look: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.reader = reader
        self.pipeline = pipeline
        self.ended = Event()
        self._labels = labels
        self._reporter = reporter
        self._evidence = evidence
        self._clock = clock
        self._on_status = on_status
        self._on_look = on_look
        self._stopping = Event()
        self._last_s = float("-inf")
        self._thread = Thread(target=self._run, name=f"chain-{reader.camera_id}", daemon=True)

    @property
    def alive(self) -> bool:
        """False after a defect killed its thread, and after its end."""
        return self._thread.is_alive()

    @property
    def camera_id(self) -> str:
        return self.reader.camera_id

    def start(self) -> None:
        """Start reading and looking."""
        self.reader.start()
        self._thread.start()

    def stop(self) -> None:
        """Stop within `STOP_TIMEOUT_S`. What is open stays open: the journal resumes it at the next start."""
        self._stopping.set()
        self.reader.stop()
        self._thread.join(STOP_TIMEOUT_S)

    def _run(self) -> None:
        while not self._stopping.is_set() and not self.ended.is_set():
            self._step()
        if self.ended.is_set():
            self._handle(self.pipeline.close(self._now_s(), self._clock.utcnow(), "end_of_recording"))

    def _step(self) -> None:
        taken = self.reader.latest(TICK_S)
        status = self.reader.status()
        if taken.frame is not None:
            self._last_s = taken.frame.monotonic_s
            self._handle(self._look(taken.frame))
        elif status.state is ReaderState.ENDED:
            self.ended.set()
        else:
            self._handle(self.pipeline.tick(self._now_s(), self._clock.utcnow(), status.blind_for_s))
        self._reporter.retry()
        self._on_status(self)

    def _look(self, frame: Frame) -> tuple[Signal, ...]:
        """Tells how many ms after its capture a looked-at frame was judged."""
        looks = self.pipeline.frames_looked_at
        signals = self.pipeline.look(frame, newer=self._newer)
        look = self.pipeline.last
        if look is not None and self.pipeline.frames_looked_at > looks:
            self._on_look(1000 * (self._clock.monotonic_s() - look.frame.monotonic_s))
        return signals

    def _newer(self) -> Frame | None:
        """What came while the chain waited for its turn at the detector."""
        frame = self.reader.take().frame
        if frame is not None:
            self._last_s = frame.monotonic_s
        return frame

    def _now_s(self) -> float:
        """Never before the last frame: a decoder may stamp a frame a little ahead of this clock."""
        return max(self._clock.monotonic_s(), self._last_s)

    def _handle(self, signals: tuple[Signal, ...]) -> None:
        self._reporter.handle(signals)
        look = self.pipeline.last
        for signal in signals:
            if isinstance(signal, Report) and signal.phase is Phase.NEW and look is not None:
                self._evidence.take(signal, look, self._labels)
