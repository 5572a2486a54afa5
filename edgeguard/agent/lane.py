"""One camera of the box with everything that is its own: built, started, stopped and replaced alone."""

from dataclasses import replace

from edgeguard.agent.camera import CameraWorker
from edgeguard.agent.services import Services
from edgeguard.agent.site import CameraConfig
from edgeguard.pipeline.config import build_pipeline
from edgeguard.sources import CameraReader, open_source


class Lane:
    """A camera's settings and the worker that runs it at the moment; its reporter stays when that is replaced."""

    def __init__(self, config: CameraConfig, services: Services) -> None:
        self.config = config
        self._services = services
        self.worker = self._assemble()

    @property
    def camera_id(self) -> str:
        return self.config.id

    def start(self) -> None:
        """Start reading and looking; open episodes of this camera go on."""
        self.worker.start()

    def stop(self) -> None:
        """What is open stays open: the journal resumes it at the next start."""
        self.worker.stop()

    def _assemble(self) -> CameraWorker:
        """The one place where a camera's parts are made."""
        config, services = self.config, self._services
        model = services.plan.model(config)
        reader = CameraReader(
            config.id,
            lambda: open_source(config.source, config.id, services.clock),
            config.reader,
            clock=services.clock,
        )
        timed = replace(model, detector=services.metrics.timed(model.detector, model.name))
        pipeline = build_pipeline(config, config.id, timed, services.ids.new, services.open_episodes(config.id))
        return CameraWorker(
            reader,
            pipeline,
            model.labels,
            services.reporter_of(config.id),
            services.evidence,
            clock=services.clock,
            on_status=self._tell,
            on_look=self._looked,
        )

    def _looked(self, took_ms: float) -> None:
        self._services.metrics.decided(self.camera_id, took_ms)

    def _tell(self, worker: CameraWorker) -> None:
        self._services.health.tell(worker.camera_id, worker.reader.status(), worker.pipeline.frames_seen)
