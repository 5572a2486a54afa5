"""What the rules of a camera were told in a replay, look by look, in a file: one header line, then one line each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TextIO, TypeVar

import numpy as np
from pydantic import Field, ValidationError

from edgeguard import __version__
from edgeguard.contract.base import describe
from edgeguard.errors import ConfigError
from edgeguard.pipeline import ChainConfig, Model
from edgeguard.scenarios import Thresholds
from edgeguard.types import (
    KEYPOINTS,
    Bodies,
    BodyAsk,
    Detections,
    DoorState,
    Flight,
    Observation,
    Tracks,
    Verdict,
)
from edgeguard.yamlfile import Strict

# Of one object: x0, y0, x1, y1 in pixels, score, label, track, age in seconds.
Row = tuple[float, float, float, float, float, int, int, float]
# x, y in pixels, confidence.
Joint = tuple[float, float, float]
Joints = Annotated[tuple[Joint, ...], Field(min_length=KEYPOINTS, max_length=KEYPOINTS)]
# Of one person: track, probability of lying, joints; None where nobody asked.
Person = tuple[int, float | None, Joints | None]
# Of one frame of a flight: seconds, x, y and size in pixels.
Speck = tuple[float, float, float, float]
T = TypeVar("T", bound=Strict)


class Points(Strict):
    """A label's operating points."""

    c_lo: float
    c_hi: float


class Header(Strict):
    """First line: whose observations these are; `scenarios` as the replay had them. `version` 1 had boxes alone.

    `bodies`: what was known of people beyond their boxes; `flights`: whether every frame was searched for things that
    fall.
    """

    version: Literal[1, 2] = 1
    edgeguard: str
    clip: str
    camera: str
    model: str
    labels: tuple[str, ...]
    thresholds: dict[str, Points]
    scenarios: tuple[dict[str, Any], ...]
    bodies: tuple[BodyAsk, ...] = ()
    flights: bool = False

    def believed(self) -> Mapping[str, Thresholds]:
        return {label: Thresholds(one.c_lo, one.c_hi) for label, one in self.thresholds.items()}


class SavedBodies(Strict):
    """`Bodies` as they are written."""

    people: tuple[Person, ...] = ()
    fight: float | None = None
    group: tuple[float, float, float, float] | None = None

    @classmethod
    def of(cls, bodies: Bodies) -> "SavedBodies":
        lying = [None if np.isnan(one) else one for one in bodies.lying.tolist()]
        joints = [tuple(map(tuple, one.tolist())) if one.any() else None for one in bodies.keypoints]
        people = tuple(zip(bodies.track_id.tolist(), lying, joints, strict=True))
        return cls.model_construct(people=people, fight=bodies.fight, group=bodies.group)

    def read(self) -> Bodies:
        nobody = np.zeros((KEYPOINTS, 3), np.float32)
        return Bodies(
            np.array([track_id for track_id, _, _ in self.people], np.int64),
            np.array([np.nan if lying is None else lying for _, lying, _ in self.people], np.float32),
            np.array([joints or nobody for _, _, joints in self.people], np.float32).reshape(-1, KEYPOINTS, 3),
            self.fight,
            self.group,
        )


class SavedFlight(Strict):
    """A `Flight` as it is written; `size`: of its picture, in pixels."""

    specks: Annotated[tuple[Speck, ...], Field(min_length=1)]
    frames: int
    chance: float
    size: tuple[int, int]

    @classmethod
    def of(cls, flight: Flight) -> "SavedFlight":
        columns = flight.at_s.tolist(), *flight.xy.T.tolist(), flight.size_px.tolist()
        specks, size = tuple(zip(*columns, strict=True)), (flight.width_px, flight.height_px)
        return cls.model_construct(specks=specks, frames=flight.frames, chance=flight.chance, size=size)

    def read(self) -> Flight:
        at_s, x, y, size_px = zip(*self.specks, strict=True)
        xy = np.stack((x, y), axis=1).astype(np.float32)
        return Flight(np.array(at_s), xy, np.array(size_px, np.float32), self.frames, self.chance, *self.size)


class Line(Strict):
    """One observation; `objects` None: nobody looked. Numbers are written so that the very same are read."""

    t: float
    at: datetime
    size: tuple[int, int]
    objects: tuple[Row, ...] | None = None
    blind: float = 0.0
    ending: str | None = None
    door: DoorState = DoorState.UNKNOWN
    bodies: SavedBodies | None = None
    flights: tuple[SavedFlight, ...] | None = None

    @classmethod
    def of(cls, now: Observation) -> "Line":
        rows = None if now.tracks is None else _rows(now.tracks)
        bodies = None if now.bodies is None else SavedBodies.of(now.bodies)
        flights = None if now.flights is None else tuple(SavedFlight.of(one) for one in now.flights)
        return cls.model_construct(
            t=now.monotonic_s, at=now.captured_at, size=(now.width_px, now.height_px), objects=rows,
            blind=now.blind_for_s, ending=now.ending, door=now.door, bodies=bodies, flights=flights,
        )  # fmt: skip

    def observation(self) -> Observation:
        tracks = None if self.objects is None else _tracks(self.objects)
        flights = None if self.flights is None else tuple(one.read() for one in self.flights)
        bodies = None if self.bodies is None else self.bodies.read()
        now = self.t, self.at, *self.size
        return Observation(*now, tracks, self.blind, self.ending, self.door, flights, bodies)


class Recorder:
    """Stands among the rules of a camera and writes down what they are told; it never says anything itself."""

    def __init__(self, out: TextIO, clip: str, camera: str, chain: ChainConfig, model: Model) -> None:
        self._out = out
        asks = {ask for scenario in chain.scenarios for ask in scenario.asks}
        header = Header(
            version=2,
            edgeguard=__version__,
            clip=clip,
            camera=camera,
            model=model.name,
            labels=model.labels,
            thresholds={label: Points(c_lo=one.c_lo, c_hi=one.c_hi) for label, one in model.thresholds.items()},
            scenarios=tuple(scenario.model_dump(mode="json") for scenario in chain.scenarios),
            bodies=tuple(sorted(ask for ask in asks if ask is not BodyAsk.POSE or chain.pose is not None)),
            flights=any(scenario.by_flights for scenario in chain.scenarios),
        )
        self._write(header)

    def update(self, observation: Observation) -> Verdict:
        self._write(Line.of(observation))
        return Verdict()

    def _write(self, line: Strict) -> None:
        self._out.write(line.model_dump_json(exclude_defaults=True) + "\n")


@dataclass(frozen=True, slots=True)
class Recording:
    """A whole file."""

    header: Header
    observations: tuple[Observation, ...]


def read_recording(path: Path) -> Recording:
    """Raises ConfigError with file and line; a file that was cut off is told, not read in part."""
    try:
        with path.open(encoding="utf-8") as lines:
            header = _checked(path, 1, Header, lines.readline())
            observations = tuple(_observations(path, lines))
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise ConfigError(f"{path}: {why}, accepted: a file of edgeguard replay --save-detections") from error
    if not observations or observations[-1].ending is None:
        raise ConfigError(f"{path}: met a recording without its end, accepted: one whose replay was not interrupted")
    return Recording(header, observations)


def _observations(path: Path, lines: TextIO) -> Iterator[Observation]:
    for number, text in enumerate(lines, start=2):
        yield _checked(path, number, Line, text).observation()


def _checked(path: Path, number: int, kind: type[T], text: str) -> T:
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise ConfigError(f"{path}:{number}: {describe(error)}") from error


def _rows(tracks: Tracks) -> tuple[Row, ...]:
    boxes = tracks.boxes
    columns = (*boxes.xyxy.T.tolist(), boxes.score.tolist(), boxes.label.tolist(), tracks.id.tolist())
    return tuple(zip(*columns, tracks.age_s.tolist(), strict=True))


def _tracks(rows: tuple[Row, ...]) -> Tracks:
    """The very arrays that were written: float32 goes through JSON's doubles without a loss."""
    table = list(zip(*rows, strict=True)) if rows else [()] * 8
    xyxy = np.array(table[:4], np.float32).T.reshape(-1, 4)
    boxes = Detections(np.ascontiguousarray(xyxy), np.array(table[4], np.float32), np.array(table[5], np.int16))
    return Tracks(boxes, np.array(table[6], np.int64), np.array(table[7], np.float32))
