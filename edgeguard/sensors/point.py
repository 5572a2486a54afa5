"""A point with everything that is watched at it: samples in, signals out. No clock, no I/O."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from edgeguard.sensors.base import Sample, SensorInput
from edgeguard.sensors.config import PointConfig, ReadingConfig
from edgeguard.sensors.trouble import OFFLINE, STUCK, TROUBLE_RULE, TroubleWatch
from edgeguard.sensors.watch import RULE, AlarmWatch, Gauge, Level, Moment
from edgeguard.types import Measured, OpenEpisode, Signal

# Rules whose open episodes are this stage's to go on with.
SENSOR_RULES = frozenset({RULE, TROUBLE_RULE})


@dataclass(frozen=True, slots=True)
class ReadingHealth:
    """Its latest value and age, how many samples were unusable, and what is wrong with it; empty: nothing."""

    name: str
    value: float | None
    unit: str
    age_s: float | None
    unusable: int
    trouble: str


class Track:
    """One reading's latest value; `silent` and `stuck` count from the first tick on."""

    def __init__(self, config: ReadingConfig, source: SensorInput) -> None:
        self._config, self._source = config, source
        self._started_s: float | None = None
        self._good: Sample | None = None
        self._same_since_s = 0.0
        self.unusable = 0
        self.why = "nothing has come"

    def take(self, now_s: float) -> Iterator[Sample]:
        """The usable samples since the last call, in order."""
        if self._started_s is None:
            self._started_s = now_s
        for sample in self._source.take():
            good = self._judged(sample)
            if good.value is None:
                self.unusable += 1
                self.why = good.why
                continue
            if self._good is None or self._good.value != good.value:
                self._same_since_s = good.monotonic_s
            self._good, self.why = good, ""
            yield good

    def value(self) -> float | None:
        return self._good.value if self._good else None

    def age_s(self, now_s: float) -> float | None:
        return max(now_s - self._good.monotonic_s, 0.0) if self._good else None

    def silent(self, now_s: float) -> bool:
        """Nothing usable for too long."""
        since_s = self._good.monotonic_s if self._good else self._started_s
        limit_s = self._config.offline_s
        return limit_s is not None and since_s is not None and now_s - since_s >= limit_s

    def stuck(self, now_s: float) -> bool:
        """It goes on telling the very same value; silence is another trouble."""
        limit_s = self._config.stuck_s
        told = self._good is not None and not self.silent(now_s)
        return limit_s is not None and told and now_s - self._same_since_s >= limit_s

    @property
    def unit(self) -> str:
        return self._config.unit

    def _judged(self, sample: Sample) -> Sample:
        valid = self._config.valid
        if sample.value is None or valid is None or valid[0] <= sample.value <= valid[1]:
            return sample
        return Sample(sample.monotonic_s, None, f"met {sample.value:g}, accepted: {valid[0]:g} to {valid[1]:g}")


class Point:
    """`inputs` by the names of its readings; `resume`: open episodes of any point."""

    def __init__(
        self,
        config: PointConfig,
        inputs: Mapping[str, SensorInput],
        new_event_id: Callable[[datetime], str],
        resume: Sequence[OpenEpisode] = (),
    ) -> None:
        self.config = config
        camera = config.camera or ""
        self._tracks = {name: Track(reading, inputs[name]) for name, reading in config.readings.items()}
        self._alarms = [
            (config.reading_of(alarm), Gauge(alarm), AlarmWatch(zones, camera, alarm, new_event_id, mine))
            for alarm in config.alarms
            for zones in [config.zones_of(alarm)]
            for mine in [_found(resume, RULE, alarm.code, zones)]
        ]
        self._troubles = [
            (
                name,
                TroubleWatch(OFFLINE, zone, camera, new_event_id, _found(resume, TROUBLE_RULE, OFFLINE, zone)),
                TroubleWatch(STUCK, zone, camera, new_event_id, _found(resume, TROUBLE_RULE, STUCK, zone)),
            )
            for name in config.readings
            for zone in [(config.id, name)]
        ]

    def owns(self, episode: OpenEpisode) -> bool:
        """Whether an open episode is one of its own."""
        if episode.rule == RULE:
            return (episode.code, episode.zones) in {
                (alarm.code, self.config.zones_of(alarm)) for alarm in self.config.alarms
            }
        return episode.zones in {(self.config.id, name) for name in self.config.readings}

    def step(self, now: Moment) -> list[Signal]:
        """Take what has come, and let time go on; call at 2 Hz or faster."""
        signals: list[Signal] = []
        taken = [(name, sample) for name, track in self._tracks.items() for sample in track.take(now.monotonic_s)]
        for name, sample in sorted(taken, key=lambda one: one[1].monotonic_s):
            signals += self._sampled(name, sample, now)
        for name, gauge, watch in self._alarms:
            signals += self._tick(self._tracks[name], gauge, watch, now)
        measured = self.measured(now.monotonic_s)
        for name, offline, stuck in self._troubles:
            track, now_s = self._tracks[name], now.monotonic_s
            silence = "unusable" if track.why and track.unusable else "silent"
            signals += offline.step(now, silence if track.silent(now_s) else "", measured)
            signals += stuck.step(now, "stuck" if track.stuck(now_s) else "", measured)
        return signals

    def watches(self, event_id: str) -> bool:
        """Whether an open episode is one of its alarms."""
        return bool(self._watching(event_id))

    def tell(self, now: Moment, event_id: str, decision: str) -> list[Signal]:
        """An UPDATE of one of its open episodes; nothing where it is none of them."""
        return [signal for watch in self._watching(event_id) for signal in watch.tell(now, self._now(now), decision)]

    def close(self, now: Moment, event_id: str, reason: str) -> list[Signal]:
        """A person has closed an episode; of effect on buttons only."""
        return [signal for watch in self._watching(event_id) for signal in watch.close(now, self._now(now), reason)]

    def measured(self, now_s: float) -> tuple[Measured, ...]:
        """What every event of it carries: all readings that have a value."""
        return tuple(
            Measured(name, value, track.unit, track.age_s(now_s))
            for name, track in self._tracks.items()
            if (value := track.value()) is not None
        )

    def health(self, now_s: float) -> tuple[ReadingHealth, ...]:
        return tuple(
            ReadingHealth(
                name,
                track.value(),
                track.unit,
                track.age_s(now_s),
                track.unusable,
                track.why if track.silent(now_s) and track.why else _trouble(track, now_s),
            )
            for name, track in self._tracks.items()
        )

    def _sampled(self, name: str, sample: Sample, now: Moment) -> Iterator[Signal]:
        """Each value at its own moment, so that a press between two ticks is not lost."""
        value, at = sample.value, now.back_to(sample.monotonic_s)
        if value is None:
            return
        for reading, gauge, watch in self._alarms:
            if reading == name:
                yield from watch.step(
                    at, gauge.level(value, sample.monotonic_s), self._now(at, name, value), silent=False
                )

    def _tick(self, track: Track, gauge: Gauge, watch: AlarmWatch, now: Moment) -> Iterator[Signal]:
        value, silent = track.value(), track.silent(now.monotonic_s)
        # Not heard yet is neither normal nor gone.
        if value is None and not silent:
            return
        level = Level.NORMAL if value is None else gauge.level(value, now.monotonic_s)
        yield from watch.step(now, level, self._now(now), silent=silent)

    def _now(self, now: Moment, name: str = "", value: float = 0.0) -> tuple[Measured, ...]:
        """All readings; `name` with the value that it had at that moment."""
        told = self.measured(now.monotonic_s)
        return tuple(Measured(name, value, one.unit, 0.0) if one.name == name else one for one in told)

    def _watching(self, event_id: str) -> list[AlarmWatch]:
        return [watch for _, _, watch in self._alarms if watch.event_id == event_id]


def _trouble(track: Track, now_s: float) -> str:
    if track.silent(now_s):
        return "nothing has come"
    return "always the same value" if track.stuck(now_s) else ""


def _found(resume: Sequence[OpenEpisode], rule: str, code: str, zones: tuple[str, ...]) -> OpenEpisode | None:
    return next((one for one in resume if (one.rule, one.code, one.zones) == (rule, code, zones)), None)
