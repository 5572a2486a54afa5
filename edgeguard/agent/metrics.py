"""The box's Prometheus metrics: what happened is counted here, what is so is read from the box's status at a scrape.

docs/operating.md has the table of names and of what moves each; a test holds the two together.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from edgeguard.agent.readings import readings
from edgeguard.agent.status import Status
from edgeguard.contract import Ack, AckKind, Event
from edgeguard.contract.outbox import OutboxKind, OutboxRow
from edgeguard.types import Detections, Detector, Picture, Playback

# Milliseconds. A bare run takes 10 to 100; a decision is due within 500, sound 150 after it.
INFERENCE_MS = (5, 10, 15, 20, 30, 40, 60, 80, 120, 200, 400, 1000)
DECISION_MS = (20, 40, 60, 80, 120, 200, 300, 500, 1000, 2500)
AUDIO_MS = (10, 20, 40, 60, 100, 150, 250, 500, 1000, 5000)
# From a broker next door to one that was away for a day: nothing is lost by that, but it is late.
PUBLISH_MS = (5, 10, 25, 50, 100, 250, 500, 1000, 5000, 60_000, 600_000, 86_400_000)
PUBACK_MS = (0.5, 1, 2, 5, 10, 25, 50, 100, 250, 1000, 10_000)


class Metrics:
    """One per box, with a registry of its own. Every method may be called from any thread and returns at once."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._inference = self._histogram("inference_ms", "One run of the detector", INFERENCE_MS, "model")
        self._decision = self._histogram(
            "capture_to_decision_ms", "From a looked-at frame's capture to the scenarios' word", DECISION_MS, "camera"
        )
        self._audio = self._histogram(
            "decision_to_audio_ms", "From the wish to speak to the first sample handed out", AUDIO_MS, "output"
        )
        self._publish = self._histogram(
            "decision_to_publish_ms", "From a decision to the publishing of its event", PUBLISH_MS
        )
        self._puback = self._histogram("publish_to_puback_ms", "From publishing to the broker's word", PUBACK_MS)
        self._events = self._counter("events_total", "Steps of episodes, durable on disk", "code", "phase")
        self._acks = self._counter("acks_total", "What people said about events", "kind")
        self._playbacks = self._counter("playbacks_total", "Phrases, by how they ended", "output", "result")
        for kind in AckKind:
            self._acks.labels(kind.value)
        ProcessCollector(registry=self.registry)

    def timed(self, detector: Detector, model: str) -> "TimedDetector":
        """The same detector, its runs timed."""
        return TimedDetector(detector, self._inference.labels(model))

    def decided(self, camera: str, took_ms: float) -> None:
        """A frame was looked at and judged, so long after it was captured."""
        self._decision.labels(camera).observe(max(took_ms, 0.0))

    def recorded(self, event: Event) -> None:
        """An event is durable."""
        self._events.labels(event.data.code, event.data.phase.value).inc()

    def played(self, playback: Playback) -> None:
        """A phrase begins to sound, or is over."""
        if playback.ended_at is not None:
            self._playbacks.labels(playback.output, playback.result).inc()
        elif playback.request_to_audio_ms is not None and playback.by is None:
            self._audio.labels(playback.output).observe(playback.request_to_audio_ms)

    def confirmed(self, row: OutboxRow, published: datetime, took_ms: float) -> None:
        """The broker has a message of the outbox."""
        self._puback.observe(took_ms)
        decided = _decided(row)
        if decided is not None:
            self._publish.observe(max((published - decided).total_seconds() * 1000, 0.0))

    def acknowledged(self, ack: Ack) -> None:
        """Somebody at the center looked."""
        self._acks.labels(ack.ack.value).inc()

    def page(self, status: Status) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(_Page(self, status))

    def collect(self) -> Iterator[Metric]:
        """What was counted; without the library's `_created` series, which double the page and tell nothing."""
        for family in self.registry.collect():
            family.samples = [sample for sample in family.samples if not sample.name.endswith("_created")]
            yield family

    def _histogram(self, name: str, told: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, told, labels, buckets=buckets, registry=self.registry)

    def _counter(self, name: str, told: str, *labels: str) -> Counter:
        return Counter(name, told, labels, registry=self.registry)


@dataclass(frozen=True, slots=True)
class TimedDetector:
    """A detector that tells how long each run took."""

    detector: Detector
    histogram: Histogram

    def detect(self, picture: Picture) -> Detections:
        started_s = perf_counter()
        found = self.detector.detect(picture)
        self.histogram.observe(1000 * (perf_counter() - started_s))
        return found


def _decided(row: OutboxRow) -> datetime | None:
    """When an event was decided; None for what is none, was asked for again, or tells of a playback later on."""
    if row.kind is not OutboxKind.EVENT or row.historical:
        return None
    timing = json.loads(row.payload)["data"]["timing"]
    return datetime.fromisoformat(timing["decided"]) if "decided" in timing and "spoken" not in timing else None


@dataclass(frozen=True, slots=True)
class _Page(Collector):
    """What was counted and what is so, as one registry."""

    metrics: Metrics
    status: Status

    def collect(self) -> Iterable[Metric]:
        yield from self.metrics.collect()
        yield from readings(self.status)
