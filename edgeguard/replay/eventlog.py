"""What a replay said, in order: events as they would be published, phrases as they would be spoken."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TextIO

from edgeguard.contract import Event
from edgeguard.pipeline import Scene, to_draft
from edgeguard.replay.score import Episode
from edgeguard.types import Hush, Phase, Report, Say, Severity, Signal

SITE, BOX = "replay", "replay"
SEVERITIES = tuple(Severity)  # from mild to grave


class EventLog:
    """Collects the episodes and writes one JSON object a line to `out`; the same signals give the same bytes."""

    def __init__(self, scene: Scene, out: TextIO | None = None) -> None:
        self._scene = scene
        self._out = out
        self._episodes: dict[str, Episode] = {}
        self._revisions: Counter[str] = Counter()
        self._events = 0

    @property
    def episodes(self) -> tuple[Episode, ...]:
        """By the time of their `new`; all ended once the replay has closed its pipeline."""
        return tuple(self._episodes.values())

    def add(self, at_s: float, signals: Iterable[Signal]) -> None:
        """`at_s`: seconds of the recording."""
        for signal in signals:
            if isinstance(signal, Report):
                self._follow(at_s, signal)
                self._write(at_s, event=json.loads(self._event(signal).to_json()))
            elif isinstance(signal, Say):
                said = {"phrase": signal.phrase, "priority": signal.priority.name.lower(), "event_id": signal.event_id}
                self._write(at_s, say=said)
            elif isinstance(signal, Hush):
                self._write(at_s, hush={"event_id": signal.event_id})

    def _write(self, at_s: float, **line: object) -> None:
        if self._out is not None:
            self._out.write(json.dumps({"t_s": round(at_s, 3), **line}, ensure_ascii=False) + "\n")

    def _event(self, report: Report) -> Event:
        # On a virtual clock deciding takes no time; how long it takes is what benchmarks measure.
        draft = to_draft(report, self._scene, decided=report.at)
        self._events += 1
        revision = self._revisions[report.event_id]
        self._revisions[report.event_id] += 1
        return Event.of(draft, site=SITE, box=BOX, seq=self._events, rev=revision)

    def _follow(self, at_s: float, report: Report) -> None:
        before = self._episodes.get(report.event_id)
        if before is None:
            new_s = round(at_s, 3)
            before = Episode(report.event_id, report.code, new_s, new_s, report.severity, None, None, 0.0)
        seen = report.sighting
        after = replace(
            before,
            severity=max(before.severity, report.severity, key=SEVERITIES.index),
            max_score=max(before.max_score, round(seen.score, 5) if seen else 0.0),
        )
        if report.phase is Phase.END:
            after = replace(after, end_s=round(at_s, 3), outcome=report.outcome, end_reason=report.end_reason)
        self._episodes[report.event_id] = after
