"""Every word in both languages, with the same gaps to fill."""

import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest

import edgeguard.center
from edgeguard.center.cards import CardState
from edgeguard.center.console.dialogs import WHYS
from edgeguard.center.texts import TEXTS, other, text, word
from edgeguard.contract import AckKind, CameraStatus, CommandStatus
from edgeguard.types import Outcome, Severity

SOURCES = "\n".join(path.read_text() for path in Path(edgeguard.center.__file__).parent.rglob("*.py"))


def gaps(words: str) -> set[str | None]:
    return {field for _, field, _, _ in Formatter().parse(words) if field is not None}


@pytest.mark.parametrize("key", TEXTS)
def test_both_languages_say_it(key: str) -> None:
    chinese, english = TEXTS[key]
    assert chinese
    assert english
    assert gaps(chinese) == gaps(english)


@pytest.mark.parametrize(
    "key",
    [
        *re.findall(r'AccessError\("(\w+)"\)', SOURCES),
        *(f"why_{why}" for why in WHYS),
        *(f"phase_{state}" for state in get_args(CardState)),
        *(f"outcome_{outcome}" for outcome in Outcome),
        *(f"severity_{severity}" for severity in Severity),
        *(f"state_{kind}" for kind in AckKind),
        *(f"cmd_{status}" for status in CommandStatus),
        *(f"camera_{status}" for status in CameraStatus),
    ],
)
def test_every_value_has_words(key: str) -> None:
    assert key in TEXTS


def test_a_value_from_a_newer_box_is_shown_as_it_came() -> None:
    assert word("zh", "phrase", "new_phrase") == "new_phrase"
    assert text("en", "boxes", online=1, total=2) == "Boxes 1/2"
    assert (other("zh"), other("en")) == ("en", "zh")
