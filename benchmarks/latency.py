# ruff: noqa: INP001  # a script, not a package
"""How soon an e-bike is confirmed: video time from the first picture with 30 % of it to `new`, over rendered visits.

python -m models.training.scenes visits --count 24      renders them (in the scenes' own environment), about 15 minutes
python benchmarks/latency.py [--visits DIR | --stories [DIR]] [--model NAME] [--strong-min N] [--trace] [--json]

Each visit is played at its own 8 pictures a second and at 5, as it is and with a lamp that goes on as the e-bike
appears. `--trace` tells of every look from the first visible picture on: where the time goes. `--stories` plays those
of `scenes visits --story`, each by its own name, in place of the plain ones; more than one `new` of a visit is told.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
from visits import Bgr, Visit, default_folder, frames, lit, load

from edgeguard.contract import UlidMaker
from edgeguard.pipeline import CameraPipeline, ChainConfig, Model, build_pipeline, open_model
from edgeguard.replay.evaluate import wilson_interval
from edgeguard.scenarios import LiftEbikeConfig
from edgeguard.types import Detections, Phase, Picture, Report

RATES_HZ = (8, 5)
# The lamp goes on so long before the e-bike is visible, from this share of the light.
STEP_BEFORE_S, STEP_FROM = 0.15, 0.35
TARGET_S = {8: 0.5, 5: 1.0}
E_BIKE = "e-bike"
# How plain visits stand while an e-bike comes in; stories are told by their own names.
STANDING = {"opening": "opening doors", "still": "still scene"}


@dataclass(frozen=True, slots=True)
class Look:
    """One picture: `score` of the strongest e-bike, None when the gate kept it from the detector."""

    after_s: float
    visible: float
    score: float | None


@dataclass(frozen=True, slots=True)
class Run:
    """`latency_s` None: never confirmed. Below 0: confirmed before 30 % could be seen. `news`: how often told."""

    visit: str
    scene: str
    rate_hz: int
    latency_s: float | None
    looks: tuple[Look, ...]
    news: int = 0


class Remembering:
    """A detector that looks once at each picture: the same ones come back at other rates."""

    def __init__(self, model: Model) -> None:
        self._detector = model.detector
        self._found: dict[bytes, Detections] = {}

    def detect(self, picture: Picture) -> Detections:
        key = picture.luma.tobytes()
        if key not in self._found:
            self._found[key] = self._detector.detect(picture)
        return self._found[key]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    played = parser.add_mutually_exclusive_group()
    played.add_argument("--visits", type=Path, default=default_folder())
    stories = default_folder().with_name("stories")
    played.add_argument("--stories", type=Path, nargs="?", const=stories, metavar="DIR", help=f"default: {stories}")
    parser.add_argument("--model", help="another detector of the manifest, or path of an .onnx file")
    parser.add_argument("--models-dir", type=Path)
    parser.add_argument("--strong-min", type=int, help="looks that must be believed of the two that confirm")
    parser.add_argument("--trace", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    rule = LiftEbikeConfig() if options.strong_min is None else LiftEbikeConfig(strong_min=options.strong_min)
    chain = ChainConfig(model=options.model or ChainConfig().model, scenarios=(rule,))
    model = open_model(chain, options.models_dir)
    runs = [run for visit in load(options.stories or options.visits) for run in play_all(visit, chain, model)]
    if options.json:
        print(json.dumps([asdict(run) for run in runs]))
        return
    for run in runs if options.trace else ():
        print(traced(run))
    for line in table(runs):
        print(line)
    for run in runs:
        if run.news > 1:
            print(f"{run.visit} {run.scene} {run.rate_hz} Hz: told {run.news} times")


def play_all(visit: Visit, chain: ChainConfig, model: Model) -> list[Run]:
    seen = Model(Remembering(model), model.labels, model.thresholds, model.name)
    standing = STANDING.get(visit.plan, visit.plan)
    runs = []
    for rate_hz in RATES_HZ:
        runs.append(play(visit, visit.pictures, standing, rate_hz, chain, seen))
        runs.append(play(visit, stepped(visit), "light step", rate_hz, chain, seen))
    return runs


def stepped(visit: Visit) -> Sequence[Bgr]:
    """Dark until shortly before the e-bike can be seen."""
    first = visit.first or 0
    return [
        lit(picture, STEP_FROM) if (first - n) / visit.fps > STEP_BEFORE_S else picture
        for n, picture in enumerate(visit.pictures)
    ]


def play(visit: Visit, pictures: Sequence[Bgr], scene: str, rate_hz: int, chain: ChainConfig, model: Model) -> Run:
    first = visit.first
    if first is None:
        raise SystemExit(f"{visit.name}: its e-bike is never visible to 30 %; render it anew")
    # Every picture at its own time; at a lower rate some are left out, a little uneven as a busy camera is.
    kept = sorted({round(k * visit.fps / rate_hz) for k in range(len(pictures) * rate_hz // visit.fps)})
    visible_s = next(n for n in kept if visit.visible[n] >= visit.visible[first] and n >= first) / visit.fps
    pipeline = build_pipeline(chain, "bench", model, UlidMaker(lambda _: 0).new)
    told_s: list[float] = []
    looks: list[Look] = []
    for n, frame in zip(kept, frames([pictures[n] for n in kept], [n / visit.fps for n in kept]), strict=True):
        signals = pipeline.look(frame)
        looks.append(
            Look(round(frame.monotonic_s - visible_s, 3), visit.visible[n], score_of(pipeline, model, frame.index))
        )
        if any(isinstance(s, Report) and s.phase is Phase.NEW and "EBIKE" in s.code for s in signals):
            told_s.append(frame.monotonic_s)
    latency_s = round(told_s[0] - visible_s, 3) if told_s else None
    return Run(visit.name, scene, rate_hz, latency_s, tuple(looks), len(told_s))


def score_of(pipeline: CameraPipeline, model: Model, index: int) -> float | None:
    look = pipeline.last
    if look is None or look.frame.index != index:
        return None
    boxes = look.tracks.boxes
    return float(boxes.score[boxes.label == model.labels.index(E_BIKE)].max(initial=0.0))


def traced(run: Run) -> str:
    scores = " ".join(
        f"{look.after_s:+.2f}:{'gate' if look.score is None else f'{look.score:.2f}'}({look.visible:.2f})"
        for look in run.looks
        if -0.6 <= look.after_s <= 1.5
    )
    return f"{run.visit} {run.scene} {run.rate_hz} Hz: {run.latency_s} s | {scores}"


def table(runs: Sequence[Run]) -> list[str]:
    lines = [f"{'scene':<14} {'Hz':>3} {'n':>3} {'missed':>6} {'p50 s':>6} {'p95 s':>6} {'within target (95 %)':>28}"]
    played = {run.scene for run in runs}
    stories = sorted(played - {*STANDING.values(), "light step"})
    plain = [scene for scene in ("still scene", "opening doors") if scene in played or not stories]
    for scene in (*plain, *stories, "light step", "all"):
        for rate_hz in RATES_HZ:
            mine = [run for run in runs if scene in {run.scene, "all"} and run.rate_hz == rate_hz]
            lines.append(row(scene, rate_hz, [run.latency_s for run in mine]))
    return lines


def row(scene: str, rate_hz: int, latencies_s: Sequence[float | None]) -> str:
    """A miss counts as later than everything else."""
    values = [np.inf if value is None else max(value, 0.0) for value in latencies_s]
    within = sum(value <= TARGET_S[rate_hz] + 1e-6 for value in values)
    low, high = wilson_interval(within, len(values))
    # The time within which so many are confirmed: no value between two that were met.
    quantiles = (np.quantile(values, share, method="inverted_cdf") if values else np.nan for share in (0.5, 0.95))
    p50, p95 = (float(value) for value in quantiles)
    told = f"{within}/{len(values)} <= {TARGET_S[rate_hz]} s ({low:.2f} to {high:.2f})"
    missed = sum(value is None for value in latencies_s)
    return f"{scene:<14} {rate_hz:>3} {len(values):>3} {missed:>6} {p50:>6.2f} {p95:>6.2f} {told:>28}"


if __name__ == "__main__":
    main()
