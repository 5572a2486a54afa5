"""The box: everything a site file names, wired together, started, watched, stopped."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import datetime
from types import TracebackType
from typing import Self

from edgeguard.agent.apply import apply_plan, end_episodes, refuse_restarts
from edgeguard.agent.changes import SiteDiff, diff_sites
from edgeguard.agent.clocksync import read_clock
from edgeguard.agent.configure import RuleSettings, Wish
from edgeguard.agent.gate_watch import RULES
from edgeguard.agent.lane import Lane
from edgeguard.agent.operating import Operating
from edgeguard.agent.plan import Load, make_plan
from edgeguard.agent.rule_settings import RuleSetting, changed
from edgeguard.agent.runmark import RunMark
from edgeguard.agent.services import Services
from edgeguard.agent.site import SiteConfig
from edgeguard.agent.status import SiteFileReport
from edgeguard.agent.supervisor import Part, Supervisor
from edgeguard.contract import Clock as ClockState
from edgeguard.errors import BoxError, ConfigError, EdgeGuardError
from edgeguard.pipeline.config import share_model
from edgeguard.sources.base import SYSTEM_CLOCK, Clock

log = logging.getLogger(__name__)

WATCH_EVERY_S = 0.2
# All cameras together; what hangs then is left behind, the journal has what counts.
STOP_CAMERAS_S = 1.0
# A setting whose time is over, and that cannot be taken back now, is tried again so often.
TAKE_BACK_EVERY_S = 10.0


def part_died(part: str, why: str) -> None:
    """A box inside another program must not end that; raises BoxError."""
    raise BoxError(f"{part} {why}")


class Box:
    """Open it with `with`, then `run`. `leave(part, why)` ends the process where only that helps; `service_result`:
    what the service manager said of the last end; `load`: where detectors come from; `kept`: whether a time server
    keeps the clock.

    Raises ConfigError, ModelError, AudioError, JournalError or UplinkError at entering.
    """

    def __init__(
        self,
        site: SiteConfig,
        clock: Clock = SYSTEM_CLOCK,
        leave: Callable[[str, str], None] = part_died,
        service_result: str = "",
        load: Load = share_model,
        kept: Callable[[], ClockState | None] = read_clock,
    ) -> None:
        self._load = load
        self._kept = kept
        self.site = site
        self._clock = clock
        self.settings = RuleSettings(site, clock)
        self._take_back_s = 0.0
        self.supervisor = Supervisor(self._parts, leave, clock.monotonic_s)
        self.services: Services
        self.lanes: dict[str, Lane] = {}
        self.mark = RunMark(site.data_dir, service_result)
        self.file = SiteFileReport(loaded_at=clock.utcnow())
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self.site = self.settings.load()
        plan = make_plan(self.site, self._clock, load=self._load)
        _make_folder(self.site)
        with ExitStack() as stack:
            self.services = Services(plan, self._clock, self._kept, self.settings)
            self.services.replaced = self.supervisor.replaced
            self.services.enter(stack)
            self.mark.begin(self._clock.utcnow())
            stack.enter_context(Operating(self.services, self.lanes, lambda: self.file))
            self._end_orphans()
            stack.callback(self._stop_lanes)
            for camera in self.site.cameras:
                lane = Lane(camera, self.services)
                lane.start()
                self.lanes[camera.id] = lane
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not isinstance(error, BoxError):
            self.mark.stopped()
        self._stack.close()

    def check(self) -> None:
        """Load and build all that can be wrong in a site file, start nothing; raises as entering does."""
        make_plan(self.site, self._clock)

    def apply(self, site: SiteConfig) -> SiteDiff:
        """Go over to a changed site file; returns what was done. Not from several threads, and from that of `run`.

        Raises ConfigError, ModelError, AudioError or UplinkError where it cannot be applied, and nothing has changed.
        """
        return self._go_over(site, self.settings.holding())

    def _go_over(self, given: SiteConfig, settings: Sequence[RuleSetting], *, durably: bool = False) -> SiteDiff:
        """To another site file or other settings of rules. `durably`: they are on the disk before anything changes."""
        laid = self.settings.lay(given, settings)
        diff = diff_sites(self.site, laid.site)
        refuse_restarts(diff)
        plan = make_plan(laid.site, self._clock, self.services.plan, self._load)
        told = laid.kept != self.settings.laid.kept
        if told:
            (self.settings.write if durably else self.settings.try_to_write)(laid)
        self.settings.take(laid)
        if diff:
            apply_plan(self.services, self.lanes, plan, diff)
            self.site = laid.site
        elif told:
            self.services.line.announce()
        return diff

    def _configure(self) -> None:
        """Put in force what the center asks for, and take back what has had its time."""
        for wish in self.services.configure.wishes():
            self._fulfil(wish)
        if self.settings.over and self._clock.monotonic_s() >= self._take_back_s:
            self._take_back()

    def _fulfil(self, wish: Wish) -> None:
        setting = wish.setting
        try:
            self._go_over(self.settings.laid.given, changed(self.settings.holding(), setting), durably=True)
        except EdgeGuardError as error:
            wish.over.set_exception(error)
            return
        log.info("%s: %s, set by %s", setting.where, setting.args, setting.by, extra={"camera": setting.args.camera})
        wish.over.set_result(f"{setting.where}: {setting.args}")

    def _take_back(self) -> None:
        over = [one for one in self.settings.laid.kept if one not in self.settings.holding()]
        try:
            self._go_over(self.settings.laid.given, self.settings.holding())
        except EdgeGuardError as error:
            self._take_back_s = self._clock.monotonic_s() + TAKE_BACK_EVERY_S
            log.error("settings whose time is over stay: %s", error)  # noqa: TRY400 - it is tried again
            return
        for one in over:
            log.info("%s: as in the site file again", one.where, extra={"camera": one.args.camera})

    def run(self, stop: threading.Event) -> None:
        """Watch until `stop`, or until every recording has ended."""
        while not stop.wait(WATCH_EVERY_S):
            self.watch()
            if self.over:
                return

    @property
    def over(self) -> bool:
        """Every recording has ended."""
        return all(lane.over for lane in self.lanes.values())

    def watch(self) -> None:
        """Look after everything once; `run` does it five times a second."""
        self._configure()
        self.services.watch()
        self.supervisor.step()
        now = self._clock.utcnow()
        unclean = self.mark.due(now)
        if unclean is not None and self.services.restarted(unclean):
            self.mark.told(now)
        self.mark.touch()

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
        left = (episode for episode in self.services.journal.open_episodes() if episode.rule not in RULES)
        cameras = {episode.camera_id for episode in left}
        for camera_id in cameras - {camera.id for camera in self.site.cameras}:
            end_episodes(self.services, camera_id, "restart")


def _make_folder(site: SiteConfig) -> None:
    try:
        site.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"data_dir: met {site.data_dir}, which cannot be made ({error.strerror})") from error
