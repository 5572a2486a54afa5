import numpy as np
import pytest

from edgeguard.recognizers.plates import PlateChain, Plates, ScriptedFinder, ScriptedReader, grammar_of
from edgeguard.recognizers.plates.reading import PlateReading
from edgeguard.recognizers.plates.scripted import reading

PICTURE = np.zeros((100, 200, 3), np.uint8)
CORNERS = np.array([(20, 30), (60, 34), (60, 48), (20, 44)], np.float32)


def plates(*rows: int) -> Plates:
    n = len(rows)
    return Plates(np.stack([CORNERS] * n), np.full(n, 0.8, np.float32), np.array(rows, np.int8))


def test_every_plate_is_read_and_held_against_the_grammar() -> None:
    finder = ScriptedFinder([plates(1, 2)])
    reader = ScriptedReader([reading("京H99999"), reading("HELLO")])
    looks = PlateChain(finder, reader, grammar_of()).look(PICTURE)
    assert [look.plate.text if look.plate else None for look in looks] == ["京H99999", None]
    assert [(look.reading.text, look.rows) for look in looks] == [("京H99999", 1), ("HELLO", 2)]
    first = looks[0]
    assert list(first.box) == [20, 30, 60, 48]
    assert first.width_px == pytest.approx(np.hypot(40, 4))
    assert first.score == pytest.approx(0.8)


def test_an_empty_lane_is_no_look() -> None:
    assert PlateChain(ScriptedFinder([]), ScriptedReader([]), grammar_of()).look(PICTURE) == ()


def test_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match=r"must have shape \(n, 4, 2\)"):
        Plates(np.zeros((1, 8), np.float32), np.zeros(1, np.float32), np.ones(1, np.int8))
    with pytest.raises(ValueError, match="must have 7 entries"):
        PlateReading("京H99999", "blue", (0.9,), ())
