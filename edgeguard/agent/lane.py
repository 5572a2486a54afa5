"""One camera of the box with everything that is its own: built, started, stopped and replaced alone."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from threading import Thread

from edgeguard.agent.blind import BlindWatch
from edgeguard.agent.camera import CameraWorker
from edgeguard.agent.services import Services
from edgeguard.agent.site import CameraConfig
from edgeguard.agent.supervisor import Beat, Part
from edgeguard.agent.view import ViewEpisodes
from edgeguard.doors import ContactConfig, ContactDoor
from edgeguard.errors import BoxError
from edgeguard.motion import ViewWatch
from edgeguard.pipeline.camera import Look
from edgeguard.pipeline.config import build_pipeline
from edgeguard.sources import CameraReader, ReaderState, ReaderStatus, open_source
from edgeguard.types import Frame, Report

# A source hangs when it is overdue by its own measure; a little more for a machine that is busy.
OVERDUE_S = 1.0


class Lane:
    """A camera's settings, its reader and its chain at the moment; its reporter stays when those are replaced."""

    def __init__(self, config: CameraConfig, services: Services) -> None:
        self.config = config
        self._services = services
        self._first_captured_at: datetime | None = None
        self.evidence = services.evidence.camera(config.id, config.main, config.reader)
        self.contact = (
            ContactDoor(config.door, config.id, services.clock.monotonic_s)
            if isinstance(config.door, ContactConfig)
            else None
        )
        self.reader = self._make_reader()
        self.worker = self._make_worker()
        self.parts = tuple(self._make_parts())

    @property
    def camera_id(self) -> str:
        return self.config.id

    @property
    def first_captured_at(self) -> datetime | None:
        """When the first frame was captured."""
        return self._first_captured_at or self.reader.first_captured_at

    @property
    def over(self) -> bool:
        """A recording that has come to its end."""
        return self.worker.ended.is_set() and not self.worker.alive

    def start(self) -> None:
        """Start reading and looking; open episodes of this camera go on."""
        if self.contact is not None:
            self.contact.start()
        self.reader.start()
        self.evidence.start()
        self.worker.start()
        self._services.eyes[self.camera_id] = self

    @property
    def labels(self) -> tuple[str, ...]:
        """What the detector tells apart."""
        return self._services.plan.model(self.config).labels

    @property
    def door(self) -> str:
        """Its state, and why a contact tells nothing."""
        state = self.worker.pipeline.door.state.value
        reason = None if self.contact is None else self.contact.health().reason
        return state if reason is None else f"{state}: {reason}"

    def look(self) -> Look | None:
        """The newest frame that was looked at."""
        return self.worker.pipeline.last

    def blind(self) -> str:
        """Why no pictures come; empty while they do."""
        status = self.reader.status()
        gone = status.state in {ReaderState.ENDED, ReaderState.STOPPED}
        return f"{status.state}: {status.reason}" if gone or status.blind_for_s > 0 else ""

    def want(self, at_s: float) -> None:
        """Have a frame of this moment or later looked at, whatever moves."""
        self.worker.pipeline.wanted_s = at_s

    def take_evidence(self, report: Report, look: Look) -> None:
        """Pictures and clip for an episode that was not this camera's rule's."""
        self.evidence.take(report, look, self.labels)

    def watch(self, rate_hz: float) -> None:
        """Have a frame looked at so often at least."""
        self.worker.pipeline.watch_hz = rate_hz

    def ask_to_stop(self) -> None:
        """Returns at once; several cameras stop together."""
        self._services.eyes.pop(self.camera_id, None)
        self.reader.stop(0.0)
        self.evidence.stop()
        self.worker.stop(0.0)
        if self.contact is not None:
            self.contact.stop(0.0)

    def stop(self, within_s: float) -> None:
        """What is open stays open: the journal resumes it at the next start."""
        self.worker.stop(within_s)
        self.reader.stop(within_s)
        if self.worker.alive:
            with suppress(BoxError):
                self.worker.abandon()
        if self.contact is not None:
            self.contact.stop(within_s)

    def _make_reader(self) -> CameraReader:
        """Where the pictures come from."""
        config, clock, packets = self.config, self._services.clock, self.evidence.ring
        return CameraReader(
            config.id,
            lambda: open_source(config.source, config.id, clock, tap=packets),
            config.reader,
            clock=clock,
            sift=self._sift,
        )

    def _sift(self, frame: Frame) -> bool:
        """By the chain of the moment, in the reader's thread."""
        return self.worker.pipeline.sift(frame)

    def _make_worker(self) -> CameraWorker:
        """What is done with them. With `_make_reader` the one place where a camera's parts are made."""
        config, services = self.config, self._services
        model = services.plan.model(config)
        resume, view = services.open_episodes(config.id), ViewWatch(config.view)
        timed = replace(model, detector=services.metrics.timed(model.detector, model.name))
        return CameraWorker(
            self.reader,
            build_pipeline(
                config,
                config.id,
                timed,
                services.ids.new,
                resume,
                self.contact,
                view,
                shown=services.reception.reader(config),
                keepers=services.reception.keepers(config.id),
            ),
            model.labels,
            services.reporter_of(config.id),
            self.evidence,
            BlindWatch(config.id, config.blind_after_s, services.ids.new, tuple(resume)),
            ViewEpisodes(config.id, view, services.ids.new, tuple(resume)),
            clock=services.clock,
            on_status=self._tell,
            on_look=self._looked,
        )

    def _make_parts(self) -> Iterator[Part]:
        """What may hang; what a part is at the moment is asked each time."""
        name = f"camera {self.config.id}"
        yield Part(f"{name} reader", lambda: _reader_beat(self.reader), self._replace_reader)
        yield Part(f"{name} chain", lambda: self.worker.beat(), self._replace_worker)  # noqa: PLW0108 it changes
        evidence, contact = self.evidence, self.contact
        if evidence.main is not None:
            yield Part(f"{name} main stream", lambda: _reader_beat(evidence.main), evidence.renew_main)
        if contact is not None:
            beat = lambda: Beat(contact.alive, contact.overdue_s(), doing="asks the door's contact")  # noqa: E731
            yield Part(f"{name} door", beat, lambda: [contact.renew()])

    def _replace_reader(self) -> Sequence[Thread]:
        old = self.reader
        self._first_captured_at = self.first_captured_at
        old.stop(0.0)
        self.reader = self.worker.reader = self._make_reader()
        self.reader.start()
        return [old.thread] if old.thread else []

    def _replace_worker(self) -> Sequence[Thread]:
        left = self.worker.abandon()
        self.worker = self._make_worker()
        self.worker.start()
        return left

    def _looked(self, took_ms: float) -> None:
        self._services.metrics.decided(self.camera_id, took_ms)

    def _tell(self, worker: CameraWorker, status: ReaderStatus) -> None:
        self._services.health.tell(worker.camera_id, status, worker.pipeline.frames_seen)


def _reader_beat(reader: CameraReader | None) -> Beat:
    if reader is None:
        return Beat()
    thread, state = reader.thread, reader.status().state
    alive = thread is None or thread.is_alive() or state in {ReaderState.ENDED, ReaderState.STOPPED}
    return Beat(alive, reader.overdue_s(), OVERDUE_S, "waits for its source")
