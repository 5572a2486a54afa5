"""A recording through a camera's chain on a virtual clock: time is what the frames say."""

import random
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from edgeguard.contract import UlidMaker
from edgeguard.errors import SourceError
from edgeguard.pipeline import CameraPipeline, Look
from edgeguard.replay.eventlog import EventLog
from edgeguard.sources import Clock
from edgeguard.types import Frame, Signal

# Between frames that are further apart than this the chain is ticked, as on a box (at least 2 Hz).
TICK_S = 0.25
# Any number will do, as long as it is always the same: ids repeat from run to run.
ID_SEED = 20260131


def event_ids() -> Callable[[datetime], str]:
    """Ids that depend on the virtual time and the order alone."""
    return UlidMaker(random.Random(ID_SEED).getrandbits).new  # noqa: S311 - repeatable is the point


# Sees every frame after the chain has: the frame, its look when a detector was asked, and what the rules said.
Watch = Callable[[Frame, Look | None, tuple[Signal, ...]], None]


def unwatched(_frame: Frame, _look: Look | None, _signals: tuple[Signal, ...]) -> None:
    """Nobody looks."""


def play(
    frames: Iterable[Frame], pipeline: CameraPipeline, log: EventLog, watch: Watch = unwatched
) -> SourceError | None:
    """Run until the recording ends, then close the open episodes.

    Returns None, or what made the recording end before its time: all that was seen until then is in the log.
    """
    last: Frame | None = None
    broken: SourceError | None = None
    try:
        for frame in frames:
            if last is not None:
                _tick(last, frame.monotonic_s, pipeline, log)
            signals = pipeline.look(frame)
            log.add(frame.monotonic_s, signals)
            look = pipeline.last
            watch(frame, look if look is not None and look.frame is frame else None, signals)
            last = frame
    except SourceError as error:
        broken = error
    if last is not None:
        reason = "recording_damaged" if broken else "end_of_recording"
        log.add(last.monotonic_s, pipeline.close(last.monotonic_s, last.captured_at, reason))
    return broken


def _tick(last: Frame, until_s: float, pipeline: CameraPipeline, log: EventLog) -> None:
    ticks = 1
    while (now_s := last.monotonic_s + ticks * TICK_S) < until_s:
        log.add(now_s, pipeline.tick(now_s, last.captured_at + timedelta(seconds=ticks * TICK_S)))
        ticks += 1


def paced(frames: Iterable[Frame], clock: Clock) -> Iterator[Frame]:
    """The same frames, none before its time: as fast as they were recorded, for people who watch."""
    start_s: float | None = None
    for frame in frames:
        now_s = clock.monotonic_s()
        start_s = now_s - frame.monotonic_s if start_s is None else start_s
        if (early_s := start_s + frame.monotonic_s - now_s) > 0:
            clock.sleep_s(early_s)
        yield frame
