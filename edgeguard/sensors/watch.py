"""One alarm of a sensor as an episode. A pure state machine, with the promises of every scenario (ADR 6).

Exactly one NEW and one END, also across a restart: the journal gives back what is open. Silence is not "normal": an
alarm whose sensor is gone stays open and says so. Nothing but a person closes a button.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from edgeguard.sensors.config import AlarmConfig, Band
from edgeguard.types import Hush, Measured, OpenEpisode, Phase, Report, Say, Severity, Signal, SpeechPriority

RULE = "sensor"


class Level(IntEnum):
    """How a value stands."""

    NORMAL = 0
    PRE = 1
    ALARM = 2


@dataclass(frozen=True, slots=True)
class Moment:
    """By both clocks; `captured_at` is aware UTC."""

    monotonic_s: float
    captured_at: datetime

    def back_to(self, monotonic_s: float) -> "Moment":
        """The moment at which a sample came."""
        return Moment(monotonic_s, self.captured_at - timedelta(seconds=self.monotonic_s - monotonic_s))


class _Edge:
    """One band over time: beyond it for its dwell, and until it has come back by the hysteresis."""

    def __init__(self, band: Band, hysteresis: float) -> None:
        self._band, self._hysteresis = band, hysteresis
        self._since_s: float | None = None
        self.on = False

    def step(self, value: float, at_s: float) -> None:
        if not self._band.beyond(value, self._hysteresis if self.on else 0.0):
            self._since_s, self.on = None, False
            return
        self._since_s = at_s if self._since_s is None else self._since_s
        self.on = self.on or at_s - self._since_s >= self._band.dwell_s


class Gauge:
    """Values to levels. A value holds until the next one, so a sensor that tells only changes is understood too."""

    def __init__(self, config: AlarmConfig) -> None:
        self._alarm = _Edge(config.alarm, config.hysteresis)
        self._pre = _Edge(config.pre_alarm, config.hysteresis) if config.pre_alarm else None

    def level(self, value: float, at_s: float) -> Level:
        self._alarm.step(value, at_s)
        if self._pre is not None:
            self._pre.step(value, at_s)
        if self._alarm.on:
            return Level.ALARM
        return Level.PRE if self._pre is not None and self._pre.on else Level.NORMAL


@dataclass(slots=True)
class _Episode:
    event_id: str
    opened_s: float
    level: Level  # the highest so far
    reported_s: float
    calm_since_s: float | None = None
    silent: bool = False


class AlarmWatch:
    """One alarm of one point. `readings` are told with every step; `resume` is what the journal holds open of it.

    `zones`: see `PointConfig.zones_of`.
    """

    def __init__(
        self,
        zones: tuple[str, ...],
        camera_id: str,
        config: AlarmConfig,
        new_event_id: Callable[[datetime], str],
        resume: OpenEpisode | None = None,
    ) -> None:
        self._zones, self._camera_id = zones, camera_id
        self._config = config
        self._new_event_id = new_event_id
        self._resume = resume
        self._episode: _Episode | None = None
        # Also after a restart: a press told twice does no harm, one that is lost does.
        self._was = Level.NORMAL

    @property
    def event_id(self) -> str | None:
        """Of the open episode."""
        known = self._episode or self._resume
        return known.event_id if known else None

    def step(self, now: Moment, level: Level, readings: tuple[Measured, ...], *, silent: bool) -> Iterator[Signal]:
        """Take every value as it came, and a tick; `silent`: its sensor tells nothing usable."""
        self._go_on(now)
        rising = level is Level.ALARM and self._was is not Level.ALARM
        self._was = level
        episode = self._episode
        if episode is None:
            begins = rising if self._config.latched else level > Level.NORMAL
            if begins and not silent:
                yield from self._open(now, level, readings)
            return
        yield from self._heard(now, episode, readings, silent=silent)
        if level > episode.level:
            yield from self._escalate(now, episode, level, readings)
        elif self._config.latched:
            if rising:
                yield self._report(now, episode, Phase.UPDATE, readings, decision="pressed_again")
        else:
            yield from self._follow(now, episode, level, readings, silent=silent)

    def tell(self, now: Moment, readings: tuple[Measured, ...], decision: str) -> Iterator[Report]:
        """An UPDATE of what is open, for something that was done about it."""
        self._go_on(now)
        if self._episode is not None:
            yield self._report(now, self._episode, Phase.UPDATE, readings, decision=decision)

    def close(self, now: Moment, readings: tuple[Measured, ...], reason: str) -> Iterator[Signal]:
        """A person has closed it; only of effect on a button, whatever measures ends by its value."""
        self._go_on(now)
        if self._episode is not None and self._config.latched:
            yield from self._end(now, self._episode, readings, reason)

    def _go_on(self, now: Moment) -> None:
        """With what the journal had open."""
        found, self._resume = self._resume, None
        if found is not None:
            past_s = max((now.captured_at - found.opened_at).total_seconds(), 0.0)
            level = Level.PRE if self._config.pre_alarm and found.severity is not self._config.at_alarm else Level.ALARM
            self._episode = _Episode(found.event_id, now.monotonic_s - past_s, level, now.monotonic_s)

    def _open(self, now: Moment, level: Level, readings: tuple[Measured, ...]) -> Iterator[Signal]:
        event_id = self._new_event_id(now.captured_at)
        episode = self._episode = _Episode(event_id, now.monotonic_s, level, now.monotonic_s)
        if level is Level.ALARM:
            yield from self._say(episode)
        decision = "confirmed" if level is Level.ALARM else "pre_alarm"
        yield self._report(now, episode, Phase.NEW, readings, decision=decision)

    def _escalate(
        self, now: Moment, episode: _Episode, level: Level, readings: tuple[Measured, ...]
    ) -> Iterator[Signal]:
        episode.level, episode.calm_since_s = level, None
        yield from self._say(episode)
        yield self._report(now, episode, Phase.UPDATE, readings, decision="escalated")

    def _heard(
        self, now: Moment, episode: _Episode, readings: tuple[Measured, ...], *, silent: bool
    ) -> Iterator[Report]:
        if silent is not episode.silent:
            episode.silent = silent
            yield self._report(now, episode, Phase.UPDATE, readings, decision="offline" if silent else "present")

    def _follow(
        self, now: Moment, episode: _Episode, level: Level, readings: tuple[Measured, ...], *, silent: bool
    ) -> Iterator[Signal]:
        """While it measures: over when it has been normal for a while."""
        if level is Level.NORMAL and not silent:
            if episode.calm_since_s is None:
                episode.calm_since_s = now.monotonic_s
            if now.monotonic_s - episode.calm_since_s >= self._config.clear_s:
                yield from self._end(now, episode, readings, "cleared")
                return
        else:
            episode.calm_since_s = None
        if now.monotonic_s - episode.reported_s >= self._config.update_every_s:
            decision = "offline" if silent else "present"
            yield self._report(now, episode, Phase.UPDATE, readings, decision=decision)

    def _say(self, episode: _Episode) -> Iterator[Say]:
        if self._config.phrase is not None:
            yield Say(self._config.phrase, SpeechPriority.WARNING, episode.event_id)

    def _end(self, now: Moment, episode: _Episode, readings: tuple[Measured, ...], reason: str) -> Iterator[Signal]:
        self._episode = None
        yield Hush(episode.event_id)
        yield self._report(now, episode, Phase.END, readings, end_reason=reason)

    def _report(
        self,
        now: Moment,
        episode: _Episode,
        phase: Phase,
        readings: tuple[Measured, ...],
        decision: str | None = None,
        end_reason: str | None = None,
    ) -> Report:
        episode.reported_s = now.monotonic_s
        return Report(
            event_id=episode.event_id,
            code=self._config.code,
            phase=phase,
            severity=self._severity(episode),
            camera_id=self._camera_id,
            rule=RULE,
            at=now.captured_at,
            monotonic_s=now.monotonic_s,
            zones=self._zones,
            dwell_s=round(max(now.monotonic_s - episode.opened_s, 0.0), 3),
            decision=decision,
            end_reason=end_reason,
            measured=readings,
        )

    def _severity(self, episode: _Episode) -> Severity:
        return self._config.at_alarm if episode.level is Level.ALARM else self._config.before_alarm
