import re
from collections import Counter

import numpy as np
import pytest

from models.training.plates.kinds import (
    ALPHABET,
    COLOURS,
    ENERGY_LETTERS,
    KINDS,
    PROVINCES,
    SHARES,
    any_kind,
    authority,
)

SERIAL = "[0-9A-HJ-NP-Z]"
P = f"[{PROVINCES}]"
TEXTS = {
    "blue": f"{P}[A-HJ-Z]{SERIAL}{{5}}",
    "green_small": f"{P}[A-HJ-Z][{ENERGY_LETTERS}]{SERIAL}[0-9]{{4}}",
    "green_large": f"{P}[A-HJ-Z][0-9]{{5}}[{ENERGY_LETTERS}]",
    "yellow": f"{P}[A-HJ-Z]{SERIAL}{{5}}",
    "yellow_two_row": f"{P}[A-HJ-Z]{SERIAL}{{5}}",
    "police": f"{P}[A-HJ-Z]{SERIAL}{{4}}警",
    "trainer": f"{P}[A-HJ-Z]{SERIAL}{{4}}学",
    "trailer": f"{P}[A-HJ-Z]{SERIAL}{{4}}挂",
    "consulate": f"{P}[0-9]{{5}}领",
    "embassy": "[0-9]{6}使",
    "hong_kong": f"粤Z{SERIAL}{{4}}港",
    "macau": f"粤Z{SERIAL}{{4}}澳",
    "armed_police": f"WJ{P}[0-9]{{4}}[XHBTSJD0-9]",
    "emergency": f"{P}[XS][0-9]{{4}}应急",
}


@pytest.mark.parametrize("kind", [*KINDS])
def test_texts_follow_the_grammar(kind: str) -> None:
    rng = np.random.default_rng(3)
    for _ in range(300):
        text = KINDS[kind].text(rng, PROVINCES[rng.integers(31)])
        assert re.fullmatch(TEXTS[kind], text), text
        assert set(text) <= set(ALPHABET)
        assert (len(text) == 8) == (KINDS[kind].colour == "green" or kind in {"armed_police", "emergency"})


def test_every_character_of_the_alphabet_is_written_by_some_kind() -> None:
    rng = np.random.default_rng(4)
    met = {
        one for _ in range(40) for kind in KINDS for province in PROVINCES for one in KINDS[kind].text(rng, province)
    }
    assert met == set(ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET) == 75


def test_all_kinds_are_drawn_in_their_shares() -> None:
    rng = np.random.default_rng(5)
    counts = Counter(any_kind(rng) for _ in range(4000))
    assert SHARES.keys() == KINDS.keys() == counts.keys()
    assert sum(SHARES.values()) == pytest.approx(1)
    assert counts["blue"] / 4000 == pytest.approx(SHARES["blue"], abs=0.03)


def test_the_colours_are_five_and_the_rare_authority_is_met() -> None:
    rng = np.random.default_rng(6)
    assert {kind.colour for kind in KINDS.values()} == set(COLOURS)
    assert "O" in {authority(rng) for _ in range(600)}
