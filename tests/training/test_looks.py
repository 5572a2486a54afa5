"""How soon an e-bike of a visit is seen twice, and which other visits are."""

import pytest

from models.training.looks import Looked, report


def looked(*scores: float, what: str = "e-bike", first: int | None = 1) -> Looked:
    return Looked("a", what, 8, first, scores)


@pytest.mark.parametrize(
    ("scores", "delay_s"),
    [
        ((0, 0.5, 0.5), 0.125),
        ((0.5, 0.5, 0), 0.0),
        ((0, 0.5, 0, 0, 0.5), 0.375),
        ((0, 0.5, *[0] * 8, 0.5), float("inf")),
        ((0, 0.5, *[0] * 8, 0.5, 0.5), 1.25),
        ((), float("inf")),
    ],
)
def test_delay_until_the_second_look_within_a_second(scores: tuple[float, ...], delay_s: float) -> None:
    assert looked(*scores).delay_s(0.3) == delay_s


def test_the_report_names_what_alarms() -> None:
    lines = report([looked(0, 0.6, 0.7), looked(0.4, 0.1, what="pram"), looked(0, 0, what="bicycle")], 0.3)
    assert lines[0].endswith("1/1 = 1.00 (0.21-1.00)")
    assert "p50 0.12 s" in lines[1]
    assert "1/2" in lines[2]
    assert "pram 0.40" in lines[2]
    assert "0/2" in lines[3]
