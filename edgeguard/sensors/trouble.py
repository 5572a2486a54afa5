"""A reading that tells nothing, or always the same: DEVICE.SENSOR.OFFLINE and DEVICE.SENSOR.STUCK as episodes."""

from collections.abc import Callable, Iterator
from datetime import datetime

from edgeguard.contract import find
from edgeguard.sensors.watch import Moment
from edgeguard.types import Measured, OpenEpisode, Phase, Report

OFFLINE, STUCK = "DEVICE.SENSOR.OFFLINE", "DEVICE.SENSOR.STUCK"
TROUBLE_RULE = "sensor_trouble"
# Well for so long it is over; one that comes and goes stays in one episode.
WELL_S = 30.0


class TroubleWatch:
    """One kind of trouble of one reading; `zone` is point and reading, which tells whose it is after a restart."""

    def __init__(
        self,
        code: str,
        zone: tuple[str, str],
        camera_id: str,
        new_event_id: Callable[[datetime], str],
        resume: OpenEpisode | None = None,
    ) -> None:
        self._code, self._zone, self._camera_id = code, zone, camera_id
        self._new_event_id = new_event_id
        self._event_id = resume.event_id if resume else None
        self._opened_at = resume.opened_at if resume else None
        self._well_since_s: float | None = None

    def step(self, now: Moment, why: str, readings: tuple[Measured, ...]) -> Iterator[Report]:
        """`why`: what is wrong, one word; empty while nothing is. Call at 2 Hz or faster."""
        if why:
            self._well_since_s = None
            if self._event_id is None:
                self._event_id, self._opened_at = self._new_event_id(now.captured_at), now.captured_at
                yield self._report(now, Phase.NEW, readings, decision=why)
            return
        if self._event_id is None:
            return
        if self._well_since_s is None:
            self._well_since_s = now.monotonic_s
        if now.monotonic_s - self._well_since_s >= WELL_S:
            yield self._report(now, Phase.END, readings, end_reason="well")
            self._event_id = None

    def _report(
        self,
        now: Moment,
        phase: Phase,
        readings: tuple[Measured, ...],
        decision: str | None = None,
        end_reason: str | None = None,
    ) -> Report:
        if self._event_id is None or self._opened_at is None:
            raise RuntimeError("no episode to report of")
        return Report(
            event_id=self._event_id,
            code=self._code,
            phase=phase,
            severity=find(self._code).severity,
            camera_id=self._camera_id,
            rule=TROUBLE_RULE,
            at=now.captured_at,
            monotonic_s=now.monotonic_s,
            zones=self._zone,
            dwell_s=max((now.captured_at - self._opened_at).total_seconds(), 0.0),
            decision=decision,
            end_reason=end_reason,
            measured=readings,
        )
