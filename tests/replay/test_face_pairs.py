from pathlib import Path

import numpy as np
import pytest

from edgeguard.recognizers import Look, Quality, Template, ThresholdRule, Unseen
from edgeguard.replay.face_looks import Looks
from edgeguard.replay.face_pairs import Pair, score_pairs

RULE = ThresholdRule(verify=0.5, measured_on="made up")
GOOD = Quality(40, 100, 0, 0.5, 0, ())


def look(degrees: float) -> Look:
    angle = np.radians(degrees)
    vector = np.array([np.cos(angle), np.sin(angle)], np.float32)
    return Look(Template(vector, "m"), GOOD, (0, 0, 1, 1), 1)


def name(degrees: float) -> Path:
    return Path(str(degrees))


def looks(*degrees: float) -> dict[Path, Look | Unseen]:
    return {name(each): look(each) for each in degrees}


def pair(a: float, b: float, *, same: bool) -> Pair:
    return Pair(name(a), name(b), same)


def test_at_the_best_threshold_and_at_the_rules() -> None:
    pairs = [pair(0, 10, same=True), pair(0, 70, same=True), pair(0, 80, same=False), pair(0, 90, same=False)]
    result = score_pairs(pairs, looks(0, 10, 70, 80, 90), RULE)
    assert (result.pairs, result.compared, result.same, result.different) == (4, 4, 2, 2)
    assert result.best_accuracy.value == 1
    assert result.best_threshold == pytest.approx((np.cos(np.radians(70)) + np.cos(np.radians(80))) / 2)
    assert result.rule_accuracy.count == 3
    assert (result.rule_tar.count, result.rule_far.count) == (1, 0)
    assert [one.tar.count for one in result.at_far] == [2, 2]


def test_pairs_of_which_one_was_not_seen_are_left_out() -> None:
    known: Looks = {**looks(0, 10), Path("dark"): Unseen.NO_FACE}
    pairs = [pair(0, 10, same=True), Pair(name(0), Path("dark"), same=True), Pair(Path("dark"), name(0), same=False)]
    result = score_pairs(pairs, known, RULE)
    assert (result.pairs, result.compared) == (3, 1)
    assert result.rule_tar.n == 1
    assert result.rule_far.value is None


def test_a_thousand_strangers_decide_what_one_in_a_thousand_is() -> None:
    degrees = [float(value) for value in np.linspace(30, 90, 1000)]
    pairs = [pair(0, each, same=False) for each in degrees] + [pair(0, 30.01, same=True), pair(0, 32.0, same=True)]
    result = score_pairs(pairs, looks(0, 30.01, 32.0, *degrees), RULE)
    # Of a thousand the nearest one may pass, and ten.
    assert [one.tar.count for one in result.at_far] == [1, 1]
    assert [round(one.threshold or 0, 4) for one in result.at_far] == [
        round(float(np.cos(np.radians(degrees[at]))), 4) for at in (10, 1)
    ]


def test_without_different_people_nothing_is_known_of_false_accepts() -> None:
    result = score_pairs([pair(0, 10, same=True)], looks(0, 10), RULE)
    assert [(one.tar.value, one.threshold) for one in result.at_far] == [(None, None), (None, None)]
    assert result.rule_far.value is None
