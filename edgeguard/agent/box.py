"""The box: everything a site file names, wired together, started, watched, stopped."""

import logging
import secrets
import threading
from collections.abc import Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import Self

from edgeguard.actuators.build import build_voice
from edgeguard.actuators.voice import VoiceState
from edgeguard.agent.announce import HealthBoard, birth_of
from edgeguard.agent.camera import CameraWorker
from edgeguard.agent.commands import SpeakHandler
from edgeguard.agent.evidence import EvidenceRoom
from edgeguard.agent.reporter import Reporter
from edgeguard.agent.site import CameraConfig, SiteConfig
from edgeguard.contract import Action, Birth, CameraHealth, Event, EventDraft, ModelRef, UlidMaker
from edgeguard.errors import BoxError, ConfigError
from edgeguard.journal import Journal
from edgeguard.pipeline.config import Model, build_pipeline, open_model
from edgeguard.pipeline.reporting import Scene, orphan_end, to_draft
from edgeguard.sources import CameraReader, open_source
from edgeguard.sources.base import SYSTEM_CLOCK, Clock
from edgeguard.types import OpenEpisode, Playback, Report
from edgeguard.uplink import Uplink

log = logging.getLogger(__name__)

WATCH_EVERY_S = 0.2


class Box:
    """Open it with `with`, then `run`.

    Raises ConfigError, ModelError, AudioError, JournalError or UplinkError at entering.
    """

    def __init__(self, site: SiteConfig, clock: Clock = SYSTEM_CLOCK) -> None:
        self._site = site
        self._clock = clock
        self._ids = UlidMaker(secrets.randbits)
        self._boot_id = secrets.token_hex(8)
        self._models: dict[Hashable, Model] = {}
        self._workers: list[CameraWorker] = []
        self._uplink: Uplink | None = None
        self._voice_said: VoiceState | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        site = self._site
        self._started_at = self._clock.utcnow()
        self.check()
        _make_folder(site)
        with ExitStack() as stack:
            self._journal = stack.enter_context(Journal(site.data_dir / "journal.sqlite3", site.site, site.box))
            self._speak = SpeakHandler(self._voice.say)
            self._reporter = Reporter(self._journal, self._voice, self._drafted, self._recorded, self._clock.utcnow)
            self._health = HealthBoard(self._publish_health, self._clock.utcnow)
            if site.uplink is not None:
                handlers = {"speak": self._speak}
                self._uplink = stack.enter_context(Uplink(site.uplink, self._journal, self._birth, handlers=handlers))
            blur = site.privacy.blur_heads
            folder = site.data_dir / "evidence"
            self._evidence = stack.enter_context(EvidenceRoom(folder, self._journal, blur=blur, queued=self._wake))
            self._playbacks = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="playbacks"))
            stack.enter_context(self._voice)
            self._start_cameras(stack, self._journal.open_episodes())
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def check(self) -> None:
        """Load and build all that can be wrong in a site file, start nothing; raises as entering does."""
        site = self._site
        for camera in site.cameras:
            open_source(camera.source, camera.id, self._clock)
            build_pipeline(camera, camera.id, self._model_of(camera), self._ids.new)
        if site.uplink is not None:
            site.uplink.tls_context()
            site.uplink.password()
        self._voice = build_voice(site.voice, self._on_playback, self._on_playback)
        self._scenes = {camera.id: self._scene(camera) for camera in site.cameras}

    def run(self, stop: threading.Event) -> None:
        """Watch until `stop`, or until every recording has ended; raise BoxError when a part has died."""
        while not stop.wait(WATCH_EVERY_S):
            self._watch_voice()
            if all(worker.ended.is_set() and not worker.alive for worker in self._workers):
                return
            for worker in self._workers:
                if not worker.alive and not worker.ended.is_set():
                    raise BoxError(f"camera {worker.camera_id}: its chain died; the log above says of what")

    def first_frame_at(self, camera_id: str) -> datetime | None:
        """When the first frame of a camera was captured."""
        return next(worker.reader.first_captured_at for worker in self._workers if worker.camera_id == camera_id)

    def _start_cameras(self, stack: ExitStack, open_episodes: Sequence[OpenEpisode]) -> None:
        cameras = {camera.id for camera in self._site.cameras}
        orphans = [episode for episode in open_episodes if episode.camera_id not in cameras]
        for episode in orphans:
            self._reporter.handle((orphan_end(episode, self._clock.utcnow(), self._clock.monotonic_s()),))
        for camera in self._site.cameras:
            worker = self._worker(camera, open_episodes)
            self._workers.append(worker)
            stack.callback(worker.stop)
            worker.start()

    def _worker(self, camera: CameraConfig, open_episodes: Sequence[OpenEpisode]) -> CameraWorker:
        model = self._model_of(camera)
        reader = CameraReader(
            camera.id, lambda: open_source(camera.source, camera.id, self._clock), camera.reader, clock=self._clock
        )
        pipeline = build_pipeline(camera, camera.id, model, self._ids.new, open_episodes)
        return CameraWorker(
            reader, pipeline, model.labels, self._reporter, self._evidence, clock=self._clock, on_status=self._tell
        )

    def _model_of(self, camera: CameraConfig) -> Model:
        """Cameras with the same model and execution share one."""
        key = (camera.model, camera.execution)
        if key not in self._models:
            self._models[key] = open_model(camera, self._site.models_dir)
        return self._models[key]

    def _scene(self, camera: CameraConfig) -> Scene:
        model = self._model_of(camera)
        place = camera.place.at(self._site.site, self._site.place)
        return Scene(place, ModelRef(name=model.name, sha256=model.sha256))

    def _drafted(self, report: Report, actions: Sequence[Action], decided: datetime) -> EventDraft:
        scene = self._scenes.get(report.camera_id, Scene())
        return to_draft(report, scene, decided=decided, actions=actions)

    def _birth(self, bd_seq: int) -> Birth:
        models = {model.name: ModelRef(name=model.name, sha256=model.sha256) for model in self._models.values()}
        return birth_of(
            self._site,
            models.values(),
            (phrase.name for phrase in self._voice.catalogue),
            boot_id=self._boot_id,
            bd_seq=bd_seq,
            started_at=self._started_at,
        )

    def _on_playback(self, playback: Playback) -> None:
        """On the voice's thread, between two chunks of sound: it must not wait for a disk."""
        self._playbacks.submit(self._played, playback)

    def _played(self, playback: Playback) -> None:
        if not self._speak.played(playback):
            self._reporter.played(playback)

    def _recorded(self, event: Event) -> None:
        log.info("%s %s %s seq %d", event.data.code, event.data.phase, event.data.event_id, event.data.seq)
        self._wake()

    def _wake(self) -> None:
        if self._uplink is not None:
            self._uplink.wake()

    def _tell(self, worker: CameraWorker) -> None:
        self._health.tell(worker.camera_id, worker.reader.status(), worker.pipeline.frames_seen)

    def _publish_health(self, health: CameraHealth) -> None:
        log.info("camera %s is %s%s", health.camera, health.status, f": {health.reason}" if health.reason else "")
        if self._uplink is not None:
            self._uplink.set_retained(self._journal.topics.camera_health(health.camera), health)

    def _watch_voice(self) -> None:
        health = self._voice.health()
        if health.state is not self._voice_said:
            self._voice_said = health.state
            level = logging.INFO if health.state in {VoiceState.OK, VoiceState.OFF} else logging.WARNING
            log.log(
                level, "voice on %s is %s%s", health.output, health.state, f": {health.reason}" if health.reason else ""
            )


def _make_folder(site: SiteConfig) -> None:
    try:
        site.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"data_dir: met {site.data_dir}, which cannot be made ({error.strerror})") from error
