# ruff: noqa: INP001  # a script, not a package
"""What is confirmed although no e-bike is there: visits of prams, wheelchairs and people, and recordings of real ones.

python -m models.training.scenes visits --others --count 36   renders them (in the scenes' own environment)
python benchmarks/nuisance.py [--visits DIR] [--clips DIR ...] [--model NAME] [--json]

Each is played once at 8 looks a second through the chain of `edgeguard replay`, under every rule of confirming. In the
clips nobody has an e-bike either; they are videos in any format, and a folder is searched for them.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path

import cv2
from latency import E_BIKE, Remembering
from visits import default_folder, frames, load

from edgeguard.contract import UlidMaker
from edgeguard.errors import SourceError
from edgeguard.pipeline import ChainConfig, Model, build_pipeline, open_model
from edgeguard.replay.evaluate import wilson_interval
from edgeguard.scenarios import LiftEbikeConfig
from edgeguard.sources import FileConfig, FileSource
from edgeguard.types import Frame, Phase, Report

LOOKS_HZ = 8.0
VIDEOS = {".avi", ".mkv", ".mov", ".mp4"}
# By name: how many looks must show it, and how many of them must be believed.
RULES = {"two strong looks": (2, 2), "one strong and one weak": (2, 1), "one strong look": (1, 1)}


@dataclass(frozen=True, slots=True)
class Played:
    """`confirmed`: names of the rules under which an e-bike was reported; `highest`: score of any look."""

    kind: str
    name: str
    seconds: float
    highest: float
    confirmed: tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--visits", type=Path, default=default_folder().with_name("visits-other"))
    parser.add_argument("--clips", type=Path, nargs="*", default=[])
    parser.add_argument("--model", default=ChainConfig().model)
    parser.add_argument("--models-dir", type=Path)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    model = open_model(ChainConfig(model=options.model), options.models_dir)
    played = [play(kind, name, taken, model) for kind, name, taken in recordings(options.visits, options.clips)]
    if options.json:
        print(json.dumps([asdict(one) for one in played]))
        return
    for one in played:
        if one.confirmed:
            print(f"{one.kind} {one.name}: {', '.join(one.confirmed)}; highest {one.highest:.2f}")
    for line in table(played):
        print(line)


def recordings(visits: Path, clips: list[Path]) -> Iterator[tuple[str, str, list[Frame]]]:
    for visit in load(visits):
        yield "visits", visit.name, list(frames(visit.pictures, [n / visit.fps for n in range(len(visit.pictures))]))
    for folder in clips:
        for path in sorted(file for file in folder.rglob("*") if file.suffix in VIDEOS):
            yield folder.name, path.stem, list(_thinned(path))


def _thinned(path: Path) -> Iterator[Frame]:
    """About LOOKS_HZ frames a second; what could be read before a damage counts."""
    due_s = 0.0
    try:
        for frame in FileSource(FileConfig(path=path, pace="max"), "bench").frames():
            if frame.monotonic_s >= due_s:
                due_s += 1 / LOOKS_HZ
                yield frame
    except SourceError as error:
        print(error)


def play(kind: str, name: str, taken: list[Frame], model: Model) -> Played:
    detector = Remembering(model)
    seen = Model(detector, model.labels, model.thresholds, model.name)
    confirmed = tuple(rule for rule, (n_min, strong_min) in RULES.items() if _confirms(taken, seen, n_min, strong_min))
    label = model.labels.index(E_BIKE)
    found = (detector.detect(frame.picture) for frame in taken)
    highest = max((float(boxes.score[boxes.label == label].max(initial=0.0)) for boxes in found), default=0.0)
    seconds = taken[-1].monotonic_s - taken[0].monotonic_s if taken else 0.0
    return Played(kind, name, seconds, round(highest, 3), confirmed)


def _confirms(taken: list[Frame], model: Model, n_min: int, strong_min: int) -> bool:
    rule = LiftEbikeConfig(n_min=n_min, strong_min=strong_min)
    pipeline = build_pipeline(ChainConfig(detect_hz=60, scenarios=(rule,)), "bench", model, UlidMaker(lambda _: 0).new)
    signals = (signal for frame in taken for signal in pipeline.look(frame))
    return any(isinstance(s, Report) and s.phase is Phase.NEW and "EBIKE" in s.code for s in signals)


def table(played: list[Played]) -> Iterator[str]:
    yield f"{'recordings':<20}{'n':>5}{'minutes':>9}" + "".join(f"{rule:>38}" for rule in RULES)
    for kind, group in groupby(played, key=lambda one: one.kind):
        mine = list(group)
        cells = (_share(sum(rule in one.confirmed for one in mine), len(mine)) for rule in RULES)
        minutes = sum(one.seconds for one in mine) / 60
        yield f"{kind:<20}{len(mine):>5}{minutes:>9.1f}" + "".join(f"{cell:>38}" for cell in cells)


def _share(count: int, of: int) -> str:
    low, high = wilson_interval(count, of)
    return f"{count}/{of} = {count / of:.3f} ({low:.3f} to {high:.3f})"


if __name__ == "__main__":
    main()
