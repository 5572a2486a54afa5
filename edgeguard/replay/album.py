"""What a replay's report shows: a picture wherever somebody would ask for one, and the scores over time."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from edgeguard.pipeline import Look, snapshot
from edgeguard.replay.page import ReportFolder
from edgeguard.replay.truth import TruthEntry
from edgeguard.types import Frame, Phase, Report, Signal

PERSON = "person"
# A picture from so long before the `new`: what led to it.
BEFORE_S = 3.0
# Kept for "before"; a frame holds its decoder's buffers, so few of them.
KEPT_EVERY_S = 1.0
# Of an entry nobody may find: at its start, in its middle, at its end.
TRUTH_MOMENTS = (0.0, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of the report; seconds of the recording."""

    name: str
    at_s: float
    words: str


@dataclass(frozen=True, slots=True)
class ScorePoint:
    """The strongest box of each label in one look, at seconds of the recording."""

    at_s: float
    best: Mapping[str, float]


@dataclass(slots=True)
class _Wanted:
    at_s: float
    entry: TruthEntry
    words: str


@dataclass(slots=True)
class _Follow:
    """An open episode: its best look so far is pictured when it has ended."""

    report: Report
    look: Look
    score: float = field(default=0.0)


class Album:
    """Give `watch` to `play`; ask afterwards. Heads are blurred: a report is made to be sent around."""

    def __init__(self, folder: ReportFolder, labels: Sequence[str], truth: Sequence[TruthEntry] = ()) -> None:
        self.points: list[ScorePoint] = []
        self.episodes: dict[str, list[Shot]] = {}
        self.entries: dict[TruthEntry, list[Shot]] = {}
        self.frames = 0
        self.length_s = 0.0
        self._folder = folder
        self._labels = tuple(labels)
        self._before: deque[Frame] = deque(maxlen=int(BEFORE_S / KEPT_EVERY_S) + 1)
        self._following: dict[str, _Follow] = {}
        self._latest: Look | None = None
        self._taken = 0
        self._wanted = sorted(
            (
                _Wanted(entry.start_s + share * (entry.end_s - entry.start_s), entry, f"{share:.0%} of it")
                for entry in truth
                for share in TRUTH_MOMENTS
            ),
            key=lambda wanted: wanted.at_s,
        )

    def watch(self, frame: Frame, look: Look | None, signals: tuple[Signal, ...]) -> None:
        self.frames += 1
        self.length_s = frame.monotonic_s
        if look is not None:
            self._latest = look
            self._score(look)
        self._take_wanted(frame)
        for signal in signals:
            if isinstance(signal, Report):
                self._follow(signal, frame)
        if not self._before or frame.monotonic_s - self._before[-1].monotonic_s >= KEPT_EVERY_S:
            self._before.append(frame)

    def close(self) -> None:
        """The recording has ended: picture what was still open."""
        for event_id in list(self._following):
            self._finish(event_id)

    def _score(self, look: Look) -> None:
        boxes = look.tracks.boxes
        best = {
            label: float(boxes.score[boxes.label == index].max())
            for index, label in enumerate(self._labels)
            if (boxes.label == index).any()
        }
        self.points.append(ScorePoint(look.frame.monotonic_s, best))
        for follow in self._following.values():
            sighting = follow.report.sighting
            score = best.get(sighting.label, 0.0) if sighting else 0.0
            if score > follow.score:
                follow.look, follow.score = look, score

    def _follow(self, report: Report, frame: Frame) -> None:
        if report.phase is Phase.NEW and self._latest is not None:
            before = self._before[0] if self._before else frame
            shots = self.episodes.setdefault(report.event_id, [])
            shots.append(self._shot(before, None, "before"))
            seen = report.sighting
            box, path = (seen.box, seen.path) if seen else (None, ())
            shots.append(self._shot(frame, self._latest, "confirmed", box, path))
            self._following[report.event_id] = _Follow(report, self._latest)
        elif report.decision == "cleared" and report.event_id in self._following:
            self.episodes[report.event_id].append(self._shot(frame, self._latest, "cleared"))
        if report.phase is Phase.END:
            self._finish(report.event_id)

    def _finish(self, event_id: str) -> None:
        follow = self._following.pop(event_id, None)
        if follow is not None and follow.score:
            shot = self._shot(follow.look.frame, follow.look, f"strongest, {follow.score:.2f}", self._box_of(follow))
            self.episodes[event_id].insert(2, shot)

    def _box_of(self, follow: _Follow) -> tuple[float, float, float, float] | None:
        """The strongest box of the episode's label in its best look, in 0..1."""
        sighting, look = follow.report.sighting, follow.look
        if sighting is None:
            return None
        boxes = look.tracks.boxes
        mine = boxes[boxes.label == self._labels.index(sighting.label)]
        x0, y0, x1, y1 = mine.xyxy[int(mine.score.argmax())].tolist()
        width, height = look.frame.picture.width, look.frame.picture.height
        return x0 / width, y0 / height, x1 / width, y1 / height

    def _take_wanted(self, frame: Frame) -> None:
        while self._wanted and self._wanted[0].at_s <= frame.monotonic_s:
            wanted = self._wanted.pop(0)
            self.entries.setdefault(wanted.entry, []).append(self._shot(frame, self._latest, wanted.words))

    def _shot(
        self,
        frame: Frame,
        look: Look | None,
        words: str,
        box: tuple[float, float, float, float] | None = None,
        path: Sequence[tuple[float, float]] = (),
    ) -> Shot:
        boxes = look.tracks.boxes if look is not None else None
        people = np.zeros((0, 4), np.float32)
        if boxes is not None and PERSON in self._labels:
            people = boxes.xyxy[boxes.label == self._labels.index(PERSON)]
        self._taken += 1
        name = f"{self._taken:04d}.jpg"
        self._folder.add_picture(name, snapshot(frame.picture, box, people, path=path))
        return Shot(name, frame.monotonic_s, words)
