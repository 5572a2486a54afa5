"""One camera's chain: gate -> detector -> tracker -> scenarios. The box and the replay run this very code.

A box sifts every frame in the thread that decodes it, which costs next to nothing more; only what a detector should
look at wakes the thread that judges. A replay does both in turn.
"""

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edgeguard.doors import UnknownDoor
from edgeguard.pipeline.door import DoorWatch
from edgeguard.pipeline.siftings import NoSieve, Siftings
from edgeguard.types import (
    Detector,
    Door,
    Frame,
    LumaSieve,
    Observation,
    Picture,
    Scenario,
    Signal,
    Tracker,
    Tracks,
)


class Gate(Protocol):
    """Is this frame worth a detector?"""

    def update(self, picture: Picture, monotonic_s: float, held: bool) -> bool:
        """`held`: somebody wants every frame."""


class Turns(Protocol):
    """Whose turn is it at a detector that cameras share?"""

    def turn(self, camera_id: str, captured_s: float, *, urgent: bool) -> AbstractContextManager[None]:
        """Wait for a turn for a frame of `captured_s`, hold it within the block."""


class AlwaysMyTurn:
    """A detector of one's own: nobody to wait for."""

    def turn(self, camera_id: str, captured_s: float, *, urgent: bool) -> AbstractContextManager[None]:  # noqa: ARG002
        return nullcontext()


def nothing_newer() -> Frame | None:
    """A recording: every frame is wanted, none is overtaken."""
    return None


@dataclass(frozen=True, slots=True)
class Look:
    """The last frame a detector looked at and what was there."""

    frame: Frame
    tracks: Tracks


# A camera's frames come a little early and late: one that is due within a tenth of the interval is taken.
EARLY = 0.1


class Beat:
    """`hz` looks a second, counted from when they were due: one that came late does not put the next one off."""

    def __init__(self, hz: float) -> None:
        self._interval_s = 1 / hz
        self._next_s = -math.inf

    def due(self, at_s: float) -> bool:
        waits_s = self._next_s - at_s
        # Nobody waits for longer than an interval: the clock was set back.
        return waits_s <= EARLY * self._interval_s or waits_s > (1 + 2 * EARLY) * self._interval_s

    def take(self, at_s: float) -> None:
        """A look at a frame of that moment; after a pause the beat begins anew."""
        on_time = self._next_s if abs(at_s - self._next_s) < self._interval_s else at_s
        self._next_s = on_time + self._interval_s


class CameraPipeline:
    """No clock, no I/O: frames and ticks in, signals out.

    One thread at a time for `sift`, and one, which may be another, for all else. A camera of 25 frames a second is
    looked at `detect_hz` times a second at most; the gate sees every frame.
    """

    def __init__(
        self,
        gate: Gate,
        detector: Detector,
        tracker: Tracker,
        scenarios: Sequence[Scenario],
        camera_id: str,
        detect_hz: float = float("inf"),
        turns: Turns | None = None,
        door: Door | None = None,
        sieve: LumaSieve | None = None,
    ) -> None:
        self.camera_id = camera_id
        self.door = DoorWatch(door or UnknownDoor())
        self._siftings = Siftings(sieve) if sieve else NoSieve()
        self.frames_seen = 0
        self.frames_looked_at = 0
        # A resumed episode wants every frame from the first one on: the scenarios say so with their first verdict.
        self.attentive = True
        # Set while somebody watches live: so many looks a second at least, whatever the gate says.
        self.watch_hz = 0.0
        self.last: Look | None = None
        self._gate = gate
        self._detector = detector
        self._tracker = tracker
        self._scenarios = tuple(scenarios)
        self._beat = Beat(detect_hz)
        self._turns = turns or AlwaysMyTurn()

    def sift(self, frame: Frame) -> bool:
        """Show door and gate a frame, every one in order; whether a detector should look at it now."""
        self.frames_seen += 1
        now_s = frame.monotonic_s
        self.door.update(now_s, frame.picture)
        held = self.attentive or self.door.opened_lately(now_s)
        passes = self._gate.update(frame.picture, now_s, held) or self._watched(now_s)
        found = self._siftings.update(frame.picture, now_s)
        return found or (passes and self._beat.due(now_s))

    def judge(
        self, frame: Frame, blind_for_s: float = 0.0, newer: Callable[[], Frame | None] = nothing_newer
    ) -> tuple[Signal, ...]:
        """Look at a frame that was sifted; `blind_for_s` > 0 when it shows nothing usable since so long.

        Where the detector is shared the frame may have to wait; `newer` then gives one that came meanwhile. One that
        was sifted before the last look has ended may no longer be due: that is a tick.
        """
        if not self._beat.due(frame.monotonic_s):
            return self._tell(self._observed(frame, None, blind_for_s))
        with self._turns.turn(self.camera_id, frame.monotonic_s, urgent=self.attentive):
            frame = newer() or frame
            detections = self._detector.detect(frame.picture)
        self.frames_looked_at += 1
        self._beat.take(frame.monotonic_s)
        tracks = self._tracker.update(detections, frame.monotonic_s)
        self.last = Look(frame, tracks)
        return self._tell(self._observed(frame, tracks, blind_for_s))

    def look(self, frame: Frame, blind_for_s: float = 0.0) -> tuple[Signal, ...]:
        """Sift a frame and judge it, in one thread."""
        if self.sift(frame):
            return self.judge(frame, blind_for_s)
        return self._tell(self._observed(frame, None, blind_for_s))

    def tick(self, monotonic_s: float, captured_at: datetime, blind_for_s: float = 0.0) -> tuple[Signal, ...]:
        """Time goes on without a frame; call at 2 Hz or faster."""
        door = self.door.update(monotonic_s)
        now = monotonic_s, captured_at, *self._size()
        return self._tell(Observation(*now, blind_for_s=blind_for_s, door=door, flights=self._siftings.take()))

    def close(self, monotonic_s: float, captured_at: datetime, reason: str) -> tuple[Signal, ...]:
        """End the open episodes with `reason`."""
        door = self.door.update(monotonic_s)
        now = monotonic_s, captured_at, *self._size()
        return self._tell(Observation(*now, ending=reason, door=door, flights=self._siftings.finish()))

    def _watched(self, monotonic_s: float) -> bool:
        if self.watch_hz <= 0:
            return False
        return self.last is None or monotonic_s - self.last.frame.monotonic_s >= (1 - EARLY) / self.watch_hz

    def _observed(self, frame: Frame, tracks: Tracks | None, blind_for_s: float) -> Observation:
        picture = frame.picture
        now = frame.monotonic_s, frame.captured_at, picture.width, picture.height
        return Observation(*now, tracks, blind_for_s, door=self.door.state, flights=self._siftings.take())

    def _size(self) -> tuple[int, int]:
        return (self.last.frame.picture.width, self.last.frame.picture.height) if self.last else (0, 0)

    def _tell(self, now: Observation) -> tuple[Signal, ...]:
        verdicts = [scenario.update(now) for scenario in self._scenarios]
        self.attentive = any(verdict.attentive for verdict in verdicts)
        return tuple(signal for verdict in verdicts for signal in verdict.signals)
