"""The heads that tell a fight by movement and by change, fitted to labelled clips; judged by clips of other sources.

    python -m models.training.bodies.trunk models/lift-n.onnx models/body-fight.onnx      once
    python -m models.training.bodies.fight SHARED/data/fight_clips --looks CACHE/fight

SHARED/data/fight_clips/sources.csv: clip, label (fight, no_fight), source. Fights and others of one number mostly are
of one video: its clips are never on both sides, whatever they show. The heads are fitted on the looks through every
detector that is told, so that they lean less on where one of them sees people, and judged by each. The looks of a clip
are taken once and kept: other weights of a detector, another body-fight.onnx need another folder. The last lines are of
the entry in models/manifest.yaml.
"""

import argparse
import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeguard.bodies.manifest import fight_of
from edgeguard.bodies.scuffle import Scuffle
from edgeguard.detectors import OnnxDetector, find_model, models_dir
from edgeguard.networks import ExecutionConfig
from edgeguard.pipeline.camera import Beat
from edgeguard.replay.clip import open_clip
from edgeguard.replay.rates import area_under_curve
from edgeguard.types import Frame
from models.training.bodies.logistic import Head, Table, fit

LOOKS_HZ = 8.0
FOLDS, SEEDS = 8, 6
# Of the weights, against clips that count one each, and fights as much as no fights in all: of the six numbers of
# movement, and of what changes in hundreds of channels. Fitted apart: together the many would speak for the few.
RIDGE, CHANGES_RIDGE = 1.5, 60.0
ALONE = 0.5
# Numbers that are one video all the same: seen by comparing the mean pictures of all.
SAME = {"16": "5"}


@dataclass(frozen=True, slots=True)
class Looks:
    """Parallel, one row per judged look: clip number, six features, changes (channels,), whether two were close."""

    clip: NDArray[np.int64]
    features: Table
    changes: Table
    together: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Heads:
    """One for how people moved, one for how what is seen of them changed."""

    movement: Head
    changes: Head

    def probability(self, looks: Looks) -> Table:
        return np.asarray(1 / (1 + np.exp(-self.movement.odds(looks.features) - self.changes.odds(looks.changes))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="with sources.csv")
    parser.add_argument("--looks", type=Path, required=True, help="folder where the looks are kept, a file a detector")
    parser.add_argument("--models", nargs="+", default=["lift-n", "yard-n"], metavar="NAME", help="detectors")
    options = parser.parse_args()
    if options.looks.is_file():
        parser.error(f"--looks {options.looks}: met a file, accepted: a folder")
    cv2.setNumThreads(1)
    with (options.folder / "sources.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    clips = [options.folder / row["clip"] for row in rows]
    by_model = {name: _looks(options.looks / f"{name}.npz", name, clips) for name in options.models}
    every = _joined(list(by_model.values()))
    fights = np.array([row["label"] == "fight" for row in rows])
    groups = [SAME.get(row["source"], row["source"]) for row in rows]
    for name, by_seed in _cross_validated(every, by_model, fights, groups).items():
        print(f"through {name}")
        _report([row["clip"] for row in rows], fights, groups, by_seed)
    _entry(fit_both(every, fights, np.ones(len(every.clip), np.bool_)))


def fit_both(looks: Looks, fights: NDArray[np.bool_], seen: NDArray[np.bool_]) -> Heads:
    """On the looks that are `seen`; `fights` of each clip."""
    clip = looks.clip[seen]
    return Heads(
        fit(looks.features[seen], fights[clip], clip, RIDGE),
        fit(looks.changes[seen], fights[clip], clip, CHANGES_RIDGE),
    )


def scores(looks: Looks, heads: Heads, clips: int) -> Table:
    """(clips,): the most probable look of each; 0 without one."""
    found = heads.probability(looks) * np.where(looks.together, 1.0, ALONE)
    best = np.zeros(clips)
    np.maximum.at(best, looks.clip, found)
    return best


def _cross_validated(
    every: Looks, by_model: Mapping[str, Looks], fights: NDArray[np.bool_], groups: list[str]
) -> dict[str, Table]:
    """(seeds, clips) by each model's looks: each clip by heads fitted on `every` look of no clip of its source."""
    result = {name: np.zeros((SEEDS, len(fights))) for name in by_model}
    for seed in range(SEEDS):
        fold = _folds(groups, seed)
        for number in range(FOLDS):
            out = fold == number
            heads = fit_both(every, fights, ~out[every.clip])
            for name, looks in by_model.items():
                result[name][seed, out] = scores(looks, heads, len(fights))[out]
    return result


def _folds(groups: list[str], seed: int) -> NDArray[np.int64]:
    """(clips,): number of the fold."""
    mixed = np.random.default_rng(seed).permutation(sorted(set(groups)))
    number = {str(group): index % FOLDS for index, group in enumerate(mixed)}
    return np.array([number[group] for group in groups])


def _report(names: list[str], fights: NDArray[np.bool_], groups: list[str], by_seed: Table) -> None:
    print("AUC by seed", [round(area_under_curve(row[fights], row[~fights]).value or 0, 3) for row in by_seed])
    mean = by_seed.mean(axis=0)
    print("of the means", area_under_curve(mean[fights], mean[~fights]))
    print("95 % by video", _interval(mean, fights, np.array(groups)))
    for threshold in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9):
        found, mistaken = (mean[fights] >= threshold).sum(), (mean[~fights] >= threshold).sum()
        print(f"from {threshold}: {found}/{fights.sum()} fights, {mistaken}/{(~fights).sum()} others")
    wrong = np.argsort(np.where(fights, mean, 1 - mean))[:16]
    print("worst", [(names[index], round(float(mean[index]), 2)) for index in wrong])


def _interval(scored: Table, fights: NDArray[np.bool_], groups: NDArray[np.str_]) -> tuple[float, float]:
    """Of the AUC: videos drawn anew a thousand times, with all their clips."""
    chance, videos = np.random.default_rng(0), sorted(set(groups.tolist()))
    areas = []
    for _ in range(1000):
        drawn = np.concatenate([np.flatnonzero(groups == video) for video in chance.choice(videos, len(videos))])
        score, fight = scored[drawn], fights[drawn]
        areas.append(area_under_curve(score[fight], score[~fight]).value or np.nan)
    low, high = np.nanquantile(areas, (0.025, 0.975))
    return round(float(low), 3), round(float(high), 3)


def _looks(path: Path, model: str, clips: list[Path]) -> Looks:
    """Through a detector of the manifest; taken where they are not kept yet."""
    if not path.is_file():
        _keep(path, model, clips)
    rows = np.load(path)["rows"]
    return Looks(rows[:, 0].astype(np.int64), rows[:, 2:8], rows[:, 8:], rows[:, 1] > 0)


def _joined(several: Sequence[Looks]) -> Looks:
    return Looks(*(np.concatenate([getattr(looks, field.name) for looks in several]) for field in fields(Looks)))


def _keep(path: Path, model: str, clips: list[Path]) -> None:
    detector = OnnxDetector(find_model(model, models_dir()))
    rows = []
    for number, clip in enumerate(clips):
        scuffle, beat = Scuffle(fight_of(models_dir()), ExecutionConfig()), Beat(LOOKS_HZ)
        for frame in open_clip(clip, "clip"):
            if beat.due(frame.monotonic_s):
                beat.take(frame.monotonic_s)
                seen = scuffle.look(frame.picture, _people(detector, frame), frame.monotonic_s)
                if seen is not None:
                    rows.append((number, seen.together, *seen.features, *seen.changes))
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, rows=np.array(rows, np.float64))


def _people(detector: OnnxDetector, frame: Frame) -> list[list[float]]:
    found = detector.detect(frame.picture)
    boxes: list[list[float]] = found.xyxy[found.label == detector.labels.index("person")].tolist()
    return boxes


def _entry(heads: Heads) -> None:
    """Prints what the manifest has."""
    head, (changes, bias) = heads.movement, heads.changes.unstandardised()
    told = {"mean": head.mean, "spread": head.spread, "weight": head.weight[:-1], "changes": changes}
    for name, values in told.items():
        print(f"    {name}: {[round(float(value), 4) for value in values]}")
    print(f"    bias: {head.weight[-1] + bias:.4f}")


if __name__ == "__main__":
    main()
