"""One camera of the box: frames worth a look through its chain, a tick where none comes."""

import logging
from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread

from edgeguard.agent.blind import BlindWatch, Sight
from edgeguard.agent.evidence_camera import CameraEvidence
from edgeguard.agent.reporter import Reporter
from edgeguard.agent.supervisor import Beat
from edgeguard.agent.view import ViewEpisodes
from edgeguard.errors import BoxError
from edgeguard.pipeline.camera import CameraPipeline
from edgeguard.sources import CameraReader, ReaderState, ReaderStatus
from edgeguard.sources.base import SYSTEM_CLOCK, Clock
from edgeguard.types import Frame, Phase, Report, Signal

log = logging.getLogger(__name__)

# Scenarios are ticked at 2 Hz or faster, also when no frame comes.
TICK_S = 0.25


class CameraWorker:
    """Joins a reader, a chain and the reporter in one thread. `ended` is set when a recording has come to its end.

    `reader` may be replaced at any time.
    """

    def __init__(
        self,
        reader: CameraReader,
        pipeline: CameraPipeline,
        labels: tuple[str, ...],
        reporter: Reporter,
        evidence: CameraEvidence,
        blind: BlindWatch,
        view: ViewEpisodes,
        *,
        clock: Clock = SYSTEM_CLOCK,
        on_status: Callable[["CameraWorker", ReaderStatus], None] = lambda _, __: None,
        on_look: Callable[[float], None] = lambda _: None,
    ) -> None:
        self.reader = reader
        self.pipeline = pipeline
        self.ended = Event()
        self._labels = labels
        self._reporter = reporter
        self._evidence = evidence
        self._blind = blind
        self._view = view
        self._clock = clock
        self._on_status = on_status
        self._on_look = on_look
        self._stopping = Event()
        # Held while it tells: one that is left behind must never tell when another one goes on in its place.
        self._telling = Lock()
        self._abandoned = False
        self._step_since: tuple[str, float] = ("begins", clock.monotonic_s())
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
        """Start looking; the reader is somebody else's to start."""
        self._thread.start()

    def stop(self, within_s: float) -> None:
        """Stop, wait so long for it. What is open stays open: the journal resumes it at the next start."""
        self._stopping.set()
        self._thread.join(within_s)

    def beat(self) -> Beat:
        """Whether it goes on, for the supervisor."""
        doing, since_s = self._step_since
        alive = self._thread.is_alive() or self.ended.is_set() or self._stopping.is_set()
        return Beat(alive, self._clock.monotonic_s() - since_s if self._thread.is_alive() else 0.0, doing=doing)

    def abandon(self) -> Sequence[Thread]:
        """Make sure that it will never tell anything any more; raises BoxError while it does."""
        if not self._telling.acquire(blocking=False):
            raise BoxError("it hangs while it tells the journal or the voice")
        self._abandoned = True
        self._telling.release()
        self._stopping.set()
        return [self._thread]

    def _run(self) -> None:
        try:
            while not self._stopping.is_set() and not self.ended.is_set():
                self._step()
            if self.ended.is_set():
                ended = self.pipeline.close(self._now_s(), self._clock.utcnow(), "end_of_recording")
                self._tell(self.reader.status(), ended)
            else:
                self._tell(self.reader.status(), ())  # stopped: the last word is that the camera is off
        except Exception:
            log.exception("camera %s: its chain died", self.camera_id)

    def _step(self) -> None:
        self._begin("waits for a frame")
        reader = self.reader
        taken = reader.latest(TICK_S)
        status = reader.status()
        self._begin("looks")
        signals: tuple[Signal, ...] = ()
        if taken.frame is not None:
            self._last_s = taken.frame.monotonic_s
            signals = self._look(taken.frame)
        elif status.state is ReaderState.ENDED:
            self.ended.set()
        else:
            signals = self.pipeline.tick(self._now_s(), self._clock.utcnow(), status.blind_for_s)
        self._tell(status, signals, self._unseen(status))

    def _unseen(self, status: ReaderStatus) -> tuple[Report, ...]:
        """What is to be told of a camera that gives no picture, or none of use."""
        now_s, at, over = self._clock.monotonic_s(), self._clock.utcnow(), self.ended.is_set()
        sight = Sight(status.blind_for_s, status.fault or status.state.value, over)
        return (*self._blind.step(now_s, at, sight), *self._view.step(now_s, at, over=over))

    def _begin(self, step: str) -> None:
        self._step_since = step, self._clock.monotonic_s()

    def _look(self, frame: Frame) -> tuple[Signal, ...]:
        """Tells how many ms after its capture a looked-at frame was judged."""
        looks = self.pipeline.frames_looked_at
        signals = self.pipeline.judge(frame, newer=self._newer)
        look = self.pipeline.last
        if look is not None and self.pipeline.frames_looked_at > looks:
            self._evidence.looked(look)
            self._on_look(1000 * (self._clock.monotonic_s() - look.frame.monotonic_s))
        return signals

    def _newer(self) -> Frame | None:
        """What came while the chain waited for its turn at the detector."""
        if self._abandoned:
            return None
        frame = self.reader.take().frame
        if frame is not None:
            self._last_s = frame.monotonic_s
        return frame

    def _now_s(self) -> float:
        """Never before the last frame: a decoder may stamp a frame a little ahead of this clock."""
        return max(self._clock.monotonic_s(), self._last_s)

    def _tell(self, status: ReaderStatus, signals: tuple[Signal, ...], blindness: tuple[Report, ...] = ()) -> None:
        with self._telling:
            if self._abandoned:
                return
            self._begin("tells")
            self._reporter.handle((*signals, *blindness))
            look = self.pipeline.last
            for signal in signals:
                if isinstance(signal, Report) and signal.phase is Phase.NEW and look is not None:
                    self._evidence.take(signal, look, self._labels)
            self._reporter.retry()
            self._on_status(self, status)
