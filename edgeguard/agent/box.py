"""The box: everything a site file names, wired together, started, watched, stopped."""

import logging
import secrets
import threading
from collections.abc import Hashable, Sequence
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import Self

from edgeguard.actuators import VoiceConfig
from edgeguard.agent.announce import HealthBoard, birth_of
from edgeguard.agent.camera import CameraWorker
from edgeguard.agent.evidence import EvidenceRoom
from edgeguard.agent.site import CameraConfig, SiteConfig
from edgeguard.agent.station import Station
from edgeguard.contract import (
    Action,
    Birth,
    CameraHealth,
    Command,
    Event,
    EventDraft,
    ModelRef,
    SpeakCommand,
    UlidMaker,
)
from edgeguard.errors import AudioError, BoxError, ConfigError
from edgeguard.journal import Journal
from edgeguard.pipeline.config import Model, build_pipeline, open_model
from edgeguard.pipeline.reporting import Scene, orphan_end, to_draft
from edgeguard.sources import CameraReader, open_source
from edgeguard.sources.base import SYSTEM_CLOCK, Clock
from edgeguard.types import OpenEpisode, Report
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
        self._stations: dict[VoiceConfig, Station] = {}
        self._uplink: Uplink | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        site = self._site
        self._started_at = self._clock.utcnow()
        self.check()
        _make_folder(site)
        with ExitStack() as stack:
            self._journal = stack.enter_context(Journal(site.data_dir / "journal.sqlite3", site.site, site.box))
            self._health = HealthBoard(self._publish_health, self._clock.utcnow)
            if site.uplink is not None:
                handlers = {"speak": self._speak}
                self._uplink = stack.enter_context(Uplink(site.uplink, self._journal, self._birth, handlers=handlers))
            blur = site.privacy.blur_heads
            folder = site.data_dir / "evidence"
            self._evidence = stack.enter_context(EvidenceRoom(folder, self._journal, blur=blur, queued=self._wake))
            for station in self._stations.values():
                station.start(stack, self._journal, self._drafted, self._recorded, self._clock.utcnow)
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
            for scenario in camera.scenarios:
                catalogue = self._station(camera).voice.catalogue
                catalogue.check_names(scenario.phrases.model_dump().values(), f"{camera.id}: {scenario.kind}.phrases")
        if site.uplink is not None:
            site.uplink.tls_context()
            site.uplink.password()
        self._station(None)
        self._scenes = {camera.id: self._scene(camera) for camera in site.cameras}

    def run(self, stop: threading.Event) -> None:
        """Watch until `stop`, or until every recording has ended; raise BoxError when a part has died."""
        while not stop.wait(WATCH_EVERY_S):
            for station in self._stations.values():
                station.watch()
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
            self._station(None).reporter.handle((orphan_end(episode, self._clock.utcnow(), self._clock.monotonic_s()),))
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
        reporter = self._station(camera).reporter
        return CameraWorker(
            reader, pipeline, model.labels, reporter, self._evidence, clock=self._clock, on_status=self._tell
        )

    def _station(self, camera: CameraConfig | None) -> Station:
        """A camera's own voice where it has one, else the box's; the same settings are the same voice."""
        config = (camera and camera.voice) or self._site.voice
        if config not in self._stations:
            self._stations[config] = Station(config)
        return self._stations[config]

    def _speak(self, command: Command) -> str:
        """`cmd/speak`: through the voice of the camera that the command names, or the box's."""
        if not isinstance(command, SpeakCommand):
            raise TypeError(f"speak got a {type(command).__name__}")
        cameras: dict[str | None, CameraConfig | None] = {
            None: None,
            **{camera.id: camera for camera in self._site.cameras},
        }
        wanted = command.args.camera
        if wanted not in cameras:
            raise AudioError(f"camera {wanted!r}, accepted: {', '.join(camera.id for camera in self._site.cameras)}")
        return self._station(cameras[wanted]).speak(command)

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
            (phrase.name for phrase in self._station(None).voice.catalogue),
            boot_id=self._boot_id,
            bd_seq=bd_seq,
            started_at=self._started_at,
        )

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


def _make_folder(site: SiteConfig) -> None:
    try:
        site.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"data_dir: met {site.data_dir}, which cannot be made ({error.strerror})") from error
