"""How a detector fares over rendered visits, look by look: how soon an e-bike is seen twice, what else is.

The pipeline asks for more than two looks in a second; this is the detector's own part of it, without gate and tracker.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from models.training.evaluate import Detector
from models.training.stats import told

VISIBLE_ENOUGH = 0.3
WITHIN_S = 1.0
TARGET_S = 0.5


@dataclass(frozen=True, slots=True)
class Looked:
    """One visit: `scores` of the strongest e-bike per picture; `first` picture with 30 % of the thing, None if none."""

    name: str
    what: str
    fps: int
    first: int | None
    scores: tuple[float, ...]

    def alarms(self, threshold: float, times: int) -> list[int]:
        """Pictures at which the threshold has been reached `times` times within a second."""
        hits = [n for n, score in enumerate(self.scores) if score >= threshold]
        ends = zip(hits, hits[times - 1 :], strict=False)
        return [last for first, last in ends if last - first <= WITHIN_S * self.fps]

    def delay_s(self, threshold: float) -> float:
        """From the first picture with 30 % to the second look above the threshold; infinite where none comes."""
        seen = self.alarms(threshold, 2)
        return max(0.0, (seen[0] - (self.first or 0)) / self.fps) if seen else float("inf")


def look_at(folder: Path, detector: Detector) -> Iterator[Looked]:
    """Every visit below `folder`. Raises FileNotFoundError where there is none."""
    files = sorted(folder.glob("*/truth.json"))
    if not files:
        raise FileNotFoundError(f"no visits in {folder}: `python -m models.training.scenes visits` renders them")
    for file in files:
        facts = json.loads(file.read_text(encoding="utf-8"))
        quiet = round(facts["quiet_s"] * facts["fps"])
        scores = [0.0] * quiet + [_score(file.parent, n, detector) for n in range(quiet, len(facts["frames"]))]
        visible = [row["visible"] for row in facts["frames"]]
        first = next((n for n, share in enumerate(visible) if share >= VISIBLE_ENOUGH), None)
        yield Looked(file.parent.name, facts.get("what", "e-bike"), facts["fps"], first, tuple(scores))


def _score(folder: Path, number: int, detector: Detector) -> float:
    found = detector(np.asarray(cv2.imread(str(folder / f"{number:04d}.jpg")), np.uint8))
    return float(found[0, 4]) if len(found) else 0.0


def report(looked: Sequence[Looked], threshold: float) -> list[str]:
    """Lines: for e-bikes the delays, for the others how many alarm once and twice, and which."""
    lines = []
    bikes = [one for one in looked if one.what == "e-bike" and one.first is not None]
    if bikes:
        delays = [one.delay_s(threshold) for one in bikes]
        p50, p95 = (float(np.quantile(delays, share, method="higher")) for share in (0.5, 0.95))
        at_once = sum(one.scores[one.first or 0] >= threshold for one in bikes)
        lines.append(f"seen in the first picture with 30 %: {told(at_once, len(bikes))}")
        within = told(sum(delay <= TARGET_S for delay in delays), len(delays))
        lines.append(f"seen twice: p50 {p50:.2f} s, p95 {p95:.2f} s, within {TARGET_S} s {within}")
    others = [one for one in looked if one.what != "e-bike"]
    for times in (1, 2) if others else ():
        loud = [one for one in others if one.alarms(threshold, times)]
        which = ", ".join(f"{one.name} {one.what} {max(one.scores):.2f}" for one in loud)
        lines.append(f"others seen {times} times within a second: {told(len(loud), len(others))}: {which}")
    return lines
