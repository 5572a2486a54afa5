"""The box: everything a site file names, wired together, started, watched, stopped."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import Self

from edgeguard.agent.lane import Lane
from edgeguard.agent.operating import Operating
from edgeguard.agent.plan import make_plan
from edgeguard.agent.services import Services
from edgeguard.agent.site import SiteConfig
from edgeguard.agent.supervisor import Part, Supervisor
from edgeguard.errors import BoxError, ConfigError
from edgeguard.pipeline.reporting import orphan_end
from edgeguard.sources.base import SYSTEM_CLOCK, Clock

log = logging.getLogger(__name__)

WATCH_EVERY_S = 0.2
# All cameras together; what hangs then is left behind, the journal has what counts.
STOP_CAMERAS_S = 1.0


def part_died(part: str, why: str) -> None:
    """A box inside another program must not end that; raises BoxError."""
    raise BoxError(f"{part} {why}")


class Box:
    """Open it with `with`, then `run`. `leave(part, why)` ends the process where only that helps.

    Raises ConfigError, ModelError, AudioError, JournalError or UplinkError at entering.
    """

    def __init__(
        self, site: SiteConfig, clock: Clock = SYSTEM_CLOCK, leave: Callable[[str, str], None] = part_died
    ) -> None:
        self._site = site
        self._clock = clock
        self.supervisor = Supervisor(self._parts, leave, clock.monotonic_s)
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
            stack.callback(self._stop_lanes)
            for camera in self._site.cameras:
                lane = self.lanes[camera.id] = Lane(camera, self.services)
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
        """Watch until `stop`, or until every recording has ended."""
        while not stop.wait(WATCH_EVERY_S):
            self.services.watch()
            self.supervisor.step()
            if all(lane.over for lane in self.lanes.values()):
                return

    def first_frame_at(self, camera_id: str) -> datetime | None:
        """When the first frame of a camera was captured."""
        return self.lanes[camera_id].first_captured_at

    def _parts(self) -> list[Part]:
        return [*self.services.parts(), *(part for lane in self.lanes.values() for part in lane.parts)]

    def _stop_lanes(self) -> None:
        lanes = list(self.lanes.values())
        for lane in lanes:
            lane.ask_to_stop()
        until_s = time.monotonic() + STOP_CAMERAS_S
        for lane in lanes:
            lane.stop(max(until_s - time.monotonic(), 0.0))

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
