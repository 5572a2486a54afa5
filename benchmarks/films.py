# ruff: noqa: INP001  # a part of scripts, not a package
"""Films of other things than a rule is about, and how they are played for longer than they last."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path

from edgeguard.pipeline.camera import Beat
from edgeguard.types import Detections, Detector, Frame, Picture

VIDEOS = {".avi", ".mkv", ".mov", ".mp4"}


class Remembered:
    """A detector that looks at each picture once; they are kept."""

    def __init__(self, detector: Detector) -> None:
        self._detector = detector
        self._seen: dict[int, tuple[Picture, Detections]] = {}

    def detect(self, picture: Picture) -> Detections:
        if id(picture) not in self._seen:
            self._seen[id(picture)] = picture, self._detector.detect(picture)
        return self._seen[id(picture)][1]


def films_of(paths: Sequence[Path]) -> list[Path]:
    """Of files and folders."""
    files = sorted(file for path in paths for file in (path.rglob("*") if path.is_dir() else [path]))
    return [file for file in files if file.suffix in VIDEOS]


def seldom(frames: Iterator[Frame], hz: float) -> Iterator[Frame]:
    """So many a second."""
    beat = Beat(hz)
    for frame in frames:
        if beat.due(frame.monotonic_s):
            beat.take(frame.monotonic_s)
            yield frame


def lasting(frames: Sequence[Frame], seconds: float, *, cut: bool = False) -> Iterator[Frame]:
    """At an even pace for so long, once at least: to and fro, or, with a `cut`, from the start again."""
    step_s = frames[-1].monotonic_s / max(len(frames) - 1, 1)
    for number, frame in enumerate(cycle(frames if cut else [*frames, *frames[-2:0:-1]])):
        at_s = number * step_s
        if at_s > seconds and number >= len(frames):
            return
        at = frames[0].captured_at + timedelta(seconds=at_s)
        yield replace(frame, index=number, monotonic_s=at_s, captured_at=at)
