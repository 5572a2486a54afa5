"""Can what a puff is be learnt from labelled tracks, instead of set by hand? Judged by tracks of other days.

    python -m models.training.bodies.smoking SHARED/data/smoking_tracks

clip_labels.json has a label for each clip, pose/*.npz its joints `kpts` (t, 17, 3), `fps` and `clip`; the date in the
name is the source, as no two days are told apart by anything else. What is not labelled is left out. Joints are read
as often as a box reads them, from the first frame on and from the second: what changes between the two is chance.

Compared are what `conduct_smoking` itself counts, with its constants; the counting with the reach and the shortest
puff under which a logistic regression over the count is likeliest; and a logistic regression over four numbers of how
the hand moves.
"""

import argparse
import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from edgeguard.bodies.stage import POSE_S
from edgeguard.replay.clip import EPOCH
from edgeguard.replay.rates import area_under_curve, threshold_at
from edgeguard.scenarios.conduct_smoking import (
    AT_MOUTH,
    GAP_S,
    HIPS,
    NOSE,
    PUFF_S,
    SHOULDERS,
    SURE,
    WRISTS,
    ConductSmokingConfig,
    Smoking,
)
from edgeguard.scenarios.objects import Thresholds
from edgeguard.scenarios.rule import Eyes
from edgeguard.types import Bodies, Detections, Observation, Tracks
from models.training.bodies.logistic import Table, fit
from models.training.stats import told

SMOKING = "smoking"
STEP_S = POSE_S[0]
REACHES = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
LEAST_S = (0.2, 0.4, 0.5, 0.6, 0.8, 1.0)
FALSE_SHARE = 0.05
RIDGE = 1.0
SIDE_PX = 640
NEAR = (0.05, 0.25)

Learner = Callable[[Sequence["Track"], NDArray[np.bool_]], Callable[[Sequence["Track"]], Table]]
"""Tracks and which of them smoke -> what scores others, the higher the more like smoking."""


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """For each frame to begin with: how far the hand is from the mouth (t,) every STEP_S; how many puffs the rule has
    counted.
    """

    name: str
    day: str
    smokes: bool
    readings: tuple[Table, ...]
    counted: tuple[int, ...]


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="with clip_labels.json and pose")
    options = parser.parse_args(words)
    try:
        tracks = list(load(options.folder))
    except (OSError, ValueError, LookupError, BadZipFile) as error:
        met = f"{type(error).__name__}: {error}"
        parser.error(f"{options.folder}: met {met}, accepted: a folder like SHARED/data/smoking_tracks")
    days = {track.day for track in tracks if track.smokes}
    if len(days) < 2 or all(track.smokes for track in tracks):
        met = f"{len(tracks)} labelled tracks, smokers on {len(days)} days"
        parser.error(f"{options.folder}: met {met}, accepted: smokers on two days or more, and others")
    print("\n".join(lines(tracks)))


def load(folder: Path) -> Iterator[Track]:
    """The labelled tracks. Raises OSError, ValueError, LookupError or BadZipFile for other files."""
    labels = json.loads((folder / "clip_labels.json").read_text("utf-8"))["labels"]
    for path in sorted((folder / "pose").glob("*.npz")):
        with np.load(path) as kept:
            label = labels.get(str(kept["clip"]))
            joints, fps = kept["kpts"], float(kept["fps"])
        if label is not None:
            every, at_s = max(1, round(fps * STEP_S)), np.arange(len(joints)) / fps
            read = [(joints[first::every], at_s[first::every]) for first in range(every)]
            smokes, day = label["label"] == SMOKING, path.stem.split("_")[2]
            readings = tuple(reach(taken) for taken, _ in read)
            yield Track(path.stem, day, smokes, readings, tuple(counted(*one) for one in read))


def counted(joints: NDArray[np.float32], at_s: Table) -> int:
    """The most puffs that the rule has seen of somebody with these (t, 17, 3) at (t,), who then is gone."""
    config, person = ConductSmokingConfig(), np.array([1])
    eyes = Eyes(config, ("person",), {"person": Thresholds(0.25, 0.4)})
    smoking = Smoking(eyes.here(), config.puffs, config.within_s)
    box = Detections(np.array([[0, 0, SIDE_PX, SIDE_PX]], np.float32), np.ones(1, np.float32), np.zeros(1, np.int16))
    tracks, gone = Tracks(box, person, np.zeros(1, np.float32)), (np.zeros(joints.shape[1:]), at_s[-1] + 1)
    most = 0
    for seen, now_s in [*zip(joints, at_s.tolist(), strict=True), gone]:
        bodies = Bodies(person, np.full(1, np.nan, np.float32), seen[None].astype(np.float32))
        found = smoking.evidence(Observation(now_s, EPOCH, SIDE_PX, SIDE_PX, tracks, bodies=bodies))
        most = max(most, (found.count or 0) if found else 0)
    return most


def reach(joints: NDArray[np.float32]) -> Table:
    """(t,): from nose to the nearer wrist in lengths of the trunk, infinite where a joint of them is not seen.

    Of (t, 17, 3); at most AT_MOUTH where `conduct_smoking.hand_at_mouth` is true.
    """
    sure = joints[..., 2] >= SURE
    trunk = np.hypot(*(joints[:, list(SHOULDERS), :2] - joints[:, list(HIPS), :2]).mean(axis=1).T)
    apart = np.hypot(*np.moveaxis(joints[:, list(WRISTS), :2] - joints[:, [NOSE], :2], -1, 0))
    nearest = np.where(sure[:, list(WRISTS)], apart, np.inf).min(axis=1)
    seen = sure[:, [NOSE, *SHOULDERS, *HIPS]].all(axis=1)
    return np.where(seen, nearest / np.maximum(trunk, 1e-6), np.inf).astype(np.float64)


def puffs(distance: Table, at_mouth: float = AT_MOUTH, least_s: float = PUFF_S[0]) -> int:
    """How often the hand is at the mouth for a puff, in readings (t,) every STEP_S, as the rule counts."""
    at_s = np.flatnonzero(distance <= at_mouth) * STEP_S
    # It is gone with the first reading that comes more than GAP_S after it was there.
    gone = np.flatnonzero(np.diff(at_s) > GAP_S + STEP_S + 1e-6)
    lasts_s = at_s[np.append(gone, len(at_s) - 1)] - at_s[np.append(0, gone + 1)] if len(at_s) else at_s
    return int(((lasts_s >= least_s - 1e-6) & (lasts_s <= PUFF_S[1] + 1e-6)).sum())


def counts(tracks: Sequence[Track], at_mouth: float = AT_MOUTH, least_s: float = PUFF_S[0]) -> Table:
    """(tracks,): the mean over the frames to begin with."""
    return np.array([np.mean([puffs(one, at_mouth, least_s) for one in track.readings]) for track in tracks])


def by_hand(_tracks: Sequence[Track], _smoke: NDArray[np.bool_]) -> Callable[[Sequence[Track]], Table]:
    """What the rule counts, the mean over the frames to begin with; nothing is learnt."""
    return lambda others: np.array([np.mean(track.counted) for track in others])


def by_count(tracks: Sequence[Track], smoke: NDArray[np.bool_]) -> Callable[[Sequence[Track]], Table]:
    """The likeliest reach and shortest puff."""
    at_mouth, least_s = likeliest(tracks, smoke)
    head = fit(counts(tracks, at_mouth, least_s)[:, None], smoke, np.arange(len(tracks)), RIDGE)
    return lambda others: head.probability(counts(others, at_mouth, least_s)[:, None])


def likeliest(tracks: Sequence[Track], smoke: NDArray[np.bool_]) -> tuple[float, float]:
    """Reach and shortest puff of the grid, by a logistic regression over the count."""
    return min(itertools.product(REACHES, LEAST_S), key=lambda pair: _loss(counts(tracks, *pair)[:, None], smoke))


def by_movement(tracks: Sequence[Track], smoke: NDArray[np.bool_]) -> Callable[[Sequence[Track]], Table]:
    """Four numbers, weighted."""
    head = fit(_movement(tracks), smoke, np.arange(len(tracks)), RIDGE)
    return lambda others: head.probability(_movement(others))


def _movement(tracks: Sequence[Track]) -> Table:
    """(tracks, 4): puffs, share of the readings with a hand at the mouth, and how near it comes in NEAR of them."""
    rows = []
    for count, track in zip(counts(tracks), tracks, strict=True):
        distance = np.concatenate(track.readings)
        capped = np.minimum(distance, 2.0)  # lengths of the trunk: an arm that hangs down
        rows.append((count, (distance <= AT_MOUTH).mean(), *np.quantile(capped, NEAR)))
    return np.array(rows, np.float64)


def _loss(features: Table, smoke: NDArray[np.bool_]) -> float:
    """Mean over those who smoke and over the others, of a head fitted to the same."""
    odds = fit(features, smoke, np.arange(len(smoke)), RIDGE).odds(features)
    missed = np.logaddexp(0, np.where(smoke, -odds, odds))
    return float(missed[smoke].mean() + missed[~smoke].mean())


LEARNERS: dict[str, Learner] = {
    "constants, not learnt": by_hand,
    "reach and shortest puff, learnt": by_count,
    "four numbers, learnt": by_movement,
}


def lines(tracks: Sequence[Track]) -> Iterator[str]:
    """What there is, the rule as it is, and each way with days and with single tracks kept out."""
    smoke, days = np.array([track.smokes for track in tracks]), np.array([track.day for track in tracks])
    per_day = ", ".join(f"{day} {smoke[days == day].sum()}/{(days == day).sum()}" for day in sorted(set(days.tolist())))
    yield f"{smoke.sum()} of {len(tracks)} tracks smoke; by day: {per_day}"
    yield from _rule(tracks, smoke)
    for source, groups in (("days", days), ("single tracks", np.array([track.name for track in tracks]))):
        for name, learner in LEARNERS.items():
            yield f"{source} kept out, {name}: {_told(*kept_out(tracks, smoke, groups, learner), smoke)}"
    for day in [*sorted(set(days[smoke].tolist())), None]:
        rest = days != (day or "")
        at_mouth, least_s = likeliest(_those(tracks, rest), smoke[rest])
        yield f"learnt {f'without {day}' if day else 'from all'}: at the mouth to {at_mouth}, a puff from {least_s} s"


def _rule(tracks: Sequence[Track], smoke: NDArray[np.bool_]) -> Iterator[str]:
    needed = ConductSmokingConfig().puffs
    for first in range(len(tracks[0].counted)):
        count = np.array([track.counted[first] for track in tracks], np.float64)
        yield f"the rule, read from frame {first} on: {_area(count, smoke)}, {_alarms(count >= needed, smoke)}"


def kept_out(
    tracks: Sequence[Track], smoke: NDArray[np.bool_], groups: NDArray[np.str_], learner: Learner
) -> tuple[Table, NDArray[np.bool_]]:
    """(tracks,) scores and alarms by what was learnt from other groups.

    What each fold says is on a scale of its own: a score is the share of the others learnt from that lie below, an
    alarm what at most FALSE_SHARE of them reach.
    """
    score, alarm = np.zeros(len(tracks)), np.zeros(len(tracks), np.bool_)
    for group in sorted(set(groups.tolist())):
        out = groups == group
        judge = learner(_those(tracks, ~out), smoke[~out])
        others, mine = np.sort(judge(_those(tracks, ~out & ~smoke))), judge(_those(tracks, out))
        sides = [np.searchsorted(others, mine, "left"), np.searchsorted(others, mine, "right")]
        score[out] = np.mean(sides, axis=0) / len(others)
        alarm[out] = mine >= threshold_at(FALSE_SHARE, others)
    return score, alarm


def _told(score: Table, alarm: NDArray[np.bool_], smoke: NDArray[np.bool_]) -> str:
    return f"{_area(score, smoke)}, {_alarms(alarm, smoke)}"


def _area(score: Table, smoke: NDArray[np.bool_]) -> str:
    area = area_under_curve(score[smoke], score[~smoke])
    low, high = area.interval
    return f"AUC {area.value:.3f} ({low:.3f}-{high:.3f})"


def _alarms(alarm: NDArray[np.bool_], smoke: NDArray[np.bool_]) -> str:
    found, taken = told(int(alarm[smoke].sum()), int(smoke.sum())), told(int(alarm[~smoke].sum()), int((~smoke).sum()))
    return f"found {found}, others taken for it {taken}"


def _those(tracks: Sequence[Track], chosen: NDArray[np.bool_]) -> list[Track]:
    return list(itertools.compress(tracks, chosen))


if __name__ == "__main__":
    main()
