# ruff: noqa: INP001  # a script, not a package
"""Which operating threshold rooms ask for that are neither trained on nor measured in.

python -m models.training.scenes rooms --out DIR --first 1400 --count 10     such rooms (in the environment with bpy)
python benchmarks/thresholds.py --rooms DIR [DIR ...] [--only lift-n ...] [--most 0.002] [--json]

Every stand of every visitor is one picture, as one camera would have seen it, judged by the whole detector with its
second look and opinion. Told are e-bikes found and other pictures that alarm (95 % Wilson intervals) by the threshold;
asked for is the lowest at which at most `--most` of the others alarm, beside that of the manifest.
"""

import argparse
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from detectors import Entrant, Judged, entrants, named
from rich.progress import track

from edgeguard.detectors import models_dir
from edgeguard.replay.rates import Rate, Scores, accepted, threshold_at
from models.training.evaluate import judge
from models.training.stands import Stand, stands

THRESHOLDS = (0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.8)
MOST = 0.002


@dataclass(frozen=True, slots=True)
class Step:
    """What one threshold finds, and what else alarms."""

    threshold: float
    found: Rate
    false: Rate


@dataclass(frozen=True, slots=True)
class Choice:
    """What a model is set to and what these rooms ask for; `steps` rise."""

    model: str
    manifest: float
    asked_for: Step
    steps: list[Step]


def chosen(entrant: Entrant, pictures: Sequence[Stand], most: float, *, quiet: bool) -> Choice:
    """Looks at all of `pictures` once."""
    hits, others = scores(Judged(entrant), track(pictures, entrant.name, disable=quiet))
    asked = math.ceil(1000 * threshold_at(most, others)) / 1000
    steps = [_step(at, hits, others) for at in sorted({*THRESHOLDS, entrant.threshold})]
    return Choice(entrant.name, entrant.threshold, _step(asked, hits, others), steps)


def scores(detector: Judged, pictures: Iterable[Stand]) -> tuple[Scores, Scores]:
    """The best on each e-bike, and the worst in each picture without one."""
    judged = [judge(stand.item, "", detector.at(stand)) for stand in pictures]
    hits = [hit for verdict in judged for hit in verdict.hits]
    return np.array(hits), np.array([verdict.worst_false for verdict in judged if not verdict.hits])


def _step(threshold: float, hits: Scores, others: Scores) -> Step:
    return Step(threshold, accepted(hits, threshold), accepted(others, threshold))


def told(choice: Choice) -> str:
    lines = [f"{choice.model:<14}{'found':<32}others that alarm"]
    lines += [_line(step, " (manifest)" if step.threshold == choice.manifest else "") for step in choice.steps]
    return "\n".join([*lines, _line(choice.asked_for, " (asked for)")])


def _line(step: Step, remark: str) -> str:
    found, false = (f"{r.count}/{r.n} ({r.interval[0]:.3f}-{r.interval[1]:.3f})" for r in (step.found, step.false))
    return f"  {step.threshold:<12.3g}{found:<32}{false}{remark}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rooms", type=Path, nargs="+", required=True, metavar="DIR")
    parser.add_argument("--models-dir", type=Path)
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="of the detectors, these")
    parser.add_argument("--most", type=float, default=MOST, help="share of other pictures that may alarm")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not 0 <= options.most < 1:
        parser.error(f"--most: met {options.most}, accepted: from 0 to below 1")
    cv2.setNumThreads(1)
    wanted = named(entrants(models_dir(options.models_dir)), options.only, parser)
    try:
        pictures = [stand for folder in options.rooms for stand in stands(folder)]
    except ValueError as error:
        parser.error(f"--rooms: {error}")
    choices = [chosen(entrant, pictures, options.most, quiet=options.json) for entrant in wanted]
    print(json.dumps([asdict(choice) for choice in choices]) if options.json else "\n\n".join(map(told, choices)))


if __name__ == "__main__":
    main()
