from itertools import groupby, product

import numpy as np
import pytest

from edgeguard.recognizers.plates import Columns, Grammar, PlateReading, beam, grammar_of
from edgeguard.recognizers.plates.beam import texts_of

NONE = "-"
ALPHABET = "AB京皖0123456789D"


def columns(*told: dict[str, float], alphabet: str = ALPHABET) -> Columns:
    """Each column as chances of some characters; the rest of it shows none."""
    chances = np.full((len(told), 1 + len(alphabet)), 1e-12, np.float32)
    for row, column in enumerate(told):
        chances[row, 0] = max(1 - sum(column.values()), 1e-12)
        for character, chance in column.items():
            chances[row, 1 + alphabet.index(character)] = chance
    return Columns(np.log(chances), alphabet)


def test_the_chance_of_a_text_is_that_of_all_its_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beam, "WIDTH", 9)  # as many texts as three columns of two characters have
    chances = np.random.default_rng(1).dirichlet(np.ones(3), 3).astype(np.float32)
    wanted: dict[str, float] = {}
    for path in product((NONE, "A", "B"), repeat=3):
        text = "".join(character for character, _ in groupby(path) if character != NONE)
        chance = float(
            np.prod([column[(NONE, "A", "B").index(one)] for column, one in zip(chances, path, strict=True)])
        )
        wanted[text] = wanted.get(text, 0.0) + chance
    met = {text: np.exp(log) for text, log in texts_of(Columns(np.log(chances), "AB"), lambda _: True).items()}
    assert met == pytest.approx(wanted, rel=1e-4)


def test_only_what_the_grammar_lets_begin_is_followed() -> None:
    met = texts_of(columns({"A": 0.6, "B": 0.4}, {"A": 0.6, "B": 0.3}), lambda text: text[0] == "B")
    assert set(met) == {"", "B", "BA"}


def plate(cn: Grammar, *told: dict[str, float], colour: str = "blue") -> str | None:
    """What the grammar makes of columns whose best path is read as "A"; nothing stands between two of them."""
    met = columns(*told)
    found = cn.parse(PlateReading("A", colour, (0.9,), ((("A", 0.9),),), 0.99, met))
    return found.text if found else None


def surely(text: str) -> list[dict[str, float]]:
    return [part for character in text for part in ({character: 0.99}, {})]


@pytest.fixture(scope="module")
def cn() -> Grammar:
    return grammar_of("cn")


def test_a_character_that_no_column_is_sure_of_is_read(cn: Grammar) -> None:
    assert plate(cn, *surely("京A1234"), {"5": 0.4}, {"5": 0.4}) == "京A12345"


def test_of_two_that_share_a_place_one_is_read(cn: Grammar) -> None:
    assert plate(cn, {"京": 0.6}, {"皖": 0.7}, *surely("A12345")) == "皖A12345"


def test_a_lost_character_of_a_green_plate_is_looked_for(cn: Grammar) -> None:
    seven = surely("京AD1234")
    assert plate(cn, *seven, {"5": 0.2}) == "京AD1234"
    assert plate(cn, *seven, {"5": 0.2}, colour="green") == "京AD12345"


def test_what_is_hardly_there_is_no_plate(cn: Grammar) -> None:
    assert plate(cn, *surely("京A1234"), {"5": 0.01}) is None


def test_doubt_is_told_at_its_place_and_what_no_text_has_at_all(cn: Grammar) -> None:
    met = columns({"京": 0.7, "皖": 0.3}, *surely("A12345"))
    found = cn.parse(PlateReading("京A12345", "blue", (0.9,) * 7, ((("京", 0.9),),) * 7, 0.99, met))
    assert found is not None
    province, *others = found.candidates
    assert [character for character, _ in province] == ["京", "皖"]
    assert province[1][1] / province[0][1] == pytest.approx(3 / 7, rel=0.01)
    assert [len(place) for place in others] == [1] * 6
    assert np.prod(found.confidence) == pytest.approx(0.7 * 0.99**6, rel=0.02)


def test_equal_neighbours_are_two_where_nothing_stands_between_them() -> None:
    sure = texts_of(columns({"A": 0.99}, {}, {}, {"A": 0.99}), lambda _: True)
    assert max(sure, key=lambda text: sure[text]) == "AA"
    touching = texts_of(columns({}, {"A": 0.99}, {"A": 0.99}, {}), lambda _: True)
    assert max(touching, key=lambda text: touching[text]) == "A"
