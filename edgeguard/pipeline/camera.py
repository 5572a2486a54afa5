"""One camera's chain: gate -> detector -> tracker -> scenarios. The box and the replay run this very code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from edgeguard.types import Detector, Frame, Observation, Scenario, Signal, Tracker, Tracks


class Gate(Protocol):
    """Is this frame worth a detector?"""

    def update(self, luma: NDArray[np.uint8], monotonic_s: float, held: bool) -> bool:
        """`luma` (H, W) uint8; `held`: somebody wants every frame."""


@dataclass(frozen=True, slots=True)
class Look:
    """The last frame a detector looked at and what was there."""

    frame: Frame
    tracks: Tracks


# A camera's frames come a little early and late: one that is due within a tenth of the interval is taken.
EARLY = 0.9


class CameraPipeline:
    """No clock, no I/O: frames and ticks in, signals out. One thread at a time.

    A camera of 25 frames a second is looked at `detect_hz` times a second at most; the gate sees every frame.
    """

    def __init__(
        self,
        gate: Gate,
        detector: Detector,
        tracker: Tracker,
        scenarios: Sequence[Scenario],
        camera_id: str,
        detect_hz: float = float("inf"),
    ) -> None:
        self.camera_id = camera_id
        self.frames_seen = 0
        self.frames_looked_at = 0
        # A resumed episode wants every frame from the first one on: the scenarios say so with their first verdict.
        self.attentive = True
        self.last: Look | None = None
        self._gate = gate
        self._detector = detector
        self._tracker = tracker
        self._scenarios = tuple(scenarios)
        self._interval_s = EARLY / detect_hz

    def look(self, frame: Frame, blind_for_s: float = 0.0) -> tuple[Signal, ...]:
        """Take a frame; `blind_for_s` > 0 when it shows nothing usable (covered, frozen) since so long."""
        self.frames_seen += 1
        picture = frame.picture
        tracks = None
        open_now = self._gate.update(picture.luma, frame.monotonic_s, self.attentive)
        if open_now and self._due(frame.monotonic_s):
            self.frames_looked_at += 1
            tracks = self._tracker.update(self._detector.detect(picture), frame.monotonic_s)
            self.last = Look(frame, tracks)
        now = frame.monotonic_s, frame.captured_at, picture.width, picture.height
        return self._tell(Observation(*now, tracks, blind_for_s))

    def tick(self, monotonic_s: float, captured_at: datetime, blind_for_s: float = 0.0) -> tuple[Signal, ...]:
        """Time goes on without a frame; call at 2 Hz or faster."""
        return self._tell(Observation(monotonic_s, captured_at, *self._size(), blind_for_s=blind_for_s))

    def close(self, monotonic_s: float, captured_at: datetime, reason: str) -> tuple[Signal, ...]:
        """End the open episodes with `reason`."""
        return self._tell(Observation(monotonic_s, captured_at, *self._size(), ending=reason))

    def _due(self, monotonic_s: float) -> bool:
        return self.last is None or monotonic_s - self.last.frame.monotonic_s >= self._interval_s

    def _size(self) -> tuple[int, int]:
        return (self.last.frame.picture.width, self.last.frame.picture.height) if self.last else (0, 0)

    def _tell(self, now: Observation) -> tuple[Signal, ...]:
        verdicts = [scenario.update(now) for scenario in self._scenarios]
        self.attentive = any(verdict.attentive for verdict in verdicts)
        return tuple(signal for verdict in verdicts for signal in verdict.signals)
