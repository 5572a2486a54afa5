import math
from typing import Any

import pytest
from pydantic import ValidationError

from edgeguard.errors import GalleryError
from edgeguard.recognizers.rule import ThresholdRule

TABLE = [(1e-1, 0.2), (1e-2, 0.3), (1e-3, 0.4), (1e-5, 0.6)]


def rule(table: list[tuple[float, float]] = TABLE, **fields: Any) -> ThresholdRule:
    rows = [{"fmr": fmr, "similarity": similarity} for fmr, similarity in table]
    return ThresholdRule.model_validate({"verify": 0.25, "measured_on": "made up", "impostors": rows, **fields})


@pytest.mark.parametrize(
    ("templates", "false_accepts", "expected"),
    [
        (1, 0.01, 0.3),  # one comparison: its rate is the whole gallery's
        (10, 0.01, 0.4),  # ten: each a tenth
        (100, 0.01, 0.5),
        (1000, 0.01, 0.6),
        (1, 0.09, 0.25),  # never below what 1:1 asks for
        (1, 0.5, 0.25),  # nor below the table's laxest row
    ],
)
def test_the_threshold_grows_with_the_gallery(templates: int, false_accepts: float, expected: float) -> None:
    asked = rule(false_accepts=false_accepts, max_gallery=10_000).identify(templates)
    assert asked == pytest.approx(expected, abs=0.001)


def test_a_stranger_passes_as_often_as_allowed() -> None:
    for templates in (1, 7, 300, 10_000):
        fmr = rule().needed_fmr(templates)
        assert 1 - (1 - fmr) ** templates == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("fields", "largest"),
    [
        ({"max_gallery": 10_000}, math.floor(math.log(0.99) / math.log(1 - 1e-5))),
        ({"max_gallery": 300}, 300),
        ({"max_gallery": 10_000, "false_accepts": 0.001}, 100),
        ({"table": TABLE[:3]}, 10),
        ({"table": []}, 0),
    ],
)
def test_the_largest_gallery_is_what_was_measured_and_allowed(fields: dict[str, Any], largest: int) -> None:
    assert rule(**fields).largest == largest


def test_above_the_cap_it_is_refused_and_told_what_to_do_instead() -> None:
    asked = rule(max_gallery=200)
    asked.identify(200)
    with pytest.raises(GalleryError, match=r"201 templates, accepted: at most 200 .*card, QR or plate first.*1:1"):
        asked.identify(201)


def test_without_measured_impostors_only_one_to_one() -> None:
    with pytest.raises(GalleryError, match=r"1 templates, accepted: 1:1 only, because no impostors were measured"):
        rule([]).identify(1)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"table": [(1e-3, 0.4), (1e-2, 0.5)]}, "fmr 0.001 similarity 0.4, then 0.01 0.5, accepted: fmr falls"),
        ({"table": [(1e-2, 0.4), (1e-3, 0.3)]}, "accepted: fmr falls from row to row, similarity never does"),
        ({"table": [(0.0, 0.4)]}, "greater than 0"),
        ({"verify": 1.5}, "less than or equal to 1"),
        ({"false_accepts": 0}, "greater than 0"),
        ({"max_gallery": 20_000}, "less than or equal to 10000"),
        ({"cap": 5}, "not permitted"),
    ],
)
def test_a_wrong_rule_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        rule(**fields)
