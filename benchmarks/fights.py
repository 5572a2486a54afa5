# ruff: noqa: INP001  # a script, not a package
"""How many fights the rule tells, and how many others, by the time it waits: through the whole chain, as it is shipped.

python benchmarks/fights.py SHARED/data/fight_clips --looks CACHE/fight [--model NAME] [--cut]

Clips of surveillance cameras are 2 s long, as long as what the rule judges by; a fight is longer. So each is played to
and fro until 6 s are over (`--cut`: from the start again, with a jump in the picture). What is told before the clip has
ended for the first time is told of the clip as it is. Each clip is judged by heads that were fitted on no clip of its
video, by the looks of `python -m models.training.bodies.fight`.
"""

import argparse
import csv
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from pathlib import Path

import cv2
import numpy as np
from films import lasting

from edgeguard.bodies import BodyStage, FightSpec
from edgeguard.bodies.manifest import fight_of
from edgeguard.bodies.scuffle import Scuffle
from edgeguard.detectors import for_one_camera, models_dir
from edgeguard.motion import MotionGate
from edgeguard.networks import ExecutionConfig
from edgeguard.pipeline import CameraPipeline, ChainConfig, Model, open_model
from edgeguard.replay.clip import open_clip
from edgeguard.scenarios import build
from edgeguard.scenarios.conduct_fight import ConductFightConfig
from edgeguard.trackers import GreedyTracker
from edgeguard.types import Phase, Report
from models.training.bodies.fight import LOOKS_HZ, SAME, Heads, _joined, _looks, fit_both
from models.training.stats import told as told_share

FITTED_ON = ("lift-n", "yard-n")
LASTS_S = 6.0
DWELLS_S = (0.0, 0.25, 0.5, 1.0)
SURE = (0.7, 0.8, 0.9)
RULES = tuple(
    ConductFightConfig(name=f"from {sure}, {dwell_s:g} s", min_fight=sure, dwell_s=dwell_s)
    for sure in SURE
    for dwell_s in DWELLS_S
)
# Of one clip: when each rule first told it, and how long the clip is.
Told = tuple[Mapping[str, float], float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="with sources.csv")
    parser.add_argument("--looks", type=Path, required=True, help="folder where the looks are kept, a file a detector")
    parser.add_argument("--model", default=ChainConfig().model)
    parser.add_argument("--cut", action="store_true", help="played from the start again, not to and fro")
    options = parser.parse_args()
    cv2.setNumThreads(1)
    with (options.folder / "sources.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    model = open_model(ChainConfig(model=options.model))
    told = list(judged(options.folder, rows, options.looks, model, cut=options.cut))
    print("\n".join(summary([row["label"] == "fight" for row in rows], told)))


def judged(
    folder: Path, rows: Sequence[Mapping[str, str]], looks: Path, model: Model, *, cut: bool, part: slice = slice(None)
) -> Iterator[Told]:
    """Of each row."""
    clips = [folder / row["clip"] for row in rows]
    every = _joined([_looks(looks / f"{name}.npz", name, clips) for name in FITTED_ON])
    fights = np.array([row["label"] == "fight" for row in rows])
    videos = np.array([SAME.get(row["source"], row["source"]) for row in rows])
    for clip, video in zip(clips[part], videos[part], strict=True):
        head = with_heads(fight_of(models_dir()), fit_both(every, fights, (videos != video)[every.clip]))
        yield played(clip, head, model, cut=cut)


def with_heads(spec: FightSpec, heads: Heads) -> FightSpec:
    changes, bias = heads.changes.unstandardised()
    head = heads.movement
    return spec.model_copy(
        update={
            "mean": tuple(head.mean.tolist()),
            "spread": tuple(head.spread.tolist()),
            "weight": tuple(head.weight[:-1].tolist()),
            "changes": tuple(changes.tolist()),
            "bias": float(head.weight[-1]) + bias,
        }
    )


def played(clip: Path, head: FightSpec, model: Model, *, cut: bool) -> Told:
    """Through gate, detector, tracker, body stage and rules."""
    ids = count()
    pipeline = CameraPipeline(
        MotionGate(),
        for_one_camera(model.detector),
        GreedyTracker(model.labels),
        build(RULES, "bench", model.labels, model.thresholds, lambda _: str(next(ids))),
        "bench",
        LOOKS_HZ,
        bodies=BodyStage(model.labels.index("person"), scuffle=Scuffle(head, ExecutionConfig())),
    )
    frames = list(open_clip(clip, "bench"))
    first: dict[str, float] = {}
    for frame in lasting(frames, LASTS_S, cut=cut):
        for signal in pipeline.look(frame):
            if isinstance(signal, Report) and signal.phase is Phase.NEW:
                first.setdefault(signal.zones[0], frame.monotonic_s)
    return first, frames[-1].monotonic_s


def summary(fights: Sequence[bool], told: Sequence[Told]) -> Iterator[str]:
    """A line a rule: clips as they are, then lasting; fights, others, seconds until a fight is told."""
    for rule in RULES:
        yield rule.name
        for name, within in (("as it is", True), ("for 6 s", False)):
            hits = {
                kind: [
                    rule.name in first and (first[rule.name] <= length_s or not within)
                    for (first, length_s), fight in zip(told, fights, strict=True)
                    if fight is kind
                ]
                for kind in (True, False)
            }
            shares = [told_share(sum(hits[kind]), len(hits[kind])) for kind in (True, False)]
            yield f"  {name:<9} fights {shares[0]:<28} others {shares[1]}"
        late = [
            first[rule.name] for (first, _), fight in zip(told, fights, strict=True) if fight and rule.name in first
        ]
        yield f"  median {np.median(late):.1f} s" if late else "  none"


if __name__ == "__main__":
    main()
