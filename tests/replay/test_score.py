import pytest

from edgeguard.replay.score import Episode, Score, score
from edgeguard.replay.truth import TruthEntry
from edgeguard.types import Severity

EBIKE, BICYCLE = "LIFT.EBIKE.ENTER", "LIFT.BICYCLE.ENTER"


def episode(new_s: float, code: str = EBIKE) -> Episode:
    severity = Severity.INFO if code == BICYCLE else Severity.WARNING
    return Episode(f"id at {new_s}", code, new_s, new_s + 5, severity, None, None, 0.9)


def entry(start_s: float, end_s: float, tolerance_s: float = 0, code: str = EBIKE) -> TruthEntry:
    return TruthEntry(code=code, start_s=start_s, end_s=end_s, tolerance_s=tolerance_s)


@pytest.mark.parametrize(
    ("episodes", "truth", "expected"),
    [
        ([], [], Score(0, 0, 0, ())),
        ([episode(3)], [], Score(0, 0, 1, ())),
        ([], [entry(2, 9)], Score(0, 1, 0, ())),
        ([episode(2.25)], [entry(2, 9)], Score(1, 0, 0, (250,))),
        ([episode(1.5)], [entry(2, 9)], Score(0, 1, 1, ())),
        ([episode(1.5)], [entry(2, 9, 0.5)], Score(1, 0, 0, (-500,))),
        ([episode(9.5)], [entry(2, 9, 0.5)], Score(1, 0, 0, (7500,))),
        ([episode(9.6)], [entry(2, 9, 0.5)], Score(0, 1, 1, ())),
        ([episode(3), episode(4)], [entry(2, 9)], Score(1, 0, 1, (1000,))),
        ([episode(3)], [entry(2, 9), entry(2, 9)], Score(1, 1, 0, (1000,))),
        ([episode(3)], [entry(2, 9, code=BICYCLE)], Score(0, 1, 1, ())),
        ([episode(3, BICYCLE)], [entry(2, 9)], Score(0, 1, 0, ())),
        ([episode(3, BICYCLE)], [entry(2, 9, code=BICYCLE)], Score(1, 0, 0, (1000,))),
        ([episode(30, BICYCLE)], [entry(2, 9, code=BICYCLE)], Score(0, 1, 1, ())),
        ([episode(6), episode(3)], [entry(2, 20), entry(2, 4)], Score(2, 0, 0, (1000, 4000))),
    ],
    ids=[
        "empty",
        "false alarm",
        "missed",
        "matched",
        "too early",
        "early within the tolerance",
        "late within the tolerance",
        "too late",
        "one episode per entry",
        "one entry per episode",
        "another code",
        "a logged bicycle is no alarm",
        "a bicycle asked for",
        "a bicycle at the wrong time",
        "overlapping entries: the one that closes first",
    ],
)
def test_score(episodes: list[Episode], truth: list[TruthEntry], expected: Score) -> None:
    assert score(episodes, truth) == expected


@pytest.mark.parametrize(
    ("episodes", "truth", "asked", "expected"),
    [
        ([], [entry(2, 9), entry(2, 9, code=BICYCLE)], {EBIKE}, Score(0, 1, 0, (), 1)),
        ([episode(3)], [entry(2, 9, code=BICYCLE)], {EBIKE}, Score(0, 0, 1, (), 1)),
        ([episode(3, BICYCLE)], [], {BICYCLE}, Score(0, 0, 1, ())),
        ([episode(3, BICYCLE)], [], {EBIKE}, Score(0, 0, 0, ())),
    ],
    ids=["of another rule", "nothing of its own", "its information is an alarm", "information of another rule"],
)
def test_only_what_was_asked_for_counts(
    episodes: list[Episode], truth: list[TruthEntry], asked: set[str], expected: Score
) -> None:
    assert score(episodes, truth, asked) == expected
