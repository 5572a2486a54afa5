from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edgeguard.recognizers import Look, Quality, Template, ThresholdRule, Unseen
from edgeguard.replay.csvrows import Row
from edgeguard.replay.face_search import impostors_of, people_of, score_search
from tests.support.face_models import IMPOSTORS

GOOD = Quality(40, 100, 0, 0.5, 0, ())


def rule(**fields: Any) -> ThresholdRule:
    described = {"verify": 0.4, "measured_on": "made up", "impostors": IMPOSTORS, **fields}
    return ThresholdRule.model_validate(described)


def look(*values: float) -> Look:
    vector = np.array(values, np.float32)
    return Look(Template(vector / np.float32(np.linalg.norm(vector)), "m"), GOOD, (0, 0, 1, 1), 1)


# ann and bob are known by two pictures each, cat and dan by one; bob's second looks like ann.
LOOKS: dict[Path, Look | Unseen] = {
    Path("ann1"): look(1, 0, 0, 0),
    Path("ann2"): look(1, 0.1, 0, 0),
    Path("bob1"): look(0, 1, 0, 0),
    Path("bob2"): look(1, 0.9, 0, 0),
    Path("cat1"): look(0, 0, 1, 0),
    Path("dan1"): look(0.1, 1, 0, 0),
    Path("dark"): Unseen.NO_FACE,
}
PEOPLE = {
    "ann": [Path("ann1"), Path("ann2"), Path("dark")],
    "bob": [Path("bob1"), Path("bob2")],
    "cat": [Path("cat1")],
    "dan": [Path("dan1")],
    "eve": [Path("dark")],
}


def test_people_are_searched_for_and_strangers_turned_away() -> None:
    result = score_search(PEOPLE, LOOKS, rule())
    assert (result.people, result.gallery_size, result.galleries) == (4, 2, 1)
    assert (result.rank1.count, result.rank1.n) == (1, 2)
    assert result.fnir is not None
    assert result.fpir is not None
    assert (result.fnir.count, result.fnir.n) == (1, 2)
    assert (result.fpir.count, result.fpir.n) == (1, 2)  # dan is taken for bob
    assert result.threshold == rule().identify(2)


def test_galleries_are_as_large_as_the_rule_allows() -> None:
    result = score_search(PEOPLE, LOOKS, rule(max_gallery=1))
    assert (result.gallery_size, result.galleries) == (1, 2)
    assert result.rank1.n == 2
    assert result.fpir is not None
    # Of each gallery of one everybody else is a stranger, with all pictures: 4 and 4.
    assert result.fpir.n == 8


@pytest.mark.parametrize("fields", [{"impostors": []}, {}])
def test_without_a_table_or_without_second_pictures_there_is_no_threshold(fields: dict[str, Any]) -> None:
    people = PEOPLE if fields else {"cat": [Path("cat1")], "dan": [Path("dan1")]}
    result = score_search(people, LOOKS, rule(**fields))
    assert (result.threshold, result.fpir, result.fnir) == (None, None, None)
    assert result.rank1.n == (2 if fields else 0)


def test_impostors_are_every_two_pictures_of_two_people() -> None:
    rng = np.random.default_rng(0)
    people = [rng.normal(size=(n, 16)).astype(np.float32) for n in (1, 2, 3, 60, 1, 40)]
    people = [rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in people]
    measured = impostors_of(people)
    every = np.sort(
        [float(x @ y) for at, one in enumerate(people) for other in people[at + 1 :] for x in one for y in other]
    )[::-1]
    assert measured.pairs == len(every)
    assert [rate for rate, _ in measured.table] == [1e-1, 1e-2]
    for rate, similarity in measured.table:
        assert similarity == pytest.approx(every[round(rate * len(every)) - 1], abs=1e-6)
    assert all(before[1] <= after[1] for before, after in pairwise(measured.table))


@pytest.mark.parametrize("people", [[], [np.ones((3, 1), np.float32)]])
def test_nobody_has_no_impostors(people: list[Any]) -> None:
    assert impostors_of(people).pairs == 0


def test_a_picture_given_twice_counts_once() -> None:
    rows = [Row("", n, {"image": image, "person": "p"}) for n, image in enumerate(["x", "y", "x"])]
    assert people_of(Path("/set.csv"), rows) == {"p": [Path("/x"), Path("/y")]}
