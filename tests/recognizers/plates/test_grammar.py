from pathlib import Path

import pytest

from edgeguard.errors import ConfigError
from edgeguard.recognizers.plates import Grammar, PlateReading, grammar_of, read_region, regions
from edgeguard.recognizers.plates.scripted import reading


@pytest.fixture(scope="module")
def cn() -> Grammar:
    return grammar_of("cn")


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("京H99999", ("ordinary",)),
        ("苏OA1234", ("ordinary",)),
        ("粤BD12345", ("green_small",)),
        ("粤BFA1234", ("green_small",)),
        ("粤B12345D", ("green_large",)),
        ("沪A1234警", ("police",)),
        ("渝B3587学", ("trainer",)),
        ("皖C7X12挂", ("trailer",)),
        ("沪22478领", ("consulate",)),
        ("224578使", ("embassy",)),
        ("粤Z1A34港", ("hong_kong",)),
        ("粤ZF023澳", ("macau",)),
        ("WJ京1234X", ("armed_police",)),
        ("WJ京12345", ("armed_police",)),
        ("京X1234应急", ("emergency",)),
        ("京I12345", ()),
        ("京A1234I", ()),
        ("京A1234O", ()),
        ("京AL12345", ()),
        ("京A12345L", ()),
        ("粤A1A34港", ()),
        ("京A1234", ()),
        ("京A123456", ()),
        ("AB12345", ()),
        ("", ()),
    ],
)
def test_kinds(cn: Grammar, text: str, kinds: tuple[str, ...]) -> None:
    assert cn.kinds_of(text) == kinds


def with_second(text: str, place: int, other: str, chance: float = 0.3) -> PlateReading:
    """Like `reading`, with a second candidate at one place."""
    plain = reading(text)
    candidates = list(plain.candidates)
    candidates[place] = (*candidates[place], (other, chance))
    return PlateReading(text, plain.colour, plain.char_confidence, tuple(candidates))


def test_what_fits_stays_as_it_was_read(cn: Grammar) -> None:
    plate = cn.parse(reading("京H99999"))
    assert plate is not None
    assert (plate.text, plate.kind, plate.colour_fits, plate.confidence) == ("京H99999", "ordinary", True, (0.95,) * 7)


@pytest.mark.parametrize(
    ("met", "text", "confidence"),
    [
        (with_second("京H9O999", 3, "0"), "京H90999", 0.3),
        (with_second("京H9O999", 3, "Q"), "京H9Q999", 0.3),
        (reading("京H9O999"), "京H90999", 0.01),
        (reading("京H9I999"), "京H91999", 0.01),
        (reading("琼H9199I", "blue"), "琼H91991", 0.01),
    ],
)
def test_what_cannot_stand_there_gives_way(cn: Grammar, met: PlateReading, text: str, confidence: float) -> None:
    plate = cn.parse(met)
    assert plate is not None
    assert (plate.text, min(plate.confidence)) == (text, confidence)


@pytest.mark.parametrize("text", ["", "京", "京A1234", "京A1234567", "ABCDEFG", "警A12345"])
def test_what_is_no_plate_is_none(cn: Grammar, text: str) -> None:
    assert cn.parse(reading(text)) is None


@pytest.mark.parametrize(
    ("text", "colour", "sure", "kind"),
    [
        ("京AD1234", "green", 1.0, None),  # a character of a green plate was lost
        ("京AD1234", "green", 0.6, "ordinary"),
        ("京AD12345", "blue", 1.0, None),  # eight characters are green
        ("京AD12345", "blue", 0.6, "green_small"),
        ("京AD12345", "white", 1.0, "green_small"),  # at night
        ("京A12345", "yellow", 1.0, "ordinary"),
        ("WJ京12345", "white", 1.0, "armed_police"),
        ("京X1234应急", "white", 1.0, "emergency"),
    ],
)
def test_eight_characters_are_green(cn: Grammar, text: str, colour: str, sure: float, kind: str | None) -> None:
    plate = cn.parse(reading(text, colour, colour_confidence=sure))
    assert (plate.kind if plate else None) == kind


def test_an_odd_colour_is_told(cn: Grammar) -> None:
    fits, odd = (cn.parse(reading("沪A1234警", colour)) for colour in ("white", "blue"))
    assert fits is not None
    assert odd is not None
    assert (fits.colour_fits, odd.colour_fits) == (True, False)
    assert fits.likelihood > odd.likelihood


def test_mistakes_are_known_both_ways(cn: Grammar) -> None:
    assert cn.alike("8", "B")
    assert cn.alike("B", "8")
    assert not cn.alike("8", "8")
    assert not cn.alike("京", "1")


def test_every_alphabet_is_of_distinct_characters(cn: Grammar) -> None:
    for name, alphabet in cn.region.alphabets.items():
        assert len(set(alphabet)) == len(alphabet), name
    assert len(cn.region.alphabets["province"]) == 31


PACK = "name: xx\nalphabets: {digit: '0123456789'}\nkinds:\n  - {name: plain, pattern: %s, colours: [white]}\n"


def test_another_country_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "xx.yaml").write_text(PACK % "A digit*3")
    grammar = read_region(tmp_path / "xx.yaml")
    assert grammar.kinds_of("A123") == ("plain",)
    assert grammar.kinds_of("B123") == ()


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("A letter*3", "pattern has 'letter*3', accepted: one character, or of digit"),
        ("A digit*x", "pattern has 'digit*x', accepted: digit*N with a whole number"),
    ],
)
def test_a_wrong_pack_is_told_with_its_line(tmp_path: Path, pattern: str, message: str) -> None:
    (tmp_path / "xx.yaml").write_text(PACK % pattern)
    with pytest.raises(ConfigError, match=r"xx\.yaml:1: ") as error:
        read_region(tmp_path / "xx.yaml")
    assert message in str(error.value)


def test_an_unknown_region_is_told() -> None:
    assert "cn" in regions()
    with pytest.raises(ConfigError, match="plate region is 'atlantis', accepted: cn"):
        grammar_of("atlantis")
