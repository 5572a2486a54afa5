"""The sensors of the box: their points ticked on one thread, alarms told with the nearest camera's picture."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from queue import SimpleQueue
from threading import Event, Thread
from types import TracebackType
from typing import Protocol, Self

from edgeguard.agent.live import Eye
from edgeguard.agent.reporter import Reporter
from edgeguard.agent.site import SensorConfig, SensorsConfig
from edgeguard.agent.supervisor import Beat, Part
from edgeguard.contract import Ack, AckKind, Action, Command, CutOffCommand
from edgeguard.errors import SensorError
from edgeguard.journal import Journal
from edgeguard.pipeline.camera import Look
from edgeguard.scenarios import orphan_end
from edgeguard.sensors import SENSOR_RULES, Feeds, Moment, Point, ReadingHealth, cut_off
from edgeguard.sources.base import Clock
from edgeguard.types import Phase, Report, Signal

log = logging.getLogger(__name__)

# A press is told within a tick; ten a second cost nothing.
TICK_S = 0.1
# A camera that sees gives a frame within so long; then the last one it had must do.
PICTURE_WITHIN_S = 2.0
STOP_S = 2.0
CLOSES = {AckKind.HANDLED: "handled", AckKind.FALSE_ALARM: "false_alarm"}


class Witness(Eye, Protocol):
    """A camera near a sensor."""

    def want(self, at_s: float) -> None:
        """Have a frame of this moment or later looked at, whatever moves."""

    def take_evidence(self, report: Report, look: Look) -> None:
        """Keep pictures and a clip for an episode."""


@dataclass(frozen=True, slots=True)
class _Awaited:
    """An alarm whose picture is not taken yet."""

    report: Report
    until_s: float


class SensorRoom:
    """Open it with `with`, after journal and voices. `reporter_of("")`: of what no camera belongs to.

    Rules run on its own thread; acknowledgements and what was done about an alarm are handed to it.
    """

    def __init__(
        self,
        config: SensorsConfig,
        journal: Journal,
        reporter_of: Callable[[str], Reporter],
        witness: Callable[[str], Witness | None],
        new_event_id: Callable[[datetime], str],
        clock: Clock,
    ) -> None:
        self._config = config
        self._journal = journal
        self._reporter_of = reporter_of
        self._witness = witness
        self._new_event_id = new_event_id
        self._clock = clock
        self._feeds = Feeds(config.points, config.brokers, clock.monotonic_s)
        self.points: tuple[Point, ...] = ()
        self._jobs: SimpleQueue[Callable[[Moment], None]] = SimpleQueue()
        self._awaited: list[_Awaited] = []
        self._step_since_s = clock.monotonic_s()
        self._stopping = Event()
        self._thread = Thread(target=self._run, name="sensors", daemon=True)

    def __enter__(self) -> Self:
        resume = [one for one in self._journal.open_episodes() if one.rule in SENSOR_RULES]
        self.points = tuple(
            Point(config, self._feeds.inputs(config), self._new_event_id, resume) for config in self._config.points
        )
        for episode in resume:
            if not any(point.owns(episode) for point in self.points):
                end = orphan_end(episode, self._clock.utcnow(), self._clock.monotonic_s())
                self._reporter_of(episode.camera_id).handle((end,))
        if self.points:
            self._feeds.start()
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        if self.points:
            self._feeds.stop(STOP_S)
            self._thread.join(STOP_S)

    def parts(self) -> list[Part]:
        """What may hang, for the supervisor."""
        if not self.points:
            return []
        asking = [
            Part(
                f"sensors at {one.name}",
                lambda one=one: Beat(one.alive, one.overdue_s(), doing="asks a sensor"),  # type: ignore[misc]
                lambda one=one: [one.renew()],  # type: ignore[misc]
            )
            for one in self._feeds.pollers
        ]
        return [Part("sensor rules", self._beat), *asking]

    def health(self) -> dict[str, tuple[ReadingHealth, ...]]:
        """Of every reading, by point."""
        return {point.config.id: point.health(self._clock.monotonic_s()) for point in self.points}

    def acknowledged(self, ack: Ack) -> None:
        """A person says that it is over: that closes a button's alarm, on the rules' own thread."""
        reason = CLOSES.get(ack.ack)
        if reason is not None:
            self._jobs.put(lambda now: self._each(lambda point: point.close(now, ack.event_id, reason)))

    def cut_off(self, command: Command) -> str:
        """`cmd/cut_off`: write the coil, read it back; raises SensorError where it is not off."""
        if not isinstance(command, CutOffCommand):
            raise TypeError(f"cut_off got a {type(command).__name__}")
        point = self._switched(command.args.sensor)
        if point.cut_off is None:
            raise SensorError(f"sensor {point.id!r} has nothing that could be cut off")
        started_at = self._clock.utcnow()
        told = partial(self._cut_off_told, command, point, started_at)
        try:
            seen = cut_off(point.cut_off)
        except SensorError as error:
            told("failed", str(error))
            log.warning("cut-off of %s for %s failed: %s", point.id, command.by, error)
            raise
        told("done", seen)
        log.warning("current of %s cut off for %s: %s", point.id, command.by, seen)
        return seen

    def _switched(self, name: str) -> SensorConfig:
        for point in self._config.points:
            if point.id == name:
                return point
        accepted = ", ".join(point.id for point in self._config.points if point.cut_off) or "none"
        raise SensorError(f"sensor {name!r}, accepted: {accepted}")

    def _cut_off_told(
        self, command: CutOffCommand, point: SensorConfig, started_at: datetime, result: str, seen: str
    ) -> None:
        """An action in the episode that the command names, where it is one of the point's and still open."""
        event_id = command.args.event_id
        if event_id is None:
            return
        action = Action(
            type="cut_off",
            target=point.id,
            started_at=started_at,
            ended_at=self._clock.utcnow(),
            result=result,
            detail=f"{command.by}: {seen}",
        )

        def tell(now: Moment) -> None:
            for one in self.points:
                if one.config.id == point.id and one.watches(event_id):
                    self._reporter_of(point.camera or "").noted(event_id, action)
                    self._handle(one, one.tell(now, event_id, "cut_off" if result == "done" else "cut_off_failed"))

        self._jobs.put(tell)

    def _beat(self) -> Beat:
        alive = self._thread.is_alive() or self._stopping.is_set()
        return Beat(alive, self._clock.monotonic_s() - self._step_since_s, doing="tells the journal or the voice")

    def _run(self) -> None:
        try:
            while not self._stopping.wait(TICK_S):
                self._step_since_s = self._clock.monotonic_s()
                self._step()
        except Exception:
            log.exception("the sensors' rules died")

    def _step(self) -> None:
        now = Moment(self._clock.monotonic_s(), self._clock.utcnow())
        while not self._jobs.empty():
            self._jobs.get()(now)
        self._each(lambda point: point.step(now))
        self._take_pictures(now.monotonic_s)
        # A camera's own thread does it for the others.
        self._reporter_of("").retry()

    def _each(self, ask: Callable[[Point], Sequence[Signal]]) -> None:
        for point in self.points:
            self._handle(point, ask(point))

    def _handle(self, point: Point, signals: Sequence[Signal]) -> None:
        if not signals:
            return
        self._reporter_of(point.config.camera or "").handle(signals)
        for signal in signals:
            if isinstance(signal, Report) and signal.phase is Phase.NEW and signal.camera_id:
                self._want_picture(signal)

    def _want_picture(self, report: Report) -> None:
        witness = self._witness(report.camera_id)
        if witness is not None:
            now_s = self._clock.monotonic_s()
            witness.want(now_s)
            self._awaited.append(_Awaited(report, now_s + PICTURE_WITHIN_S))

    def _take_pictures(self, now_s: float) -> None:
        """As soon as the camera has looked after the alarm; the last look it has when that takes too long."""
        waiting = []
        for awaited in self._awaited:
            report, witness = awaited.report, self._witness(awaited.report.camera_id)
            look = witness.look() if witness else None
            if look is not None and (look.frame.monotonic_s >= report.monotonic_s or now_s >= awaited.until_s):
                if witness is not None:
                    witness.take_evidence(report, look)
            elif now_s < awaited.until_s:
                waiting.append(awaited)
            else:
                log.warning("no picture of %s: camera %s has seen nothing", report.event_id, report.camera_id)
        self._awaited = waiting
