"""The box: everything a site file names, wired together, started, watched, stopped."""

import logging
import threading
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import Self

from edgeguard.agent.lane import Lane
from edgeguard.agent.operating import Operating
from edgeguard.agent.plan import make_plan
from edgeguard.agent.services import Services
from edgeguard.agent.site import SiteConfig
from edgeguard.errors import BoxError, ConfigError
from edgeguard.pipeline.reporting import orphan_end
from edgeguard.sources.base import SYSTEM_CLOCK, Clock

log = logging.getLogger(__name__)

WATCH_EVERY_S = 0.2


class Box:
    """Open it with `with`, then `run`.

    Raises ConfigError, ModelError, AudioError, JournalError or UplinkError at entering.
    """

    def __init__(self, site: SiteConfig, clock: Clock = SYSTEM_CLOCK) -> None:
        self._site = site
        self._clock = clock
        self.services: Services
        self.lanes: dict[str, Lane] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        plan = make_plan(self._site, self._clock)
        _make_folder(self._site)
        with ExitStack() as stack:
            self.services = Services(plan, self._clock)
            self.services.enter(stack)
            stack.enter_context(Operating(self.services, self.lanes))
            self._end_orphans()
            for camera in self._site.cameras:
                lane = self.lanes[camera.id] = Lane(camera, self.services)
                stack.callback(lane.stop)
                lane.start()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def check(self) -> None:
        """Load and build all that can be wrong in a site file, start nothing; raises as entering does."""
        make_plan(self._site, self._clock)

    def run(self, stop: threading.Event) -> None:
        """Watch until `stop`, or until every recording has ended; raise BoxError when a part has died."""
        while not stop.wait(WATCH_EVERY_S):
            self.services.watch()
            workers = [lane.worker for lane in self.lanes.values()]
            if all(worker.ended.is_set() and not worker.alive for worker in workers):
                return
            for worker in workers:
                if not worker.alive and not worker.ended.is_set():
                    raise BoxError(f"camera {worker.camera_id}: its chain died; the log above says of what")

    def first_frame_at(self, camera_id: str) -> datetime | None:
        """When the first frame of a camera was captured."""
        return self.lanes[camera_id].worker.reader.first_captured_at

    def _end_orphans(self) -> None:
        """Open episodes of cameras that the site has no more."""
        for episode in self.services.journal.open_episodes():
            if self.services.plan.camera(episode.camera_id) is None:
                end = orphan_end(episode, self._clock.utcnow(), self._clock.monotonic_s())
                self.services.reporter.handle((end,))


def _make_folder(site: SiteConfig) -> None:
    try:
        site.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"data_dir: met {site.data_dir}, which cannot be made ({error.strerror})") from error
