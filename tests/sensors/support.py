"""A point on a clock that a test moves."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from edgeguard.sensors import MemoryInput, Moment, Point, PointConfig, Sample
from edgeguard.types import OpenEpisode, Report, Signal

START = datetime(2026, 1, 31, 8, 0, 0, tzinfo=UTC)
MQTT = {"kind": "mqtt", "broker": "yard", "topic": "t"}
TICK_S = 0.5


def at(second: float) -> Moment:
    return Moment(second, START + timedelta(seconds=second))


def point_config(alarm: dict[str, Any], reading: dict[str, Any] | None = None, **more: Any) -> PointConfig:
    """One reading `value`, one alarm."""
    readings = {"value": MQTT | (reading or {})}
    return PointConfig.model_validate({"id": "gas-1", "readings": readings, "alarms": [alarm], **more})


class Bench:
    """One point with its inputs in memory; `play` gives each value at its second and ticks in between."""

    def __init__(self, config: PointConfig, resume: Sequence[OpenEpisode] = ()) -> None:
        self.inputs = {name: MemoryInput() for name in config.readings}
        self.made = 0
        self.point = Point(config, self.inputs, self._new_id, resume)
        self.signals: list[Signal] = []
        self.now_s = 0.0

    def give(self, value: float | None, second: float | None = None, name: str = "value", why: str = "") -> None:
        self.inputs[name].put(Sample(self.now_s if second is None else second, value, why))

    def play(self, values: dict[float, float], until_s: float) -> list[str]:
        """`values` by second; returns what was told, as `phase reason severity`."""
        told = len(self.signals)
        waiting = sorted(values.items())
        while self.now_s < until_s:
            self.now_s += TICK_S
            while waiting and waiting[0][0] <= self.now_s:
                second, value = waiting.pop(0)
                self.give(value, second)
            self.signals += self.point.step(at(self.now_s))
        return steps(self.signals[told:])

    def _new_id(self, _: datetime) -> str:
        self.made += 1
        return f"e{self.made}"


def reports(signals: Sequence[Signal]) -> list[Report]:
    return [signal for signal in signals if isinstance(signal, Report)]


def steps(signals: Sequence[Signal]) -> list[str]:
    return [f"{one.phase} {one.decision or one.end_reason} {one.severity}" for one in reports(signals)]
