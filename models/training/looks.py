"""How a detector fares over rendered visits, look by look: how soon an e-bike is confirmed, what else is.

This is the detector's own part of it, without gate, tracker and doors: `benchmarks/latency.py` plays all of it.
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
class Rule:
    """`looks` that show it (`low`), `strong` of them believed (`high`), at least `ratio` of the window's pictures."""

    name: str
    low: float
    high: float
    looks: int = 2
    strong: int = 1
    ratio: float = 0.5


def rules(low: float, high: float) -> tuple[Rule, ...]:
    """One look, one that is believed and another that shows it, two that are believed."""
    return (
        Rule("one strong look", low, high, looks=1, ratio=0.0),
        Rule("one strong, one weak", low, high),
        Rule("two strong", high, high, strong=2),
    )


@dataclass(frozen=True, slots=True)
class Looked:
    """One visit: `scores` of the strongest e-bike per picture; `first` picture with 30 % of the thing, None if none."""

    name: str
    what: str
    fps: int
    first: int | None
    scores: tuple[float, ...]

    def confirmed(self, rule: Rule) -> int | None:
        """The first picture at which the rule is met by a window of at most a second that ends there."""
        shown = np.array(self.scores) >= rule.low
        strong = np.array(self.scores) >= rule.high
        reach = round(WITHIN_S * self.fps)
        for n in range(len(shown)):
            for m in range(max(0, n - reach), n + 1):
                seen = shown[m : n + 1]
                if seen.sum() >= rule.looks and strong[m : n + 1].sum() >= rule.strong and seen.mean() >= rule.ratio:
                    return n
        return None

    def delay_s(self, rule: Rule) -> float:
        """From the first picture with 30 % to the confirmation; infinite where none comes."""
        n = self.confirmed(rule)
        return float("inf") if n is None else max(0.0, (n - (self.first or 0)) / self.fps)


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


def report(looked: Sequence[Looked], low: float, high: float) -> list[str]:
    """Lines for each rule: for e-bikes the delays, for the others how many it confirms, and which."""
    bikes = [one for one in looked if one.what == "e-bike" and one.first is not None]
    others = [one for one in looked if one.what != "e-bike"]
    lines = []
    if bikes:
        at_once = sum(one.scores[one.first or 0] >= high for one in bikes)
        lines.append(f"strong in the first picture with 30 %: {told(at_once, len(bikes))}")
    for rule in rules(low, high):
        lines += [f"{rule.name}: e-bikes {_delays(bikes, rule)}"] if bikes else []
        lines += [f"{rule.name}: others {_alarms(others, rule)}"] if others else []
    return lines


def _delays(bikes: Sequence[Looked], rule: Rule) -> str:
    delays = [one.delay_s(rule) for one in bikes]
    p50, p95 = (float(np.quantile(delays, share, method="higher")) for share in (0.5, 0.95))
    within = told(sum(delay <= TARGET_S for delay in delays), len(delays))
    return f"p50 {p50:.2f} s, p95 {p95:.2f} s, within {TARGET_S} s {within}"


def _alarms(others: Sequence[Looked], rule: Rule) -> str:
    loud = [one for one in others if one.confirmed(rule) is not None]
    which = ", ".join(f"{one.name} {one.what} {max(one.scores):.2f}" for one in loud)
    return f"{told(len(loud), len(others))} {which}".rstrip()
