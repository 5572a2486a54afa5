"""How soon an e-bike of a visit is seen twice, and which other visits are."""

import pytest

from models.training.looks import Looked, report, rules


def looked(*scores: float, what: str = "e-bike", first: int | None = 1) -> Looked:
    return Looked("a", what, 8, first, scores)


@pytest.mark.parametrize(
    ("scores", "weak_s", "strong_s"),
    [
        ((0, 0.5, 0.5), 0.125, 0.125),
        ((0.5, 0.5, 0), 0.0, 0.0),
        ((0.2, 0.5, 0, 0), 0.0, float("inf")),
        ((0, 0.2, 0.2, 0.5, 0.5), 0.25, 0.375),
        ((0, 0.5, 0, 0.5), 0.25, 0.25),
        ((0, 0.5, 0, 0, 0, 0.5), float("inf"), float("inf")),
        ((), float("inf"), float("inf")),
    ],
)
def test_delay_until_a_rule_is_met(scores: tuple[float, ...], weak_s: float, strong_s: float) -> None:
    _, one_weak, two_strong = rules(0.15, 0.3)
    assert looked(*scores).delay_s(one_weak) == weak_s
    assert looked(*scores).delay_s(two_strong) == strong_s


def test_the_report_names_what_alarms() -> None:
    visits = [looked(0, 0.6, 0.7), looked(0.4, 0.1, what="pram"), looked(0, 0, what="bicycle")]
    first, *lines = report(visits, 0.15, 0.3)
    assert first.endswith("1/1 = 1.00 (0.21-1.00)")
    assert "p50 0.12 s" in next(line for line in lines if line.startswith("two strong: e-bikes"))
    assert "1/2" in lines[1]
    assert lines[1].endswith("pram 0.40")
    assert "0/2" in lines[-1]
